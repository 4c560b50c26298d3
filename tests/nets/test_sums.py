"""The scaled sums are the straight ones, and where they cannot be nobody asks for them."""

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from spacy_rnn.nets.packing import make_packing
from spacy_rnn.nets.potentials import NEVER, Potentials, to_arrays
from spacy_rnn.nets.sums import backward_sums, forward_sums, scaled_sums, scaling_interval, sums

K = 4
lengths_of_documents = st.lists(st.integers(0, 12), min_size=1, max_size=5).filter(any)


def random_arrays(lengths, scale=3.0, forbidden=0.2):
    """Any transition may be forbidden but those from and to the first tag, as O's."""
    sizes = make_packing(lengths).batch_sizes
    shapes = [(sum(lengths), K), (K, K), (K,), (K,)]
    emissions, transitions, start, end = (torch.randn(s).double() * scale for s in shapes)
    no = torch.rand(K, K) < forbidden
    no[0] = no[:, 0] = False
    return to_arrays(Potentials(emissions, transitions.masked_fill(no, NEVER), start, end, sizes))


@settings(deadline=None, max_examples=40)
@given(lengths_of_documents, st.integers(1, 7), st.integers(0, 1000))
def test_scaled_sums_are_the_straight_ones(lengths, interval, seed):
    torch.manual_seed(seed)
    p = random_arrays(lengths)
    alpha, beta = scaled_sums(p, interval)
    assert_allclose(alpha, forward_sums(p))
    assert_allclose(beta, backward_sums(p))


def test_tags_that_are_not_allowed_keep_no_path():
    torch.manual_seed(0)
    p = random_arrays([5, 2])
    p.emissions[torch.rand(p.emissions.shape).numpy() > 0.6] = NEVER
    alpha, beta = scaled_sums(p, 3)
    assert_allclose(alpha, forward_sums(p))
    assert_allclose(beta, backward_sums(p))


@pytest.mark.parametrize("scale", [1.0, 10.0, 30.0])
def test_a_long_document_does_not_leave_the_range(scale):
    torch.manual_seed(0)
    p = random_arrays([3000], scale / 3)
    interval = scaling_interval(p)
    assert interval > 0
    assert_allclose(scaled_sums(p, interval)[0], forward_sums(p))


def test_the_wider_the_scores_the_more_often_they_are_scaled():
    torch.manual_seed(0)
    p = random_arrays([4, 3])
    intervals = [scaling_interval(p._replace(emissions=p.emissions * x)) for x in (1, 3, 9)]
    assert intervals == sorted(intervals, reverse=True)
    assert len(set(intervals)) == 3


@pytest.mark.parametrize("bad", [1e4, float("nan"), float("inf")])
def test_scores_too_far_apart_go_the_straight_way(bad):
    torch.manual_seed(0)
    p = random_arrays([4, 3])
    p.emissions[3, 1] = bad
    assert scaling_interval(p) == 0
    with numpy.errstate(invalid="ignore"):
        wanted = forward_sums(p)
    assert_allclose(sums(p).alpha, wanted)


def test_a_path_that_scaling_would_lose_is_found():
    """A tag that is the worst for long, and then the only one that is allowed."""
    sizes, steps = make_packing([60]).batch_sizes, 60
    emissions = torch.zeros(steps, 2).double()
    emissions[:, 1] = -20.0
    transitions = torch.tensor([[0.0, NEVER], [0.0, 0.0]]).double()
    p = Potentials(emissions, transitions, torch.zeros(2).double(), torch.zeros(2).double(), sizes)
    allowed = torch.ones(steps, 2, dtype=torch.bool)
    allowed[-1, 0] = False
    log_z = sums(to_arrays(p.allow(allowed))).log_z
    assert log_z.item() == pytest.approx(-20.0 * steps)
