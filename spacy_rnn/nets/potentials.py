"""What scores the tag sequences of documents: as torch learns it, and as NumPy reads it."""

from typing import NamedTuple

import numpy
from torch import Tensor

NEVER = float("-inf")  # the score of what may not be


class Potentials(NamedTuple):
    """Everything that scores a tag sequence. N packed tokens, T steps, K tags."""

    emissions: Tensor  # (N, K)
    transitions: Tensor  # (K, K), from the row's tag to the column's
    start: Tensor  # (K,)
    end: Tensor  # (K,)
    batch_sizes: Tensor  # (T,)

    def allow(self, allowed: Tensor) -> "Potentials":
        """Give the tags that a token may not carry the score -inf.

        allowed (Tensor): Boolean. *Shape:* ``(N, K)``
        """
        return self._replace(emissions=self.emissions.masked_fill(~allowed, NEVER))


class Arrays(NamedTuple):
    """The same in NumPy and float64. A step is so small that what it costs is the number of calls,
    and a call of torch's costs several times one of NumPy's.
    """

    emissions: numpy.ndarray  # (N, K)
    transitions: numpy.ndarray  # (K, K)
    start: numpy.ndarray  # (K,)
    end: numpy.ndarray  # (K,)
    batch_sizes: Tensor  # (T,)


def to_arrays(p: Potentials) -> Arrays:
    """Potentials on any device, without what a gradient would need."""
    return Arrays._make([*(x.detach().cpu().double().numpy() for x in p[:4]), p.batch_sizes])
