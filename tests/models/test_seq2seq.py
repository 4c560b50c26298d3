"""The encoder and decoder as a Thinc model: loss, gradients, sequences."""

import numpy
import pytest
from numpy.testing import assert_allclose
from spacy.util import registry
from thinc.api import NumpyOps, fix_random_seed, set_dropout_rate

from spacy_rnn.models.losses import loss, rehearsal_loss
from spacy_rnn.models.seq2seq import (
    AT_A_TIME,
    build,
    build_encoder_decoder_v1,
    declare,
    dictate,
    judge,
    write,
)
from spacy_rnn.units import SPECIAL, Pairs, Source, Units

from ..helpers import slope, stir_model
from ..pair_helpers import model_config

OPS = NumpyOps()
UNITS = Units("char", "char", (*SPECIAL, *"abcde"), (*SPECIAL, *"abc"))
SOURCES = ["abc", "", "dd", "eeabcde", "b"]
TARGETS = ["cb", "", "abcabc", "a", "dd"]
STYLES = [
    {},
    {"attention": "none"},
    {"attention": "dot", "feeding": "output"},
    {"attention": "additive", "feeding": "none", "copy": True},
    {"cell": "gru", "tied": True, "depth": 2},
    {"cell": "rnn", "copy": True, "feeding": "output", "tied": True},
]
every_style = pytest.mark.parametrize("style", STYLES, ids=str)


def make_model(**settings):
    """A net with random weights."""
    fix_random_seed(0)
    model = registry.resolve({"model": model_config(**settings)})["model"]
    declare(model, len(UNITS.source), len(UNITS.target))
    build(model)
    return stir_model(model, 1.0)


def pairs_of(sources=SOURCES, targets=TARGETS, copy=False):
    return UNITS.numbers([Source((), tuple(s)) for s in sources], targets, copy)


def only(pairs, i):
    """One pair of a batch, without its padding."""
    long = pairs.lengths[i]
    target = pairs.targets[i : i + 1, : (pairs.targets[i] != 0).sum()]
    return Pairs(pairs.units[i : i + 1, :long], pairs.copies[i : i + 1, :long], [long], target)


def written(model, pairs, limits=None, **how):
    found = write(model, pairs, limits or [6] * len(pairs.lengths), **how)
    return [[w.units for w in of_source] for of_source in found]


# The loss


def test_the_loss_by_hand():
    pairs = pairs_of(["a", "a"], ["b", ""])  # b and the end; the end
    log_p = numpy.array([[[-1, -5], [-2, -7]], [[-4, -6], [-9, -9]]], dtype="f")
    value, gradient = loss(OPS, log_p, pairs, 0.0)
    assert value == pytest.approx((1 + 2 + 4) / 3)
    assert_allclose(gradient, [[[-1 / 3, 0], [-1 / 3, 0]], [[-1 / 3, 0], [0, 0]]], rtol=1e-6)


def test_smoothing_gives_a_share_to_all_units():
    pairs = pairs_of(["a", "a"], ["b", ""])
    log_p = numpy.array([[[-1, -5], [-2, -7]], [[-4, -6], [-9, -9]]], dtype="f")
    value, gradient = loss(OPS, log_p, pairs, 0.25)
    assert value == pytest.approx((0.75 * (1 + 2 + 4) + 0.25 * (5 + 7 + 6)) / 3)
    assert_allclose(gradient[0, 0], [-0.75 / 3, -0.25 / 3], rtol=1e-6)
    assert not gradient[1, 1].any()


def test_a_loss_of_nothing_is_nothing():
    value, gradient = loss(OPS, numpy.zeros((0, 0, 2), "f"), pairs_of([], []), 0.1)
    assert value == 0.0 and gradient.shape == (0, 0, 2)


@pytest.mark.parametrize("copy", [False, True])
def test_what_the_model_says_is_what_its_steps_say(copy):
    """Teacher forcing, step by step, from the probabilities themselves."""
    import torch

    from spacy_rnn.models.seq2seq import _batch

    model, pairs = make_model(copy=copy), only(pairs_of(["adc"], ["cb"], copy), 0)
    net = model.shims[0].module
    with torch.no_grad():
        state, source = net.read(_batch(model, pairs))
        by_hand = []
        for before, unit in zip([1, *pairs.targets[0]], pairs.targets[0]):
            log_p, state, _ = net.decoder.step(torch.tensor([before]), state, source)
            assert float(log_p.exp().sum()) == pytest.approx(1, abs=1e-5)
            known = log_p[0, 2 : len(UNITS.target)]  # not padding, not the start
            by_hand.append([float(log_p[0, unit]), float(known.clamp(min=-87.33654).mean())])
    assert_allclose(model.predict(pairs), [by_hand], rtol=1e-4)


