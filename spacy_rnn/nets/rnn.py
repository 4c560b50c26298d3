"""Recurrent encoders: Elman, LSTM and GRU, in one direction or both, any depth."""

from typing import List, Literal, Optional, Tuple, Union

import numpy
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from . import alone
from .alone import is_alone
from .packing import locked_dropout, reversal
from .scan import prepared_inputs, prepared_weights, scan, scan_prepared

Cell = Literal["rnn", "lstm", "gru"]
InitialState = Literal["zeros", "random", "learned"]
State = Union[Tensor, Tuple[Tensor, Tensor]]

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
GATES = {"rnn": 1, "lstm": 4, "gru": 3}


class RNN(nn.Module):
    """Read a sequence step by step and give the state after every step.

    ``rnn`` is the net of Elman (1990):

        h_t = tanh(W_hh h_{t-1} + W_xh x_t + b_h)

    ``lstm`` (Hochreiter and Schmidhuber, 1997; the forget gate of Gers et al., 2000)
    carries a cell c that only gates may write, keep and read:

        i, f, o = sigmoid(W_x x_t + W_h h_{t-1} + b), one slice each
        g_t = tanh(W_xg x_t + W_hg h_{t-1} + b_g)
        c_t = f * c_{t-1} + i * g_t
        h_t = o * tanh(c_t)

    ``gru`` (Cho et al., 2014; the reset gate inside, as cuDNN computes it):

        r, z = sigmoid(W_x x_t + W_h h_{t-1} + b), one slice each
        n_t = tanh(W_xn x_t + b_xn + r * (W_hn h_{t-1} + b_hn))
        h_t = (1 - z) * n_t + z * h_{t-1}

    nI (int): Width of the input.
    nO (int): Width of the output; both directions share it half and half.
    cell (str): ``rnn``, ``lstm`` or ``gru``.
    depth (int): Layers, each reading the states of the one below.
    bidirectional (bool): Read from the end as well.
    initial_state (str): What h_0 (and c_0) is: ``zeros``, ``random`` (small, drawn once
        and kept) or ``learned``. It is the same for every document.
    """

    def __init__(
        self,
        nI: int,
        nO: int,
        *,
        cell: Cell = "lstm",
        depth: int = 1,
        bidirectional: bool = True,
        initial_state: InitialState = "zeros",
    ):
        super().__init__()
        self.cell = cell
        self.directions = directions = 2 if bidirectional else 1
        self.hidden = nO // directions
        self.initial_state = initial_state
        self.layers = nn.ModuleList(
            CELLS[cell](nI if i == 0 else nO, self.hidden, bidirectional=bidirectional)
            for i in range(depth)
        )
        states = 2 if cell == "lstm" else 1
        if initial_state != "zeros":
            shape = (depth, states, directions, 1, self.hidden)
            start = nn.Parameter(
                torch.randn(shape) * 0.01, requires_grad=initial_state == "learned"
            )
            self.start = start
        for layer in self.layers:
            init_recurrent(layer, cell)

    def forward(self, packed: PackedSequence, dropout: float = 0.0) -> PackedSequence:
        """Run all layers.

        packed (PackedSequence): The inputs. *Shape:* ``(N, nI)``
        dropout (float): Locked dropout on the input of every layer and on the output.
        RETURNS (PackedSequence): The states. *Shape:* ``(N, nO)``
        """
        return self._run_layers(packed, dropout, first=0)

    def _run_layers(self, packed: PackedSequence, dropout: float, first: int) -> PackedSequence:
        for i in range(first, len(self.layers)):
            packed = self._run_layer(i, locked_dropout(packed, dropout))
        return locked_dropout(packed, dropout)

    def _run_layer(self, i: int, packed: PackedSequence) -> PackedSequence:
        if self.cell == "lstm" and learns_on_cpu(packed.data):
            W, b = self.recurrent_weights(i)
            return self._walk(i, self._project(i, packed.data), packed.batch_sizes, W, b)
        states, _ = self.layers[i](packed, self._first_state(i, int(packed.batch_sizes[0])))
        return states

    def project(self, X: Tensor) -> Tensor:
        """The products of inputs with the first layer's W_x, biases added: all that step
        t needs to know of x_t.

        X (Tensor): Inputs in any order. *Shape:* ``(U, nI)``
        RETURNS (Tensor): *Shape:* ``(U, directions * G * hidden)`` for G gates
        """
        _, b = self.recurrent_weights()
        x = self._project(0, X).view(len(X), self.directions, -1)
        return prepared_inputs(self.cell, x, b[:, 0]).flatten(1)

    def prepared_weights(self) -> Tuple[Tensor, Tensor]:
        """What `read_products` needs beside the products, put together once for all texts."""
        W, b = self.recurrent_weights()
        return prepared_weights(self.cell, W), b

    def read_products(
        self, products: Tensor, rows: Tensor, batch_sizes: Tensor, weights: Tuple[Tensor, Tensor]
    ) -> PackedSequence:
        """What `forward` gives, from inputs that went through `project`.

        products (Tensor): Those of U inputs. *Shape:* ``(U, directions * G * hidden)``
        rows (Tensor): Which of them stands at each packed row, int64. *Shape:* ``(N,)``
        weights (Tuple[Tensor, Tensor]): `prepared_weights`.
        RETURNS (PackedSequence): *Shape:* ``(N, nO)``
        """
        if self.cell == "lstm" and is_alone(products, batch_sizes):
            of_one = self._read_alone(products, rows, weights[0])
            return self._run_layers(PackedSequence(of_one, batch_sizes), 0.0, first=1)
        back, D = reversal(batch_sizes), self.directions
        # One pass over what is by far the largest array: each direction in its reading order
        places = torch.cat([rows, rows[back]]) if D == 2 else rows
        places = (places.view(D, -1) * D + torch.arange(D)[:, None]).flatten()
        x = products.view(len(products) * D, -1).index_select(0, places).view(D, len(rows), -1)
        start = self._start_of_walk(0, x, batch_sizes)
        states = scan_prepared(self.cell, x, start, *weights, batch_sizes)
        return self._run_layers(_side_by_side(states, back, batch_sizes), 0.0, first=1)

    def _read_alone(self, products: Tensor, rows: Tensor, W: Tensor) -> Tensor:
        """The states of one document. *Shapes:* ``(U, D * 4 * H), (T,), (D, H, 4 * H)`` to ``(T, D
        * H)``
        """
        D, one = self.directions, torch.ones(1, dtype=torch.int64)
        x = products.numpy().reshape(len(products), D, -1)[rows.numpy()]
        z = numpy.stack([x[:, 0], *(x[::-1, d] for d in range(1, D))])
        h, c = (part.numpy() for part in self._start_of_walk(0, products[:, None], one))
        states = alone.lstm(z, h, c, W.numpy())
        in_order = [states[0], *(way[::-1] for way in states[1:])]
        return torch.from_numpy(numpy.concatenate(in_order, axis=1))

    def _project(self, i: int, X: Tensor) -> Tensor:
        W, b = self._weights(i, "weight_ih"), self._weights(i, "bias_ih")
        return torch.addmm(torch.cat(b), X, torch.cat(W).T)

    def recurrent_weights(self, i: int = 0) -> Tuple[Tensor, Tensor]:
        """W_h, transposed, and b_h of a layer, the directions side by side.
        *Shapes:* ``(D, H, G * H)`` and ``(D, 1, G * H)``
        """
        W = torch.stack([weights.T for weights in self._weights(i, "weight_hh")])
        return W, torch.stack(self._weights(i, "bias_hh"))[:, None]

    def _walk(self, i: int, x: Tensor, sizes: Tensor, W: Tensor, b: Tensor) -> PackedSequence:
        """Both directions of a layer side by side, each in its reading order."""
        x = x.view(len(x), self.directions, -1).transpose(0, 1)
        back = reversal(sizes)
        if self.directions == 2:
            x = torch.stack([x[0], x[1].index_select(0, back)])
        states = scan(self.cell, x, self._start_of_walk(i, x, sizes), W, b, sizes)
        return _side_by_side(states, back, sizes)

    def _weights(self, i: int, name: str) -> List[Tensor]:
        """A layer's weights of that name, one for each direction."""
        suffixes = ["", "_reverse"][: self.directions]
        return [getattr(self.layers[i], f"{name}_l0{suffix}") for suffix in suffixes]

    def _start_of_walk(self, i: int, x: Tensor, batch_sizes: Tensor) -> Tuple[Tensor, Tensor]:
        documents = int(batch_sizes[0])
        state = self._first_state(i, documents)
        if state is None:
            zeros = x.new_zeros(self.directions, documents, self.hidden)
            return zeros, zeros
        return state if isinstance(state, tuple) else (state, state)

    def _first_state(self, layer: int, documents: int) -> Optional[State]:
        """The state before the first step. *Shape:* ``(directions, B, hidden)``"""
        if self.initial_state == "zeros":
            return None
        states = [s.expand(-1, documents, -1).contiguous() for s in self.start[layer]]
        return (states[0], states[1]) if len(states) == 2 else states[0]


