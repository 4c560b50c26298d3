import numpy
import pytest

from spacy_rnn.components.polarity import polarity, sentiments

NUMBERS = [0.0, 0.0]


@pytest.mark.parametrize(
    "labels,head,given,positive,expected",
    [
        (["neg", "pos"], "exclusive", None, None, [-1, 1]),
        (["POSITIVE", "mixed", "Negative"], "exclusive", None, None, [1, 0, -1]),
        (["neg", "pos"], "multilabel", None, None, [-1, 1]),
        (["pos", "other"], "exclusive", None, None, None),
        (["good", "bad"], "exclusive", None, None, None),
        (["good", "bad"], "exclusive", None, "good", [1, -1]),
        (["pos", "neg"], "exclusive", None, "neg", [-1, 1]),
        (["1", "2", "3"], "ordinal", None, None, [-1, 0, 1]),
        (["neg", "pos"], "ordinal", None, None, [-1, 1]),
        (["a", "b", "c"], "exclusive", {"a": 0.5, "c": -1.0}, None, [0.5, 0, -1]),
        (["neg", "pos"], "exclusive", {"neg": 1.0}, "pos", [1, 0]),
        (["1", "2"], "ordinal", {"1": 1.0, "2": -1.0}, None, [1, -1]),
    ],
)
def test_how_good_labels_are(labels, head, given, positive, expected):
    found = polarity(labels, head, given, positive)
    assert (found if found is None else found.tolist()) == expected


def test_sentiment_is_the_expected_polarity():
    values = numpy.array([[0.2, 0.7, 0.1], [1.0, 0.0, 0.0]])
    found = sentiments(values, "exclusive", numpy.array([-1.0, 1.0, 0.0]), NUMBERS)
    assert found == pytest.approx([0.5, -1.0])
    assert all(type(number) is float for number in found)


def test_sentiment_stays_between_the_ends():
    values = numpy.array([[1.0, 1.0], [0.0, 0.0]])
    assert sentiments(values, "multilabel", numpy.array([1.0, 1.0]), NUMBERS) == [1.0, 0.0]


def test_labels_that_say_nothing_have_no_sentiment():
    assert sentiments(numpy.ones((2, 3)), "exclusive", None, NUMBERS) == [None, None]


def test_a_number_is_placed_between_the_ends_of_training():
    values = numpy.array([[1.0], [5.0], [3.0], [9.0], [-3.0]])
    assert sentiments(values, "regression", None, [1.0, 5.0]) == [-1.0, 1.0, 0.0, 1.0, -1.0]


@pytest.mark.parametrize("limits", [[2.0, 2.0], [0.0, 0.0]])
def test_numbers_without_a_range_have_no_sentiment(limits):
    assert sentiments(numpy.ones((1, 1)), "regression", None, limits) == [None]


def test_several_numbers_have_no_sentiment():
    weights = numpy.array([1.0, -1.0])
    assert sentiments(numpy.ones((1, 2)), "regression", weights, [0.0, 1.0]) == [None]
