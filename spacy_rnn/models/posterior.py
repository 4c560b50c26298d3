"""How sure a labeller is: probabilities of spans, of tags, and of whole readings."""

import math
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Tuple

import numpy
from thinc.types import Array1d, Array2d, Floats1d, Floats2d, Ints1d
from thinc.util import to_numpy

from ..tags import Tags, TagSet
from ..types import TagScores
from .labeler import FourArrays, arrays, packed

if TYPE_CHECKING:
    from ..nets.posterior import FlatLattice

LOG_T, SECTIONS = 2.0, 16  # the temperature is sought between 1/7 and 7, to a thousandth
PRIOR = math.log(2.0)  # the standard deviation of its logarithm before anything is known
NEVER_SURER = 1e-6  # than this of anything, when a prediction turns out wrong


def span_confidences(
    scores: TagScores,
    tags: TagSet,
    ids: Ints1d,
    spans: Tuple[Ints1d, Ints1d],
    allowed: Optional[Array2d] = None,
    temperature: float = 1.0,
) -> Floats1d:
    """The probability of each span with its label, summed over all legal readings.

    ids (Ints1d): The tags of all documents in a row. *Shape:* ``(N,)``
    spans (Tuple[Ints1d, Ints1d]): First rows, and rows behind the last. *Shape:* ``(S,)``
    allowed (Optional[Array2d]): Tags that each token may carry, boolean; None for all.
        *Shape:* ``(N, K)``
    temperature (float): All scores are divided by it.
    RETURNS (Floats1d): 0 to 1. *Shape:* ``(S,)``
    """
    from ..nets.posterior import Spans, span_posteriors

    if not len(spans[0]):
        return numpy.zeros((0,))
    scores, rows = documents_with(scores, spans[0])
    allowed = None if allowed is None else allowed[rows]
    new_row = numpy.cumsum(rows) - 1
    found = Spans(new_row[spans[0]], new_row[spans[1] - 1] + 1, ids[rows])
    return span_posteriors(_lattice(scores, tags, allowed, temperature), found, tags.continues)


def _lattice(
    scores: TagScores, tags: Tags, allowed: Optional[Array2d], temperature: float
) -> "FlatLattice":
    """Scores, and sums over all readings of each document; none is empty."""
    from ..nets import alone
    from ..nets.posterior import FlatLattice

    found = arrays(scores, tags, allowed, temperature)
    ends = scores.lengths.cumsum()
    both = alone.sums(*found) if len(ends) == 1 else _sums(found, scores.lengths.tolist())
    return FlatLattice._make([*found, *both, ends - scores.lengths, ends])


def _sums(found: FourArrays, lengths: List[int]) -> Tuple[Floats2d, Floats2d]:
    """alpha and beta in the order of the text. *Shapes:* ``(N, K)``"""
    from ..nets.sums import sums

    a, packing = packed(found, lengths)
    of, to_flat = sums(a), packing.to_flat.numpy()
    return of.alpha[to_flat], of.beta[to_flat]


def documents_with(scores: TagScores, rows: Ints1d) -> Tuple[TagScores, Any]:
    """The scores of those documents in which one of the rows stands; nobody asks about the
    others.

    RETURNS (Tuple[TagScores, Array1d]): Also which rows are kept, boolean. *Shape:* ``(N,)``
    """
    lengths = to_numpy(scores.lengths)
    documents = numpy.searchsorted(lengths.cumsum(), rows, side="right")
    keep = numpy.zeros(len(lengths), dtype=bool)
    keep[documents] = True
    kept = numpy.repeat(keep, lengths)
    return scores._replace(emissions=to_numpy(scores.emissions)[kept], lengths=lengths[keep]), kept


def marginals(
    scores: TagScores,
    tags: Tags,
    allowed: Optional[Array2d] = None,
    temperature: float = 1.0,
) -> Floats2d:
    """The probability of each tag at each token. *Shape:* ``(N, K)``"""
    from ..nets.sums import marginals, sums

    found = arrays(scores, tags, allowed, temperature)
    if not len(found[0]):
        return found[0]
    a, packing = packed(found, scores.lengths.tolist())
    return marginals(a, sums(a))[packing.to_flat.numpy()]


def k_best(
    scores: TagScores,
    tags: TagSet,
    k: int,
    allowed: Optional[Array2d] = None,
    temperature: float = 1.0,
    summed_out: Optional[Array1d] = None,
) -> List[Tuple[float, Ints1d]]:
    """The most probable legal tags of one document that is not empty, best first.

    summed_out (Optional[Array1d]): Tokens whose tags do not matter, boolean; not all. Those
        that are left are M. *Shape:* ``(N,)``
    RETURNS (List[Tuple[float, Ints1d]]): Probability and tags, for IO those of BIO.
        *Shape:* ``(M,)``
    """
    from ..nets.posterior import chain, chain_of_starts, k_best
    from ..nets.sums import sums

    a, _ = packed(arrays(scores, tags, allowed, temperature), scores.lengths.tolist())
    log_z = float(sums(a).log_z[0])
    out = numpy.zeros(len(a.emissions), dtype=bool) if summed_out is None else summed_out
    found = k_best((chain_of_starts if tags.scheme == "IO" else chain)(a, out), k)
    return [(math.exp(min(s - log_z, 0.0)), numpy.array(path)) for s, path in found]


def fit_temperature(confidences_at: Callable[[float], Floats1d], right: Array1d) -> float:
    """The temperature under which it is most probable that just those predictions are right
    which are (Guo et al., 2017), found by golden sections of its logarithm. To begin with it is
    taken for 1, give or take a factor of 2: a handful of predictions says little, hundreds decide.

    confidences_at (Callable[[float], Floats1d]): How sure each prediction is under a
        temperature. *Shape:* ``(S,)``
    right (Array1d): Whether each is right, boolean. *Shape:* ``(S,)``
    RETURNS (float): Above 1 for a labeller that is surer than it should be.
    """

    def log_loss(log_t: float) -> float:
        sure = confidences_at(math.exp(log_t)).clip(NEVER_SURER, 1 - NEVER_SURER)
        unlikely = float(-numpy.log(numpy.where(right, sure, 1 - sure)).sum())
        return unlikely + (log_t / PRIOR) ** 2 / 2

    return math.exp(minimize(log_loss, -LOG_T, LOG_T))


def minimize(f: Callable[[float], float], low: float, high: float) -> float:
    """The place of the one minimum of a function, by golden sections (Kiefer, 1953)."""
    golden = (math.sqrt(5) - 1) / 2
    a, b = high - golden * (high - low), low + golden * (high - low)
    at_a, at_b = f(a), f(b)
    for _ in range(SECTIONS):
        if at_a < at_b:
            high, b, at_b = b, a, at_a
            a = high - golden * (high - low)
            at_a = f(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + golden * (high - low)
            at_b = f(b)
    return (low + high) / 2
