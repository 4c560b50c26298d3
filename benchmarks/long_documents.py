"""Long documents: labels with and without windows, time and memory.

    python benchmarks/long_documents.py training/accuracy/uner-rnn_ner-none-0/model-best uner

The dev part is strung together, over and over, into one document of each length. Without windows
the net walks it from end to end; with them it reads a bounded number of tokens at a time.
"""

import time
from typing import List, Tuple

import numpy
import psutil
import spacy
import torch
import typer
from spacy.language import Language
from spacy.tokens import Doc
from speed import docs_of

from spacy_rnn.models import encoder, windows

LENGTHS = (2_000, 20_000, 100_000)


def words_of(corpus: str) -> List[str]:
    """The words of the dev part in their order."""
    return [token.text for doc in docs_of(corpus, "dev") for token in doc]


def labels(nlp: Language, words: List[str], window: int) -> Tuple[List[str], float]:
    """The label of each token, and the seconds that it took."""
    encoder.WINDOW = windows.WINDOW = window
    doc = Doc(nlp.vocab, words=words)
    start = time.perf_counter()
    doc = nlp.get_pipe("rnn_ner")(doc)
    seconds = time.perf_counter() - start
    return [f"{token.ent_iob_}-{token.ent_type_}" for token in doc], seconds


def main(model: str, corpus: str) -> None:
    """Print one line for each length."""
    torch.set_num_threads(1)
    nlp, words, window = spacy.load(model), words_of(corpus), windows.WINDOW
    labels(nlp, words[:1000], window)  # the first call loads things
    print("| tokens | labels that differ | seconds in windows | seconds whole | peak MB so far |")
    print("|---|---|---|---|---|")
    for length in LENGTHS:
        text = numpy.resize(words, length).tolist()
        ours, seconds = labels(nlp, text, window)
        memory = psutil.Process().memory_info().rss / 2**20
        whole, longer = labels(nlp, text, length)
        differ = sum(a != b for a, b in zip(ours, whole))
        cells = (f"{differ} ({100 * differ / length:.3f} %)", f"{seconds:.2f}", f"{longer:.2f}")
        print(f"| {length} | {' | '.join(cells)} | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
