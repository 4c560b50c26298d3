"""What each option of the decoder is worth, with the same number of steps.

    SPACY_RNN_DATA=folder python benchmarks/decoder_options.py --seeds 1

Inflection, SIGMORPHON 2017, 1,000 pairs to learn from: see inflection.py. Each line changes one
thing of the first one. The table has the share of dev that is right; test is not touched. Beams
are those of the first line's net. Finished runs are kept in --output and not repeated.
"""

from pathlib import Path
from statistics import mean, stdev
from typing import Any, Dict, List

import typer
from inflection import read
from pairs import OUTPUT, Run, exact, finished, keep, learn, make_pipe, table

PLAIN = {"width": 128, "embed_width": 64}
FORCING = "teacher_forcing"
OPTIONS: Dict[str, Dict[str, Any]] = {
    "dot attention, context fed": {},
    "no attention": {"attention": "none"},
    "general attention": {"attention": "general"},
    "additive attention": {"attention": "additive"},
    "output fed (input feeding)": {"feeding": "output"},
    "nothing fed": {"feeding": "none"},
    "copying": {"copy": True},
    "tied embeddings": {"tied": True},
    "embeddings shared with the encoder": {"shared": True},
    "own unit read 10 % of the time": {FORCING: 0.9},
    "own unit read 30 % of the time": {FORCING: 0.7},
    "GRU": {"cell": "gru"},
    "Elman": {"cell": "rnn"},
}
BEAMS = (2, 4, 8)


def run(path: Path, language: str, changed: Dict[str, Any], steps: int, seed: int) -> Any:
    """Train with one thing changed."""
    settings = {**PLAIN, **changed}
    forcing = settings.pop(FORCING, 1.0)
    nlp, pipe = make_pipe(settings, seed, features=["_.features"], teacher_forcing=forcing)
    train, dev = read(language, "train-medium"), read(language, "dev")
    how = Run(steps, size=32, drop=0.3, seed=seed, every=steps)
    result = {**learn(nlp, pipe, train, dev[:0], how), "1": exact(nlp, pipe, dev)}
    for width in () if changed else BEAMS:
        pipe.beam_width = width
        result[str(width)] = exact(nlp, pipe, dev)
    return keep(path, nlp, result)


def spread(values: List[float]) -> str:
    return f"{mean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")


def main(
    language: str = "turkish", steps: int = 1000, seeds: int = 1, output: Path = OUTPUT
) -> None:
    """Train, and print the table."""
    output.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, changed in OPTIONS.items():
        found = []
        for seed in range(seeds):
            short = name.replace(" ", "_").replace("%", "percent")
            path = output / f"options-{language}-{short}-{steps}-{seed}.json"
            found.append(finished(path) or run(path, language, changed, steps, seed))
        minutes = spread([r["minutes"] for r in found])
        rows.append([name, 1, spread([r["1"] for r in found]), minutes])
        for width in () if changed else BEAMS:
            rows.append([f"{name}, beam", width, spread([r[str(width)] for r in found]), minutes])
    table(["option", "beam width", "dev", "minutes"], rows)


if __name__ == "__main__":
    typer.run(main)
