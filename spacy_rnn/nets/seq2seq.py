"""An encoder reads, a decoder writes (Sutskever et al., 2014)."""

from typing import Any, List, NamedTuple, Optional, Sequence, Tuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .decoder import Decoder
from .decoder_cell import PAD, UNKNOWN, Source, State
from .packing import make_packing, pack, unpack
from .rnn import RNN, Cell


class Batch(NamedTuple):
    """Sources as numbers. B sources of at most S units; shorter ones end in padding."""

    units: Tensor  # (B, S) units of the source vocabulary, 0 for padding
    copies: Tensor  # (B, S) the target unit that each is, V and up for those it lacks
    lengths: List[int]  # B


class Seq2Seq(nn.Module):
    """A recurrent encoder in both directions, and a decoder that begins where it ended:

        h_1 ... h_S = encoder(x_1 ... x_S),    s_0 = tanh(W [forward h_S; backward h_1] + b)

    and beside the decoder perhaps a classifier, which says how the source as a whole is to be
    edited:

        P(edit) = softmax(W_e s_0)

    nI (int): Units of the source vocabulary.
    nO (int): Units of the target vocabulary.
    embed_width (int): Width of a unit.
    width (int): Width of the encoder's states, both directions together, and of the decoder's.
    cell (str): ``rnn``, ``lstm`` or ``gru``.
    depth (int): Layers of the encoder.
    shared (bool): Encoder and decoder have one E; then both vocabularies must be one.
    n_edits (int): Classes of edits, 0 for no classifier.
    decoder (Any): attention, feeding, copy and tied of the `DecoderCell`.
    """

    def __init__(
        self,
        nI: int,
        nO: int,
        *,
        embed_width: int = 64,
        width: int = 256,
        cell: Cell = "lstm",
        depth: int = 1,
        shared: bool = False,
        n_edits: int = 0,
        **decoder: Any,
    ):
        super().__init__()
        self.nI, self.nO, self.width = nI, nO, width
        self.embed = nn.Embedding(nI, embed_width, padding_idx=PAD)
        self.encoder = RNN(embed_width, width, cell=cell, depth=depth)
        self.bridge = nn.Linear(width, 2 * width)
        self.decoder = Decoder(nO, width, width, embed_width=embed_width, cell=cell, **decoder)
        self.edits = nn.Linear(width, n_edits) if n_edits else None
        if shared:
            self.embed.weight = self.decoder.embed.weight

    def read(self, batch: Batch, dropout: float = 0.0) -> Tuple[State, Source]:
        """Read sources, once for all that is written from them.

        RETURNS (Tuple[State, Source]): The decoder's first state, and what it looks back at.
        """
        real = batch.units != PAD
        packing = make_packing(batch.lengths)
        flat = unpack(self.encoder(pack(self.embed(batch.units[real]), packing), dropout), packing)
        values = flat.new_zeros(*batch.units.shape, self.width)
        values[real] = flat
        memory = self.decoder.attention.remember(values, real)
        return self._first_state(values, batch.lengths), Source(memory, batch.copies)

    def _first_state(self, values: Tensor, lengths: Sequence[int]) -> State:
        half, rows = self.width // 2, torch.arange(len(values), device=values.device)
        last = torch.tensor(lengths, device=values.device) - 1
        ends = torch.cat([values[rows, last, :half], values[:, 0, half:]], dim=1)
        h, c = torch.tanh(self.bridge(ends)).chunk(2, dim=1)
        return State(h, c, torch.zeros_like(h))

    def forward(
        self,
        batch: Batch,
        targets: Tensor,
        dropout: float = 0.0,
        teacher_forcing: float = 1.0,
        edits: Optional[Tensor] = None,
    ) -> Tensor:
        """log P of each unit of known targets, and what smoothing wants: see
        `Decoder.forward`; behind them, if there is a classifier, log P of the edit and the mean
        over all edits. *Shape:* ``(B, T, 2)``, or ``(B, T + 1, 2)``

        edits (Optional[Tensor]): The edit of each, which only a classifier needs; below 0 if it
            is not known, which gives 0. *Shape:* ``(B,)``
        """
        state, source = self.read(batch, dropout)
        found: Tensor = self.decoder(targets, state, source, dropout, teacher_forcing)
        if self.edits is None or edits is None:
            return found
        log_p = self._judge(functional.dropout(state.h, dropout, training=dropout > 0))
        judged = pick_edit(log_p, edits.to(log_p.device))
        return torch.cat([found, judged[:, None]], dim=1)

    def judge(self, batch: Batch) -> Tensor:
        """log P of each edit. *Shape:* ``(B, E)``"""
        return self._judge(self.read(batch)[0].h)

    def _judge(self, states: Tensor) -> Tensor:
        assert self.edits is not None
        precise = torch.promote_types(states.dtype, torch.float32)
        return self.edits(states).to(precise).log_softmax(dim=1)

    def step(self, units: Tensor, walk: "Walk") -> Tuple[Tensor, "Walk", Tensor]:
        """What a search asks for, see `search`."""
        units = units.to(walk.state.h.device)
        log_p, state, shares = self.decoder.step(units, walk.state, walk.source)
        log_p[:, UNKNOWN] = -torch.inf
        return log_p, Walk(state, walk.source), shares


def pick_edit(log_p: Tensor, edits: Tensor) -> Tensor:
    """log P of one edit each, and the mean over all; 0 where it is not known. *Shapes:* ``(B, E),
    (B,)`` to ``(B, 2)``
    """
    found = log_p.gather(1, edits.clamp(min=0)[:, None])[:, 0]
    return torch.stack([found, log_p.mean(1)], dim=1).masked_fill((edits < 0)[:, None], 0.0)


class Walk(NamedTuple):
    """The state of a search: the decoder's, and the sources, each for as many sequences."""

    state: State
    source: Source

    def select(self, sources: Tensor, rows: Tensor) -> "Walk":
        """Those sources, in rising order, and those sequences."""
        sources, rows = (x.to(self.state.h.device) for x in (sources, rows))
        all_stay = len(sources) == len(self.source.copies)
        source = self.source if all_stay else self.source.select(sources)
        return Walk(self.state.select(rows), source)
