"""Milliseconds for one text at a time while other programs take all cores, by how many threads
torch may use.

    python benchmarks/busy.py MODEL uner

As many programs as there are cores do nothing but turn round. The first pass meets its words for
the first time, the second knows them. "always all" is what torch does by itself; "all" is what
`rnn_ner` does, which reads a few tokens with one thread: see spacy_rnn/models/threads.py.
"""

import os
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, Iterator, List, Optional
from unittest.mock import patch

import spacy
import torch
import typer
from speed import texts_of

CORES = os.cpu_count() or 1
READS = "spacy_rnn.components.labeling.threads_for"


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


def milliseconds(nlp: Any, texts: List[str]) -> str:
    """The median for one text, and the 99th of a hundred."""
    times = []
    for text in texts:
        start = time.perf_counter()
        nlp(text)
        times.append(1000 * (time.perf_counter() - start))
    cuts = statistics.quantiles(times, n=100)
    return f"{cuts[49]:.2f}, {cuts[98]:.2f}"


def row(model: str, texts: List[str], name: str, threads: int, reads: Optional[Any]) -> str:
    """One line of the table."""
    nlp = spacy.load(model)
    torch.set_num_threads(threads)
    nlp("Words to warm up.")
    with ExitStack() as stack:
        if reads is not None:
            stack.enter_context(patch(READS, reads))
        first, again = milliseconds(nlp, texts), milliseconds(nlp, texts)
    return f"| {name} | {first} | {again} |"


def main(model: str, corpus: str, part: str = "dev", limit: int = 300) -> None:
    """Print the median and the 99th percentile for each setting."""
    texts = texts_of(corpus, part)[:limit]
    print(f"{len(texts)} texts, {CORES} cores\n| torch's threads | first, ms | again, ms |")
    print("|---|---|---|")
    with busy():
        for name, threads, reads in (
            ("one", 1, None),
            ("all", CORES, None),
            ("always all", CORES, lambda rows: nullcontext()),
        ):
            print(row(model, texts, name, threads, reads), flush=True)


if __name__ == "__main__":
    typer.run(main)
