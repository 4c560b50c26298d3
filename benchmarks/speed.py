"""What each system needs of memory, in a process of its own; then words per second from text to
entities, systems in turn in one process.

    python benchmarks/speed.py --models training/accuracy/uner-rnn_ner-none-0/model-best \\
        --models training/accuracy/uner-ner-none-0/model-best --corpus uner

One thread, then two; the ratios are those of the first system to the others.
"""

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Dict, List, Optional, Tuple

import spacy
import torch
import typer
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

SIZES = (1, 32, 256, 1000)
FEW = 1500  # texts, where they come one at a time


def words_per_second(nlp: Language, texts: List[str], batch_size: int) -> float:
    """One pass over the texts."""
    start = time.perf_counter()
    words = sum(len(doc) for doc in nlp.pipe(texts, batch_size=batch_size))
    return words / (time.perf_counter() - start)


def latencies(nlp: Language, texts: List[str]) -> Tuple[float, float]:
    """Milliseconds for one text at a time, as a service gets them: p50 and p99."""
    times = []
    for text in texts:
        start = time.perf_counter()
        nlp(text)
        times.append(1000 * (time.perf_counter() - start))
    cuts = statistics.quantiles(times, n=100)
    return cuts[49], cuts[98]


def docs_of(corpus: str, part: str, vocab: Optional[Vocab] = None) -> List[Doc]:
    """The documents of a part of a corpus."""
    path = Path("corpus") / corpus / f"{part}.spacy"
    return list(DocBin().from_disk(path).get_docs(vocab or spacy.blank("en").vocab))


def texts_of(corpus: str, part: str) -> List[str]:
    """Their texts."""
    return [doc.text for doc in docs_of(corpus, part)]


def compare(pipelines: Dict[str, Language], texts: List[str], batch_size: int, rounds: int) -> str:
    """A line of the table."""
    some = texts if batch_size > 1 else texts[:FEW]
    speeds: Dict[str, List[float]] = {model: [] for model in pipelines}
    for i in range(rounds + 1):
        for model, nlp in pipelines.items():
            speed = words_per_second(nlp, some, batch_size)
            if i:  # the first one warms up
                speeds[model].append(speed)
    cells = [
        f"{statistics.median(s):,.0f} ({min(s):,.0f} to {max(s):,.0f})" for s in speeds.values()
    ]
    first, *others = speeds.values()
    ratios = [statistics.median(a / b for a, b in zip(first, other)) for other in others]
    return f"| {batch_size} | {' | '.join(cells)} | {', '.join(f'{r:.2f}' for r in ratios)} |"


def peak_memory(model: str, corpus: str, part: str) -> Tuple[int, int]:
    """MB at the most that a process of its own holds with the loaded pipeline, and after all
    texts.
    """
    here = [sys.executable, __file__, "--models", model, "--corpus", corpus, "--part", part]
    command = [*here, "--only-memory"]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    loaded, after = map(int, out.split())
    return loaded, after


def print_memory(model: str, texts: List[str]) -> None:
    """What `peak_memory` reads."""
    nlp, peaks = spacy.load(model), []
    for some in ([], texts):
        for _ in nlp.pipe(some, batch_size=256):
            pass
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    print(*peaks)


def main(
    models: Annotated[List[str], typer.Option()],
    corpus: str = "uner",
    part: str = "train",
    rounds: int = 5,
    threads: Annotated[List[int], typer.Option()] = [1, 2],
    only_memory: bool = False,
) -> None:
    """Print words per second by batch size, times of single texts, and memory."""
    texts = texts_of(corpus, part)
    if only_memory:
        print_memory(models[0], texts)
        return
    # First, because a child counts as its own peak what its parent held when it was born
    for model in models:
        loaded, after = peak_memory(model, corpus, part)
        print(f"{model}: {loaded} MB at the most when loaded, {after} MB after all texts")
    pipelines = {model: spacy.load(model) for model in models}
    for n in threads:
        torch.set_num_threads(n)
        print(f"{len(texts)} documents, {n} thread(s), {rounds} rounds; median (min to max)")
        print(f"| batch size | {' | '.join(models)} | ratio |")
        print("|---|" + "---|" * (len(models) + 1))
        for batch_size in SIZES:
            print(compare(pipelines, texts, batch_size, rounds), flush=True)
        each = [latencies(nlp, texts[:FEW]) for nlp in pipelines.values()]
        cells = [f"p50 {p50:.2f} ms, p99 {p99:.2f} ms" for p50, p99 in each]
        print(f"| one text | {' | '.join(cells)} | |", flush=True)


if __name__ == "__main__":
    typer.run(main)
