"""From many states to one vector.

A pool reads rows that each stand for one token or more: what it makes of a window is such a
row again, so a long text is pooled window by window and then over its windows, with the same
answer. No row is padding.
"""

from typing import List, Literal, NamedTuple, Sequence, Tuple

import torch
from torch import Tensor, nn

Kind = Literal["last", "mean", "max", "attention"]
NOTHING = 1e-37  # instead of 0, whose logarithm would spoil what it is added to


class Segments(NamedTuple):
    """Which rows belong together: those of a segment stand one after the other. M rows, U
    segments.
    """

    lengths: Tensor  # (U,) rows in each
    owner: Tensor  # (M,) the segment of each row


class Pooled(NamedTuple):
    """Rows, and how much weight each has beside others, as a logarithm."""

    values: Tensor  # (M, W)
    energies: Tensor  # (M,)


def make_segments(lengths: Tensor) -> Segments:
    """The segments of so many rows each; one may be empty."""
    places = torch.arange(len(lengths), device=lengths.device)
    return Segments(lengths, places.repeat_interleave(lengths))


def segments_of(owner: Tensor, n: int) -> Tuple[Tensor, Segments]:
    """How to sort rows so that those of an owner stand together, in the order in which they
    came, and the segments that they make then. *Shapes:* ``(M,)`` to ``(M,)``
    """
    return owner.argsort(stable=True), make_segments(owner.bincount(minlength=n))


def attend(rows: Pooled, segments: Segments) -> Pooled:
    """The weighted mean of the rows of each segment,

        a_i = exp(e_i) / sum_j exp(e_j),    c = sum_i a_i h_i,

    and the logarithm of the sum of weights, which is the weight of c among other such means.
    An empty segment gets zeros. *Shapes:* ``(M, W), (M,)`` to ``(U, W), (U,)``
    """
    log_sum = log_sum_exp(rows.energies, segments)
    shares = torch.exp(rows.energies - log_sum.index_select(0, segments.owner))
    out = rows.values.new_zeros(len(segments.lengths), rows.values.shape[1])
    return Pooled(out.index_add(0, segments.owner, rows.values * shares[:, None]), log_sum)


def log_sum_exp(energies: Tensor, segments: Segments) -> Tensor:
    """log sum_i exp(e_i) over each segment, far below zero over an empty one. *Shapes:*
    ``(M,)`` to ``(U,)``
    """
    empty = energies.new_full((len(segments.lengths),), -torch.inf)
    top = empty.scatter_reduce(0, segments.owner, energies.detach(), "amax")
    top = top.nan_to_num(neginf=0.0)  # of an empty segment
    weights = torch.exp(energies - top.index_select(0, segments.owner))
    sums = torch.zeros_like(top).index_add(0, segments.owner, weights)
    return top + sums.clamp(min=NOTHING).log()


def maximum(rows: Pooled, segments: Segments) -> Pooled:
    """The largest value of each feature; zeros for an empty segment."""
    shape = len(segments.lengths), rows.values.shape[1]
    index = segments.owner[:, None].expand(-1, shape[1])
    top = rows.values.new_zeros(shape).scatter_reduce(
        0, index, rows.values, "amax", include_self=False
    )
    return Pooled(top, top[:, 0] * 0)


def ends(rows: Pooled, segments: Segments, directions: int) -> Pooled:
    """What a recurrent net says when it has read everything: its forward state at the last
    row and its backward state at the first. Zeros for an empty segment.
    """
    stop = segments.lengths.cumsum(0)
    full = (segments.lengths > 0)[:, None]
    if not len(rows.values):
        nothing = rows.values.new_zeros(len(stop), rows.values.shape[1])
        return Pooled(nothing, nothing.sum(1))
    last = rows.values.index_select(0, (stop - 1).clamp(min=0))
    first = rows.values.index_select(0, (stop - segments.lengths).clamp(max=len(rows.values) - 1))
    cut = rows.values.shape[1] // directions
    states = torch.cat([last[:, :cut], first[:, cut:]], dim=1) * full
    return Pooled(states, states[:, 0] * 0)


class Pooling(nn.Module):
    """One or more pools side by side.

    ``last`` takes the state after the last step of each direction, ``mean`` and ``max`` go
    over all states, and ``attention`` (Yang et al., 2016) learns which states matter:

        e_t = v^T tanh(W h_t + b),    a = softmax(e),    c = sum_t a_t h_t

    nI (int): Width of the states.
    kinds (List[str]): The pools.
    directions (int): 2 if the second half of each state reads from the end.
    """

    def __init__(self, nI: int, kinds: List[Kind], *, directions: int = 2):
        super().__init__()
        self.kinds = list(kinds)
        self.directions = directions
        self.nO = nI * len(kinds)
        if "attention" in kinds:
            self.attention = nn.Linear(nI, nI // 2)
            self.query = nn.Linear(nI // 2, 1, bias=False)
            nn.init.zeros_(self.query.weight)  # at first every token counts the same

    def forward(self, X: Tensor, segments: Segments) -> Tuple[List[Pooled], Tensor]:
        """Pool states.

        X (Tensor): *Shape:* ``(M, nI)``
        RETURNS (Tuple[List[Pooled], Tensor]): A row for each segment, for each pool, and how
            much each state matters to attention, as a logarithm; 0 without. *Shape:* ``(M,)``
        """
        zeros = X.new_zeros(len(X))
        energies = self.energies(X) if "attention" in self.kinds else zeros
        rows = [Pooled(X, energies if kind == "attention" else zeros) for kind in self.kinds]
        return self.merge(rows, segments), energies

    def energies(self, X: Tensor) -> Tensor:
        """*Shapes:* ``(M, nI)`` to ``(M,)``"""
        return self.query(torch.tanh(self.attention(X)))[:, 0]

    def merge(self, rows: List[Pooled], segments: Segments) -> List[Pooled]:
        """Pool rows that may stand for several states each: one for each segment, for each
        pool.
        """
        return [self._pool(kind, part, segments) for kind, part in zip(self.kinds, rows)]

    def shares(self, energies: Tensor, pooled: List[Pooled], segments: Segments) -> Tensor:
        """The attention of each state, which sums to 1 over its segment; nothing if no pool
        attends. *Shapes:* ``(M,)`` to ``(M,)``
        """
        if "attention" not in self.kinds:
            return energies[:0]
        totals = pooled[self.kinds.index("attention")].energies
        return torch.exp(energies - totals.index_select(0, segments.owner))

    def _pool(self, kind: Kind, rows: Pooled, segments: Segments) -> Pooled:
        if kind == "last":
            return ends(rows, segments, self.directions)
        return maximum(rows, segments) if kind == "max" else attend(rows, segments)


def concatenate(parts: Sequence[List[Pooled]], order: Tensor) -> List[Pooled]:
    """The rows of several batches, in another order, for each pool."""
    joined = [Pooled(*map(torch.cat, zip(*of_pool))) for of_pool in zip(*parts)]
    return [Pooled(values[order], energies[order]) for values, energies in joined]
