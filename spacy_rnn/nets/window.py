"""The control without recurrence: an MLP over a fixed window of tokens."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from .packing import locked_dropout, sequence_of_row


class WindowMLP(nn.Module):
    """Look at ``window`` tokens on either side of each token and no further:

        y_t = tanh(W [x_{t-window}; ...; x_t; ...; x_{t+window}] + b)

    Places beyond either end of the document are zeros. It has the interface of ``RNN``;
    what a recurrent net gains by its memory is measured against it.

    nI (int): Width of the input.
    nO (int): Width of the output.
    window (int): Tokens on either side.
    depth (int): Layers in all; those after the first read one token each.
    """

    def __init__(self, nI: int, nO: int, *, window: int = 2, depth: int = 1):
        super().__init__()
        self.window = window
        widths = [nI * (2 * window + 1)] + [nO] * depth
        layers = [nn.Linear(a, b) for a, b in zip(widths, widths[1:])]
        self.layers = nn.ModuleList(layers)
        for layer in layers:
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, packed: PackedSequence, dropout: float = 0.0) -> PackedSequence:
        """See ``RNN.forward``. *Shapes:* ``(N, nI)`` to ``(N, nO)``"""
        X = locked_dropout(packed, dropout).data
        Y = seq2col(X, packed.batch_sizes, self.window)
        for layer in self.layers:
            Y = torch.tanh(layer(Y))
        return locked_dropout(PackedSequence(Y, packed.batch_sizes), dropout)


def seq2col(X: Tensor, batch_sizes: Tensor, window: int) -> Tensor:
    """Put the neighbours of each packed row beside it.

    X (Tensor): Packed rows. *Shape:* ``(N, W)``
    RETURNS (Tensor): *Shape:* ``(N, W * (2 * window + 1))``
    """
    index = neighbours(batch_sizes, window).to(X.device)
    padded = torch.cat([X, X.new_zeros(1, X.shape[1])])
    return padded[index].flatten(1)


def neighbours(batch_sizes: Tensor, window: int) -> Tensor:
    """The packed rows that stand around each packed row; N where there is none.

    RETURNS (Tensor): *Shape:* ``(N, 2 * window + 1)``
    """
    rank = sequence_of_row(batch_sizes)
    step = torch.arange(len(batch_sizes)).repeat_interleave(batch_sizes)
    offsets = batch_sizes.cumsum(0) - batch_sizes
    there = step[:, None] + torch.arange(-window, window + 1)
    inside = (there >= 0) & (there < len(batch_sizes))
    there = there.clamp(0, max(len(batch_sizes) - 1, 0))
    inside &= rank[:, None] < batch_sizes[there]
    return torch.where(inside, offsets[there] + rank[:, None], len(rank))
