"""What a CRF knows beyond its best reading: how probable a span is, and what comes second.

The probability of a span sums over every reading that contains it, neither more nor less of
it: all paths into its first tag that do not already stand inside a span it would go on, its
own path, and all paths out of its last tag that do not go on with it.
"""

from typing import List, NamedTuple, Tuple

import numpy

from .potentials import NEVER, Arrays
from .sums import log_sum

Array = numpy.ndarray


class Spans(NamedTuple):
    """Some spans of a batch and how they are tagged. S spans among N flat tokens."""

    starts: Array  # (S,) flat row of the first token
    ends: Array  # (S,) flat row behind the last token
    tags: Array  # (N,) the tag of each token


class FlatLattice(NamedTuple):
    """Scores and sums of B documents in the order of the text, in float64; none is empty."""

    emissions: Array  # (N, K)
    transitions: Array  # (K, K)
    start: Array  # (K,)
    end: Array  # (K,)
    alpha: Array  # (N, K)
    beta: Array  # (N, K)
    firsts: Array  # (B,) flat row of each document's first token
    ends: Array  # (B,) flat row behind its last one


def span_posteriors(flat: FlatLattice, spans: Spans, goes_on: Array) -> Array:
    """The probability of each span with its label.

    goes_on (Array): Whether the column's tag goes on with the span of the row's, boolean.
        *Shape:* ``(K, K)``
    RETURNS (Array): 0 to 1. *Shape:* ``(S,)``
    """
    document = numpy.searchsorted(flat.ends, spans.starts, side="right")
    log_z = log_sum(flat.alpha[flat.ends - 1] + flat.end)[document]
    into = _into(flat, spans, goes_on, spans.starts == flat.firsts[document])
    out = _out_of(flat, spans, goes_on, spans.ends == flat.ends[document])
    return numpy.exp((into + _within(flat, spans) + out - log_z).clip(max=0.0))


def _into(flat: FlatLattice, spans: Spans, goes_on: Array, is_first: Array) -> Array:
    """Log-sum of the paths up to and into the first tag. *Shape:* ``(S,)``"""
    tag = spans.tags[spans.starts]
    before = flat.alpha[spans.starts - 1] + flat.transitions.T[tag]
    before[goes_on.T[tag]] = NEVER
    paths = numpy.where(is_first, flat.start[tag], log_sum(before))
    return paths + flat.emissions[spans.starts, tag]


def _within(flat: FlatLattice, spans: Spans) -> Array:
    """The score of the path from the first tag to the last. *Shape:* ``(S,)``"""
    tags, total = spans.tags, numpy.zeros(len(spans.tags))
    total[1:] = flat.transitions[tags[:-1], tags[1:]]
    total[1:] += flat.emissions[numpy.arange(1, len(tags)), tags[1:]]
    # From the end of one document to the start of the next anything goes; no span does
    total[flat.firsts] = 0.0
    total = total.cumsum()
    return total[spans.ends - 1] - total[spans.starts]


def _out_of(flat: FlatLattice, spans: Spans, goes_on: Array, is_last: Array) -> Array:
    """Log-sum of the paths from the last tag to the end. *Shape:* ``(S,)``"""
    tag, behind = spans.tags[spans.ends - 1], spans.ends.clip(max=len(spans.tags) - 1)
    onward = flat.transitions[tag] + flat.emissions[behind] + flat.beta[behind]
    onward[goes_on[tag]] = NEVER
    return numpy.where(is_last, flat.end[tag], log_sum(onward))


class Chain(NamedTuple):
    """What scores the tags of T tokens of one document."""

    emissions: Array  # (T, K)
    steps: List[Array]  # T of them, (K, K) into the tags of a token; the first is (1, K)
    end: Array  # (K,)


def chain(a: Arrays, summed_out: Array) -> Chain:
    """One document without some of its tokens, whatever their tags are.

    summed_out (Array): Boolean, false for one token at least. *Shape:* ``(N,)``
    """
    kept = numpy.flatnonzero(~summed_out)
    steps, step, end, behind = [], a.start[None], a.end, kept[-1] + 1
    for emission in a.emissions[behind:][::-1]:
        end = log_sum(a.transitions + (emission + end))
    for emission, is_out in zip(a.emissions[:behind], summed_out.tolist()):
        if is_out:
            step = log_sum((step + emission)[:, :, None] + a.transitions)
        else:
            steps.append(step)
            step = a.transitions
    return Chain(a.emissions[kept], steps, end)


def chain_of_starts(a: Arrays, summed_out: Array) -> Chain:
    """The same of the two tags of IO, with a third between them for the first token of an entity,
    as in BIO. Whether one ends in what is summed out is then told by the tags that are left.
    """
    plain, kept = chain(a, summed_out), numpy.flatnonzero(~summed_out)
    on, inside = a.emissions[:, 1] + a.transitions[1, 1], a.transitions[1, 1]
    steps = [numpy.append(plain.steps[0], [[NEVER]], axis=1)]
    for (o, i), first, last in zip(plain.steps[1:], kept, kept[1:]):
        goes_on = inside + on[first + 1 : last].sum()
        with numpy.errstate(divide="ignore"):  # without a token in between none ends
            anew = i[1] + numpy.log(-numpy.expm1(goes_on - i[1]))
        steps.append(numpy.array([[*o, NEVER], [i[0], anew, goes_on], [i[0], anew, goes_on]]))
    return Chain(plain.emissions[:, [0, 1, 1]], steps, plain.end[[0, 1, 1]])


def k_best(chain: Chain, k: int) -> List[Tuple[float, List[int]]]:
    """The best tag sequences of one document (Viterbi with k paths to every tag).

    k (int): How many; fewer come back if fewer are legal.
    RETURNS (List[Tuple[float, List[int]]]): Score and tags, best first.
    """
    K = len(chain.end)
    best = chain.steps[0].T + chain.emissions[0][:, None]  # (K, paths)
    came_from: List[Tuple[Array, int]] = []  # the origins of each, and how many paths there were
    for step, emission in zip(chain.steps[1:], chain.emissions[1:]):
        reach = (step.T[:, :, None] + best).reshape(K, -1)
        origin = _highest(reach, k)
        best = numpy.take_along_axis(reach, origin, axis=1) + emission[:, None]
        came_from.append((origin, reach.shape[1] // K))
    total = (best + chain.end[:, None]).reshape(1, -1)
    last, width = _highest(total, k)[0].tolist(), best.shape[1]
    return [(s, _path(came_from, i, width)) for i in last if (s := float(total[0, i])) != NEVER]


def _highest(x: Array, k: int) -> Array:
    """The places of the highest numbers of each row, which are sorted, but not all the others.
    *Shapes:* ``(K, M)`` to ``(K, min(k, M))``
    """
    low, rows, k = -x, numpy.arange(len(x))[:, None], min(k, x.shape[1])
    places = low.argpartition(k - 1, axis=1)[:, :k]
    return places[rows, low[rows, places].argsort(axis=1, kind="stable")]


def _path(came_from: List[Tuple[Array, int]], place: int, width: int) -> List[int]:
    """Walk back from a place among all (tag, path) pairs of the last token."""
    path = []
    for origin, before in reversed(came_from):
        tag, rank = divmod(place, width)
        path.append(tag)
        place, width = int(origin[tag, rank]), before
    return [place // width, *reversed(path)]
