"""Losses of nets that write: how probable what should be written is, or what was before."""

from typing import Any, Tuple

import numpy
from thinc.api import Ops
from thinc.types import Floats3d

from ..units import Pairs


def loss(ops: Ops, log_p: Floats3d, pairs: Pairs, smoothing: float) -> Tuple[float, Floats3d]:
    """Mean over the units of the targets, `STOP` included, of the cross-entropy, and its
    gradient. An edit counts as one unit more.

    log_p (Floats3d): What the model says. *Shape:* ``(B, T, 2)``, or ``(B, T + 1, 2)``
    smoothing (float): The share of the gold probability that all units get alike
        (Szegedy et al., 2016).
    """
    return cross_entropy(ops, log_p, _real(pairs), smoothing)


def cross_entropy(ops: Ops, log_p: Floats3d, real: Any, smoothing: float) -> Tuple[float, Floats3d]:
    """The mean over what is real, and its gradient.

    log_p (Floats3d): Of each unit, and the mean over the vocabulary. *Shape:* ``(B, T, 2)``
    real (Array3d): What is no padding, boolean. *Shape:* ``(B, T, 1)``
    """
    shares = numpy.array([1 - smoothing, smoothing], dtype="f")
    d_log_p = (real * -shares / max(int(real.sum()), 1)).astype("f")
    gradient = ops.asarray(d_log_p)
    return float((log_p * gradient).sum()), gradient


def rehearsal_loss(
    ops: Ops, log_p: Floats3d, pairs: Pairs, wanted: Floats3d
) -> Tuple[float, Floats3d]:
    """See `difference`. *Shapes:* ``(B, T, 2)``, or ``(B, T + 1, 2)``"""
    return difference(ops, log_p, _real(pairs), wanted)


def difference(ops: Ops, log_p: Floats3d, real: Any, wanted: Floats3d) -> Tuple[float, Floats3d]:
    """Mean over what is real of half the squared difference of what is said now and was said
    before, and the gradient. *Shapes:* ``(B, T, 2)``, ``(B, T, 1)``, ``(B, T, 2)``
    """
    d_log_p = (log_p - wanted) * ops.asarray(real.astype("f"))
    n = max(int(real.sum()), 1)
    return float((d_log_p**2).sum()) / (2 * n), d_log_p / n


def _real(pairs: Pairs) -> Any:
    """What is no padding. *Shape:* ``(B, T, 1)``, or with edits ``(B, T + 1, 1)``"""
    real = pairs.targets != 0
    if pairs.edits is not None:
        real = numpy.concatenate([real, pairs.edits[:, None] >= 0], axis=1)
    return real[..., None]
