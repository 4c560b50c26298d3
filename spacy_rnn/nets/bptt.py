"""Backpropagation through time, written out for the LSTM.

The gradient of the loss by the state at step t comes from two sides: from what is read off
h_t, and from step t + 1 through the weights that all steps share:

    dh_t = dL/dh_t + W_hh^T dz_{t+1}
    dc_t = dh_t * o_t * (1 - tanh(c_t)^2) + f_{t+1} * dc_{t+1}

where z are the inputs of the gates. Along c the gradient is only scaled by the forget gate; so
an LSTM's lives where an Elman net's, which meets W_hh^T and a slope below 1 at every step,
vanishes (Hochreiter and Schmidhuber, 1997).

Torch has a kernel for it, but on a CPU that one adds up the gradient of W_hh step by step; here
it is one product at the end, and both directions walk side by side.

A step is so small that what it costs is the number of calls. As tanh(z) = 2 sigmoid(2 z) - 1,
one call opens all four gates if those of g are doubled beforehand; the walk carries 2 c, of which
it needs the sigmoid, and h / 2. All factors are powers of two, so nothing is rounded by them.
"""

from typing import Any, Iterator, List, NamedTuple, Tuple

import torch
from torch import Tensor

from .packing import last_rows


class Walk(NamedTuple):
    """What a walk leaves behind. D directions, N tokens, H units."""

    gates: Tensor  # (D, N, 4 * H) i, f, (g + 1) / 2, o
    cells: Tensor  # (D, N, H) 2 c_t
    squashed: Tensor  # (D, N, H) (tanh(c_t) + 1) / 2
    halves: Tensor  # (D, N, H) h_t / 2


def doubled_g(x: Tensor) -> Tensor:
    """A copy in which what belongs to g is doubled. *Shape:* ``(..., 4 * H)``"""
    x = x.clone()
    H = x.shape[-1] // 4
    x[..., 2 * H : 3 * H] *= 2.0
    return x


def walk(z: Tensor, h: Tensor, c: Tensor, W: Tensor, batch_sizes: Tensor) -> Walk:
    """Open the gates step by step.

    z (Tensor): `doubled_g` of W_x x_t + b, which the gates overwrite. *Shape:* ``(D, N, 4 * H)``
    h, c (Tensor): The state before the first step. *Shape:* ``(D, B, H)``
    W (Tensor): Twice `doubled_g` of W_h, transposed. *Shape:* ``(D, H, 4 * H)``
    """
    done = Walk(z, *z.new_empty(3, *z.shape[:2], W.shape[1]))
    h, c = h / 2.0, c * 2.0
    for rows, (i, f, g, o), c_t, squashed, h_t in _steps(done, batch_sizes.tolist()):
        if rows.shape[1] < h.shape[1]:
            h, c = h[:, : rows.shape[1]], c[:, : rows.shape[1]]
        torch.baddbmm(rows, h, W, out=rows).sigmoid_()
        c = torch.mul(f, c, out=c_t).addcmul_(i, g, value=4.0).sub_(i, alpha=2.0)
        torch.sigmoid(c, out=squashed)
        h = torch.mul(o, squashed, out=h_t).sub_(o, alpha=0.5)
    return done


def _steps(done: Walk, sizes: List[int]) -> Iterator[Tuple[Any, ...]]:
    """Views of the rows of each step: all gates, each gate, and the other three."""
    gates = zip(*(gate.split(sizes, 1) for gate in done.gates.chunk(4, 2)))
    whole, *others = (x.split(sizes, 1) for x in done)
    return zip(whole, gates, *others)


class LSTMScan(torch.autograd.Function):
    """The states of an LSTM over packed sequences, with their gradient.

    D directions, each in its own reading order, N tokens, B documents, H units. The gates
    stand in torch's order: i, f, g, o.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, h: Tensor, c: Tensor, W: Tensor, batch_sizes: Tensor
    ) -> Tuple[Tensor, Tensor]:
        """Walk forward and keep the gates.

        x (Tensor): W_x x_t + b of all gates. *Shape:* ``(D, N, 4 * H)``
        h, c (Tensor): The state before the first step. *Shape:* ``(D, B, H)``
        W (Tensor): W_h, transposed. *Shape:* ``(D, H, 4 * H)``
        RETURNS (Tuple[Tensor, Tensor]): h_t, and c where each document ends, to which no
            gradient goes. *Shapes:* ``(D, N, H)``, ``(D, B, H)``
        """
        done = walk(doubled_g(x), h, c, doubled_g(W) * 2.0, batch_sizes)
        states, last = done.halves * 2.0, done.cells[:, last_rows(batch_sizes)] / 2.0
        ctx.save_for_backward(*done[:3], states, h, c, W, batch_sizes)
        ctx.mark_non_differentiable(last)
        return states, last

    @staticmethod
    def backward(ctx: Any, d_states: Tensor, _: Any) -> Any:
        """Walk back.

        d_states (Tensor): dL/dh_t. *Shape:* ``(D, N, H)``
        RETURNS (Tuple[Tensor, Tensor, Tensor, Tensor, None]): The gradients of x, h, c and
            W, each in its shape.
        """
        gates, cells, squashed, states, h, c, W, batch_sizes = ctx.saved_tensors
        before, sizes = rows_before(batch_sizes).to(c.device), batch_sizes.tolist()
        c_before = torch.cat([c, cells / 2.0], dim=1).index_select(1, before)
        slopes = _slopes(gates, c_before, squashed * 2.0 - 1.0)
        H, Wt = W.shape[1], W.transpose(1, 2)
        dz, (dh, dc) = torch.empty_like(gates), gates.new_zeros(2, *h.shape)
        by_z = dz.unflatten(2, (4, H)).split([3, 1], dim=2)
        views = (*slopes, d_states, gates[..., H : 2 * H], dz, by_z[0], by_z[1].squeeze(2))
        for step in reversed(list(zip(*(x.split(sizes, 1) for x in views)))):
            by_c, by_h, c_by_h, d_h, f, dz_t, dz_by_c, dz_by_h = step
            dh_t, dc_t = dh[:, : f.shape[1]], dc[:, : f.shape[1]]
            dh_t += d_h
            dc_t.addcmul_(dh_t, c_by_h)
            torch.mul(by_c, dc_t[:, :, None], out=dz_by_c)
            torch.mul(by_h, dh_t, out=dz_by_h)
            torch.bmm(dz_t, Wt, out=dh_t)
            dc_t *= f
        h_before = torch.cat([h, states], dim=1).index_select(1, before)
        return dz, dh, dc, h_before.transpose(1, 2) @ dz, None


def rows_before(batch_sizes: Tensor) -> Tensor:
    """Where the state before each packed row stands, if the B first ones are put before the N
    rows. *Shape:* ``(N,)``
    """
    documents, rows = batch_sizes[:1], torch.arange(int(batch_sizes.sum()))
    back = torch.cat([documents, batch_sizes[:-1]]).repeat_interleave(batch_sizes)
    return rows + documents - back


def _slopes(gates: Tensor, c_before: Tensor, tanh_c: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    """How c_t moves with the inputs of i, f and g, how h_t moves with that of o, and how h_t
    moves with c_t. *Shapes:* ``(D, N, 3, H)``, ``(D, N, H)`` and ``(D, N, H)``
    """
    i, f, g, o = gates.chunk(4, dim=2)
    g = g * 2.0 - 1.0
    c_by_z = [g * i * (1 - i), c_before * f * (1 - f), i * (1 - g * g)]
    return torch.stack(c_by_z, dim=2), tanh_c * o * (1 - o), o * (1 - tanh_c * tanh_c)
