"""Whether confidence can be trusted: calibration error and AUROC, with the temperature as trained
and fitted. Fitted on one half of dev it is measured on the other half, fitted on dev on test.

    python benchmarks/calibration.py training/accuracy/uner-rnn_ner-none-{0,1,2,3,4}/model-best
"""

from pathlib import Path
from statistics import mean, stdev
from typing import Dict, List, Tuple

import numpy
import spacy
import torch
import typer
from spacy.language import Language
from spacy.training import Corpus, Example

from spacy_rnn.evaluation.calibration import auroc, expected_calibration_error

Figures = Tuple[float, float, float]


def read(nlp: Language, path: Path, part: slice) -> List[Example]:
    """Fresh examples, since predictions are written on them."""
    return list(Corpus(path)(nlp))[part]


def judged(nlp: Language, examples: List[Example]) -> Tuple[List[float], List[bool]]:
    """How sure each predicted entity is, and whether it is right."""
    sure, right = [], []
    for eg, doc in zip(examples, nlp.pipe(eg.reference.text for eg in examples)):
        gold = {(ent.start_char, ent.end_char, ent.label_) for ent in eg.reference.ents}
        for ent in doc.ents:
            sure.append(ent._.confidence)
            right.append((ent.start_char, ent.end_char, ent.label_) in gold)
    return sure, right


def measure(nlp: Language, name: str, temperature: float, examples: List[Example]) -> Figures:
    """Temperature, calibration error in per cent and AUROC."""
    nlp.get_pipe(name).cfg["temperature"] = temperature
    sure, right = map(numpy.array, judged(nlp, examples))
    return (
        temperature,
        100 * (expected_calibration_error(sure, right) or 0),
        auroc(sure, right) or 0,
    )


def main(models: List[str], corpus: str = "uner", name: str = "rnn_ner") -> None:
    """Print mean and standard deviation over the models."""
    torch.set_num_threads(1)
    dev, test = (Path("corpus") / corpus / f"{part}.spacy" for part in ("dev", "test"))
    halves = (dev, slice(0, None, 2)), (dev, slice(1, None, 2))
    parts = {"half of dev": halves, "test": ((dev, slice(None)), (test, slice(None)))}
    rows: Dict[Tuple[str, str], List[Figures]] = {}
    for model in models:
        nlp = spacy.load(model)
        for part, (fit_on, measure_on) in parts.items():
            fitted = nlp.get_pipe(name).calibrate(read(nlp, *fit_on))
            for kind, temperature in (("as trained", 1.0), ("fitted", fitted)):
                figures = measure(nlp, name, temperature, read(nlp, *measure_on))
                rows.setdefault((part, kind), []).append(figures)
    print("| measured on | probabilities | temperature | calibration error, % | AUROC |")
    print("|---|---|---|---|---|")
    for key, row in rows.items():
        cells = [f"{mean(x):.3g} ± {stdev(x) if len(x) > 1 else 0:.2g}" for x in zip(*row)]
        print(f"| {' | '.join([*key, *cells])} |")


if __name__ == "__main__":
    typer.run(main)
