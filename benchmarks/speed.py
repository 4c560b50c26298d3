"""Words per second from text to entities, systems in turn in one process.

    python benchmarks/speed.py --models training/accuracy/uner-rnn_ner-none-0/model-best \\
        --models training/accuracy/uner-ner-none-0/model-best --corpus uner
"""

import statistics
import time
from pathlib import Path
from typing import Annotated, Dict, List, Tuple

import psutil
import spacy
import torch
import typer
from spacy.language import Language
from spacy.tokens import DocBin


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


def main(
    models: Annotated[List[str], typer.Option()],
    corpus: str = "uner",
    part: str = "train",
    rounds: int = 5,
    threads: int = 1,
) -> None:
    """Print words per second by batch size, and the ratio of the first to the second."""
    torch.set_num_threads(threads)
    vocab = spacy.blank("en").vocab
    docs = DocBin().from_disk(Path("corpus") / corpus / f"{part}.spacy").get_docs(vocab)
    texts = [doc.text for doc in docs]
    pipelines = {model: spacy.load(model) for model in models}
    print(f"{len(texts)} documents, {threads} thread(s), {rounds} rounds; median (min to max)")
    print("| batch size | " + " | ".join(models) + " | ratio |")
    print("|---|" + "---|" * (len(models) + 1))
    for batch_size in (1, 32, 256, 1000):
        some = texts if batch_size > 1 else texts[:1500]
        speeds: Dict[str, List[float]] = {model: [] for model in models}
        for nlp in pipelines.values():  # warm up
            words_per_second(nlp, some, batch_size)
        for _ in range(rounds):
            for model, nlp in pipelines.items():
                speeds[model].append(words_per_second(nlp, some, batch_size))
        cells = [
            f"{statistics.median(s):,.0f} ({min(s):,.0f} to {max(s):,.0f})" for s in speeds.values()
        ]
        first, *others = speeds.values()
        ratios = [statistics.median(a / b for a, b in zip(first, other)) for other in others]
        ratio = ", ".join(f"{r:.2f}" for r in ratios)
        print(f"| {batch_size} | {' | '.join(cells)} | {ratio} |", flush=True)
    each = [latencies(nlp, texts[:1500]) for nlp in pipelines.values()]
    cells = [f"p50 {p50:.2f} ms, p99 {p99:.2f} ms" for p50, p99 in each]
    print(f"| one text | {' | '.join(cells)} | |")
    memory = psutil.Process().memory_info().rss / 2**20
    print(f"memory of the process with all of them: {memory:.0f} MB")


if __name__ == "__main__":
    typer.run(main)
