"""What a CRF knows beyond its best reading: how probable a span is, and what comes second.

The probability of a span sums over every reading that contains it, neither more nor less of
it: all paths into its first tag that do not already stand inside a span it would go on, its
own path, and all paths out of its last tag that do not go on with it.
"""

from typing import List, NamedTuple, Tuple

import numpy
import torch
from torch import Tensor

from .potentials import NEVER, Potentials
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
    return numpy.exp(into + _within(flat, spans) + out - log_z).clip(max=1.0)


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

    emissions: Tensor  # (T, K)
    steps: List[Tensor]  # T of them, (K, K) into the tags of a token; the first is (1, K)
    end: Tensor  # (K,)


def chain(p: Potentials, summed_out: Tensor) -> Chain:
    """One document without some of its tokens, whatever their tags are.

    p (Potentials): In float64.
    summed_out (Tensor): Boolean, false for one token at least. *Shape:* ``(N,)``
    """
    kept = (~summed_out).nonzero()[:, 0]
    steps, step, end = [], p.start[None], p.end
    for emission in p.emissions[int(kept[-1]) + 1 :].flip(0):
        end = torch.logsumexp(p.transitions + (emission + end), dim=1)
    for emission, is_out in zip(p.emissions[: int(kept[-1]) + 1], summed_out.tolist()):
        if is_out:
            step = torch.logsumexp((step + emission)[:, :, None] + p.transitions, dim=1)
        else:
            steps.append(step)
            step = p.transitions
    return Chain(p.emissions[kept], steps, end)


def k_best(chain: Chain, k: int) -> List[Tuple[float, List[int]]]:
    """The best tag sequences of one document (Viterbi with k paths to every tag).

    chain (Chain): In float64.
    k (int): How many; fewer come back if fewer are legal.
    RETURNS (List[Tuple[float, List[int]]]): Score and tags, best first.
    """
    K = len(chain.end)
    best = chain.steps[0].T + chain.emissions[0][:, None]  # (K, paths)
    came_from: List[Tuple[Tensor, int]] = []  # the origins of each, and how many paths there were
    for step, emission in zip(chain.steps[1:], chain.emissions[1:]):
        reach = (best[:, None, :] + step[:, :, None]).permute(1, 0, 2).flatten(1)
        best, origin = reach.topk(min(k, reach.shape[1]), dim=1)
        best = best + emission[:, None]
        came_from.append((origin, reach.shape[1] // K))
    scores, last = (best + chain.end[:, None]).flatten().topk(min(k, best.numel()))
    found = zip(scores.tolist(), last.tolist())
    return [(s, _path(came_from, place, best.shape[1])) for s, place in found if s != NEVER]


def _path(came_from: List[Tuple[Tensor, int]], place: int, width: int) -> List[int]:
    """Walk back from a place among all (tag, path) pairs of the last token."""
    path = []
    for origin, before in reversed(came_from):
        tag, rank = divmod(place, width)
        path.append(tag)
        place, width = int(origin[tag, rank]), before
    return [place // width, *reversed(path)]
