"""One number for how a text feels: from -1, bad, to 1, good."""

from typing import Any, Dict, List, Optional, Sequence

import numpy
from thinc.types import Floats1d, Floats2d

NAMES = {"positive": 1.0, "pos": 1.0, "negative": -1.0, "neg": -1.0}


def polarity(
    labels: Sequence[str], head: str, given: Optional[Dict[str, float]], positive: Optional[str]
) -> Optional[Floats1d]:
    """How good each label is, from -1 to 1; None if the labels say nothing of it.

    head (str): "ordinal" labels climb from -1 to 1.
    given (Optional[Dict[str, float]]): What the config says; labels that it lacks count 0.
    positive (Optional[str]): The positive one of two labels.
    RETURNS (Optional[Floats1d]): *Shape:* ``(K,)``
    """
    if given is not None:
        return numpy.array([given.get(label, 0.0) for label in labels])
    if positive is not None:
        return numpy.array([1.0 if label == positive else -1.0 for label in labels])
    if head == "ordinal":
        return numpy.linspace(-1, 1, len(labels))
    found = [NAMES.get(label.lower()) for label in labels]
    if not {1.0, -1.0} <= set(found):
        return None
    return numpy.array([value or 0.0 for value in found])


def sentiments(
    values: Floats2d, head: str, weights: Optional[Floats1d], limits: Sequence[float]
) -> List[Optional[float]]:
    """The expected polarity of each text; a number is placed between the lowest and the
    highest of the training data.

    values (Floats2d): Probabilities or numbers. *Shape:* ``(U, K)``
    limits (Sequence[float]): The lowest and the highest number.
    """
    if head == "regression" and values.shape[1] == 1 and limits[0] < limits[1]:
        share = (values[:, 0] - limits[0]) / (limits[1] - limits[0])
        return _within(2 * share - 1)
    if weights is None or head == "regression":
        return [None] * len(values)
    return _within(values @ weights)


def _within(numbers: Floats1d) -> List[Any]:
    return numpy.clip(numbers, -1.0, 1.0).tolist()
