"""The classifier as its equations have it."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_rnn.nets.classifier import Classifier, PartlyRead
from spacy_rnn.nets.heads import probabilities
from spacy_rnn.nets.ngrams import Bags
from spacy_rnn.nets.pooling import make_segments

from ..helpers import stir

HEADS = ["exclusive", "multilabel", "ordinal", "regression"]
POOLS = ["last", "mean", "max", "attention"]
every_head = pytest.mark.parametrize("head", HEADS)
NI, K, ROWS = 4, 3, 7
LENGTHS = [3, 0, 5, 1]
BAGS = Bags(torch.tensor([0, 3, 6, 1, 2]), torch.tensor([0, 3, 3, 3]))


def make(head="exclusive", pooling=POOLS, nO=K, **settings):
    settings = {"n_ngrams": ROWS, "hidden": 0, **settings}
    net = stir(Classifier(NI, nO, pooling=pooling, head=head, **settings))
    if head == "regression":
        net.shift.copy_(torch.linspace(2, 4, nO))
        net.scale.copy_(torch.linspace(0.5, 3, nO))
    return net


def states(lengths=LENGTHS):
    torch.manual_seed(3)
    return torch.randn(sum(lengths), NI)


def run(net, lengths=LENGTHS, bags=BAGS, **kwargs):
    scores, shares = net(states(lengths), make_segments(torch.tensor(lengths)), bags, **kwargs)
    return scores.detach(), shares


@every_head
def test_shapes(head):
    scores, shares = run(make(head))
    assert scores.shape == (2, len(LENGTHS), K - 1 if head == "ordinal" else K)
    assert shares.shape == (sum(LENGTHS),)


@every_head
@pytest.mark.parametrize("hidden", [0, 5])
def test_scores_are_those_of_the_equations(head, hidden):
    net = make(head, hidden=hidden)
    scores, _ = run(net)
    pooled, _ = net.pooling(states(), make_segments(torch.tensor(LENGTHS)))
    for i in range(len(LENGTHS)):
        y = torch.cat([part.values[i] for part in pooled])
        y = torch.tanh(net.hidden.weight @ y + net.hidden.bias) if hidden else y
        both = [net.output.weight @ y + net.output.bias, net.ngrams(BAGS)[i]]
        for branch, raw in zip(scores, both):
            expected = raw * net.scale + net.shift
            if head == "ordinal":
                expected = net.ladder(expected[None])[0]
            assert torch.allclose(branch[i], expected, atol=1e-5)


@pytest.mark.parametrize("head", HEADS[:3])
def test_untrained_it_has_no_opinion(head):
    net = Classifier(NI, K, pooling=POOLS, head=head, n_ngrams=ROWS)
    found = probabilities(head, run(net)[0].mean(0))
    assert torch.allclose(found, found[:1].expand_as(found))
    assert torch.allclose(found, found.flip(1))


def test_without_ngrams_there_is_one_branch():
    net = make(n_ngrams=0)
    assert net.ngrams is None and run(net, bags=None)[0].shape == (1, len(LENGTHS), K)


def test_a_text_of_no_tokens_and_no_ngrams_scores_the_bias():
    net = make()
    assert torch.equal(run(net)[0][:, 1], torch.stack([net.output.bias, torch.zeros(K)]))


@pytest.mark.parametrize("pool", POOLS)
def test_a_text_scores_alone_as_beside_others(pool):
    net = make(pooling=[pool], n_ngrams=0)
    together, _ = run(net, bags=None)
    for i, X in enumerate(states().split(LENGTHS)):
        alone, _ = net(X, make_segments(torch.tensor([LENGTHS[i]])))
        assert torch.allclose(alone[0, 0], together[0, i], atol=1e-6)
    assert len(together[0].unique(dim=0)) == len(LENGTHS)


lengths_of_texts = st.lists(st.integers(0, 6), min_size=1, max_size=4)


@settings(deadline=None, max_examples=40)
@given(lengths=lengths_of_texts, data=st.data())
def test_a_text_in_parts_scores_as_in_one(lengths, data):
    """Parts of a text come in order, but those of other texts between them."""
    net = make(n_ngrams=0)
    cuts = [data.draw(st.integers(min(n, 1), n)) for n in lengths]  # no part is empty
    firsts, seconds = [], []
    for i, (X, cut) in enumerate(zip(states(lengths).split(lengths), cuts)):
        firsts.append((i, X[:cut]))
        seconds.append((i, X[cut:]))
    reads = []
    for parts in (firsts, [part for part in reversed(seconds) if len(part[1])]):
        sizes = torch.tensor([len(X) for _, X in parts], dtype=torch.int64)
        owners = torch.tensor([i for i, _ in parts], dtype=torch.int64)
        pooled, energies = net.pooling(
            torch.cat([states([0]), *(X for _, X in parts)]), make_segments(sizes)
        )
        reads.append(PartlyRead(pooled, energies, owners, owners.repeat_interleave(sizes)))
    scores, shares = net.finish(reads, len(lengths))
    whole, whole_shares = run(net, lengths, bags=None)
    assert torch.allclose(scores, whole, atol=1e-5)
    assert torch.allclose(shares, whole_shares, atol=1e-6)


def test_dropout_reaches_the_hidden_layer_only_in_training():
    net = make(hidden=50, n_ngrams=0)
    plain = run(net, bags=None)[0]
    assert torch.equal(run(net, bags=None)[0], plain)
    assert not torch.allclose(run(net, bags=None, dropout=0.5)[0], plain)


@every_head
@pytest.mark.parametrize("pool", POOLS)
def test_every_weight_learns(head, pool):
    net = make(head, [pool], hidden=5)
    X = states().requires_grad_()
    scores, _ = net(X, make_segments(torch.tensor(LENGTHS)), BAGS)
    (scores * torch.randn(scores.shape)).sum().backward()
    still = [name for name, w in net.named_parameters() if w.grad is None or not w.grad.any()]
    assert still == [] and X.grad.any()


def test_shares_carry_no_gradient():
    scores, shares = make()(states(), make_segments(torch.tensor(LENGTHS)), BAGS)
    assert scores.requires_grad and not shares.requires_grad
