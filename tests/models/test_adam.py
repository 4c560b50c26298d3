"""The step is Thinc's, taken faster."""

import copy

import numpy
import pytest
import torch
from thinc.api import Adam, Optimizer, RAdam
from thinc.schedules import warmup_linear

from spacy_rnn.models.adam import adam, is_plain_adam

RATE = 0.01
SHAPES = {
    (1, "table"): (7, 3),
    (1, "b"): (5,),
    (2, "transitions"): (2, 3, 4),
    (2, "nothing"): (0,),
}


def optimizers(**settings):
    """Two that are alike."""
    optimizer = Adam(RATE, **settings)
    return optimizer, copy.deepcopy(optimizer)


def random_steps(n):
    """Gradients of weights that not every step reaches."""
    rng = numpy.random.default_rng(0)
    for _ in range(n):
        keys = [key for key in SHAPES if rng.random() < 0.7]
        scale = numpy.float32(rng.choice([1e-9, 1]))
        yield {key: rng.normal(size=SHAPES[key]).astype("f") * scale for key in keys}


def thincs(optimizer, weights, grads):
    for key, grad in grads.items():
        weights[key][...] = optimizer(key, weights[key], grad.copy())[0]


def ours(optimizer, weights, grads):
    pairs = {k: (torch.from_numpy(weights[k]), torch.from_numpy(g)) for k, g in grads.items()}
    adam(optimizer, pairs)


def assert_same(a, b, atol=1e-7):
    assert a.keys() == b.keys()
    for key in a:
        numpy.testing.assert_allclose(a[key].ravel(), b[key].ravel(), rtol=1e-5, atol=atol)


def zeros():
    return {key: numpy.zeros(shape, dtype="f") for key, shape in SHAPES.items()}


@pytest.mark.parametrize("eps", [1e-8, 0.01])
@pytest.mark.parametrize("averages", [True, False])
def test_weights_moments_and_means_are_those_of_thinc(averages, eps):
    ones, others = optimizers(use_averages=averages, eps=eps, grad_clip=0.0, L2=0.0)
    a, b = zeros(), zeros()
    for grads in random_steps(30):
        thincs(ones, a, grads)
        ours(others, b, grads)
    assert_same(a, b, RATE / 10_000)  # float32, after steps there and back
    for name in ("mom1", "mom2", "averages"):
        assert_same(getattr(ones, name) or {}, getattr(others, name) or {})
    assert ones.nr_update == others.nr_update


def test_either_may_take_the_next_step():
    ones, others = optimizers(grad_clip=0.0, L2=0.0)
    a, b = zeros(), zeros()
    for i, grads in enumerate(random_steps(20)):
        thincs(ones, a, grads)
        (ours if i % 2 else thincs)(others, b, grads)
    assert_same(a, b, RATE / 10_000)  # float32, after steps there and back


def test_the_rate_of_a_schedule_is_used():
    rates = warmup_linear(0.1, 2, 10)
    optimizer = Adam(rates, grad_clip=0.0, L2=0.0)
    weights = {(1, "b"): numpy.zeros(5, dtype="f")}
    ours(optimizer, weights, {(1, "b"): numpy.ones(5, dtype="f")})
    assert not weights[1, "b"].any()  # the rate of the first step is 0
    optimizer.step_schedules()
    ours(optimizer, weights, {(1, "b"): numpy.ones(5, dtype="f")})
    assert weights[1, "b"] == pytest.approx(-0.05, rel=1e-4)


@pytest.mark.parametrize(
    "optimizer",
    [
        Adam(0.1, L2=0.1, grad_clip=0.0),
        Adam(0.1, grad_clip=1.0, L2=0.0),
        RAdam(0.1, L2=0.0, grad_clip=0.0),
        Optimizer(0.1, beta1=0.0, beta2=0.0, L2=0.0, grad_clip=0.0),
        lambda key, weights, gradient: (weights, gradient),
    ],
)
def test_what_it_does_not_do_is_left_to_thinc(optimizer):
    assert is_plain_adam(Adam(0.1, grad_clip=0.0, L2=0.0))
    assert not is_plain_adam(optimizer)
