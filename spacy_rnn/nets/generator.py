"""A decoder without a source: from a condition, or from nothing, to a sequence.

    s_0 = tanh(W_0 c + b_0),    d_0 = c                  c the condition
    d_t = d_{t-1} without what y_{t-1} says               what is still to be said
    s_t = cell([E y_{t-1}; d_t], s_{t-1})
    P(y_t = v) = softmax(W_y s_t + b_y)_v                 over the units that d_t allows

A condition is any vector: a label, numbers, or one place for each slot that a sentence has to
have. Some units stand for slots, such as `<name>`, whose value is copied in its place; such a unit
can only be written as long as its slot is still to be said, and then it is said. That is the
heuristic gate of Wen et al. (2015a); their later gate (2015b) learns when a slot is said, which
units that stand for slots tell exactly. Where no unit stands for a slot, d is the condition, fed
at every step.

The state is carried from step to step and from one piece of a long text to the next.
"""

from typing import List, NamedTuple, Tuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .activations import tanh
from .decoder_cell import PAD, START, UNKNOWN
from .packing import make_packing
from .rnn import GATES, Cell, init_cell
from .scan import STEPS, scan_to_end


class State(NamedTuple):
    """What is carried from step to step. R sequences."""

    h: Tensor  # (R, H)
    c: Tensor  # (R, H), only the LSTM's
    left: Tensor  # (R, C) what is still to be said

    def select(self, rows: Tensor) -> "State":
        """Those rows, in that order."""
        return State(*(part.index_select(0, rows) for part in self))


class Generator(nn.Module):
    """See above.

    nI (int): Width of the condition, 0 for none.
    nO (int): Units, with `PAD`, `START`, `STOP` and `UNKNOWN`.
    embed_width (int): Width of a unit.
    width (int): Width of the states.
    cell (str): ``rnn``, ``lstm`` or ``gru``.
    """

    def __init__(
        self, nI: int, nO: int, *, embed_width: int = 64, width: int = 256, cell: Cell = "lstm"
    ):
        super().__init__()
        self.nI, self.nO, self.width, self.cell = nI, nO, width, cell
        self.embed = nn.Embedding(nO, embed_width, padding_idx=PAD)
        self.first = nn.Linear(nI, 2 * width) if nI else None
        self.input = nn.Linear(embed_width + nI, GATES[cell] * width)
        self.recurrent = nn.Linear(width, GATES[cell] * width)
        self.output = nn.Linear(width, nO)
        init_cell(self.input, self.recurrent, cell)

    def begin(self, conditions: Tensor) -> State:
        """The states before anything is written: zeros without a condition.
        *Shape:* ``(R, C)``
        """
        if self.first is None:
            nothing = conditions.new_zeros(len(conditions), self.width)
            return State(nothing, nothing, conditions)
        h, c = tanh(self.first(conditions)).chunk(2, dim=1)
        return State(h, c, conditions)

    def forward(
        self,
        before: Tensor,
        targets: Tensor,
        state: State,
        says: Tensor,
        dropout: float = 0.0,
    ) -> Tuple[Tensor, State]:
        """log P of each unit of known targets, given those before it.

        before (Tensor): The unit before each. *Shape:* ``(B, T)``
        targets (Tensor): Then `PAD`. *Shape:* ``(B, T)``
        says (Tensor): The place in the condition that each unit stands for, C for none.
            *Shape:* ``(V,)``
        RETURNS (Tuple[Tensor, State]): log P, and its mean over the units that could be written,
            which label smoothing wants, 0 at padding; and the states behind the last unit of
            `before`, without a gradient. *Shape:* ``(B, T, 2)``
        """
        real = targets != PAD
        left = self._left(before, real, state.left, says)
        x = self.input(torch.cat([self._embed(before, dropout), left], dim=2))
        flat, end = self._walk(x[real], state, real.sum(1).tolist())
        said = functional.dropout(flat, dropout, training=dropout > 0)
        found = _pick(self._log_p(said, left[real], says), targets[real])
        log_p = found.new_zeros(*targets.shape, 2)
        log_p[real] = found
        return log_p, State(*end, left[:, -1] if left.shape[1] else state.left)

    def step(self, units: Tensor, state: State, says: Tensor) -> Tuple[Tensor, State]:
        """Read the unit that was written last and say what comes next; never `UNKNOWN`.

        units (Tensor): *Shape:* ``(R,)``
        RETURNS (Tuple[Tensor, State]): log P of every unit, and the state. *Shape:* ``(R, V)``
        """
        real = torch.ones_like(units, dtype=torch.bool)[:, None]
        left = self._left(units[:, None], real, state.left, says)[:, 0]
        x = self.input(torch.cat([self.embed(units), left], dim=1))[None]
        W, b = self.recurrent.weight.T[None], self.recurrent.bias[None, None]
        h, c = (part[0] for part in STEPS[self.cell](x, (state.h[None], state.c[None]), W, b))
        log_p = self._log_p(h, left, says)
        log_p[:, UNKNOWN] = -torch.inf
        return log_p, State(h, c, left)

    def _embed(self, units: Tensor, dropout: float) -> Tensor:
        return functional.dropout(self.embed(units), dropout, training=dropout > 0)

    def _left(self, units: Tensor, real: Tensor, left: Tensor, says: Tensor) -> Tensor:
        """What is still to be said behind each unit. *Shapes:* ``(B, T), (B, T), (B, C), (V,)``
        to ``(B, T, C)``
        """
        C = left.shape[1]
        if not bool((says < C).any()):
            return left[:, None].expand(-1, units.shape[1], -1)
        said = functional.one_hot(says[units].masked_fill(~real, C), C + 1)[..., :C]
        return left[:, None].masked_fill(said.cumsum(1) > 0, 0.0)

    def _log_p(self, states: Tensor, left: Tensor, says: Tensor) -> Tensor:
        """log P of every unit, -inf for those whose slot is not to be said.
        *Shapes:* ``(N, H), (N, C)`` to ``(N, V)``
        """
        logits = self.output(states)
        logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
        if bool((says < left.shape[1]).any()):
            free = functional.pad(left, (0, 1), value=1.0) > 0
            logits = logits.masked_fill(~free[:, says], -torch.inf)
        return logits.log_softmax(dim=1)

    def _walk(
        self, flat: Tensor, state: State, lengths: List[int]
    ) -> Tuple[Tensor, Tuple[Tensor, Tensor]]:
        """The states of all steps, and those at the ends. *Shapes:* ``(N, G * H)`` to ``(N, H)``,
        and ``(B, H)``
        """
        if not len(flat):
            return flat.new_zeros(0, self.width), (state.h, state.c)
        packing = make_packing(lengths)
        to_packed, to_flat, _, order = (part.to(flat.device) for part in packing)
        first = state.h.index_select(0, order)[None], state.c.index_select(0, order)[None]
        W, b = self.recurrent.weight.T[None], self.recurrent.bias[None, None]
        x = flat.index_select(0, to_packed)[None]
        states, (h, c) = scan_to_end(self.cell, x, first, W, b, packing.batch_sizes)
        ends = (old.detach().index_copy(0, order, new[0]) for old, new in zip(state, (h, c)))
        return states[0].index_select(0, to_flat), (next(ends), next(ends))


