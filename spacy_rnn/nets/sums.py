"""Sums over all tag sequences of a document, from both ends.

The straight way takes logarithms at every step. The scaled way (Rabiner, 1989, section V.A)
multiplies probabilities instead, both directions side by side, and now and then divides by their
sum before float64 comes to its end; its logarithms are taken all at once. A step is then one
product with the transitions and one with the emissions.
"""

import math
from typing import NamedTuple, Optional, Tuple

import torch
from torch import Tensor

from .packing import reversal, sequence_of_row, step_slices

NEVER = float("-inf")
RANGE = 600.0  # of the logarithm of a number in float64, some left over


class Potentials(NamedTuple):
    """Everything that scores a tag sequence. N packed tokens, T steps, K tags."""

    emissions: Tensor  # (N, K)
    transitions: Tensor  # (K, K), from the row's tag to the column's
    start: Tensor  # (K,)
    end: Tensor  # (K,)
    batch_sizes: Tensor  # (T,)

    def allow(self, allowed: Optional[Tensor]) -> "Potentials":
        """Give the tags that a token may not carry the score -inf.

        allowed (Tensor): Boolean, None for everything. *Shape:* ``(N, K)``
        """
        if allowed is None:
            return self
        return self._replace(emissions=self.emissions.masked_fill(~allowed, NEVER))


def forward_sums(p: Potentials) -> Tensor:
    """alpha_t[j] = emissions_t[j] + log sum_i exp(alpha_{t-1}[i] + transitions[i, j])

    RETURNS (Tensor): *Shape:* ``(N, K)``
    """
    alpha = torch.empty_like(p.emissions)
    before: Optional[Tensor] = None
    for rows in step_slices(p.batch_sizes):
        reach = p.start if before is None else _reach(before, rows, p.transitions)
        alpha[rows] = before = reach + p.emissions[rows]
    return alpha


def _reach(before: Tensor, rows: slice, transitions: Tensor) -> Tensor:
    alive = before[: rows.stop - rows.start]
    return torch.logsumexp(alive[:, :, None] + transitions, dim=1)


def backward_sums(p: Potentials) -> Tensor:
    """beta_t[i] = log sum_j exp(transitions[i, j] + emissions_{t+1}[j] + beta_{t+1}[j])

    RETURNS (Tensor): *Shape:* ``(N, K)``
    """
    beta = p.end.expand_as(p.emissions).clone()
    after: Optional[Tensor] = None
    for rows in reversed(step_slices(p.batch_sizes)):
        if after is not None:
            onward = torch.logsumexp(p.transitions + after[:, None, :], dim=2)
            beta[rows.start : rows.start + len(after)] = onward
        after = beta[rows] + p.emissions[rows]
    return beta


def scaling_interval(p: Potentials) -> int:
    """After how many steps the scaled sums have to be scaled, 0 if they cannot be trusted. Every
    tag can be reached within three steps, so none falls further behind than three times the
    spread of the scores of one step. What annotation forbids does not count: then a document
    may lose all of its paths, which shows.
    """
    steps = torch.cat([p.transitions.flatten(), p.start, p.end])
    apart = float(_spread(p.emissions).amax() + _spread(steps[None])[0])
    if not 0.0 <= apart < RANGE:
        return 0
    return max(int(RANGE / (apart + math.log(len(p.start)) + 1.0)) - 3, 0)


def _spread(x: Tensor) -> Tensor:
    """How far apart the finite numbers of each row lie; NaN stays. *Shapes:* ``(N, K)`` to
    ``(N,)``
    """
    high = x.amax(dim=1)
    low = x.masked_fill(x == NEVER, math.inf).amin(dim=1)
    return torch.where(high == NEVER, 0.0, high - low)


def scaled_sums(p: Potentials, interval: int) -> Tuple[Tensor, Tensor]:
    """What `forward_sums` and `backward_sums` give.

    interval (int): See `scaling_interval`.
    RETURNS (Tuple[Tensor, Tensor]): *Shapes:* ``(N, K)``
    """
    back, sizes = reversal(p.batch_sizes), p.batch_sizes.tolist()
    high, highest = _finite(p.emissions.amax(dim=1)), _finite(p.transitions.amax())
    e = (p.emissions - high[:, None]).exp()
    e = torch.stack([e, e[back]])
    T = (p.transitions - highest).exp()
    ways, ends = torch.stack([T, T.T]), torch.stack([p.start, p.end])
    first = _finite(ends.amax(dim=1, keepdim=True))
    reach, scale = torch.empty_like(e), torch.stack([high, high[back]]) + highest
    steps = zip(reach.split(sizes, 1), e.split(sizes, 1), scale.split(sizes, 1))
    state = e
    for t, (reach_t, e_t, scale_t) in enumerate(steps):
        if t:
            torch.bmm(state[:, : reach_t.shape[1]], ways, out=reach_t)
        else:
            reach_t.copy_((ends - first).exp()[:, None])
        state = reach_t * e_t
        if (t + 1) % interval == 0:
            total = state.sum(dim=2)
            total.masked_fill_(total == 0.0, 1.0)
            state /= total[:, :, None]
            scale_t += total.log()
    logs = reach.log() + (_sums_before(scale, p.batch_sizes) + first)[:, :, None]
    return logs[0] + p.emissions, logs[1][back]


def _finite(x: Tensor) -> Tensor:
    return x.masked_fill(x == NEVER, 0.0)


def _sums_before(x: Tensor, batch_sizes: Tensor) -> Tensor:
    """The sum over all steps of a document before each. *Shape:* ``(2, N)``"""
    rank = sequence_of_row(batch_sizes)
    in_a_row = rank.argsort(stable=True)  # one document behind the other
    flat = x[:, in_a_row]
    out = torch.empty_like(x)
    out[:, in_a_row] = flat.cumsum(dim=1) - flat
    return out - out[:, rank]