def _side_by_side(states: Tensor, back: Tensor, sizes: Tensor) -> PackedSequence:
    """States of all directions in the order of the text. *Shapes:* ``(D, N, H)`` to ``(N, D *
    H)``
    """
    in_order = [states[0], *(x.index_select(0, back) for x in states[1:])]
    return PackedSequence(torch.cat(in_order, dim=1), sizes)


def init_recurrent(layer: nn.Module, cell: Cell) -> None:
    """Weights that let a gradient live: orthogonal W_hh gate by gate (Saxe et al.,
    2014), Glorot W_xh, biases 0 but the LSTM's forget gate, which starts open at 1
    (Jozefowicz et al., 2015).
    """
    for name, weights in layer.named_parameters():
        if name.startswith("bias"):
            nn.init.zeros_(weights)
            if cell == "lstm" and name.startswith("bias_ih"):
                hidden = len(weights) // 4
                nn.init.ones_(weights.data[hidden : 2 * hidden])
        else:
            init = nn.init.orthogonal_ if "hh" in name else nn.init.xavier_uniform_
            for gate in weights.data.chunk(GATES[cell]):
                init(gate)


def init_cell(inputs: nn.Linear, recurrent: nn.Linear, cell: Cell) -> None:
    """The same for a cell that is walked step by step: see `init_recurrent`."""
    for gate in recurrent.weight.data.chunk(GATES[cell]):
        nn.init.orthogonal_(gate)
    for gate in inputs.weight.data.chunk(GATES[cell]):
        nn.init.xavier_uniform_(gate)
    nn.init.zeros_(recurrent.bias)
    nn.init.zeros_(inputs.bias)
    if cell == "lstm":
        hidden = recurrent.in_features
        nn.init.ones_(inputs.bias.data[hidden : 2 * hidden])


def learns_on_cpu(X: Tensor) -> bool:
    """Whether our own backward pass is the faster one; a GPU has a kernel for it."""
    return (
        torch.is_grad_enabled() and X.device.type == "cpu" and not torch.is_autocast_enabled("cpu")
    )