@every_style
def test_padding_and_neighbours_do_not_matter(style):
    model = make_model(**style)
    pairs = pairs_of(copy=style.get("copy", False))
    log_p = model.predict(pairs)
    for i, row in enumerate(log_p):
        alone = model.predict(only(pairs, i))[0]
        assert_allclose(row[: len(alone)], alone, atol=1e-5, rtol=1e-5)
        assert not row[len(alone) :].any()


@pytest.mark.parametrize("style", [{}, {"copy": True, "feeding": "output"}], ids=str)
def test_the_gradient_is_that_of_the_loss(style):
    model = make_model(**style, width=6)
    shim, pairs = model.shims[0], pairs_of(copy=style.get("copy", False))
    shim.module.double()
    log_p, backprop = model.begin_update(pairs)
    _, d_log_p = loss(OPS, log_p, pairs, 0.2)
    backprop(d_log_p.astype("d"))
    name = "decoder.output.bias"
    found = shim.gradients()[name].numpy()
    bias = shim.module.get_parameter(name).detach().numpy()
    share = numpy.array([0.8, 0.2])

    def value():
        n = (pairs.targets != 0).sum()
        return -float((model.predict(pairs) * share).sum()) / n

    assert abs(found).max() > 0.01
    assert_allclose(found, slope(value, bias), atol=1e-6)


def test_dropout_is_for_training_only():
    model, pairs = make_model(), pairs_of()
    set_dropout_rate(model, 0.5)
    expected = model.predict(pairs)
    assert_allclose(model.predict(pairs), expected)
    assert abs(model.begin_update(pairs)[0] - expected).max() > 0.01


# What is written


@every_style
@pytest.mark.parametrize("width", [1, 3])
def test_sources_write_alone_what_they_write_together(style, width):
    model = make_model(**style)
    pairs = pairs_of(copy=style.get("copy", False))
    together = written(model, pairs, width=width)
    assert len({tuple(map(tuple, of)) for of in together}) > 1
    assert together == [written(model, only(pairs, i), width=width)[0] for i in range(5)]


def test_the_score_is_the_log_p_by_length():
    model = make_model()
    for of_source, source in zip(write(model, pairs_of(), [6] * 5, width=2), SOURCES):
        best = of_source[0]
        text = UNITS.symbols([best.units], [Source((), tuple(source))])
        log_p = model.predict(pairs_of([source], text))[0, :, 0]
        log_p = log_p[: len(best.units)] if best.truncated else log_p
        assert best.score == pytest.approx(log_p.mean(), rel=1e-4)


def test_the_limit_ends_what_would_go_on():
    model = make_model()
    model.shims[0].module.decoder.output.bias.data[2] = -1000.0  # the end never comes
    limits = [1, 2, 3, 4, 5]
    found = [of[0] for of in write(model, pairs_of(), limits)]
    assert [len(w.units) for w in found] == limits
    assert all(w.truncated for w in found)


def test_attention_has_a_row_for_each_step_and_a_column_for_each_unit():
    model, pairs = make_model(), pairs_of()
    found = write(model, pairs, [6] * 5, attention=True)
    for (best,), long in zip(found, pairs.lengths):
        assert best.attention.shape[0] == len(best.units) + (not best.truncated)
        assert_allclose(best.attention.sum(1), 1, rtol=1e-5)
        assert not best.attention[:, long:].any()


def test_several_are_given_the_best_first():
    found = write(make_model(), pairs_of(), [6] * 5, n=3, width=4, alpha=0.7)
    for of_source in found:
        assert 1 < len(of_source) <= 3
        assert len({tuple(w.units) for w in of_source}) == len(of_source)
        complete = [w.score for w in of_source if not w.truncated]
        assert complete == sorted(complete, reverse=True)


def test_a_prefix_is_written_first():
    prefixes = [[4], [], [5, 6], [6], [4, 4]]
    found = written(make_model(), pairs_of(), width=2, prefixes=prefixes)
    assert all(w[0][: len(p)] == p for w, p in zip(found, prefixes))


@pytest.mark.parametrize("copy", [False, True])
def test_unknown_is_never_written(copy):
    model = make_model(copy=copy)
    model.shims[0].module.decoder.output.bias.data[3] = 100.0
    found = written(model, pairs_of(copy=copy), width=3)
    assert not any(unit < len(SPECIAL) for of in found for unit in of[0])


def test_more_sources_than_are_decoded_at_a_time():
    n = AT_A_TIME + 3
    model, one = make_model(), written(make_model(), pairs_of(["ab"], ["a"]))
    assert written(model, pairs_of(["ab"] * n, ["a"] * n)) == one * n


# Settings


