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
"""

from typing import Any, Tuple

import torch
from torch import Tensor

from .activations import tanh
from .packing import step_slices


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
        ctx.steps, gates = step_slices(batch_sizes), x.clone()
        shape = (*x.shape[:2], W.shape[1])
        h_before, c_before, tanh_c, states = (x.new_empty(shape) for _ in range(4))
        ended = []
        for rows in ctx.steps:
            alive = rows.stop - rows.start
            ended.append(c[:, alive:])
            h, c = h[:, :alive], c[:, :alive]
            h_before[:, rows], c_before[:, rows] = h, c
            i, f, g, o = _open_gates(gates[:, rows], h, W)
            c = torch.addcmul(f * c, i, g)
            tanh_c[:, rows] = tanh(c)
            h = states[:, rows] = o * tanh_c[:, rows]
        ctx.save_for_backward(gates, h_before, c_before, tanh_c, W)
        last = torch.cat([c, *reversed(ended)], dim=1)
        ctx.mark_non_differentiable(last)
        return states, last

    @staticmethod
    def backward(ctx: Any, d_states: Tensor, _: Any) -> Any:
        """Walk back.

        d_states (Tensor): dL/dh_t. *Shape:* ``(D, N, H)``
        RETURNS (Tuple[Tensor, Tensor, Tensor, Tensor, None]): The gradients of x, h, c and
            W, each in its shape.
        """
        gates, h_before, c_before, tanh_c, W = ctx.saved_tensors
        D, B, H = len(gates), ctx.steps[0].stop, W.shape[1]
        by_c, by_h, c_by_h = _slopes(gates, c_before, tanh_c)
        f, Wt = gates[..., H : 2 * H], W.transpose(1, 2)
        dz = torch.empty_like(gates)
        dh, dc = gates.new_zeros(2, D, B, H)
        for rows in reversed(ctx.steps):
            alive = rows.stop - rows.start
            dh_t, dc_t = dh[:, :alive], dc[:, :alive]
            dh_t += d_states[:, rows]
            dc_t.addcmul_(dh_t, c_by_h[:, rows])
            dz_t = dz[:, rows].unflatten(2, (4, H))
            torch.mul(by_c[:, rows], dc_t[:, :, None], out=dz_t[:, :, :3])
            torch.mul(by_h[:, rows], dh_t, out=dz_t[:, :, 3])
            torch.bmm(dz[:, rows], Wt, out=dh_t)
            dc_t *= f[:, rows]
        return dz, dh, dc, h_before.transpose(1, 2) @ dz, None


def _open_gates(z: Tensor, h: Tensor, W: Tensor) -> Tuple[Tensor, ...]:
    """i, f, g, o out of W_x x_t + b, which they overwrite. *Shape:* ``(D, B, 4 * H)``"""
    H = h.shape[2]
    torch.baddbmm(z, h, W, out=z)
    i, f, g, o = z.split(H, dim=2)
    z[..., : 2 * H].sigmoid_()
    g.copy_(tanh(g))
    o.sigmoid_()
    return i, f, g, o


def _slopes(gates: Tensor, c_before: Tensor, tanh_c: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    """How c_t moves with the inputs of i, f and g, how h_t moves with that of o, and how h_t
    moves with c_t. *Shapes:* ``(D, N, 3, H)``, ``(D, N, H)`` and ``(D, N, H)``
    """
    i, f, g, o = gates.chunk(4, dim=2)
    c_by_z = [g * i * (1 - i), c_before * f * (1 - f), i * (1 - g * g)]
    return torch.stack(c_by_z, dim=2), tanh_c * o * (1 - o), o * (1 - tanh_c * tanh_c)
