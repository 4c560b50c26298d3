"""Whether confidence can be trusted: calibration error and AUROC on a test part, with the
temperature fitted on dev and without.

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
from spacy.training import Corpus

from spacy_rnn.evaluation.calibration import auroc, expected_calibration_error


def judged(nlp: Language, path: Path) -> Tuple[List[float], List[bool]]:
    """How sure each predicted entity is, and whether it is right."""
    examples = list(Corpus(path)(nlp))
    sure, right = [], []
    for eg, doc in zip(examples, nlp.pipe(eg.reference.text for eg in examples)):
        gold = {(ent.start_char, ent.end_char, ent.label_) for ent in eg.reference.ents}
        for ent in doc.ents:
            sure.append(ent._.confidence)
            right.append((ent.start_char, ent.end_char, ent.label_) in gold)
    return sure, right


def main(models: List[str], corpus: str = "uner", name: str = "rnn_ner") -> None:
    """Print mean and standard deviation over the models."""
    torch.set_num_threads(1)
    folder = Path("corpus") / corpus
    rows: Dict[str, List[Tuple[float, float, float]]] = {"as trained": [], "fitted on dev": []}
    for model in models:
        nlp = spacy.load(model)
        fitted = nlp.get_pipe(name).calibrate(list(Corpus(folder / "dev.spacy")(nlp)))
        for row, temperature in zip(rows.values(), (1.0, fitted)):
            nlp.get_pipe(name).cfg["temperature"] = temperature
            sure, right = map(numpy.array, judged(nlp, folder / "test.spacy"))
            error, area = expected_calibration_error(sure, right), auroc(sure, right)
            row.append((temperature, 100 * (error or 0.0), area or 0.0))
    print("| probabilities | temperature | calibration error, % | AUROC |")
    print("|---|---|---|---|")
    for kind, row in rows.items():
        cells = [f"{mean(x):.3g} ± {stdev(x) if len(x) > 1 else 0:.2g}" for x in zip(*row)]
        print(f"| {kind} | {' | '.join(cells)} |")


if __name__ == "__main__":
    typer.run(main)
