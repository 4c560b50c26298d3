"""Attention: at every step the decoder looks back at what the encoder read.

    e_s = score(q, k_s),    a = softmax(e),    c = sum_s a_s h_s

The score is one of

    dot       q . h_s                          (Luong et al., 2015)
    general   q . W h_s                        (Luong et al., 2015)
    additive  v . tanh(W_q q + W_k h_s)        (Bahdanau et al., 2015)

What the score needs of h_s alone, its key, is worked out once for a source and not at every step.
"""

from typing import Literal, NamedTuple, Tuple

import torch
from torch import Tensor, nn

from .activations import tanh

Kind = Literal["none", "dot", "general", "additive"]


class Memory(NamedTuple):
    """What a decoder can look back at. B sources of at most S units; shorter ones end in
    padding, which gets no attention.
    """

    values: Tensor  # (B, S, M) the encoder's states
    keys: Tensor  # (B, S, A)
    real: Tensor  # (B, S) False at padding

    def select(self, rows: Tensor) -> "Memory":
        """Those sources, in that order."""
        return Memory(*(part.index_select(0, rows) for part in self))


class Attention(nn.Module):
    """See above.

    nQ (int): Width of the queries.
    nM (int): Width of the encoder's states.
    kind (str): ``dot`` (nQ is nM), ``general``, ``additive``, or ``none``, whose context is
        zeros: then all that is known of the source is in the decoder's first state.
    """

    def __init__(self, nQ: int, nM: int, *, kind: Kind = "general"):
        super().__init__()
        if kind == "dot" and nQ != nM:
            raise ValueError(f"dot attention needs one width, not {nQ} and {nM}")
        self.kind = kind
        if kind in ("general", "additive"):
            self.key = nn.Linear(nM, nQ, bias=False)
        if kind == "additive":
            self.query = nn.Linear(nQ, nQ)
            self.score = nn.Linear(nQ, 1, bias=False)

    def remember(self, values: Tensor, real: Tensor) -> Memory:
        """Make the keys. *Shapes:* ``(B, S, nM), (B, S)``"""
        keys = self.key(values) if self.kind in ("general", "additive") else values
        return Memory(values, keys, real)

    def forward(self, queries: Tensor, memory: Memory) -> Tuple[Tensor, Tensor]:
        """Look back.

        queries (Tensor): The decoder's states. *Shape:* ``(B, T, nQ)``
        RETURNS (Tuple[Tensor, Tensor]): Contexts and shares; a source without any unit, and
            ``none``, give zeros. *Shapes:* ``(B, T, nM), (B, T, S)``
        """
        if self.kind == "none":
            shares = queries.new_zeros(*queries.shape[:2], memory.real.shape[1])
        else:
            hidden = ~memory.real[:, None]
            energies = self._energies(queries, memory).masked_fill(hidden, -torch.inf)
            shares = energies.softmax(dim=2).masked_fill(hidden, 0.0)
        return shares @ memory.values, shares

    def _energies(self, queries: Tensor, memory: Memory) -> Tensor:
        """*Shape:* ``(B, T, S)``"""
        if self.kind != "additive":
            return queries @ memory.keys.transpose(1, 2)
        both = self.query(queries)[:, :, None] + memory.keys[:, None]
        return self.score(tanh(both))[..., 0]
