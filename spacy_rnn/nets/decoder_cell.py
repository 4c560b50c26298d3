"""One step of a decoder: what is read, looked at and said."""

from typing import List, Literal, NamedTuple, Tuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .activations import tanh
from .attention import Attention, Kind, Memory
from .rnn import GATES, Cell, init_cell
from .scan import STEPS

PAD, START, STOP, UNKNOWN = range(4)  # with these every vocabulary begins
Feeding = Literal["none", "output", "context"]


class Source(NamedTuple):
    """What a batch of decoders knows from the beginning to the end. B sources, for each of which
    as many sequences are written.
    """

    memory: Memory
    copies: Tensor  # (B, S) the target unit that each source unit is, V and up for unknown ones

    def select(self, rows: Tensor) -> "Source":
        """Those sources, in that order."""
        return Source(self.memory.select(rows), self.copies.index_select(0, rows))


class State(NamedTuple):
    """What is carried from step to step. R sequences, those of a source side by side."""

    h: Tensor  # (R, H)
    c: Tensor  # (R, H), only the LSTM's
    fed: Tensor  # (R, H) what was said last, which input feeding reads again

    def select(self, rows: Tensor) -> "State":
        """Those rows, in that order."""
        return State(*(part.index_select(0, rows) for part in self))


class Seen(NamedTuple):
    """What is known before a unit is chosen. N units."""

    states: Tensor  # (N, H) s_t
    contexts: Tensor  # (N, M) c_t
    shares: Tensor  # (N, S) a_t
    y: Tensor  # (N, E) E y_{t-1}


