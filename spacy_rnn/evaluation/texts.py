"""How well texts are classified, beyond what spaCy counts."""

from typing import Dict, Optional, Sequence, Tuple

import numpy
from thinc.types import Floats1d, Ints1d

from .calibration import expected_calibration_error

Pair = Tuple[Dict[str, float], Dict[str, float]]  # found, annotated


def score_firsts(pairs: Sequence[Pair], labels: Sequence[str]) -> Dict[str, Optional[float]]:
    """For one label of several: `cats_acc`, the share of texts whose most probable label is
    right, and `cats_ece`, the expected calibration error of its probability.
    """
    found, gold, sure = firsts(pairs, labels)
    right = found == gold
    accuracy = float(right.mean()) if len(right) else None
    return {"cats_acc": accuracy, "cats_ece": expected_calibration_error(sure, right)}


def score_order(pairs: Sequence[Pair], labels: Sequence[str]) -> Dict[str, Optional[float]]:
    """For labels in an order: `cats_qwk`, their quadratic weighted kappa (Cohen, 1968), 1 for
    the best and 0 for chance, and `cats_mae`, the mean number of steps between found and gold.
    """
    found, gold, _ = firsts(pairs, labels)
    found, gold = found[gold >= 0], gold[gold >= 0]
    if not len(found):
        return {"cats_qwk": None, "cats_mae": None}
    steps = numpy.arange(len(labels))
    counts = [numpy.bincount(ids, minlength=len(labels)) for ids in (found, gold)]
    by_chance = numpy.outer(*counts) / len(found)
    expected = (by_chance * (steps[:, None] - steps) ** 2).sum()
    kappa = 1.0 - float(((found - gold) ** 2).sum() / expected) if expected else None
    return {"cats_qwk": kappa, "cats_mae": float(abs(found - gold).mean())}


def firsts(pairs: Sequence[Pair], labels: Sequence[str]) -> Tuple[Ints1d, Ints1d, Floats1d]:
    """The label that was found in each annotated text, the right one (-1 if the model does not
    know it), and how sure the model is. *Shapes:* ``(U,)``
    """
    annotated = [(found, gold) for found, gold in pairs if found and any(gold.values())]
    rows = [[found.get(label, 0.0) for label in labels] for found, _ in annotated]
    values = numpy.array(rows).reshape(len(annotated), len(labels))
    right = [max(gold, key=gold.__getitem__) for _, gold in annotated]
    places = {label: place for place, label in enumerate(labels)}
    place = numpy.array([places.get(label, -1) for label in right], dtype="i8")
    if not len(annotated):
        return place, place, numpy.zeros(0)
    return values.argmax(axis=1), place, values.max(axis=1)


def score_numbers(pairs: Sequence[Pair], labels: Sequence[str]) -> Dict[str, Optional[float]]:
    """For numbers: `cats_r2`, the share of their variance that is explained (1 for the best, 0
    for the mean alone), which is `cats_score` too, and `cats_mae`, the mean absolute error.
    """
    numbers = [
        (found.get(label, 0.0), gold[label], label)
        for found, gold in pairs
        for label in labels
        if label in gold
    ]
    if not numbers:
        return {"cats_score": None, "cats_r2": None, "cats_mae": None}
    found, gold = (numpy.array([row[i] for row in numbers]) for i in (0, 1))
    of = numpy.array([row[2] for row in numbers])
    means = {label: gold[of == label].mean() for label in set(of)}
    spread = ((gold - numpy.array([means[label] for label in of])) ** 2).sum()
    r2 = 1.0 - float(((found - gold) ** 2).sum() / spread) if spread else None
    return {"cats_score": r2, "cats_r2": r2, "cats_mae": float(abs(found - gold).mean())}
