import math

import numpy
import pytest
import torch
from thinc.api import Linear, Model, chain

from spacy_rnn.models.gradients import clip_gradients, drop_gradients, gradients
from spacy_rnn.models.shim import RNNShim

PLACES = [0, 1, 2]


@pytest.fixture
def model():
    """Thinc's parameters and torch's in one model, all with gradients."""
    shim = RNNShim(torch.nn.Linear, {"in_features": 3, "out_features": 2})
    shim.build()
    torch_layer = Model("torch", lambda model, X, is_train: (X, lambda dY: dY), shims=[shim])
    model = chain(Linear(2, 3), torch_layer)
    linear = model.layers[0]
    linear.initialize()
    linear.set_grad("W", numpy.full((2, 3), 2.0, dtype="f"))
    linear.set_grad("b", numpy.full((2,), -1.0, dtype="f"))
    shim.module.weight.grad = torch.full((2, 3), 3.0)
    return model


NORM = math.sqrt(6 * 4 + 2 * 1 + 6 * 9)


def test_finds_the_gradients_of_both(model):
    assert sorted(g.shape for g in gradients(model)) == [(2,), (2, 3), (2, 3)]


def test_the_norm_is_over_all_weights(model):
    assert clip_gradients(model, 0.0) == pytest.approx(NORM)


def test_clipping_scales_all_alike(model):
    before = [g.copy() for g in gradients(model)]
    assert clip_gradients(model, 1.0) == pytest.approx(NORM)
    for old, new in zip(before, gradients(model)):
        numpy.testing.assert_allclose(new, old / NORM, rtol=1e-5)
    assert clip_gradients(model, 0.0) == pytest.approx(1.0)


@pytest.mark.parametrize("limit", [0.0, NORM * 1.01])
def test_small_gradients_stay_as_they_are(model, limit):
    before = [g.copy() for g in gradients(model)]
    clip_gradients(model, limit)
    for old, new in zip(before, gradients(model)):
        numpy.testing.assert_array_equal(new, old)


@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf, -numpy.inf])
@pytest.mark.parametrize("place", PLACES)
def test_a_bad_gradient_anywhere_shows_in_the_norm(model, place, bad):
    list(gradients(model))[place].flat[-1] = bad
    assert not math.isfinite(clip_gradients(model, 1.0))


def test_a_gradient_whose_square_is_infinite_counts_as_infinite(model):
    for gradient in gradients(model):
        gradient[:] = 1e25
    assert not math.isfinite(clip_gradients(model, 1.0))


def test_dropping_forgets_both(model):
    drop_gradients(model)
    assert all((g == 0).all() for g in gradients(model))


def test_dropping_forgets_nan(model):
    for gradient in gradients(model):
        gradient[:] = numpy.nan
    drop_gradients(model)
    assert all((g == 0).all() for g in gradients(model))
