"""How many labels a model has, before it has weights and after."""

from typing import cast

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
        shim.module = shim.module.resize(nO)
    return model