@pytest.mark.parametrize("name", ["cell", "attention", "feeding", "units", "target_units"])
def test_a_wrong_setting_is_named_with_the_right_ones(name):
    with pytest.raises(ValueError, match=f"'{name.removeprefix('target_')}'.*wrong"):
        make_model(**{name: "wrong"})


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"width": 7}, "'width' is 7.*must be even"),
        ({"width": 0}, "'width' is 0, but must be at least 1"),
        ({"embed_width": 0}, "'embed_width' is 0, but must be at least 1"),
        ({"depth": 0}, "'depth' is 0, but must be at least 1"),
        ({"copy": True, "attention": "none"}, "points at nothing"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        build_encoder_decoder_v1(**settings)


def test_without_attention_nothing_is_fed():
    plain = make_model(attention="none", feeding="none")
    assert written(make_model(attention="none"), pairs_of()) == written(plain, pairs_of())


def test_attention_is_kept_on_request_only():
    assert all(best.attention.size == 0 for (best,) in write(make_model(), pairs_of(), [6] * 5))


def test_weights_that_are_no_numbers_write_nothing():
    model = make_model()
    model.shims[0].module.decoder.output.bias.data[:] = numpy.nan
    assert [best.units for (best,) in write(model, pairs_of(), [6] * 5)] == [[]] * 5


def test_smoothing_teaches_neither_padding_nor_the_start():
    model, pairs = make_model(), pairs_of()
    _, backprop = model.begin_update(pairs)
    only_smoothing = numpy.zeros((len(SOURCES), pairs.targets.shape[1], 2), "f")
    only_smoothing[..., 1] = -(pairs.targets != 0).astype("f")
    backprop(only_smoothing)
    gradient = model.shims[0].gradients()["decoder.output.bias"].numpy()
    # They lose whatever probability they have
    assert (gradient[:2] > 0).all()


# Edits


def with_edits(**settings):
    fix_random_seed(0)
    model = registry.resolve({"model": model_config(**settings)})["model"]
    declare(model, len(UNITS.source), len(UNITS.target), 4)
    build(model)
    return stir_model(model, 1.0)


def test_an_edit_is_judged_behind_the_units():
    model, edits = with_edits(), numpy.array([0, 3, -1, 1, 2])
    pairs = pairs_of()
    units, both = model.predict(pairs), model.predict(pairs._replace(edits=edits))
    assert_allclose(both[:, :-1], units, rtol=1e-5)
    log_p = judge(model, pairs)
    assert_allclose(numpy.exp(log_p).sum(1), 1, rtol=1e-5)
    for row, of_source, edit in zip(both[:, -1], log_p, edits):
        assert row == pytest.approx([0, 0] if edit < 0 else [of_source[edit], of_source.mean()])


def test_edits_do_not_depend_on_neighbours():
    model, pairs = with_edits(), pairs_of()
    together = judge(model, pairs)
    for i, row in enumerate(together):
        assert_allclose(judge(model, only(pairs, i))[0], row, atol=1e-5)


def test_the_loss_counts_an_edit_as_a_unit():
    pairs = pairs_of(["a", "a"], ["b", ""])._replace(edits=numpy.array([1, -1]))
    log_p = -numpy.array([[[1, 5], [2, 7], [3, 4]], [[4, 6], [9, 9], [0, 0]]], dtype="f")
    value, gradient = loss(OPS, log_p, pairs, 0.25)
    assert value == pytest.approx((0.75 * (1 + 2 + 4 + 3) + 0.25 * (5 + 7 + 6 + 4)) / 4)
    assert_allclose(gradient[0, 2], [-0.75 / 4, -0.25 / 4])
    assert not gradient[1, 2].any()


def test_rehearsal_wants_what_was_said_before():
    pairs = pairs_of(["a", "a"], ["b", ""])
    was = -numpy.ones((2, 2, 2), "f")
    now = was - numpy.array([[[1, 0], [0, 2]], [[3, 0], [9, 9]]], dtype="f")
    value, gradient = rehearsal_loss(OPS, now, pairs, was)
    assert value == pytest.approx((1 + 4 + 9) / 6)
    assert_allclose(gradient, (now - was) / 3 * [[[1], [1]], [[1], [0]]])


@pytest.mark.parametrize("classifies", [False, True])
def test_a_dictation_is_what_the_model_writes(classifies):
    model = with_edits(copy=True) if classifies else make_model(copy=True)
    asked = pairs_of(copy=True)
    found = dictate(model, asked, [4, 5, 3, 6, 4])
    for row, (best,) in zip(found.targets, write(model, asked, [4, 5, 3, 6, 4])):
        units = [int(unit) for unit in row if unit]
        assert units == [*best.units, *([] if best.truncated else [2])]
    if classifies:
        assert (found.edits == judge(model, asked).argmax(1)).all()
    else:
        assert found.edits is None
