"""One step of each cell, as its equations stand, and a walk over packed sequences.

At prediction the products W_x x_t of whole words are known beforehand (a one-hot input only
looks up a column of W_xh, and so does a word that was met before), and only what follows is
left to do. D directions run side by side, each in its own reading order. An LSTM learns by
`bptt`; the other cells learn by torch's own kernels in an encoder, and step by step in a decoder.
"""

from typing import Callable, Dict, Tuple

import torch
from torch import Tensor

from .activations import tanh
from .bptt import LSTMScan, doubled_g, walk
from .packing import last_rows, step_slices

# The state (h, c) after a step; c is only the LSTM's
State = Tuple[Tensor, Tensor]


def rnn_step(x: Tensor, state: State, W: Tensor, b: Tensor) -> State:
    """h_t = tanh(W_xh x_t + W_hh h_{t-1} + b)

    x (Tensor): W_xh x_t. *Shape:* ``(D, B, H)``
    state (Tuple[Tensor, Tensor]): *Shape:* ``(D, B, H)``
    W (Tensor): W_hh, transposed. *Shape:* ``(D, H, H)``
    b (Tensor): *Shape:* ``(D, 1, H)``
    """
    h = tanh(torch.baddbmm(x + b, state[0], W))
    return h, h


def lstm_step(x: Tensor, state: State, W: Tensor, b: Tensor) -> State:
    """i, f, g, o = W_x x_t + W_h h_{t-1} + b
    c_t = sigmoid(f) * c_{t-1} + sigmoid(i) * tanh(g)
    h_t = sigmoid(o) * tanh(c_t)

    The shapes are those of `rnn_step` with 4 H for H in x, W and b.
    """
    h, c = state
    i, f, g, o = torch.baddbmm(x + b, h, W).chunk(4, dim=2)
    c = f.sigmoid() * c + i.sigmoid() * tanh(g)
    return o.sigmoid() * tanh(c), c


def gru_step(x: Tensor, state: State, W: Tensor, b: Tensor) -> State:
    """r, z = sigmoid(W_x x_t + W_h h_{t-1} + b), one slice each
    n = tanh(W_xn x_t + r * (W_hn h_{t-1} + b_n))
    h_t = (1 - z) * n + z * h_{t-1}

    The shapes are those of `rnn_step` with 3 H for H in x, W and b.
    """
    h = state[0]
    xr, xz, xn = x.chunk(3, dim=2)
    hr, hz, hn = torch.baddbmm(b, h, W).chunk(3, dim=2)
    z = (xz + hz).sigmoid()
    n = tanh(((xr + hr).sigmoid() * hn).add_(xn))
    h = n + z * (h - n)
    return h, h


STEPS: Dict[str, Callable[[Tensor, State, Tensor, Tensor], State]] = {
    "rnn": rnn_step,
    "lstm": lstm_step,
    "gru": gru_step,
}


def scan(cell: str, x: Tensor, state: State, W: Tensor, b: Tensor, batch_sizes: Tensor) -> Tensor:
    """Walk over packed sequences.

    cell (str): One of `STEPS`.
    x (Tensor): Products with the inputs, each direction in its reading order.
        *Shape:* ``(D, N, G * H)``
    state (Tuple[Tensor, Tensor]): Before the first step. *Shape:* ``(D, B, H)``
    RETURNS (Tensor): The states h, in reading order. *Shape:* ``(D, N, H)``
    """
    if cell == "lstm" and torch.is_grad_enabled():
        return LSTMScan.apply(x + b, *state, W, batch_sizes)[0]
    x, W = prepared_inputs(cell, x, b), prepared_weights(cell, W)
    return scan_prepared(cell, x, state, W, b, batch_sizes)


def scan_to_end(
    cell: str, x: Tensor, state: State, W: Tensor, b: Tensor, batch_sizes: Tensor
) -> Tuple[Tensor, State]:
    """The same, and the state in which each sequence ends, to go on from; through that no
    gradient goes back. *Shapes:* ``(D, N, H)``, and ``(D, B, H)``
    """
    last = last_rows(batch_sizes).to(x.device)
    if cell != "lstm":
        states = scan(cell, x, state, W, b, batch_sizes)
        h = c = states.detach()[:, last]
    elif torch.is_grad_enabled():
        states, c = LSTMScan.apply(x + b, *state, W, batch_sizes)
        h = states.detach()[:, last]
    else:
        done = walk(doubled_g(x + b), *state, doubled_g(W) * 2.0, batch_sizes)
        states = done.halves.mul_(2.0)
        h, c = states[:, last], done.cells[:, last] / 2.0
    return states, (h, c)


def prepared_inputs(cell: str, x: Tensor, b: Tensor) -> Tensor:
    """What of x can be worked out before the walk, and for a word once and for all. The shape
    stays.
    """
    return doubled_g(x + b) if cell == "lstm" else x


def prepared_weights(cell: str, W: Tensor) -> Tensor:
    """What `scan_prepared` reads beside prepared inputs. The shape stays."""
    return doubled_g(W) * 2.0 if cell == "lstm" else W


def scan_prepared(
    cell: str, x: Tensor, state: State, W: Tensor, b: Tensor, batch_sizes: Tensor
) -> Tensor:
    """What `scan` gives, from prepared inputs and weights. The x of an LSTM is overwritten."""
    if cell == "lstm":
        return walk(x, *state, W, batch_sizes).halves.mul_(2.0)
    step = STEPS[cell]
    states = x.new_empty(x.shape[0], x.shape[1], W.shape[1])
    for rows in step_slices(batch_sizes):
        alive = rows.stop - rows.start
        h, c = state
        state = step(x[:, rows], (h[:, :alive], c[:, :alive]), W, b)
        states[:, rows] = state[0]
    return states
