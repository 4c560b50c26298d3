"""The gradient of a whole component, Thinc's parameters and torch's together."""

import math
from typing import Iterator

from thinc.api import get_array_module
from thinc.types import FloatsXd

from ..types import AnyModel
from .arrays import to_xp
from .shim import RNNShim


def gradients(model: AnyModel) -> Iterator[FloatsXd]:
    """Every gradient as an array; what is written into it, the optimizer sees."""
    for node in model.walk():
        for name in node.param_names:
            if node.has_grad(name):
                yield node.get_grad(name)
        for shim in node.shims:
            if isinstance(shim, RNNShim):
                yield from map(to_xp, shim.gradients().values())


def clip_gradients(model: AnyModel, max_norm: float) -> float:
    """Scale the gradient so that its norm over all weights is at most so large (Pascanu
    et al., 2013).

    max_norm (float): 0 for no limit.
    RETURNS (float): The norm before; NaN or infinite if the gradient is.
    """
    squares = [float(get_array_module(g).vdot(g, g)) for g in gradients(model)]
    norm = math.sqrt(sum(squares)) if all(map(math.isfinite, squares)) else math.nan
    if 0.0 < max_norm < norm:
        for gradient in gradients(model):
            gradient *= max_norm / norm
    return norm


def drop_gradients(model: AnyModel) -> None:
    """Forget the gradient."""
    for node in model.walk():
        for name in node.param_names:
            if node.has_grad(name):
                node.get_grad(name).fill(0)  # not times 0: NaN would stay
        for shim in node.shims:
            if isinstance(shim, RNNShim):
                shim.drop_gradients()
