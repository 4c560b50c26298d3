"""Whether a confidence is worth its name: of entities at 0.8, eight of ten should be right."""

from typing import Iterable, List, NamedTuple, Optional, Tuple

import numpy
from thinc.types import Floats1d, Ints1d

from .entities import Kind, Pair

BINS = 10


class Bin(NamedTuple):
    """The entities whose confidence is from `start` up to `end`; the last takes 1 too.

    start (float): Its lower edge.
    end (float): Its upper edge.
    entities (int): How many there are.
    confidence (Optional[float]): Their mean confidence, None if there are none.
    precision (Optional[float]): The share that is right, None if there are none.
    """

    start: float
    end: float
    entities: int
    confidence: Optional[float]
    precision: Optional[float]


def confidences_of(pairs: Iterable[Pair]) -> Tuple[Floats1d, Floats1d]:
    """How sure the model is of each predicted entity that has a confidence, and whether it is
    right, 1 or 0. *Shapes:* ``(N,)``
    """
    found = [
        (pair.predicted.confidence, pair.kind is Kind.RIGHT)
        for pair in pairs
        if pair.predicted is not None and pair.predicted.confidence is not None
    ]
    table = numpy.array(found, dtype="d").reshape(-1, 2)
    return table[:, 0], table[:, 1]


def bins(confidences: Floats1d, right: Ints1d) -> List[Bin]:
    """Sort entities into ten bins of equal width.

    confidences (Floats1d): How sure the model is of each, 0 to 1. *Shape:* ``(N,)``
    right (Ints1d): Whether each is right. *Shape:* ``(N,)``
    RETURNS (List[Bin]): The ten, also those that are empty.
    """
    edges = numpy.arange(BINS + 1) / BINS
    of = numpy.digitize(confidences, edges[1:-1])
    found = []
    for i in range(BINS):
        inside = of == i
        means = [
            float(values[inside].mean()) if inside.any() else None
            for values in (confidences, right)
        ]
        found.append(Bin(float(edges[i]), float(edges[i + 1]), int(inside.sum()), *means))
    return found


def expected_calibration_error(confidences: Floats1d, right: Ints1d) -> Optional[float]:
    """The mean distance of confidence and precision over the ten bins, each weighed by
    its entities.

    confidences (Floats1d): How sure the model is of each, 0 to 1. *Shape:* ``(N,)``
    right (Ints1d): Whether each is right. *Shape:* ``(N,)``
    RETURNS (Optional[float]): From 0, the best, to 1; None without entities.
    """
    if not len(confidences):
        return None
    gaps = [
        b.entities * abs(b.confidence - b.precision)
        for b in bins(confidences, right)
        if b.confidence is not None and b.precision is not None
    ]
    return sum(gaps) / len(confidences)


def auroc(confidences: Floats1d, right: Ints1d) -> Optional[float]:
    """How probable it is that a right entity has more confidence than a wrong one; a tie
    counts as half. The area under the ROC curve.

    confidences (Floats1d): How sure the model is of each. *Shape:* ``(N,)``
    right (Ints1d): Whether each is right. *Shape:* ``(N,)``
    RETURNS (Optional[float]): 0.5 for chance, 1 for the best; None if all are right, or
        none is.
    """
    is_right = numpy.asarray(right, dtype=bool)
    wins, losers = confidences[is_right], numpy.sort(confidences[~is_right])
    if not (len(wins) and len(losers)):
        return None
    below = [numpy.searchsorted(losers, wins, side=side).sum() for side in ("left", "right")]
    return float(sum(below) / (2 * len(wins) * len(losers)))
