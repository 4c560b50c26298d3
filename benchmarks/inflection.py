"""Inflection: SIGMORPHON 2017, task 1, high resource.

    SPACY_RNN_DATA=folder python benchmarks/inflection.py

The files are those of sigmorphon/conll2017. A lemma and features such as "V;PST" become a form;
the features are symbols before the characters. 10,000 pairs are learnt; the weights of the last
step are scored on dev, and on the uncovered test once. Finished runs are kept in --output and not
repeated.
"""

from pathlib import Path
from typing import Any, Dict, List

import typer
from pairs import OUTPUT, Row, Run, data_lines, exact, finished, keep, learn, make_pipe, table

MODEL = {"width": 256, "embed_width": 64, "copy": True}
BEAM = 4


def read(language: str, part: str) -> List[Row]:
    """Lemmas, forms and features; `part` is "train-high", "dev" or "uncovered-test"."""
    lines = data_lines(f"{language}-{part}")
    fields = (line.split("\t") for line in lines if line)
    return [Row(lemma, form, tuple(tags.split(";"))) for lemma, form, tags in fields]


def run(path: Path, language: str, steps: int, seed: int) -> Dict[str, Any]:
    """Train and score once."""
    train, dev, test = (read(language, p) for p in ("train-high", "dev", "uncovered-test"))
    nlp, pipe = make_pipe(MODEL, seed, features=["_.features"])
    result = learn(nlp, pipe, train, dev[:300], Run(steps, size=32, drop=0.2, seed=seed))
    for beam in (1, BEAM):
        pipe.beam_width = beam
        result[f"dev{beam}"] = exact(nlp, pipe, dev)
    result["test"] = exact(nlp, pipe, test)
    return keep(path, nlp, result)


def main(
    languages: str = "english,german,finnish",
    steps: int = 7000,
    seed: int = 0,
    output: Path = OUTPUT,
) -> None:
    """Train, and print the scores."""
    output.mkdir(parents=True, exist_ok=True)
    rows = []
    for language in languages.split(","):
        path = output / f"inflection-{language}-{steps}-{seed}.json"
        found = finished(path) or run(path, language, steps, seed)
        scores = found["test"], found[f"dev{BEAM}"], found["dev1"]
        rows.append([language, steps, found["minutes"], *scores])
    scored = [f"test, beam {BEAM}", f"dev, beam {BEAM}", "dev, greedy"]
    table(["language", "steps", "minutes", *scored], rows)


if __name__ == "__main__":
    typer.run(main)
