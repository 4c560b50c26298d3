"""Label weights inside the CRF loss: what `missed_cost` for one label does to its recall.

    python benchmarks/label_weights.py uner ORG
    python benchmarks/label_weights.py wnut17 product,group

All runs get the short budget of benchmarks/ablation.py and are scored on dev. With a cost c of
label L the loss of a document with the true tags y is

    -s(y) + log sum_y' exp(s(y') + c * #{t: y_t is of L, y'_t = O})

so a reading counts exp(c) times in Z for each token of L that it misses.
"""

import json
from pathlib import Path
from statistics import mean
from typing import Any, Dict, List

import typer
from ablation import NER, train_short
from accuracy import CORPUS, beside, summary


def run(corpus: str, labels: List[str], cost: float, seed: int, output: Path) -> Dict[str, Any]:
    """Train with a cost for each of the labels; the scores on dev."""
    place = output / f"{corpus}-{'-'.join(labels)}-{cost:g}-{seed}"
    result = beside(place, "json")
    if not result.exists():
        changes = {f"{NER}.missed_cost": dict.fromkeys(labels, cost)}
        parts = (CORPUS / corpus / f"{part}.spacy" for part in ("train", "dev"))
        result.write_text(json.dumps(train_short(place, changes, *parts, seed)))
    return dict(json.loads(result.read_text()))


def cells_of(scores: List[Dict[str, Any]], labels: List[str]) -> List[List[float]]:
    """All F1, and recall and precision of the labels, in per cent, each for every seed."""
    columns = [[100 * s["ents_f"] for s in scores]]
    for label in labels:
        empty = dict.fromkeys("prf", 0.0)
        of_label = [s["ents_per_type"].get(label, empty) for s in scores]
        columns += [[100 * s[key] for s in of_label] for key in "rp"]
    return columns


def cell(values: List[float], base: List[float]) -> str:
    """Mean, spread, and the distance to no cost."""
    return f"{summary(values)} ({mean(values) - mean(base):+.1f})"


def main(
    corpus: str,
    label: str,
    costs: str = "0,1,2,3",
    seeds: int = 3,
    output: Path = Path("training/label_weights"),
) -> None:
    """Print the table, a line for each cost."""
    output.mkdir(parents=True, exist_ok=True)
    labels = label.split(",")
    heads = [f"{name} {of}" for name in labels for of in ("recall", "precision")]
    print(f"| missed_cost of {label} | F1 of all | {' | '.join(heads)} |")
    print("|---|---|" + "---|" * len(heads))
    base: List[List[float]] = []
    for cost in map(float, costs.split(",")):
        scores = [run(corpus, labels, cost, seed, output) for seed in range(seeds)]
        columns = cells_of(scores, labels)
        base = base or columns
        cells = [cell(*pair) for pair in zip(columns, base)]
        print(f"| {cost:g} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
