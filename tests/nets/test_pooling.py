"""Pools against loops, and a text in parts against the whole text."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_rnn.nets.pooling import Pooling, concatenate, make_segments, segments_of

KINDS = ["last", "mean", "max", "attention"]
lengths_of_texts = st.lists(st.integers(0, 6), min_size=1, max_size=5)


def make_pooling(kinds, width=4, directions=2):
    """A pool whose attention is not even."""
    torch.manual_seed(0)
    pooling = Pooling(width, kinds, directions=directions).double()
    if "attention" in kinds:
        torch.nn.init.normal_(pooling.query.weight)
    return pooling


def states_of(lengths, width=4):
    torch.manual_seed(1)
    return torch.randn(sum(lengths), width, dtype=torch.double)


def pooled_by_hand(kind, pooling, X):
    """One text's states as one vector, as the equations say."""
    if not len(X):
        return torch.zeros(X.shape[1], dtype=X.dtype)
    if kind == "last":
        half = X.shape[1] // pooling.directions
        return torch.cat([X[-1, :half], X[0, half:]])
    if kind == "mean":
        return sum(X) / len(X)
    if kind == "max":
        return torch.stack([max(column) for column in X.T])
    energies = [pooling.query(torch.tanh(pooling.attention(h))).exp() for h in X]
    return sum(e * h for e, h in zip(energies, X)) / sum(energies)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=30)
@given(lengths=lengths_of_texts)
def test_pools_do_what_their_equations_say(kind, lengths):
    pooling, X = make_pooling([kind]), states_of(lengths)
    (pooled,), _ = pooling(X, make_segments(torch.tensor(lengths)))
    for row, states in zip(pooled.values, X.split(lengths)):
        assert torch.allclose(row, pooled_by_hand(kind, pooling, states))


def test_a_net_of_one_direction_ends_at_the_last_token():
    pooling, X = make_pooling(["last"], directions=1), states_of([3, 2])
    (pooled,), _ = pooling(X, make_segments(torch.tensor([3, 2])))
    assert torch.equal(pooled.values, X[[2, 4]])


@settings(deadline=None, max_examples=30)
@given(lengths=lengths_of_texts, data=st.data())
def test_a_text_in_parts_is_pooled_as_in_one(lengths, data):
    pooling, X = make_pooling(KINDS), states_of(lengths)
    whole, _ = pooling(X, make_segments(torch.tensor(lengths)))
    sizes, texts = [], []
    for text, length in enumerate(lengths):
        while length:
            sizes.append(data.draw(st.integers(1, length)))
            texts.append(text)
            length -= sizes[-1]
    parts, _ = pooling(X, make_segments(torch.tensor(sizes, dtype=torch.int64)))
    order, segments = segments_of(torch.tensor(texts, dtype=torch.int64), len(lengths))
    merged = pooling.merge(concatenate([parts], order), segments)
    for ours, theirs in zip(merged, whole):
        assert torch.allclose(ours.values, theirs.values)


@settings(deadline=None, max_examples=30)
@given(lengths=lengths_of_texts)
def test_a_text_is_pooled_alone_as_beside_others(lengths):
    pooling, X = make_pooling(KINDS), states_of(lengths)
    together, _ = pooling(X, make_segments(torch.tensor(lengths)))
    for i, states in enumerate(X.split(lengths)):
        alone, _ = pooling(states, make_segments(torch.tensor([lengths[i]])))
        for ours, theirs in zip(alone, together):
            assert torch.equal(ours.values[0], theirs.values[i])


def test_shares_sum_to_one_and_follow_the_energies():
    pooling, X = make_pooling(["mean", "attention"]), states_of([4, 0, 3])
    segments = make_segments(torch.tensor([4, 0, 3]))
    pooled, energies = pooling(X, segments)
    shares = pooling.shares(energies, pooled, segments).split([4, 0, 3])
    for share, energy in zip(shares, energies.split([4, 0, 3])):
        assert torch.allclose(share, energy.softmax(0))


def test_without_attention_there_are_no_shares():
    pooling, X = make_pooling(["mean"]), states_of([2])
    segments = make_segments(torch.tensor([2]))
    pooled, energies = pooling(X, segments)
    assert pooling.shares(energies, pooled, segments).shape == (0,)


def test_large_energies_do_not_overflow():
    pooling = make_pooling(["attention"])
    pooling.query.weight.data.mul_(1e4)
    (pooled,), _ = pooling(states_of([5]), make_segments(torch.tensor([5])))
    assert pooled.values.isfinite().all()


@pytest.mark.parametrize("lengths", [[3], [2, 0, 1], [0, 4]])
def test_gradients_are_those_of_finite_differences(lengths):
    pooling = make_pooling(["last", "mean", "max", "attention"])
    segments = make_segments(torch.tensor(lengths))
    X = states_of(lengths).requires_grad_()

    def values(states):
        return torch.cat([part.values for part in pooling(states, segments)[0]], dim=1)

    assert torch.autograd.gradcheck(values, (X,))
