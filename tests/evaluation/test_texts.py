"""Scores of texts against loops in plain Python."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_rnn.evaluation.calibration import expected_calibration_error
from spacy_rnn.evaluation.texts import firsts, score_firsts, score_numbers, score_order

LABELS = ["bad", "fair", "good"]
few = settings(deadline=None, max_examples=60)
indices = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=12)
numbers = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=8)


def of(place, sure=0.6):
    """Probabilities with the label of that place first."""
    return {label: sure if i == place else (1 - sure) / 2 for i, label in enumerate(LABELS)}


def one(place):
    return {label: float(i == place) for i, label in enumerate(LABELS)}


def pairs_of(places):
    return [(of(found), one(gold)) for found, gold in places]


def kappa_by_hand(places):
    """1 - sum w O / sum w E, as Cohen has it."""
    observed = [[0.0] * 3 for _ in range(3)]
    for found, gold in places:
        observed[found][gold] += 1 / len(places)
    apart, by_chance = 0.0, 0.0
    for i in range(3):
        for j in range(3):
            expected = sum(observed[i]) * sum(row[j] for row in observed)
            apart += (i - j) ** 2 * observed[i][j]
            by_chance += (i - j) ** 2 * expected
    return 1 - apart / by_chance if by_chance > 1e-9 else None


@few
@given(indices)
def test_accuracy_and_calibration(places):
    scores = score_firsts(pairs_of(places), LABELS)
    right = [found == gold for found, gold in places]
    assert scores["cats_acc"] == pytest.approx(sum(right) / len(right))
    assert scores["cats_ece"] == pytest.approx(abs(0.6 - sum(right) / len(right)))


def test_calibration_is_that_of_the_first_label():
    found = [of(0, 0.9), of(1, 0.5), of(2, 0.7)]
    pairs = list(zip(found, map(one, (0, 2, 2))))
    expected = expected_calibration_error(
        numpy.array([0.9, 0.5, 0.7]), numpy.array([True, False, True])
    )
    assert score_firsts(pairs, LABELS)["cats_ece"] == pytest.approx(expected)


@few
@given(indices)
def test_kappa_and_steps(places):
    scores = score_order(pairs_of(places), LABELS)
    expected = kappa_by_hand(places)
    assert scores["cats_qwk"] == (expected if expected is None else pytest.approx(expected))
    steps = [abs(found - gold) for found, gold in places]
    assert scores["cats_mae"] == pytest.approx(sum(steps) / len(steps))


@few
@given(numbers)
def test_variance_explained_and_absolute_error(values):
    pairs = [({"stars": float(found)}, {"stars": float(gold)}) for found, gold in values]
    scores = score_numbers(pairs, ["stars"])
    mean = sum(gold for _, gold in values) / len(values)
    spread = sum((gold - mean) ** 2 for _, gold in values)
    wrong = sum((found - gold) ** 2 for found, gold in values)
    expected = None if len({gold for _, gold in values}) == 1 else pytest.approx(1 - wrong / spread)
    assert scores["cats_r2"] == scores["cats_score"] == expected
    mae = sum(abs(found - gold) for found, gold in values) / len(values)
    assert scores["cats_mae"] == pytest.approx(mae)


def test_numbers_of_several_labels_have_a_mean_each():
    gold = [{"stars": 1.0, "year": 1990.0}, {"stars": 3.0, "year": 2010.0}]
    means = {"stars": 2.0, "year": 2000.0}
    assert score_numbers([(means, g) for g in gold], list(means))["cats_r2"] == pytest.approx(0)
    assert score_numbers([(g, g) for g in gold], list(means))["cats_r2"] == 1.0


def test_a_number_that_is_missing_does_not_count():
    pairs = [({"a": 1.0, "b": 9.0}, {"a": 1.0}), ({"a": 3.0, "b": 9.0}, {"a": 2.0})]
    assert score_numbers(pairs, ["a", "b"])["cats_mae"] == 0.5


@pytest.mark.parametrize("pairs", [[], [({}, {})], [(of(1), {})], [({}, one(1))]])
def test_without_annotation_or_prediction_there_are_no_scores(pairs):
    assert score_firsts(pairs, LABELS) == {"cats_acc": None, "cats_ece": None}
    assert score_order(pairs, LABELS) == {"cats_qwk": None, "cats_mae": None}
    assert set(score_numbers([], LABELS).values()) == {None}


def test_texts_whose_labels_are_all_0_do_not_count():
    pairs = [(of(0), dict.fromkeys(LABELS, 0.0)), (of(1), one(1))]
    assert score_firsts(pairs, LABELS)["cats_acc"] == 1.0


def test_labels_that_are_not_named_are_0():
    assert score_firsts([({"fair": 0.9}, {"fair": 1.0})], LABELS)["cats_acc"] == 1.0


def test_a_label_that_the_model_does_not_know_is_never_right():
    pairs = [(of(0), {"superb": 1.0}), (of(0), {"superb": 1.0, "bad": 0.0}), (of(0), one(0))]
    assert score_firsts(pairs, LABELS)["cats_acc"] == pytest.approx(1 / 3)
    assert firsts(pairs, LABELS)[1].tolist() == [-1, -1, 0]
    assert score_order(pairs, LABELS)["cats_mae"] == 0.0
