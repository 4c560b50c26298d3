"""What it costs to read only a part of long documents: accuracy and speed of one pipeline.

    python benchmarks/max_length.py MODEL training/sentiment/movie_reviews/fold0/test.spacy

The n-grams, which are always those of the whole text, are counted out for the second accuracy, so
that it is the net's alone.
"""

import time
from pathlib import Path
from typing import Any, List

import spacy
import torch
import typer
from spacy.tokens import Doc, DocBin

HOW = ((0, True), (400, True), (400, False), (200, True), (200, False), (100, True))


def accuracy(pipe: Any, docs: List[Doc], gold: List[Doc]) -> float:
    """The share of documents whose first class is right."""
    found = [doc.cats for doc in pipe.pipe(docs, batch_size=64)]
    firsts = [max(cats, key=lambda c: cats[c]) for cats in found]
    return 100 * sum(doc.cats[first] == 1.0 for doc, first in zip(gold, firsts)) / len(gold)


def main(model: str, path: Path) -> None:
    """Print a line for each way to read."""
    torch.set_num_threads(1)
    nlp = spacy.load(model)
    pipe: Any = nlp.get_pipe("rnn_sentiment")
    gold = list(DocBin().from_disk(path).get_docs(nlp.vocab))
    docs = [nlp.make_doc(doc.text) for doc in gold]
    words, fitted = sum(map(len, docs)), list(pipe.cfg["branch_weights"])
    accuracy(pipe, docs, gold)  # words that were never met are slow once
    print("| tokens read | accuracy | of the net alone | words/s |")
    print("|---|---|---|---|")
    for most, both_ends in HOW:
        pipe.model.attrs.update(max_length=most, head_and_tail=both_ends)
        start = time.perf_counter()
        score = accuracy(pipe, docs, gold)
        speed = words / (time.perf_counter() - start)
        pipe.cfg["branch_weights"] = [1.0, 0.0]
        alone = accuracy(pipe, docs, gold)
        pipe.cfg["branch_weights"] = fitted
        which = "all" if not most else f"{most}, {'head and tail' if both_ends else 'head'}"
        print(f"| {which} | {score:.1f} | {alone:.1f} | {speed:,.0f} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
