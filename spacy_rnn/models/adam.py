"""Thinc's Adam for all weights of a net in one go.

Thinc's own loop takes a weight after the other, number by number, and updates its running mean
in three passes; tables with a row for every word make that a seventh of a step of training.
Torch has the same equations in one pass. Moments, counts and means stay where Thinc keeps them,
so that either may take the next step.
"""

from typing import Any, Dict, List, Tuple

import numpy
from thinc.api import Optimizer
from thinc.compat import torch
from thinc.types import FloatsXd

MAX_DECAY = 0.9999  # of the running mean, as in Thinc

Key = Tuple[int, str]
Pair = Tuple[Any, Any]  # weights and their gradient, tensors of one shape


def is_plain_adam(optimizer: Any) -> bool:
    """Whether an optimizer does what `adam` does."""
    if type(optimizer) is not Optimizer or optimizer.use_radam:
        return False
    return bool(optimizer.b1 and optimizer.b2 and not optimizer.L2 and not optimizer.grad_clip)


def adam(optimizer: Optimizer, pairs: Dict[Key, Pair]) -> None:
    """Take one step with weights on the CPU (Kingma and Ba, 2015; the epsilon where they have it
    after reordering, section 2):

        m = b1 m + (1 - b1) g
        v = b2 v + (1 - b2) g^2
        w = w - rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps)

    and bring the running means closer to them.

    optimizer (Optimizer): Thinc's, see `is_plain_adam`.
    pairs (Dict[Key, Pair]): Weights, written in place, and their gradients.
    """
    by_count: Dict[int, List[Key]] = {}
    for key in (key for key, (weights, _) in pairs.items() if len(weights)):
        optimizer.nr_update[key] += 1
        by_count.setdefault(optimizer.nr_update[key], []).append(key)
    for t, keys in by_count.items():
        weights, grads = zip(*(pairs[key] for key in keys))
        _move(optimizer, t, keys, [w.view(-1) for w in weights], [g.reshape(-1) for g in grads])
        _average(optimizer, t, keys, weights)


def _move(optimizer: Optimizer, t: int, keys: List[Key], weights: Any, grads: Any) -> None:
    from torch.optim.adam import adam as torch_adam

    # Torch adds epsilon to a root that is divided by sqrt(1 - b2^t) already
    eps = optimizer.eps / (1.0 - optimizer.b2**t) ** 0.5
    mom1, mom2 = (_kept(of, keys, weights) for of in (optimizer.mom1, optimizer.mom2))
    counts = [torch.tensor(t - 1.0) for _ in keys]  # torch counts this step itself
    torch_adam(
        weights,
        grads,
        mom1,
        mom2,
        [],
        counts,
        fused=True,
        amsgrad=False,
        beta1=optimizer.b1,
        beta2=optimizer.b2,
        lr=optimizer.learn_rate,
        weight_decay=0.0,
        eps=eps,
        maximize=False,
    )


def _average(optimizer: Optimizer, t: int, keys: List[Key], weights: Any) -> None:
    if optimizer.averages is not None:
        decay = min((1.0 + t) / (10.0 + t), MAX_DECAY)
        torch._foreach_lerp_(_kept(optimizer.averages, keys, weights), list(weights), 1.0 - decay)


def _kept(arrays: Dict[Key, FloatsXd], keys: List[Key], like: Any) -> List[Any]:
    """Arrays of the optimizer as tensors in the same memory, zeros at first."""
    for key, weights in zip(keys, like):
        if key not in arrays:
            arrays[key] = numpy.zeros(weights.shape, dtype="f")
    return [torch.from_numpy(arrays[key]) for key in keys]
