"""Words per second of `rnn_ner` and of Flair's SequenceTagger, in turn in one process. Runs in the
environment of benchmarks/flair_tagger.py:

    .venv-flair/bin/python benchmarks/flair_speed.py \\
        --model training/accuracy/uner-rnn_ner-vectors-0/model-best \\
        --flair training/flair/uner-vectors-0/best-model.pt --corpus uner

`rnn_ner` gets texts, so cutting them into tokens is in its time. Flair gets the tokens, which is in
its favour: its own tokenizer is left out. Both give entities with a confidence.
"""

import statistics
import time
from functools import partial
from pathlib import Path
from typing import Annotated, Callable, List

import spacy
import torch
import typer
from flair.data import Sentence
from flair.models import SequenceTagger
from spacy.language import Language
from speed import docs_of


def run_ours(nlp: Language, texts: List[str], batch_size: int) -> None:
    for doc in nlp.pipe(texts, batch_size=batch_size):
        _ = doc.ents


def run_flair(tagger: SequenceTagger, words: List[List[str]], batch_size: int) -> None:
    sentences = [Sentence(of_doc) for of_doc in words]
    tagger.predict(sentences, mini_batch_size=batch_size)
    for each in sentences:
        each.get_spans("ner")


def seconds(task: Callable[[], None]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def shown(speeds: List[float]) -> str:
    """Median, least and most."""
    return f"{statistics.median(speeds):,.0f} ({min(speeds):,.0f} to {max(speeds):,.0f})"


def main(
    model: Annotated[str, typer.Option()],
    flair: Annotated[Path, typer.Option()],
    corpus: str = "uner",
    part: str = "dev",
    limit: int = 1000,
    rounds: int = 5,
    threads: int = 1,
) -> None:
    """Print a line for each batch size; the ratio is the median over the rounds."""
    torch.set_num_threads(threads)
    # Flair has no empty sentence
    docs = [doc for doc in docs_of(corpus, part) if doc.text.strip()][:limit]
    words = [[token.text for token in doc if not token.is_space] for doc in docs]
    nlp, tagger, n = spacy.load(model), SequenceTagger.load(flair), sum(map(len, words))
    print(f"{len(docs)} documents, {n:,} words, {threads} thread(s), {rounds} rounds, words/s")
    print("| batch size | rnn_ner | Flair | ratio |\n|---|---|---|---|")
    for size in (1, 32, 256):
        tasks = [
            partial(run_ours, nlp, [doc.text for doc in docs], size),
            partial(run_flair, tagger, words, size),
        ]
        for task in tasks:  # warm up
            task()
        ours, theirs = zip(*([n / seconds(task) for task in tasks] for _ in range(rounds)))
        ratio = statistics.median(a / b for a, b in zip(ours, theirs))
        print(f"| {size} | {shown(ours)} | {shown(theirs)} | {ratio:.1f} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