class Walk(NamedTuple):
    """The state of a search: the decoder's, and the unit that is read first."""

    state: State
    last: Tensor  # (R,) the end of what was there before, or `START`
    says: Tensor  # (V,)

    def select(self, sources: Tensor, rows: Tensor) -> "Walk":
        """Those sequences."""
        rows = rows.to(self.last.device)
        return Walk(self.state.select(rows), self.last.index_select(0, rows), self.says)


def read(net: Generator, conditions: Tensor, says: Tensor, prefixes: Tensor) -> Walk:
    """Read what is there before, at once.

    prefixes (Tensor): Then `PAD`. *Shape:* ``(R, P)``
    """
    units = functional.pad(prefixes, (1, 0), value=START)
    lengths = (prefixes != PAD).sum(1)
    before = units[:, : int(lengths.max()) if len(lengths) else 0]
    # The last unit is left to the first step of the search
    _, state = net(before, prefixes[:, : before.shape[1]], net.begin(conditions), says)
    return Walk(state, units.gather(1, lengths[:, None])[:, 0], says)


def step(net: Generator, units: Tensor, walk: Walk) -> Tuple[Tensor, Walk, Tensor]:
    """What a search asks for, see `search`: it begins with `START`, which nobody writes."""
    units = units.to(walk.last.device)
    units = torch.where(units == START, walk.last, units)
    log_p, state = net.step(units, walk.state, walk.says)
    return log_p, Walk(state, walk.last, walk.says), log_p[:, :0]


def _pick(log_p: Tensor, units: Tensor) -> Tensor:
    """log P of one unit each, and the mean over those that could be. *Shapes:* ``(N, V), (N,)`` to
    ``(N, 2)``
    """
    could = log_p > -torch.inf
    mean = log_p.masked_fill(~could, 0.0).sum(1) / could.sum(1)
    return torch.stack([log_p.gather(1, units[:, None])[:, 0], mean], dim=1)
