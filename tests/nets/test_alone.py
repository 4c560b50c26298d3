"""One document alone gets the answers that it gets among others."""

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from spacy_rnn.nets import alone
from spacy_rnn.nets.bptt import doubled_g, walk
from spacy_rnn.nets.packing import make_packing
from spacy_rnn.nets.potentials import NEVER, Potentials, to_arrays
from spacy_rnn.nets.sums import backward_sums, forward_sums
from spacy_rnn.nets.viterbi import viterbi

H = 5
K = 4
LENGTHS = st.integers(1, 9)


def potentials(length, scale=3.0):
    """Random scores of a document, some of them -inf."""
    start, end = torch.randn(2, K, dtype=torch.float64) * scale
    emissions, transitions = torch.randn(length + K, K, dtype=torch.float64).split([length, K])
    transitions = (transitions * scale).masked_fill(torch.rand(K, K) < 0.2, NEVER)
    transitions.fill_diagonal_(0.5)  # so that a path is left
    start[1] = end[2] = NEVER
    ones = torch.ones(length, dtype=torch.int64)
    return Potentials(emissions * scale, transitions, start, end, ones)


def as_arrays(p):
    return [x.numpy() for x in p[:4]]


@settings(max_examples=30, deadline=None)
@given(LENGTHS, st.sampled_from([1, 2]), st.floats(0.1, 100.0))
def test_an_lstm_walks_as_it_does_with_many(length, directions, scale):
    z, W = (
        torch.randn(directions, length, 4 * H).double() * scale,
        torch.randn(directions, H, 4 * H),
    )
    h, c = torch.randn(2, directions, 1, H).double()
    W, z = doubled_g(W.double()) * 2.0, doubled_g(z)
    ours = alone.lstm(z.numpy().copy(), h.numpy(), c.numpy(), W.numpy())
    many = walk(z, h, c, W, torch.ones(length, dtype=torch.int64))
    torch.testing.assert_close(torch.from_numpy(ours), many.halves * 2.0)


def test_an_lstm_leaves_the_state_before_it_as_it_is():
    h, c = torch.randn(2, 1, 1, H).numpy()
    before = h.copy(), c.copy()
    alone.lstm(torch.randn(1, 3, 4 * H).numpy(), h, c, torch.randn(1, H, 4 * H).numpy())
    assert (h == before[0]).all() and (c == before[1]).all()


@settings(max_examples=50, deadline=None)
@given(LENGTHS)
def test_the_best_path_is_that_of_a_batch(length):
    p = potentials(length)
    assert alone.viterbi(*as_arrays(p)) == viterbi(to_arrays(p)).tolist()


@settings(max_examples=50, deadline=None)
@given(LENGTHS, st.sampled_from([1.0, 1000.0]))
def test_sums_are_those_of_a_batch(length, scale):
    p = potentials(length, scale)
    alpha, beta = alone.sums(*as_arrays(p))
    assert_allclose(alpha, forward_sums(to_arrays(p)))
    assert_allclose(beta, backward_sums(to_arrays(p)))


def test_a_document_that_no_path_fits_is_no_error():
    p = potentials(3).allow(torch.zeros(3, K, dtype=torch.bool))
    alpha, _ = alone.sums(*as_arrays(p))
    assert (alpha == -numpy.inf).all()
    assert len(alone.viterbi(*as_arrays(p))) == 3


@pytest.mark.parametrize(
    "x,lengths,wanted",
    [
        (torch.zeros(3), [3], True),
        (torch.zeros(3), [1, 1], False),
        (torch.zeros(0), [], False),
        (torch.zeros(3, dtype=torch.bfloat16), [3], False),
    ],
)
def test_numpy_takes_one_document_of_whole_precision(x, lengths, wanted):
    assert alone.is_alone(x, make_packing(lengths).batch_sizes) is wanted


def test_in_half_precision_torch_walks():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert not alone.is_alone(torch.zeros(3), make_packing([3]).batch_sizes)
