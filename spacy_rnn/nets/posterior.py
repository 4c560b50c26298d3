"""What a CRF knows beyond its best reading: how probable a span is, and what comes second.

The probability of a span sums over every reading that contains it, neither more nor less of
it: all paths into its first tag that do not already stand inside a span it would go on, its
own path, and all paths out of its last tag that do not go on with it.
"""

from typing import List, NamedTuple, Tuple

import torch
from torch import Tensor

from .crf import Lattice
from .packing import Packing, last_rows, sequence_of_row
from .sums import NEVER, Potentials


class Spans(NamedTuple):
    """Some spans of a batch and how they are tagged. S spans among N flat tokens."""

    starts: Tensor  # (S,) flat row of the first token
    ends: Tensor  # (S,) flat row behind the last token
    tags: Tensor  # (N,) the tag of each token


class FlatLattice(NamedTuple):
    """Potentials and sums in the order of the text, one document behind the other."""

    emissions: Tensor  # (N, K)
    alpha: Tensor  # (N, K)
    beta: Tensor  # (N, K)
    log_z: Tensor  # (N,) of the document that the token stands in
    is_first: Tensor  # (N,) whether the token opens its document
    is_last: Tensor  # (N,)


def flatten(p: Potentials, lattice: Lattice, packing: Packing) -> FlatLattice:
    """Bring packed rows back into the order of the text."""
    is_first, is_last = (torch.zeros(len(p.emissions), dtype=torch.bool) for _ in range(2))
    is_first[: int(p.batch_sizes[0])] = True
    is_last[last_rows(p.batch_sizes)] = True
    log_z = lattice.log_z[sequence_of_row(p.batch_sizes)]
    packed = (p.emissions, lattice.alpha, lattice.beta, log_z, is_first, is_last)
    return FlatLattice._make(x[packing.to_flat] for x in packed)


def flatten_alone(p: Potentials, alpha: Tensor, beta: Tensor) -> FlatLattice:
    """The same for one document, from its sums. *Shapes:* ``(T, K)``"""
    T = len(alpha)
    log_z = torch.logsumexp(alpha[-1] + p.end, dim=0).expand(T)
    place = torch.arange(T)
    return FlatLattice(p.emissions, alpha, beta, log_z, place == 0, place == T - 1)


def span_posteriors(p: Potentials, flat: FlatLattice, spans: Spans, goes_on: Tensor) -> Tensor:
    """The probability of each span with its label.

    goes_on (Tensor): Whether the column's tag goes on with the span of the row's, boolean.
        *Shape:* ``(K, K)``
    RETURNS (Tensor): 0 to 1. *Shape:* ``(S,)``
    """
    into = _into(p, flat, spans, goes_on)
    out = _out_of(p, flat, spans, goes_on)
    within = _within(p, flat, spans)
    return torch.exp(into + within + out - flat.log_z[spans.starts]).clamp(max=1.0)


def _into(p: Potentials, flat: FlatLattice, spans: Spans, goes_on: Tensor) -> Tensor:
    """Log-sum of the paths up to and into the first tag. *Shape:* ``(S,)``"""
    tag = spans.tags[spans.starts]
    before = flat.alpha[(spans.starts - 1).clamp(min=0)] + p.transitions.T[tag]
    paths = before.masked_fill(goes_on.T[tag], NEVER).logsumexp(dim=1)
    paths = torch.where(flat.is_first[spans.starts], p.start[tag], paths)
    return paths + flat.emissions[spans.starts, tag]


def _within(p: Potentials, flat: FlatLattice, spans: Spans) -> Tensor:
    """The score of the path from the first tag to the last. *Shape:* ``(S,)``"""
    rows = torch.arange(1, len(spans.tags))
    steps = p.transitions[spans.tags[:-1], spans.tags[1:]] + flat.emissions[rows, spans.tags[1:]]
    # From the end of one document to the start of the next anything goes; no span does
    steps = torch.cat([steps.new_zeros(1), steps.masked_fill(flat.is_first[1:], 0.0)])
    total = steps.cumsum(0)
    return total[spans.ends - 1] - total[spans.starts]


def _out_of(p: Potentials, flat: FlatLattice, spans: Spans, goes_on: Tensor) -> Tensor:
    """Log-sum of the paths from the last tag to the end. *Shape:* ``(S,)``"""
    tag, after = spans.tags[spans.ends - 1], spans.ends.clamp(max=len(spans.tags) - 1)
    onward = p.transitions[tag] + flat.emissions[after] + flat.beta[after]
    paths = onward.masked_fill(goes_on[tag], NEVER).logsumexp(dim=1)
    return torch.where(flat.is_last[spans.ends - 1], p.end[tag], paths)


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
