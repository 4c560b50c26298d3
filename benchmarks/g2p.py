"""Letters to phonemes without stress: CMUdict in the fixed split g014b2b.

    SPACY_RNN_DATA=folder python benchmarks/g2p.py
    SPACY_RNN_DATA=folder python benchmarks/g2p.py --steps 20000

The files are those of AdolfVonKleist/Phonetisaurus, test/g014b2b.

A word is right if it is one of the ways in which the test part says it; the phoneme error rate
goes by the nearest one. All ways of a word in the train part are learnt. 2,000 of its words are
held out for choices. One model; minutes of one core. Finished runs are kept in --output and not
repeated.
"""

import random
from collections import defaultdict
from pathlib import Path
from typing import Any, Dict, List, Tuple

import typer
from pairs import OUTPUT, Row, Run, data_lines, finished, keep, learn, make_pipe, table, written

from spacy_rnn.evaluation.strings import score_pairs

HELD_OUT = 2000
MODEL = {"width": 256, "embed_width": 64, "target_units": "word"}
BEAM = 4


def read(name: str) -> List[Row]:
    """Words in lower case, each with every way to say it."""
    entries = (line.lower().split("\t") for line in data_lines(f"g014b2b.{name}"))
    return [Row(word, said.upper()) for word, *ways in entries for said in ways]


def parts() -> Tuple[List[Row], List[Row]]:
    """Train and dev; no word stands in both."""
    rows = read("train")
    words = sorted({row.source for row in rows})
    held_out = set(random.Random(0).sample(words, HELD_OUT))
    train = [row for row in rows if row.source not in held_out]
    return train, [row for row in rows if row.source in held_out]


def error_rates(nlp: Any, pipe: Any, rows: List[Row]) -> Tuple[float, float]:
    """Of words and of phonemes, in percent."""
    right: Dict[str, List[str]] = defaultdict(list)
    for row in rows:
        right[row.source].append(row.target)
    found = written(nlp, pipe, [Row(word, "") for word in right])
    scores = score_pairs(list(zip(found, right.values())), "said", "word")
    return tuple(100 - 100 * (scores[key] or 0.0) for key in ("said_acc", "said_unit_acc"))


def run(path: Path, steps: int, width: int, seed: int) -> Dict[str, Any]:
    """Train and score once."""
    train, dev = parts()
    nlp, pipe = make_pipe({**MODEL, "width": width}, seed)
    result = learn(nlp, pipe, train, dev[:500], Run(steps, size=64, seed=seed))
    for beam in (1, BEAM):
        pipe.beam_width = beam
        for part, rows in (("dev", dev), ("test", read("ref"))):
            result[f"{part}{beam}"] = error_rates(nlp, pipe, rows)
    return keep(path, nlp, result)


def main(steps: int = 12000, width: int = 256, seed: int = 0, output: Path = OUTPUT) -> None:
    """Train, and print the scores."""
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"g2p-{width}-{steps}-{seed}.json"
    found = finished(path) or run(path, steps, width, seed)
    columns = ["width", "steps", "minutes", "beam", "test WER", "test PER", "dev WER", "dev PER"]
    first = [width, steps, found["minutes"]]
    table(columns, [[*first, b, *found[f"test{b}"], *found[f"dev{b}"]] for b in (1, BEAM)])


if __name__ == "__main__":
    typer.run(main)
