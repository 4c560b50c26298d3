"""A linear-chain conditional random field over packed sequences.

The score of a tag sequence y for a document of T tokens is

    s(y) = start[y_1] + sum_t emissions[t, y_t] + sum_t transitions[y_{t-1}, y_t] + end[y_T]

and its probability exp(s(y)) / Z, where Z sums over all sequences (Lafferty et al.,
2001). What may not be has the score -inf: it takes no part in Z and is never decoded.
All sums run in float64, so that a document of 50,000 tokens keeps its precision.
"""

from typing import Any, NamedTuple, Optional, Tuple

import torch
from torch import Tensor

from .packing import last_rows, sequence_of_row, step_slices
from .sums import NEVER, Potentials, backward_sums, forward_sums, scaled_sums, scaling_interval

ROWS_AT_A_TIME = 4096  # of the (rows, K, K) array of pairs: bounds the memory
MODERATE = 300.0  # float64 ends at e^709


class Lattice(NamedTuple):
    """What forward and backward sums find out. B documents, by falling length."""

    log_z: Tensor  # (B,)
    alpha: Tensor  # (N, K) log-sum of the paths that reach a tag at a token
    beta: Tensor  # (N, K) log-sum of the paths that go on from there
    marginals: Tensor  # (N, K) probability of each tag at each token


@torch.no_grad()
def forward_backward(p: Potentials) -> Lattice:
    """Sum over all paths from both ends (Rabiner, 1989).

    A document that no path fits has log_z = -inf and marginals of 0.
    """
    interval = scaling_interval(p)
    lattice = _lattice(p, *scaled_sums(p, interval)) if interval else None
    if lattice is None or bool((lattice.log_z == NEVER).any()):
        return _lattice(p, forward_sums(p), backward_sums(p))
    return lattice


def _lattice(p: Potentials, alpha: Tensor, beta: Tensor) -> Lattice:
    log_z = torch.logsumexp(alpha[last_rows(p.batch_sizes)] + p.end, dim=1)
    shift = log_z[sequence_of_row(p.batch_sizes)]
    marginals = torch.exp(alpha + beta - shift[:, None]).nan_to_num(0.0)
    return Lattice(log_z, alpha, beta, marginals)


def expected_transitions(p: Potentials, lattice: Lattice, weights: Tensor) -> Tensor:
    """How often each transition is expected, each document times its weight.

    weights (Tensor): *Shape:* ``(B,)``
    RETURNS (Tensor): *Shape:* ``(K, K)``
    """
    rank = sequence_of_row(p.batch_sizes)
    here = torch.arange(int(p.batch_sizes[0]), len(rank))
    before = here - p.batch_sizes[:-1].repeat_interleave(p.batch_sizes[1:])
    onward = p.emissions + lattice.beta - lattice.log_z[rank][:, None]
    a, b, w = lattice.alpha[before], onward[here], weights[rank[here]]
    high_a, high_b = a.amax(dim=1), b.amax(dim=1)
    if not bool((high_a + high_b < MODERATE).all()):
        return _counts_of_pairs(p.transitions, a, b, w)
    a = (a - high_a[:, None]).exp()
    b = (b - high_b[:, None]).exp() * (w * (high_a + high_b).exp())[:, None]
    return (a.T @ b) * p.transitions.exp()


def _counts_of_pairs(transitions: Tensor, a: Tensor, b: Tensor, weights: Tensor) -> Tensor:
    """The same without a number too large for float64. *Shapes:* ``(M, K)`` and ``(M,)``"""
    total = torch.zeros_like(transitions)
    for i in range(0, len(a), ROWS_AT_A_TIME):
        rows = slice(i, i + ROWS_AT_A_TIME)
        pairs = a[rows][:, :, None] + transitions + b[rows][:, None, :]
        total += torch.einsum("nij,n->ij", pairs.exp_().nan_to_num_(0.0), weights[rows])
    return total


class LogPartition(torch.autograd.Function):
    """log Z of each document. Its gradient is what the CRF expects: by the emissions
    the tag marginals, by the transitions their expected counts. So one pass from
    either end replaces a graph of autograd nodes for every step.
    """

    @staticmethod
    def forward(ctx: Any, *p: Tensor) -> Tensor:
        potentials = Potentials(*p)
        lattice = forward_backward(potentials)
        ctx.save_for_backward(*p, *lattice)
        return lattice.log_z

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tuple[Optional[Tensor], ...]:
        p, lattice = Potentials(*ctx.saved_tensors[:5]), Lattice(*ctx.saved_tensors[5:])
        weights = grads[0]
        d_emissions = lattice.marginals * weights[sequence_of_row(p.batch_sizes)][:, None]
        d_start = d_emissions[: len(weights)].sum(0)
        d_end = d_emissions[last_rows(p.batch_sizes)].sum(0)
        d_transitions = expected_transitions(p, lattice, weights)
        return d_emissions, d_transitions, d_start, d_end, None


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


@torch.no_grad()
def viterbi(p: Potentials) -> Tensor:
    """The best tag sequence of each document (Viterbi, 1967).

    RETURNS (Tensor): A tag for each packed row, int64. *Shape:* ``(N,)``
    """
    emissions, transitions, start, end = (x.detach().double() for x in p[:4])
    p = Potentials(emissions, transitions, start, end, p.batch_sizes)
    best = torch.empty_like(p.emissions)  # the score of the best path to a tag
    before: Optional[Tensor] = None
    for rows in step_slices(p.batch_sizes):
        reach = p.start
        if before is not None:  # not max(dim): it wakes all threads, however small the work
            reach = (before[: rows.stop - rows.start, :, None] + p.transitions).amax(dim=1)
        best[rows] = before = reach + p.emissions[rows]
    return _trace_back(best, p)


def _trace_back(best: Tensor, p: Potentials) -> Tensor:
    """Ask from each document's last tag (B,) to its first which tag was best before."""
    steps = step_slices(p.batch_sizes)
    into = p.transitions.T.contiguous()
    path = torch.empty(len(best), dtype=torch.int64, device=best.device)
    tag = (best[last_rows(p.batch_sizes)] + p.end).argmax(dim=1)
    for before, rows in zip(reversed(steps[:-1]), reversed(steps[1:])):
        path[rows] = alive = tag[: rows.stop - rows.start]
        scores = best[before][: len(alive)] + into.index_select(0, alive)
        tag[: len(alive)] = scores.argmax(dim=1)
    path[steps[0]] = tag
    return path
