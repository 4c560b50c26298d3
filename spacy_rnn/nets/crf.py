"""A linear-chain conditional random field over packed sequences.

The score of a tag sequence y for a document of T tokens is

    s(y) = start[y_1] + sum_t emissions[t, y_t] + sum_t transitions[y_{t-1}, y_t] + end[y_T]

and its probability exp(s(y)) / Z, where Z sums over all sequences (Lafferty et al.,
2001). What may not be has the score -inf: it takes no part in Z and is never decoded (`viterbi`).
All sums run in float64, so that a document of 50,000 tokens keeps its precision.
"""

from typing import Any, Tuple

import numpy
import torch
from torch import Tensor

from .packing import last_rows, sequence_of_row
from .potentials import NEVER, Arrays, Potentials, to_arrays
from .sums import Sums, marginals, sums

Array = numpy.ndarray

PAIRS_AT_A_TIME = 4_000_000  # in the (rows, K, K) array of them: bounds the memory
MODERATE = 300.0  # float64 ends at e^709


class LogPartition(torch.autograd.Function):
    """log Z of each document. Its gradient is what the CRF expects: by the emissions
    the tag marginals, by the transitions their expected counts. So one pass from
    either end replaces a graph of autograd nodes for every step.
    """

    @staticmethod
    def forward(ctx: Any, *p: Tensor) -> Tensor:
        ctx.arrays = to_arrays(Potentials(*p))
        ctx.sums = sums(ctx.arrays)
        return p[0].new_tensor(ctx.sums.log_z)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tuple[Any, ...]:
        a, found, weights = ctx.arrays, ctx.sums, grads[0].cpu().numpy()
        d_emissions = marginals(a, found)
        d_emissions *= weights[sequence_of_row(a.batch_sizes).numpy()][:, None]
        d_start = d_emissions[: len(weights)].sum(axis=0)
        d_end = d_emissions[last_rows(a.batch_sizes).numpy()].sum(axis=0)
        d_transitions = expected_transitions(a, found, weights)
        all_four = (d_emissions, d_transitions, d_start, d_end)
        return *(grads[0].new_tensor(d) for d in all_four), None


def expected_transitions(a: Arrays, found: Sums, weights: Array) -> Array:
    """How often each transition is expected, each document times its weight.

    weights (Array): *Shape:* ``(B,)``
    RETURNS (Array): *Shape:* ``(K, K)``
    """
    sizes, rank = a.batch_sizes, sequence_of_row(a.batch_sizes).numpy()
    here = slice(int(sizes[0]), None)
    before = numpy.arange(len(rank))[here] - sizes[:-1].repeat_interleave(sizes[1:]).numpy()
    with numpy.errstate(invalid="ignore"):  # a document that no path fits
        onward = (a.emissions + found.beta - found.log_z[rank][:, None])[here]
        reached, w = found.alpha[before], weights[rank[here]]
        highs, highest = (reached.max(axis=1), onward.max(axis=1)), a.transitions.max()
        logs = highs[0] + highs[1] + highest
        if not (len(w) and (logs < MODERATE).all()):
            return _counts_of_pairs(a.transitions, reached, onward, w)
    reached = numpy.exp(reached - highs[0][:, None])
    onward = numpy.exp(onward - highs[1][:, None]) * (w * numpy.exp(logs))[:, None]
    return (reached.T @ onward) * numpy.exp(a.transitions - highest)


def _counts_of_pairs(transitions: Array, reached: Array, onward: Array, weights: Array) -> Array:
    """The same without a number too large for float64. *Shapes:* ``(M, K)`` and ``(M,)``"""
    total, at_a_time = numpy.zeros_like(transitions), max(PAIRS_AT_A_TIME // transitions.size, 1)
    for i in range(0, len(weights), at_a_time):
        rows = slice(i, i + at_a_time)
        pairs = reached[rows][:, :, None] + transitions
        pairs += onward[rows][:, None, :]
        numpy.exp(numpy.minimum(pairs, 0.0, out=pairs), out=pairs)  # no probability is above 1
        pairs[numpy.isnan(pairs)] = 0.0
        total += numpy.tensordot(weights[rows], pairs, axes=1)
    return total


def log_partition(p: Potentials) -> Tensor:
    """log Z of each document, differentiable. *Shape:* ``(B,)``"""
    floats = [x.double() for x in p[:4]]
    log_z: Tensor = LogPartition.apply(*floats, p.batch_sizes)
    return log_z


def negative_log_likelihood(p: Potentials, allowed: Tensor) -> Tensor:
    """-log of the probability that the true tags are among those allowed.

    Full annotation allows one tag at every token, missing annotation allows all: it is
    summed out, never read as O (Tsuboi et al., 2008). A document whose annotation fits
    no legal path cannot be learnt from; its value is 0 and so is its gradient.

    allowed (Tensor): Boolean. *Shape:* ``(N, K)``
    RETURNS (Tensor): One value a document, by falling length. *Shape:* ``(B,)``
    """
    if bool((allowed.sum(dim=1) == 1).all()):
        gold, everything = path_scores(p, allowed.int().argmax(dim=1)), log_partition(p)
    else:
        everything, gold = log_partition(_twice(p, allowed)).view(-1, 2).T
    nll = everything - gold
    return torch.where(gold == NEVER, torch.zeros_like(nll), nll)


def path_scores(p: Potentials, tags: Tensor) -> Tensor:
    """The score of one path of each document, differentiable.

    tags (Tensor): int64. *Shape:* ``(N,)``
    RETURNS (Tensor): In float64. *Shape:* ``(B,)``
    """
    sizes, rank = p.batch_sizes, sequence_of_row(p.batch_sizes)
    B, last = int(sizes[0]), last_rows(sizes)
    before = torch.arange(B, len(rank)) - sizes[:-1].repeat_interleave(sizes[1:])
    steps = p.transitions[tags[before], tags[B:]].double()
    at_ends = (p.start[tags[:B]].double(), p.end[tags[last]].double())
    each = p.emissions.gather(1, tags[:, None])[:, 0].double() + torch.cat([at_ends[0], steps])
    total = each.new_zeros(B).index_add(0, rank.to(each.device), each)
    return total + at_ends[1]


def _twice(p: Potentials, allowed: Tensor) -> Potentials:
    """Every document beside itself with only the allowed tags: one loop sums both."""
    both = torch.stack([torch.ones_like(allowed), allowed], dim=1).flatten(0, 1)
    emissions = p.emissions.repeat_interleave(2, dim=0)
    return p._replace(emissions=emissions, batch_sizes=p.batch_sizes * 2).allow(both)
