"""Half of the entities without a label: what is left of dev F1 when they count as missing, and
when they are read as O.

    python benchmarks/partial.py uner

All runs get the short budget of benchmarks/ablation.py.
"""

import json
import random
from pathlib import Path
from statistics import mean
from typing import Dict, List

import typer
from ablation import train_short
from accuracy import CORPUS, beside, summary
from spacy.tokens import Doc, DocBin, Span
from speed import docs_of

SHARE = 0.5  # of the entities that lose their label
KINDS = ("all labelled", "half missing", "half read as O")


def write_train(corpus: str, kind: str, seed: int, path: Path) -> None:
    """Write the train part with labels taken away."""
    docs = docs_of(corpus, "train")
    rng = random.Random(seed)
    for doc in docs:
        lost = [ent for ent in doc.ents if rng.random() < SHARE]
        if kind != KINDS[0]:
            take_away(doc, lost, missing=kind == KINDS[1])
    DocBin(docs=docs).to_disk(path)


def take_away(doc: Doc, lost: List[Span], missing: bool) -> None:
    """Leave entities out, as unknown or as O."""
    kept = [ent for ent in doc.ents if ent not in lost]
    doc.set_ents(kept, missing=lost if missing else [], default="outside")


def run(corpus: str, kind: str, seed: int, output: Path) -> float:
    """The best dev F1 in per cent."""
    place = output / f"{corpus}-{KINDS.index(kind)}-{seed}"
    result, train = beside(place, "json"), beside(place, "spacy")
    if not result.exists():
        write_train(corpus, kind, seed, train)
        scores = train_short(place, {}, train, CORPUS / corpus / "dev.spacy", seed)
        result.write_text(json.dumps(scores["ents_f"]))
    return float(100 * json.loads(result.read_text()))


def main(
    corpus: str, seeds: int = 3, first_seed: int = 0, output: Path = Path("training/partial")
) -> None:
    """Print the table."""
    output.mkdir(parents=True, exist_ok=True)
    scores: Dict[str, List[float]] = {k: [] for k in KINDS}
    for seed in range(first_seed, first_seed + seeds):
        for kind in KINDS:
            scores[kind].append(run(corpus, kind, seed, output))
    print("| training data | dev F1 | of all |")
    print("|---|---|---|")
    for kind, each in scores.items():
        share = 100 * mean(each) / mean(scores[KINDS[0]])
        print(f"| {kind} | {summary(each)} | {share:.0f} % |")


if __name__ == "__main__":
    typer.run(main)