class DecoderCell(nn.Module):
    """Writes one unit after those before it, given a source:

        s_t = cell([E y_{t-1}; f_t], s_{t-1})         f_t what is fed
        o_t = tanh(W_o [s_t; c_t])                    c_t the context of the attention
        P(y_t = v) = softmax(W_y o_t)_v

    What is fed is nothing; or o_{t-1}, which tells the cell what it has said (Luong et al., 2015);
    or c_t itself, for which the attention asks with s_{t-1}, so that the cell reads the place of
    the source that it writes of (Bahdanau et al., 2015). Without feeding s_t itself asks.

    If it may copy (See et al., 2017), with g_t = sigmoid(w [s_t; c_t; E y_{t-1}]),

        P(y_t = v) = g_t softmax(W_y o_t)_v + (1 - g_t) sum of a_ts over source units s that are v

    nO (int): Units of the target, with `PAD`, `START` and `STOP`.
    width (int): Width of the states.
    nM (int): Width of the encoder's states.
    embed_width (int): Width of a unit.
    cell (str): ``rnn``, ``lstm`` or ``gru``.
    attention (str): See `Attention`.
    feeding (str): ``none``, ``output`` or ``context``, which helps where pairs are few. With the
        latter two steps have to be taken one after the other in training too.
    copy (bool): Whether units may be copied from the source.
    tied (bool): W_y is E (Press and Wolf, 2017), brought to its width first.
    """

    def __init__(
        self,
        nO: int,
        width: int,
        nM: int,
        *,
        embed_width: int = 64,
        cell: Cell = "lstm",
        attention: Kind = "general",
        feeding: Feeding = "none",
        copy: bool = False,
        tied: bool = False,
    ):
        super().__init__()
        self.nO, self.width, self.cell = nO, width, cell
        self.feeding, self.copy, self.tied = feeding, copy, tied
        self.embed = nn.Embedding(nO, embed_width, padding_idx=PAD)
        self.attention = Attention(width, nM, kind=attention)
        fed = {"none": 0, "output": width, "context": nM}[feeding]
        self.input = nn.Linear(embed_width + fed, GATES[cell] * width)
        self.recurrent = nn.Linear(width, GATES[cell] * width)
        said = embed_width if tied else width
        self.combine = nn.Linear(width + nM, said)
        self.feed = nn.Linear(said, width) if feeding == "output" and tied else nn.Identity()
        self.output = nn.Linear(said, nO)
        self.gate = nn.Linear(width + nM + embed_width, 1) if copy else None
        if tied:
            self.output.weight = self.embed.weight
        init_cell(self.input, self.recurrent, cell)

    def step(
        self, units: Tensor, state: State, source: Source, dropout: float = 0.0
    ) -> Tuple[Tensor, State, Tensor]:
        """Read the unit that was written last and say what comes next.

        units (Tensor): *Shape:* ``(R,)``
        RETURNS (Tuple[Tensor, State, Tensor]): log P of every unit, V of the vocabulary and
            then those that only the sources have; the state; the attention. *Shapes:*
            ``(R, V + X)``, and ``(R, S)``
        """
        state, seen = self._see(self._embed(units, dropout), state, source)
        each = len(units) // len(source.copies)
        copies = source.copies[:, None].expand(-1, each, -1).flatten(0, 1)
        return self._choose(seen, copies, dropout), state, seen.shares

    def _see(self, y: Tensor, state: State, source: Source) -> Tuple[State, Seen]:
        """All of a step but for the unit itself."""
        if self.feeding == "context":
            contexts, shares = self._look(state.h, source)
            h, c = self._move([y, contexts], state)
        else:
            fed = [state.fed] if self.feeding == "output" else []
            h, c = self._move([y, *fed], state)
            contexts, shares = self._look(h, source)
        says = self.feeding == "output"
        fed_next = self.feed(self._say(h, contexts)) if says else state.fed
        return State(h, c, fed_next), Seen(h, contexts, shares, y)

    def _embed(self, units: Tensor, dropout: float) -> Tensor:
        """Units beyond the vocabulary say nothing."""
        unknown = units >= self.nO
        y = self.embed(units.masked_fill(unknown, PAD)).masked_fill(unknown[..., None], 0.0)
        return functional.dropout(y, dropout, training=dropout > 0)

    def _look(self, queries: Tensor, source: Source) -> Tuple[Tensor, Tensor]:
        """What is looked back at is not copied for each sequence. *Shapes:* ``(R, H)`` to ``(R,
        M), (R, S)``
        """
        queries = queries.unflatten(0, (len(source.copies), -1))
        contexts, shares = self.attention(queries, source.memory)
        return contexts.flatten(0, 1), shares.flatten(0, 1)

    def _move(self, read: List[Tensor], state: State) -> Tuple[Tensor, Tensor]:
        """h and c. *Shapes:* ``(R, E)``, perhaps ``(R, H)`` or ``(R, M)``, to ``(R, H)`` twice"""
        x = self.input(torch.cat(read, dim=1))[None]
        before = state.h[None], state.c[None]
        W, b = self.recurrent.weight.T[None], self.recurrent.bias[None, None]
        h, c = STEPS[self.cell](x, before, W, b)
        return h[0], c[0]

    def _say(self, states: Tensor, contexts: Tensor) -> Tensor:
        """o_t. *Shapes:* ``(N, H), (N, M)`` to ``(N, O)``"""
        return tanh(self.combine(torch.cat([states, contexts], dim=-1)))

    def _choose(self, seen: Seen, copies: Tensor, dropout: float) -> Tensor:
        """log P of every unit.

        copies (Tensor): The target unit that each unit of the source is. *Shape:* ``(N, S)``
        RETURNS (Tensor): *Shape:* ``(N, V + X)``
        """
        said = self._say(seen.states, seen.contexts)
        logits = self.output(functional.dropout(said, dropout, training=dropout > 0))
        precise = torch.promote_types(logits.dtype, torch.float32)
        log_p = logits.to(precise).log_softmax(dim=-1)
        if self.gate is None:
            return log_p
        nothing = seen.shares.sum(-1, keepdim=True) == 0  # to copy from
        gate = self.gate(torch.cat([seen.states, seen.contexts, seen.y], dim=1))
        gate = gate.to(precise).masked_fill(nothing, torch.inf)
        written = log_p + functional.logsigmoid(gate)
        beyond = int(copies.max()) + 1 - self.nO if copies.numel() else 0
        p = functional.pad(written.exp(), (0, max(beyond, 0)))
        p = p.scatter_add(-1, copies, seen.shares.to(precise) * torch.sigmoid(-gate))
        # The clamp keeps the gradient finite; what cannot be said is still never said
        return p.clamp(min=torch.finfo(precise).tiny).log().masked_fill(p == 0, -torch.inf)
