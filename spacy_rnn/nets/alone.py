"""One document alone, in NumPy: as a service gets them, one text at a time.

The steps of a single document are so small that what they cost is the number of calls, and a call
of torch's costs several times one of NumPy's. The equations are those of `bptt.walk`, `viterbi`
and `sums`, which take many documents side by side.
"""

from typing import List, Tuple

import numpy
import torch
from torch import Tensor

Array = numpy.ndarray


def is_alone(x: Tensor, batch_sizes: Tensor) -> bool:
    """Whether there is one document only, and NumPy reads its numbers as torch would."""
    plain = x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64)
    plain = plain and not torch.is_autocast_enabled("cpu")
    return plain and len(batch_sizes) > 0 and int(batch_sizes[0]) == 1


def lstm(z: Array, h: Array, c: Array, W: Array) -> Array:
    """The states of an LSTM. As sigmoid(x) = (tanh(x / 2) + 1) / 2, one call opens all four gates;
    the state is carried as h / 4, which undoes what is doubled in W and once more halves.

    z (Array): `doubled_g` of W_x x_t + b, which is overwritten. *Shape:* ``(D, T, 4 * H)``
    h, c (Array): The state before the first step. *Shape:* ``(D, 1, H)``
    W (Array): Twice `doubled_g` of W_h, transposed. *Shape:* ``(D, H, 4 * H)``
    RETURNS (Array): h_t. *Shape:* ``(D, T, H)``
    """
    H = W.shape[1]
    z *= 0.5
    twice_h = numpy.empty((*z.shape[:2], H), dtype=z.dtype)
    carried, c, gates = h / 4.0, c.copy(), numpy.empty_like(z[:, :1])
    for t in range(z.shape[1]):
        numpy.matmul(carried, W, out=gates)
        gates += z[:, t : t + 1]
        numpy.tanh(gates, out=gates)
        twice = gates + 1.0  # i, f and o, but not g
        c *= twice[..., H : 2 * H]
        c += twice[..., :H] * gates[..., 2 * H : 3 * H]
        c *= 0.5
        h_t = numpy.multiply(numpy.tanh(c), twice[..., 3 * H :], out=twice_h[:, t : t + 1])
        carried = h_t * 0.125
    twice_h *= 0.5
    return twice_h


def viterbi(emissions: Array, transitions: Array, start: Array, end: Array) -> List[int]:
    """The best tags (Viterbi, 1967).

    emissions (Array): *Shape:* ``(T, K)``
    transitions, start, end (Array): -inf for what may not be. *Shapes:* ``(K, K)`` and ``(K,)``
    """
    into, best, origins = numpy.ascontiguousarray(transitions.T), start + emissions[0], []
    for emission in emissions[1:]:
        reach = into + best
        origins.append(reach.argmax(axis=1))
        best = reach.max(axis=1) + emission
    path = [int((best + end).argmax())]
    for origin in reversed(origins):
        path.append(int(origin[path[-1]]))
    return path[::-1]


def sums(emissions: Array, transitions: Array, start: Array, end: Array) -> Tuple[Array, Array]:
    """What `sums.forward_sums` and `sums.backward_sums` give, both directions side by side.

    emissions (Array): *Shape:* ``(T, K)``
    transitions, start, end (Array): -inf for what may not be. *Shapes:* ``(K, K)`` and ``(K,)``
    RETURNS (Tuple[Array, Array]): alpha and beta. *Shapes:* ``(T, K)``
    """
    ways = numpy.stack([transitions, transitions.T])
    both = numpy.stack([emissions, emissions[::-1]], axis=1)  # (T, 2, K)
    reach = numpy.empty_like(both)
    reach[0] = start, end
    with numpy.errstate(divide="ignore"):  # the logarithm of 0 is what it should be
        for t in range(1, len(both)):
            paths = (reach[t - 1] + both[t - 1])[:, :, None] + ways
            high = paths.max(axis=1)
            high[high == -numpy.inf] = 0.0
            total = numpy.exp(paths - high[:, None]).sum(axis=1)
            reach[t] = numpy.log(total) + high
    return reach[:, 0] + emissions, reach[::-1, 1].copy()
