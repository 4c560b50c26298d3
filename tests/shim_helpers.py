"""A linear layer in our shim and in the stock one, and what several tests do to it."""

import numpy
import torch
from thinc.shims import PyTorchShim
from thinc.types import ArgsKwargs

from spacy_rnn.models.arrays import to_torch
from spacy_rnn.models.shim import RNNShim

from .helpers import stir

X = numpy.linspace(0.2, 1, 6, dtype="f").reshape(2, 3)


def linear():
    torch.manual_seed(0)
    return torch.nn.Linear(3, 2)


def stock(module=None):
    return PyTorchShim(module or linear())


def ours(module=None):
    shim = RNNShim(torch.nn.Linear, {"in_features": 3, "out_features": 2})
    shim.module = module or linear()
    return shim


def module_of(shim):
    return shim._model


def weight_of(shim):
    return module_of(shim).weight.detach().numpy().copy()


def give_gradient(shim, value=1.0):
    """One forward and backward pass."""
    Y, backprop = shim.begin_update(ArgsKwargs((to_torch(X, requires_grad=True),), {}))
    backprop(ArgsKwargs(([Y],), {"grad_tensors": [torch.full_like(Y, value)]}))


def step(shim, optimizer, value=1.0):
    give_gradient(shim, value)
    shim.finish_update(optimizer)


def stir_shim():
    shim = ours()
    stir(module_of(shim))
    return shim
