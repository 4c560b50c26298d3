"""How many labels a model has, before it has weights and after."""

from typing import Any, cast

from ..types import AnyModel
from .shim import RNNShim


def declare(model: AnyModel, nO: int) -> AnyModel:
    """Say how many labels there are, before there are weights or instead of those."""
    shim = cast(RNNShim, model.shims[0])
    model.set_dim("nO", nO, force=True)
    shim.settings = {**shim.settings, "nO": nO}
    return model


def resize(model: AnyModel, nO: int) -> AnyModel:
    """Make room for more labels. The old ones keep their weights and scores."""
    shim = cast(RNNShim, declare(model, nO).shims[0])
    if shim.is_built and shim.module.nO != nO:
        shim.module = grown(shim.module, shim.net(**shim.settings))
    return model


def grown(old: Any, new: Any) -> Any:
    """A new net with the weights of a smaller one in their places; the others stay."""
    weights = old.state_dict()
    for name, place in new.state_dict().items():
        place[tuple(slice(n) for n in weights[name].shape)] = weights[name]
    return new
