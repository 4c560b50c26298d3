"""An encoder reads, a decoder writes (Sutskever et al., 2014)."""

from typing import List, NamedTuple, Sequence, Tuple

import torch
from torch import Tensor, nn

from .attention import Kind
from .decoder import PAD, UNKNOWN, Decoder, Source, State
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

    nI (int): Units of the source vocabulary.
    nO (int): Units of the target vocabulary.
    embed_width (int): Width of a unit.
    width (int): Width of the encoder's states, both directions together, and of the decoder's.
    cell (str): ``rnn``, ``lstm`` or ``gru``.
    depth (int): Layers of the encoder.
    attention (str): See `Attention`.
    feeding, copy, tied (bool): See `Decoder`.
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
        attention: Kind = "general",
        feeding: bool = False,
        copy: bool = False,
        tied: bool = False,
    ):
        super().__init__()
        self.nI, self.nO, self.width = nI, nO, width
        self.embed = nn.Embedding(nI, embed_width, padding_idx=PAD)
        self.encoder = RNN(embed_width, width, cell=cell, depth=depth)
        self.bridge = nn.Linear(width, 2 * width)
        self.decoder = Decoder(
            nO,
            width,
            width,
            embed_width=embed_width,
            cell=cell,
            attention=attention,
            feeding=feeding,
            copy=copy,
            tied=tied,
        )

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
        condition = flat.new_zeros(len(values), 0)
        return self._first_state(values, batch.lengths), Source(memory, batch.copies, condition)

    def _first_state(self, values: Tensor, lengths: Sequence[int]) -> State:
        half, rows = self.width // 2, torch.arange(len(values), device=values.device)
        last = torch.tensor(lengths, device=values.device) - 1
        ends = torch.cat([values[rows, last, :half], values[:, 0, half:]], dim=1)
        h, c = torch.tanh(self.bridge(ends)).chunk(2, dim=1)
        return State(h, c, torch.zeros_like(h))

    def forward(
        self, batch: Batch, targets: Tensor, dropout: float = 0.0, teacher_forcing: float = 1.0
    ) -> Tensor:
        """log P of each unit of known targets, and what smoothing wants: see
        `Decoder.forward`. *Shape:* ``(B, T, 2)``
        """
        state, source = self.read(batch, dropout)
        found: Tensor = self.decoder(targets, state, source, dropout, teacher_forcing)
        return found

    def step(self, units: Tensor, walk: "Walk") -> Tuple[Tensor, "Walk", Tensor]:
        """What a search asks for, see `search`."""
        units = units.to(walk.state.h.device)
        log_p, state, shares = self.decoder.step(units, walk.state, walk.source)
        log_p[:, UNKNOWN] = -torch.inf
        return log_p, Walk(state, walk.source), shares


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
