"""Every test of a defect that we mend runs against the stock shim as well and asserts
that it is there: when Thinc mends it, we shall know.
"""

import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import torch
from thinc.api import Adam, Model, PyTorchWrapper_v3, set_dropout_rate
from thinc.types import ArgsKwargs

from spacy_rnn.models.arrays import to_torch, to_xp
from spacy_rnn.models.encoder import build_rnn_encoder_v1
from spacy_rnn.models.shim import RNNShim

from ..helpers import run_python, stir
from ..shim_helpers import (
    X,
    give_gradient,
    linear,
    module_of,
    ours,
    step,
    stir_shim,
    stock,
    weight_of,
)

THREADS = 8


# Prediction changes no state


class Meeting(torch.nn.Module):
    """Drops out in training mode, after its first caller has let a second one pass."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.first_is_in, self.second_is_out = threading.Event(), threading.Event()

    def forward(self, X):
        if not self.first_is_in.is_set():
            self.first_is_in.set()
            assert self.second_is_out.wait(10)
        return torch.nn.functional.dropout(X, 1.0, self.training) * self.weight


def predict_while_another_predicts(make):
    module = Meeting().eval()
    shim, inputs = make(module), ArgsKwargs((torch.ones(2, 3),), {})
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(shim.predict, inputs)
        assert module.first_is_in.wait(10)
        shim.predict(inputs)
        module.second_is_out.set()
        return first.result()


def test_threads_do_not_disturb_each_other():
    assert (predict_while_another_predicts(ours) == 1).all()


def test_stock_threads_disturb_each_other():
    assert (predict_while_another_predicts(stock) == 0).all()


@pytest.mark.parametrize("training", [True, False])
def test_prediction_leaves_the_mode_alone(training):
    shim = ours(linear().train(training))
    shim.predict(ArgsKwargs((to_torch(X),), {}))
    assert module_of(shim).training == training


def test_stock_prediction_leaves_training_mode_on():
    shim = stock(linear().eval())
    shim.predict(ArgsKwargs((to_torch(X),), {}))
    assert module_of(shim).training


@pytest.fixture
def encoder():
    """An encoder with dropout between its layers."""
    model = build_rnn_encoder_v1(8, depth=2)
    model.initialize(X=[numpy.zeros((1, 3), dtype="f")])
    stir(model.shims[0].module)
    set_dropout_rate(model, 0.5)
    return model


def test_threads_sharing_a_layer_give_the_answers_of_one(encoder):
    rng = numpy.random.default_rng(0)
    batches = [[rng.normal(size=(n, 3)).astype("f") for n in (5, 1, 3)] for _ in range(5)]
    alone = [encoder.predict(Xs) for Xs in batches] * 20
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(encoder.predict, batches * 20))
    for a, b in zip(alone, together):
        for x, y in zip(a, b):
            numpy.testing.assert_array_equal(x, y)


# Averages


def train_with_averages(shim):
    optimizer = Adam(0.1, use_averages=True)
    for _ in range(5):
        step(shim, optimizer)
    average = optimizer.averages[shim.id, "weight"]
    assert not numpy.allclose(average, weight_of(shim))
    return optimizer.averages, average


def test_averages_are_applied():
    shim = ours()
    averages, average = train_with_averages(shim)
    with shim.use_params(averages):
        numpy.testing.assert_array_equal(weight_of(shim), average)


def test_stock_averages_are_not_applied():
    shim = stock()
    averages, _ = train_with_averages(shim)
    own = weight_of(shim)
    with shim.use_params(averages):
        numpy.testing.assert_array_equal(weight_of(shim), own)


def test_own_weights_come_back():
    shim = ours()
    averages, _ = train_with_averages(shim)
    own = weight_of(shim)
    with shim.use_params(averages):
        pass
    numpy.testing.assert_array_equal(weight_of(shim), own)


def test_own_weights_come_back_after_an_exception():
    shim = ours()
    averages, _ = train_with_averages(shim)
    own = weight_of(shim)
    with pytest.raises(KeyError), shim.use_params(averages):
        raise KeyError
    numpy.testing.assert_array_equal(weight_of(shim), own)


def test_stock_own_weights_do_not_come_back_after_an_exception():
    shim, own = stock(), weight_of(stock())
    params = {f"pytorch_{shim.id}_{n}": p * 0 for n, p in module_of(shim).state_dict().items()}
    params = {name: to_xp(p) for name, p in params.items()}
    with pytest.raises(KeyError), shim.use_params(params):
        raise KeyError
    assert not numpy.array_equal(weight_of(shim), own)


def test_averages_do_not_change_with_the_own_weights():
    shim = ours()
    averages, average = train_with_averages(shim)
    before = average.copy()
    with shim.use_params(averages):
        module_of(shim).weight.data.zero_()
    numpy.testing.assert_array_equal(average, before)


# Gradients


def collect_gradients(shim):
    """What `nlp.rehearse` does: it calls the optimizer when all is over."""
    calls = {}

    def later(key, W, dW):
        calls[key] = (W, dW)
        return W, dW

    give_gradient(shim)
    shim.finish_update(later)
    return calls


def test_gradients_outlive_the_update():
    calls = collect_gradients(ours())
    assert calls and all((dW != 0).any() for _, dW in calls.values())


def test_stock_gradients_do_not_outlive_the_update():
    calls = collect_gradients(stock())
    assert calls and all((dW == 0).all() for _, dW in calls.values())


def test_an_optimizer_called_later_reaches_the_weights():
    shim = ours()
    before, calls, optimizer = weight_of(shim), collect_gradients(shim), Adam(0.1)
    for key, (W, dW) in calls.items():
        optimizer(key, W, dW)
    assert (weight_of(shim) != before).all()


def test_an_optimizer_that_returns_another_array_reaches_the_weights():
    shim = ours()
    step(shim, lambda key, W, dW: (W * 0 + 7, dW))
    assert (weight_of(shim) == 7).all()


@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf, -numpy.inf])
def test_a_bad_gradient_leaves_the_weights_alone(bad):
    shim = ours()
    before = weight_of(shim)
    step(shim, Adam(0.1), bad)
    numpy.testing.assert_array_equal(weight_of(shim), before)


def test_a_bad_gradient_is_forgotten():
    shim, optimizer = ours(), Adam(0.1)
    before = weight_of(shim)
    step(shim, optimizer, numpy.nan)
    step(shim, optimizer)
    assert numpy.isfinite(weight_of(shim)).all()
    assert (weight_of(shim) != before).all()


def test_a_bad_gradient_of_one_weight_stops_the_others_too():
    shim = ours()
    before = weight_of(shim)
    give_gradient(shim)
    module_of(shim).bias.grad[0] = numpy.nan
    shim.finish_update(Adam(0.1))
    numpy.testing.assert_array_equal(weight_of(shim), before)


def test_stock_a_bad_gradient_destroys_the_weights():
    shim = stock()
    step(shim, Adam(0.1), numpy.nan)
    assert numpy.isnan(weight_of(shim)).all()


def test_gradients_of_several_batches_add_up():
    shim = ours()
    give_gradient(shim)
    once = shim.gradients()["weight"].clone()
    give_gradient(shim)
    torch.testing.assert_close(shim.gradients()["weight"], 2 * once)


def test_an_update_forgets_the_gradients():
    shim = ours()
    step(shim, Adam(0.1))
    assert not shim.gradients()


# Dropout


def outputs_at(model, Xs, rate):
    set_dropout_rate(model, rate)
    torch.manual_seed(0)
    return numpy.concatenate(model.begin_update(Xs)[0])


def test_dropout_reaches_the_net(encoder):
    Xs = [X, X]
    assert not numpy.allclose(outputs_at(encoder, Xs, 0.5), outputs_at(encoder, Xs, 0.0))


def test_dropout_does_not_reach_prediction(encoder):
    free = outputs_at(encoder, [X], 0.0)
    set_dropout_rate(encoder, 0.5)
    numpy.testing.assert_allclose(encoder.predict([X])[0], free, atol=1e-6)


def test_stock_dropout_does_not_reach_the_net():
    model = PyTorchWrapper_v3(torch.nn.Sequential(linear(), torch.nn.Dropout(0.0)))
    numpy.testing.assert_array_equal(outputs_at(model, X, 0.0), outputs_at(model, X, 0.9))


# Copies

every_copy = pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, RNNShim.copy, lambda shim: pickle.loads(pickle.dumps(shim))],
    ids=["copy", "deepcopy", "Shim.copy", "pickle"],
)


@every_copy
def test_a_copy_has_the_same_weights(duplicate):
    shim = stir_shim()
    numpy.testing.assert_array_equal(weight_of(duplicate(shim)), weight_of(shim))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, RNNShim.copy], ids=["deepcopy", "copy"])
def test_a_deep_copy_learns_alone(duplicate):
    shim = stir_shim()
    before, twin = weight_of(shim), duplicate(shim)
    step(twin, Adam(0.1))
    numpy.testing.assert_array_equal(weight_of(shim), before)


def test_a_copy_of_a_model_has_an_optimizer_state_of_its_own(encoder):
    """As Thinc's parameters have: the id is the key of the optimizer's moments."""
    assert encoder.copy().shims[0].id != encoder.shims[0].id


def test_stock_a_copy_of_a_model_shares_its_optimizer_state():
    model = PyTorchWrapper_v3(linear())
    assert model.copy().shims[0].id == model.shims[0].id


def test_a_pickled_model_predicts_the_same(encoder):
    twin = pickle.loads(pickle.dumps(encoder))
    numpy.testing.assert_array_equal(twin.predict([X])[0], encoder.predict([X])[0])


# Arrays

REVERSED = """
import numpy
from thinc.api import PyTorchWrapper_v3
from thinc.compat import torch
model = PyTorchWrapper_v3(torch.nn.Linear(3, 2))
model.predict(numpy.ones((2, 3), dtype="f")[::-1])
"""


def test_a_reversed_array_is_read(encoder):
    forwards = numpy.ascontiguousarray(X[::-1])
    numpy.testing.assert_array_equal(encoder.predict([X[::-1]])[0], encoder.predict([forwards])[0])


def test_stock_a_reversed_array_ends_the_process():
    assert run_python(REVERSED).returncode < 0


@pytest.mark.parametrize("view", [X[::-1], X[:, ::-1], X[:, ::2], X.T, X[:0], X[1]])
def test_every_view_becomes_a_tensor(view):
    numpy.testing.assert_array_equal(to_torch(view).numpy(), view)


def test_arrays_share_memory_with_tensors():
    array = X.copy()
    to_torch(array)[0, 0] = 5
    assert array[0, 0] == 5
    tensor = torch.zeros(2)
    to_xp(tensor)[0] = 5
    assert tensor[0] == 5


def test_a_net_that_is_not_built_says_so():
    with pytest.raises(ValueError, match="Linear.*initialize"):
        RNNShim(torch.nn.Linear, {}).predict(ArgsKwargs((to_torch(X),), {}))


def test_models_are_thinc_models(encoder):
    assert isinstance(encoder, Model)


def test_what_is_remembered_is_dropped_when_the_net_moves():
    """It would stay on the device where it was computed."""
    shim = ours()
    before = shim.version
    shim.to_device("cpu", -1)
    assert shim.version > before
