"""Bags of n-grams against loops."""

import math

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_rnn.nets.ngrams import SPREAD, Bags, NGrams

from ..helpers import stir

ROWS, NO = 6, 3
some_bags = st.lists(st.lists(st.integers(0, ROWS - 1), unique=True), min_size=1, max_size=5)
BAGS = [[0, 2], [1, 2, 5], [], [0], [3, 5]]
KNOWN = torch.tensor([[1.0, 1, 1], [1, 1, 0], [1, 1, 1], [0, 0, 0], [1, 1, 1]])
WANTED = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0.5, 0.5]])


def make_bags(rows_of_texts):
    sizes = [len(rows) for rows in rows_of_texts]
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    flat = [row for rows in rows_of_texts for row in rows]
    return Bags(torch.tensor(flat, dtype=torch.int64), torch.tensor(starts, dtype=torch.int64))


def each(net):
    """What each n-gram says alone."""
    return net(make_bags([[row] for row in range(ROWS)])).detach()


@settings(deadline=None, max_examples=50)
@given(some_bags)
def test_a_text_scores_the_sum_over_its_ngrams(texts):
    net = stir(NGrams(ROWS, NO))
    for scores, rows in zip(net(make_bags(texts)), texts):
        expected = sum((each(net)[row] for row in rows), torch.zeros(NO))
        assert torch.allclose(scores, expected, atol=1e-6)
        assert not rows or scores.any()


@settings(deadline=None, max_examples=30)
@given(some_bags)
def test_a_text_scores_alone_as_beside_others(texts):
    net = stir(NGrams(ROWS, NO))
    for scores, rows in zip(net(make_bags(texts)), texts):
        assert torch.allclose(net(make_bags([rows]))[0], scores, atol=1e-6)


def test_no_text_at_all():
    assert NGrams(ROWS, NO)(make_bags([])).shape == (0, NO)


def test_a_new_branch_has_no_opinion():
    assert (NGrams(ROWS, NO)(make_bags(BAGS)) == 0).all()


def ratios_by_hand(texts, wanted, known):
    """Naive Bayes, as the docstring has it."""
    ratios = numpy.zeros((ROWS, NO))
    for k in range(NO):
        inside, outside = [1.0] * ROWS, [1.0] * ROWS
        for rows, share, is_known in zip(texts, wanted[:, k].tolist(), known[:, k].tolist()):
            for row in rows if is_known else []:
                inside[row] += share
                outside[row] += 1 - share
        for row in range(ROWS):
            p, q = inside[row] / sum(inside), outside[row] / sum(outside)
            ratios[row, k] = math.log(p / q)
    return ratios


@pytest.mark.parametrize("known", [torch.ones(len(BAGS), NO), KNOWN], ids=["all", "some"])
def test_it_starts_from_what_counting_says(known):
    net = NGrams(ROWS, NO)
    found = net.start_from_counts(make_bags(BAGS), WANTED, known)
    expected = ratios_by_hand(BAGS, WANTED, known)
    numpy.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    numpy.testing.assert_allclose(each(net), expected, rtol=1e-5, atol=1e-6)


def test_it_does_not_start_too_sure():
    texts = [list(range(3)) if i % 2 else list(range(3, ROWS)) for i in range(200)]
    wanted = torch.eye(NO)[[i % 2 for i in range(200)]]
    net = NGrams(ROWS, NO)
    ratios = net.start_from_counts(make_bags(texts), wanted, torch.ones_like(wanted))
    scores = net(make_bags(texts)).detach()
    assert float(scores.std(correction=0)) == pytest.approx(SPREAD, rel=1e-5)
    factor = each(net)[:, :2] / ratios[:, :2]
    assert float(factor.std()) == pytest.approx(0, abs=1e-6) and 0 < factor[0, 0] < 1


def test_what_was_counted_can_be_learnt_on():
    net = NGrams(ROWS, NO)
    net.start_from_counts(make_bags(BAGS), WANTED, KNOWN)
    net(make_bags(BAGS)).square().sum().backward()
    met = [0, 1, 2, 3, 5]
    assert (net.weights.grad[met] != 0).any(1).all() and (net.weights.grad[4] == 0).all()
