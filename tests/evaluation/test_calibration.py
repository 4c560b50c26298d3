import warnings

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_rnn.evaluation.calibration import auroc, bins, expected_calibration_error

# Many ties and many edges of bins: there the definitions are easy to get wrong
CONFIDENCES = st.one_of(st.sampled_from([i / 10 for i in range(11)]), st.floats(0.0, 1.0))
JUDGED = st.lists(st.tuples(CONFIDENCES, st.booleans()), max_size=40)


def arrays(judged):
    confidences = numpy.array([c for c, _ in judged], dtype="float64")
    return confidences, numpy.array([right for _, right in judged], dtype=bool)


def slow_error(judged):
    total = 0.0
    for i in range(10):
        last = i == 9
        inside = [(c, r) for c, r in judged if i / 10 <= c < (i + 1) / 10 or (last and c == 1)]
        if inside:
            confidence = sum(c for c, _ in inside) / len(inside)
            precision = sum(r for _, r in inside) / len(inside)
            total += len(inside) / len(judged) * abs(confidence - precision)
    return total


def slow_auroc(judged):
    wins = [c for c, right in judged if right]
    losers = [c for c, right in judged if not right]
    points = [1.0 if w > x else 0.5 if w == x else 0.0 for w in wins for x in losers]
    return sum(points) / len(points) if points else None


@given(JUDGED.filter(bool))
def test_calibration_error_is_its_definition(judged):
    assert expected_calibration_error(*arrays(judged)) == pytest.approx(slow_error(judged))


@given(JUDGED)
def test_auroc_is_its_definition(judged):
    assert auroc(*arrays(judged)) == pytest.approx(slow_auroc(judged))


@given(JUDGED)
def test_each_entity_is_in_one_bin(judged):
    assert sum(of.entities for of in bins(*arrays(judged))) == len(judged)


@given(JUDGED)
def test_mean_confidence_is_inside_of_its_bin(judged):
    for of in bins(*arrays(judged)):
        if of.confidence is not None:
            assert of.start - 1e-12 <= of.confidence <= of.end + 1e-12


def test_bins_are_ten_of_equal_width():
    found = bins(*arrays([]))
    assert [of.start for of in found] == pytest.approx([i / 10 for i in range(10)])
    assert [of.end for of in found] == pytest.approx([i / 10 for i in range(1, 11)])


def test_a_bin_tells_confidence_and_precision():
    of = bins(*arrays([(0.72, True), (0.74, False), (0.76, False), (0.2, True)]))[7]
    assert of == pytest.approx((0.7, 0.8, 3, 0.74, 1 / 3))


def test_an_empty_bin_has_no_means_and_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert bins(*arrays([(0.72, True)]))[0][2:] == (0, None, None)


def test_perfect_calibration_has_no_error():
    assert expected_calibration_error(*arrays([(1.0, True), (0.0, False)])) == 0.0


def test_no_entities_have_no_calibration_error():
    assert expected_calibration_error(*arrays([])) is None


def test_auroc_is_one_if_all_right_entities_are_surer():
    assert auroc(*arrays([(0.9, True), (0.8, True), (0.7, False)])) == 1.0


@pytest.mark.parametrize("right", [True, False])
def test_auroc_needs_right_and_wrong(right):
    assert auroc(*arrays([(0.9, right), (0.8, right)])) is None
