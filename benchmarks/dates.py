"""How many dates, times, numbers and amounts are brought to their normal form, in formats that
training had and in those that are held out of it.

    python benchmarks/dates.py score training/seq2seq/sample/model-best
    python benchmarks/dates.py write corpus/dates --pairs 50000

`score` prints the table. `write` makes a larger train part than that of the sample, which is kept
small so that everybody can train on it.

Test parts are drawn anew, with seeds that the sample was not made with: 500 sources each, 150 of
them in held-out formats. What training has stands in none of them.
"""

from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any, Dict, List

import spacy
import typer
from accuracy import summary

from spacy_rnn.cli.prepare_samples import prepare_dates
from spacy_rnn.data.dates import HELD_OUT, make_dates

app = typer.Typer(add_completion=False)

TRAINED, HELD, ALL = "formats of training", "held-out formats", "all"


def right(nlp: Any, seed: int) -> Dict[str, List[bool]]:
    """Which answers are right, by kind of format and by each that is held out."""
    found: Dict[str, List[bool]] = defaultdict(list)
    test = make_dates(seed)["test"]
    for written, doc in zip(test, nlp.pipe(w.source for w in test)):
        is_right = doc._.normal == written.normal
        held = written.format in HELD_OUT
        for name in (ALL, HELD if held else TRAINED, *([written.format] if held else [])):
            found[name].append(is_right)
    return found


@app.command()
def write(folder: Path, pairs: int = 50_000) -> None:
    """Make the parts, with so many pairs in train.spacy."""
    prepare_dates(folder, train=pairs)


@app.command()
def score(model: str, seeds: int = 5) -> None:
    """Print the shares, mean and standard deviation over the test parts."""
    nlp = spacy.load(model)
    drawn = [right(nlp, seed) for seed in range(1, seeds + 1)]
    print("| | right, % |\n|---|---|")
    for name in (ALL, TRAINED, HELD, *HELD_OUT):
        shares = [100 * mean(of[name]) for of in drawn if of[name]]
        print(f"| {name} | {summary(shares)} |")


if __name__ == "__main__":
    app()
