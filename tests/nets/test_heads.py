"""What scores mean, against loops in plain Python."""

import math

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_rnn.nets.heads import Ladder, losses, n_raw, probabilities, targets

from ..helpers import slope, stir

HEADS = ["exclusive", "multilabel", "ordinal", "regression"]
every_head = pytest.mark.parametrize("head", HEADS)
U, K = 5, 4
CLASSES = [0, 3, 1, 2, 3]  # the right one of each text
wild = st.floats(-50, 50, width=32)


def make_scores(head, texts=U, seed=0):
    """Scores as the net gives them: those of a ladder fall."""
    rng = numpy.random.default_rng(seed)
    scores = rng.normal(size=(texts, K - 1 if head == "ordinal" else K))
    if head == "ordinal":
        scores = numpy.sort(scores, axis=1)[:, ::-1].copy()
    return torch.from_numpy(scores)


def make_gold(head):
    if head == "regression":
        return torch.from_numpy(numpy.random.default_rng(1).normal(size=(U, K)))
    gold = torch.eye(K, dtype=torch.double)[CLASSES]
    return gold.flip(0) + gold if head == "multilabel" else gold


def make_weights():
    """Uneven, and some are not known."""
    weights = torch.arange(1.0, U * K + 1).reshape(U, K).double() / 7
    weights[1, 0] = weights[3] = 0.0
    return weights


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def probabilities_by_hand(head, z):
    """Of one text."""
    if head == "exclusive":
        total = sum(math.exp(value) for value in z)
        return [math.exp(value) / total for value in z]
    if head == "multilabel":
        return [sigmoid(value) for value in z]
    above = [1.0, *(sigmoid(value) for value in z), 0.0]
    return [above[k] - above[k + 1] for k in range(len(z) + 1)]


def loss_by_hand(head, z, gold, weights, smoothing):
    """Of one text."""
    labels = range(len(gold))
    if head == "regression":
        return sum(weights[k] * (z[k] - gold[k]) ** 2 / 2 for k in labels)
    if head == "exclusive":
        p = probabilities_by_hand(head, z)
        right = gold.index(1.0)
        smooth = [(1 - smoothing) * (k == right) + smoothing / len(gold) for k in labels]
        return -weights[right] * sum(smooth[k] * math.log(p[k]) for k in labels)
    if head == "multilabel":
        wanted, by_score = gold, weights
    else:
        right = gold.index(1.0)
        wanted, by_score = [float(right > k) for k in range(len(z))], [weights[right]] * len(z)
    total = 0.0
    for value, target, weight in zip(z, wanted, by_score):
        target = target * (1 - smoothing) + smoothing / 2
        p = sigmoid(value)
        total -= weight * (target * math.log(p) + (1 - target) * math.log(1 - p))
    return total


@pytest.mark.parametrize("head", HEADS[:3])
@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
def test_probabilities_are_those_of_the_equations(head, temperature):
    scores = make_scores(head)
    found = probabilities(head, scores, temperature).tolist()
    for row, z in zip(found, scores.tolist()):
        assert row == pytest.approx(probabilities_by_hand(head, [x / temperature for x in z]))


def test_numbers_are_what_was_predicted():
    scores = make_scores("regression")
    assert torch.equal(probabilities("regression", scores, 3.0), scores)


@pytest.mark.parametrize("head", ["exclusive", "ordinal"])
@settings(deadline=None, max_examples=50)
@given(st.lists(wild, min_size=3, max_size=3))
def test_one_label_of_several_has_probability_one_in_sum(head, z):
    found = probabilities(head, torch.tensor([sorted(z, reverse=True)]))
    assert float(found.sum()) == pytest.approx(1.0, abs=1e-5)
    assert (found >= 0).all() and (found <= 1).all()


@every_head
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_losses_are_those_of_the_equations(head, smoothing):
    scores, gold, weights = make_scores(head), make_gold(head), make_weights()
    found = losses(head, scores, gold, weights, smoothing)
    rows = zip(scores.tolist(), gold.tolist(), weights.tolist())
    assert found.tolist() == pytest.approx([loss_by_hand(head, *row, smoothing) for row in rows])


@every_head
def test_the_right_answer_costs_least(head):
    gold, ones = make_gold(head), torch.ones(U, K)
    right = gold if head == "regression" else 8 * (2 * targets(head, gold) - 1)
    good, bad = (losses(head, z, gold, ones) for z in (right, make_scores(head)))
    assert (good < 0.05).all() and (good < bad).all()


@every_head
def test_gradients_are_those_of_finite_differences(head):
    scores, gold, weights = make_scores(head), make_gold(head), make_weights()
    Z = scores.clone().requires_grad_()
    losses(head, Z, gold, weights, 0.1).sum().backward()
    array = scores.numpy()
    expected = slope(lambda: float(losses(head, scores, gold, weights, 0.1).sum()), array)
    numpy.testing.assert_allclose(Z.grad, expected, atol=1e-7)


@every_head
def test_what_is_not_known_teaches_nothing(head):
    Z = make_scores(head).requires_grad_()
    found = losses(head, Z, make_gold(head), make_weights(), 0.1)
    found.sum().backward()
    assert found[3] == 0 and (Z.grad[3] == 0).all()
    assert (found[[0, 2, 4]] > 0).all()
    if head in ("multilabel", "regression"):  # where labels are known one by one
        assert Z.grad[1, 0] == 0 and (Z.grad[1, 1:] != 0).all()


@pytest.mark.parametrize("head", ["exclusive", "ordinal"])
def test_a_text_without_a_right_label_teaches_nothing(head):
    """All its labels are 0: none of the annotated ones is right."""
    gold = make_gold(head) * 0
    assert (losses(head, make_scores(head), gold, torch.ones(U, K), 0.2) == 0).all()


def test_targets_of_a_ladder_say_whether_a_text_is_above_each_step():
    gold = torch.eye(4)
    assert targets("ordinal", gold).tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert torch.equal(targets("exclusive", gold), gold)


@every_head
def test_a_ladder_is_climbed_by_one_score(head):
    assert n_raw(head, K) == (1 if head == "ordinal" else K)


@pytest.mark.parametrize("labels", [2, 3, 7])
def test_the_steps_of_a_ladder_rise_whatever_its_weights(labels):
    ladder = Ladder(labels)
    for _ in range(5):
        z = ladder(torch.randn(3, 1))
        assert z.shape == (3, labels - 1)
        assert (z[:, :-1] > z[:, 1:]).all()
        stir(ladder, 2.0)


def test_a_new_ladder_stands_in_the_middle():
    """Steps two apart, as many below 0 as above."""
    assert Ladder(5)(torch.zeros(1, 1)).tolist() == [[3.0, 1.0, -1.0, -3.0]]
    found = probabilities("ordinal", Ladder(4)(torch.zeros(1, 1)))
    assert torch.allclose(found, found.flip(1))


def test_higher_scores_climb_a_ladder():
    found = probabilities("ordinal", Ladder(4)(torch.linspace(-5, 5, 9)[:, None]))
    steps = (found * torch.arange(4)).sum(1)
    assert (steps.diff() > 0).all()
    assert found.argmax(1)[[0, -1]].tolist() == [0, 3]
