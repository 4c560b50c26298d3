"""Losses, rehearsal and the weights of branches, by hand."""

import math

import numpy
import pytest
import torch

from spacy_rnn.models.classes import (
    LOWEST,
    fit_weights,
    loss,
    probabilities,
    rehearsal_loss,
    set_numbers,
)
from spacy_rnn.nets import heads
from spacy_rnn.types import ClassScores

from ..helpers import slope
from ..text_helpers import HEADS, make_model

every_head = pytest.mark.parametrize("head", HEADS)
R, U, K = 2, 4, 3


@pytest.fixture(scope="module")
def models():
    return {head: make_model(K, head=head, ngrams=1) for head in HEADS}


def make_scores(head, seed=0, branches=R):
    D = K - 1 if head == "ordinal" else K
    values = numpy.random.default_rng(seed).normal(size=(branches, U, D)).astype("f")
    values = -numpy.sort(-values, axis=2) if head == "ordinal" else values
    return ClassScores(values, numpy.zeros(0, "f"))


def make_gold(head):
    if head == "regression":
        return numpy.random.default_rng(5).normal(size=(U, K)).astype("f")
    return numpy.eye(K, dtype="f")[[0, 2, 1, 2]]


def make_weights():
    weights = numpy.linspace(0.5, 2, U * K, dtype="f").reshape(U, K)
    weights[1] = 0.0
    return weights


def of_branches(head, scores, smoothing=0.1):
    """The losses that heads give, one branch after the other; only the net is smoothed."""
    arrays = make_gold(head), make_weights()
    gold, weights = (torch.from_numpy(array).double() for array in arrays)
    return [
        heads.losses(head, torch.from_numpy(z).double(), gold, weights, smoothing * (i == 0))
        for i, z in enumerate(scores)
    ]


@every_head
def test_the_loss_is_the_mean_of_branches_and_annotated_texts(head, models):
    scores = make_scores(head)
    value, _ = loss(models[head], scores, make_gold(head), make_weights(), 0.1)
    expected = sum(float(losses.sum()) / 3 for losses in of_branches(head, scores.branches)) / R
    assert value == pytest.approx(expected, rel=1e-5)


@every_head
def test_each_branch_learns_for_itself(head, models):
    scores = make_scores(head)
    _, grads = loss(models[head], scores, make_gold(head), make_weights(), 0.1)
    array = scores.branches.astype("f8")

    def in_sum():
        return sum(float(losses.sum()) / 3 for losses in of_branches(head, array))

    numpy.testing.assert_allclose(grads.branches, slope(in_sum, array), atol=1e-4)
    assert (grads.branches[:, 1] == 0).all() and (grads.branches[:, [0, 2, 3]] != 0).all()


@every_head
def test_no_annotation_teaches_nothing(head, models):
    scores, nothing = make_scores(head), numpy.zeros((U, K), "f")
    value, grads = loss(models[head], scores, make_gold(head), nothing)
    assert value == 0 and not grads.branches.any()


@every_head
@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf])
def test_a_loss_that_is_not_finite_has_no_gradient(head, bad, models):
    scores = make_scores(head)
    scores.branches[0, 0] = bad
    value, grads = loss(models[head], scores, make_gold(head), make_weights())
    assert not math.isfinite(value)
    assert not grads.branches.any()


# What is made of scores


@every_head
def test_probabilities_are_those_of_the_mean(head, models):
    scores = make_scores(head)
    expected = heads.probabilities(head, torch.from_numpy(scores.branches).mean(0)).numpy()
    numpy.testing.assert_allclose(probabilities(models[head], scores), expected, rtol=1e-6)


@every_head
def test_branches_count_what_their_weights_say(head, models):
    scores = make_scores(head)
    mixed = 0.3 * scores.branches[0] + 2.0 * scores.branches[1]
    expected = heads.probabilities(head, torch.from_numpy(mixed)).numpy()
    found = probabilities(models[head], scores, [0.3, 2.0])
    numpy.testing.assert_allclose(found, expected, rtol=1e-5)


def test_weights_of_other_branches_do_not_count(models):
    """Those of a model that was calibrated before it had n-grams, say."""
    scores = make_scores("exclusive")
    expected = probabilities(models["exclusive"], scores)
    assert (probabilities(models["exclusive"], scores, [1.0]) == expected).all()


def drawn(true, texts=4000):
    """Scores, and labels that are as frequent as those scores times `true` say."""
    rng = numpy.random.default_rng(0)
    branches = rng.normal(size=(len(true), texts, K)) * 2
    z = sum(weight * branch for weight, branch in zip(true, branches))
    p = numpy.exp(z) / numpy.exp(z).sum(1, keepdims=True)
    found = (rng.random((texts, 1)) > p.cumsum(1)).sum(1).clip(max=K - 1)
    return ClassScores(branches.astype("f"), numpy.zeros(0, "f")), numpy.eye(K, dtype="f")[found]


