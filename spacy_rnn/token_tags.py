"""Labels of single tokens, as a tagger has them."""

from functools import cached_property
from typing import Container, List, Sequence

import numpy
from thinc.types import Array2d, Ints1d

from .tags import are_met

NOT = "!"  # spaCy's sign before a tag that a token does not have


class TokenTags:
    """Labels of single tokens: each is a tag, and any may follow any.

    labels (Sequence[str]): The labels.
    unmet (Container[str]): Those that training has not met yet, and that are never read.
    """

    def __init__(self, labels: Sequence[str], unmet: Container[str] = ()):
        self.labels = tuple(labels)
        self.ids = {label: i for i, label in enumerate(labels)}
        self.label_of = list(labels)
        self.met = are_met(self.label_of, unmet)
        self.start = self.end = numpy.ones(len(labels), dtype=bool)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def names(self) -> List[str]:
        """The tags as they are written."""
        return list(self.labels)

    @cached_property
    def transitions(self) -> Array2d:
        """Which tag may follow which. *Shape:* ``(K, K)``"""
        return numpy.ones((len(self), len(self)), dtype=bool)

    def tag_id(self, value: str) -> int:
        """The number i of a tag, -2 - i for "!" and that tag, which is any but that one,
        and -1 for "" or an unknown tag.
        """
        if value.startswith(NOT):
            return -2 - self.ids.get(value[len(NOT) :], -1)
        return self.ids.get(value, -1)

    def one_hot(self, ids: Ints1d) -> Array2d:
        """Annotation as sets of allowed tags. *Shapes:* ``(N,)`` to ``(N, K)``"""
        given, tags = ids[:, None], numpy.arange(len(self))
        return numpy.where(given < 0, tags != -2 - given, tags == given)
