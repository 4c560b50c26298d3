"""Commands to actions: SCAN, the simple split (Lake and Baroni, 2018).

    SPACY_RNN_DATA=folder python benchmarks/scan.py

The files are those of brendenlake/SCAN. Words are the units. 500 commands of the train part are
held out to look at; the weights of the last step are scored on test, once. Finished runs are kept
in --output and not repeated.
"""

import random
from pathlib import Path
from typing import Any, Dict, List

import typer
from pairs import OUTPUT, Row, Run, data_lines, exact, finished, keep, learn, make_pipe, table

HELD_OUT = 500
MODEL = {"width": 128, "embed_width": 32, "units": "word"}


def read(part: str) -> List[Row]:
    """Commands and actions, "IN: walk twice OUT: I_WALK I_WALK"."""
    lines = data_lines(f"tasks_{part}_simple.txt")
    pairs = (line.removeprefix("IN: ").split(" OUT: ") for line in lines)
    return [Row(command, actions) for command, actions in pairs]


def run(path: Path, steps: int, seed: int) -> Dict[str, Any]:
    """Train and score once."""
    rows = random.Random(0).sample(read("train"), 16728)
    train, dev = rows[HELD_OUT:], rows[:HELD_OUT]
    nlp, pipe = make_pipe(MODEL, seed)
    result = learn(nlp, pipe, train, dev, Run(steps, size=64, drop=0.1, seed=seed, every=250))
    result.update(dev=exact(nlp, pipe, dev), test=exact(nlp, pipe, read("test")))
    return keep(path, nlp, result)


def main(steps: int = 4000, seeds: int = 1, output: Path = OUTPUT) -> None:
    """Train, and print the scores."""
    output.mkdir(parents=True, exist_ok=True)
    rows = []
    for seed in range(seeds):
        path = output / f"scan-{steps}-{seed}.json"
        found = finished(path) or run(path, steps, seed)
        rows.append(["simple", seed, steps, found["minutes"], found["test"], found["dev"]])
    table(["split", "seed", "steps", "minutes", "test", "dev"], rows)


if __name__ == "__main__":
    typer.run(main)
