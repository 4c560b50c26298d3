"""Attention against a loop over its equations."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_rnn.nets.attention import Attention

from ..helpers import stir

KINDS = ["none", "dot", "general", "additive"]
LOOKING = KINDS[1:]
NQ, NM, STEPS = 4, 3, 2
lengths_of_sources = st.lists(st.integers(0, 5), min_size=1, max_size=4)


def make(kind):
    torch.manual_seed(0)
    return stir(Attention(NQ, NQ if kind == "dot" else NM, kind=kind)).double()


def inputs(net, lengths, padding=0):
    """Queries, and states whose padding is anything but zeros."""
    torch.manual_seed(1)
    width = NQ if net.kind == "dot" else NM
    queries = torch.randn(len(lengths), STEPS, NQ, dtype=torch.double)
    values = torch.randn(len(lengths), max(lengths) + padding, width, dtype=torch.double)
    real = torch.arange(values.shape[1]) < torch.tensor(lengths)[:, None]
    return queries, values, real


def energy_by_hand(net, query, value):
    if net.kind == "dot":
        return query @ value
    if net.kind == "general":
        return query @ (net.key.weight @ value)
    both = net.query.weight @ query + net.query.bias + net.key.weight @ value
    return net.score.weight[0] @ torch.tanh(both)


def shares_by_hand(net, query, values):
    """One query's shares of one source."""
    if net.kind == "none":
        return torch.zeros(len(values), dtype=torch.double)
    energies = [energy_by_hand(net, query, value).exp() for value in values]
    return torch.stack([e / sum(energies) for e in energies]) if energies else values[:, 0]


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=30)
@given(lengths=lengths_of_sources, padding=st.integers(0, 2))
def test_attention_does_what_its_equations_say(kind, lengths, padding):
    net = make(kind)
    queries, values, real = inputs(net, lengths, padding)
    contexts, shares = net(queries, net.remember(values, real))
    for i, length in enumerate(lengths):
        for t in range(STEPS):
            by_hand = shares_by_hand(net, queries[i, t], values[i, :length])
            torch.testing.assert_close(shares[i, t, :length], by_hand)
            torch.testing.assert_close(contexts[i, t], by_hand @ values[i, :length])


@pytest.mark.parametrize("kind", LOOKING)
@settings(deadline=None, max_examples=30)
@given(lengths=lengths_of_sources)
def test_shares_sum_to_one_and_padding_gets_nothing(kind, lengths):
    net = make(kind)
    queries, values, real = inputs(net, lengths, padding=1)
    _, shares = net(queries, net.remember(values, real))
    assert (shares.masked_select(~real[:, None]) == 0.0).all()
    sums = torch.tensor([float(length > 0) for length in lengths], dtype=torch.double)
    torch.testing.assert_close(shares.sum(2), sums[:, None].expand(-1, STEPS))


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=30)
@given(lengths=lengths_of_sources)
def test_a_source_is_looked_at_alone_as_beside_others(kind, lengths):
    net = make(kind)
    queries, values, real = inputs(net, lengths)
    contexts, shares = net(queries, net.remember(values, real))
    for i, length in enumerate(lengths):
        alone = net.remember(values[i : i + 1, :length], real[i : i + 1, :length])
        context, share = net(queries[i : i + 1], alone)
        torch.testing.assert_close(context[0], contexts[i])
        torch.testing.assert_close(share[0], shares[i, :, :length])


@pytest.mark.parametrize("kind", LOOKING)
def test_large_energies_do_not_overflow(kind):
    net = make(kind)
    queries, values, real = inputs(net, [4])
    contexts, shares = net(queries * 1e4, net.remember(values * 1e4, real))
    assert contexts.isfinite().all()
    torch.testing.assert_close(shares.sum(2), torch.ones(1, STEPS, dtype=torch.double))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lengths", [[3], [2, 0, 1]])
def test_gradients_are_those_of_finite_differences(kind, lengths):
    net = make(kind)
    queries, values, real = inputs(net, lengths)

    def look(queries, values):
        return net(queries, net.remember(values, real))

    assert torch.autograd.gradcheck(look, (queries.requires_grad_(), values.requires_grad_()))


def test_sources_of_a_memory_can_be_selected():
    net = make("general")
    queries, values, real = inputs(net, [3, 1, 2])
    rows = torch.tensor([2, 0, 2])
    contexts, shares = net(queries[rows], net.remember(values, real).select(rows))
    for ours, theirs in zip((contexts, shares), net(queries, net.remember(values, real))):
        torch.testing.assert_close(ours, theirs[rows])


def test_dot_wants_one_width():
    with pytest.raises(ValueError, match="4 and 3"):
        Attention(4, 3, kind="dot")
