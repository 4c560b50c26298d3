"""More labels: the old ones keep their weights and scores."""

import pytest
import torch

from spacy_rnn.models.resizing import grown
from spacy_rnn.nets.labeler import Labeler

from ..helpers import stir
from ..nets.test_classifier import HEADS, ROWS, K, run
from ..nets.test_classifier import make as make_classifier

N, NI, NO = 5, 3, 4
without_sigmoid = pytest.mark.parametrize("decoding", ["crf", "softmax"])


def make_labeler(decoding, nO=NO):
    return Labeler(NI, nO, decoding=decoding)


def larger_labeler(net):
    return grown(net, make_labeler(net.decoding, net.nO + 3))


def larger_classifier(net, **settings):
    settings = {"hidden": 0, "n_ngrams": ROWS, **settings}
    kinds, head = net.pooling.kinds, net.head
    return grown(net, type(net)(net.nI, net.nO + 2, pooling=kinds, head=head, **settings))


@without_sigmoid
def test_old_tags_keep_their_scores(decoding):
    net = stir(make_labeler(decoding))
    X = torch.randn(N, NI)
    for a, b in zip(net(X), larger_labeler(net)(X)):
        known = tuple(slice(n) for n in a.shape)
        assert torch.equal(b[known] if a.shape != (N, NO) else b[:, :NO], a)


@without_sigmoid
def test_new_tags_have_no_opinion(decoding):
    new = larger_labeler(stir(make_labeler(decoding)))
    emissions, transitions, start, end = new(torch.randn(N, NI))
    assert (emissions[:, NO:] == 0).all()
    assert (transitions[NO:] == 0).all() and (transitions[:, NO:] == 0).all()
    assert (start[NO:] == 0).all() and (end[NO:] == 0).all()


@without_sigmoid
def test_the_old_labeller_is_left_alone(decoding):
    net = stir(make_labeler(decoding))
    before = {name: w.clone() for name, w in net.state_dict().items()}
    stir(larger_labeler(net))
    assert all(torch.equal(w, before[name]) for name, w in net.state_dict().items())


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("hidden", [0, 5])
def test_old_classes_keep_their_scores(head, hidden):
    net = make_classifier(head, hidden=hidden)
    before, after = run(net)[0], run(larger_classifier(net, hidden=hidden))[0]
    assert after.shape[2] == before.shape[2] + 2
    assert torch.allclose(after[:, :, : before.shape[2]], before, atol=1e-6)


@pytest.mark.parametrize("head", ["exclusive", "multilabel"])
def test_new_classes_have_no_opinion(head):
    assert (run(larger_classifier(make_classifier(head)))[0][:, :, K:] == 0).all()


def test_ngrams_and_attention_are_kept():
    net = make_classifier()
    net.ngrams.keys.copy_(torch.arange(ROWS))
    new = larger_classifier(net)
    assert torch.equal(new.ngrams.keys, net.ngrams.keys)
    assert torch.equal(run(new)[1], run(net)[1])


def test_the_old_classifier_is_left_alone():
    net = make_classifier()
    before = run(net)[0]
    stir(larger_classifier(net))
    assert torch.equal(run(net)[0], before)
