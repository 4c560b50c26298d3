"""Milliseconds for one text at a time while other programs take all cores, by how many threads
torch may use.

    python benchmarks/busy.py MODEL uner

As many programs as there are cores do nothing but turn round. The first pass meets its words for
the first time, the second knows them. "always all" is what torch does by itself; "all" is what
`rnn_ner` does, which reads a few tokens with one thread: see spacy_rnn/models/threads.py.
"""

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import Iterator, List
from unittest.mock import patch

import spacy
import torch
import typer
from speed import latencies, texts_of

CORES = os.cpu_count() or 1


@contextmanager
def busy() -> Iterator[None]:
    """All cores have something to do."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(CORES)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def row(model: str, texts: List[str], name: str, threads: int) -> str:
    """One line of the table."""
    nlp = spacy.load(model)
    torch.set_num_threads(threads)
    nlp("Words to warm up.")
    passes = [latencies(nlp, texts) for _ in ("first", "again")]
    return f"| {name} | {' | '.join(f'{p50:.2f}, {p99:.2f}' for p50, p99 in passes)} |"


def main(model: str, corpus: str, part: str = "dev", limit: int = 300) -> None:
    """Print the median and the 99th percentile for each setting."""
    texts = texts_of(corpus, part)[:limit]
    print(f"{len(texts)} texts, {CORES} cores\n| torch's threads | first, ms | again, ms |")
    print("|---|---|---|")
    with busy():
        print(row(model, texts, "one", 1), flush=True)
        print(row(model, texts, "all", CORES), flush=True)
        torch.set_num_threads(CORES)
        with patch("torch.set_num_threads"):  # nobody changes it any more
            print(row(model, texts, "always all", CORES), flush=True)


if __name__ == "__main__":
    typer.run(main)