@pytest.mark.parametrize("true", [[0.4], [2.0], [0.9, 0.3], [0.2, 1.5]])
def test_weights_of_a_known_distortion_are_found(true, models):
    scores, gold = drawn(true)
    found = fit_weights(models["exclusive"], scores, gold, gold * 0 + 1)
    assert found == pytest.approx(true, rel=0.15)


def test_what_is_not_annotated_does_not_count_in_the_fit(models):
    scores, gold = drawn([0.9, 0.3], 200)
    known = numpy.ones_like(gold)
    wrong = 1 - gold
    gold[::2], known[::2] = wrong[::2], 0.0
    alone = ClassScores(scores.branches[:, 1::2], scores.attention)
    expected = fit_weights(models["exclusive"], alone, gold[1::2], known[1::2])
    assert fit_weights(models["exclusive"], scores, gold, known) == pytest.approx(
        expected, rel=0.02
    )


@pytest.mark.parametrize("head", HEADS[:3])
@pytest.mark.parametrize("branches", [1, 2])
@pytest.mark.parametrize("sign", [1, -1])
def test_weights_stay_within_bounds(head, branches, sign, models):
    """Whatever separates the texts of dev perfectly, or is always wrong."""
    gold = numpy.eye(K, dtype="f")[[0, 1, 2] * 3]
    z = heads.targets(head, torch.from_numpy(gold)).numpy() * 2 - 1
    scores = ClassScores(numpy.stack([sign * 9 * z] * branches).astype("f"), numpy.zeros(0, "f"))
    for weight in fit_weights(models[head], scores, gold, gold * 0 + 1):
        assert LOWEST * 0.99 <= weight <= 10.0


def test_a_handful_of_texts_does_not_decide_whom_to_trust(models):
    """Both branches are right, one of them by a little more."""
    gold = numpy.eye(K, dtype="f")[[0, 1]]
    branches = numpy.stack([gold * 2.0, gold * 2.2]).astype("f")
    first, second = fit_weights(
        models["exclusive"], ClassScores(branches, gold[0]), gold, gold * 0 + 1
    )
    assert first > second / 2


@pytest.mark.parametrize("branches", [1, 2])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_handful_of_texts_does_not_decide_how_sure_to_be(branches, sign, models):
    """All are right, or all are wrong; hundreds of them do decide."""
    gold = numpy.eye(K, dtype="f")[[0, 1]]

    def scale(texts):
        gold_of_all = numpy.tile(gold, (texts // 2, 1))
        Z = numpy.stack([sign * 2 * gold_of_all] * branches)
        scores = ClassScores(Z.astype("f"), numpy.zeros(0, "f"))
        return sum(fit_weights(models["exclusive"], scores, gold_of_all, gold_of_all * 0 + 1))

    assert 0.4 < scale(2) < 2.5
    assert scale(1000) > 2 if sign == 1 else scale(1000) < 0.1


# Rehearsal


@every_head
def test_rehearsing_what_one_knows_costs_nothing(head):
    value, grads = rehearsal_loss(make_scores(head), make_scores(head))
    assert value == 0 and not grads.branches.any()


def test_rehearsal_is_half_the_squared_distance_of_scores():
    scores, target = make_scores("exclusive"), make_scores("exclusive", 1)
    value, grads = rehearsal_loss(scores, target)
    distance = scores.branches - target.branches
    assert value == pytest.approx(float((distance**2).sum()) / (2 * U))
    numpy.testing.assert_allclose(grads.branches, distance / U, rtol=1e-6)


def test_rehearsal_leaves_new_labels_alone():
    target = make_scores("exclusive")
    wider = numpy.pad(target.branches, [(0, 0), (0, 0), (0, 2)]) + 1
    _, grads = rehearsal_loss(ClassScores(wider, target.attention), target)
    assert (grads.branches[..., K:] == 0).all() and (grads.branches[..., :K] != 0).all()


# Numbers


def test_numbers_are_learnt_on_their_scale():
    model = make_model(K, head="regression", ngrams=0)
    gold = numpy.array([[1, 10, 5], [3, 30, 5], [8, 99, 5]], "f")
    known = numpy.array([[1, 1, 1], [1, 1, 1], [1, 0, 1]], "f")
    assert set_numbers(model, gold, known) == [1.0, 8.0]
    net = model.shims[0].module
    assert net.shift.tolist() == pytest.approx([4.0, 20.0, 5.0])
    assert net.scale.tolist() == pytest.approx([gold[:, 0].std(), 10.0, 1.0])


def test_without_numbers_nothing_changes():
    model = make_model(K, head="regression", ngrams=0)
    nothing = numpy.zeros((2, K), "f")
    assert set_numbers(model, nothing, nothing) == [0.0, 0.0]
    assert model.shims[0].module.scale.tolist() == [1.0] * K
