import numpy
import pytest
import torch

from spacy_rnn.nets.labeler import Labeler

from ..helpers import stir

N, NI, NO = 5, 3, 4
DECODINGS = ["crf", "softmax", "sigmoid"]
every_decoding = pytest.mark.parametrize("decoding", DECODINGS)


def make(decoding):
    return Labeler(NI, 2 if decoding == "sigmoid" else NO, decoding=decoding)


@every_decoding
def test_shapes(decoding):
    net = make(decoding)
    K = net.nO
    shapes = [tuple(Y.shape) for Y in net(torch.randn(N, NI))]
    assert shapes == [(N, K), (K, K), (K,), (K,)]


@every_decoding
def test_untrained_has_no_opinion(decoding):
    assert all((Y == 0).all() for Y in make(decoding)(torch.randn(N, NI)))


def test_emissions_are_linear():
    net = stir(make("crf"))
    X = torch.randn(N, NI)
    W, b = net.output.weight.detach().numpy(), net.output.bias.detach().numpy()
    numpy.testing.assert_allclose(net(X)[0].detach(), X.numpy() @ W.T + b, rtol=1e-5, atol=1e-6)


def test_sigmoid_has_one_output_and_scores_outside_0():
    net = stir(make("sigmoid"))
    emissions = net(torch.randn(N, NI))[0]
    assert net.output.weight.shape == (1, NI)
    assert (emissions[:, 0] == 0).all()
    assert (emissions[:, 1] != 0).all()


@every_decoding
def test_only_a_crf_learns_transitions(decoding):
    net = make(decoding)
    sum(Y.sum() for Y in net(torch.randn(N, NI))).backward()
    learns = [w.grad is not None for w in (net.transitions, net.start, net.end)]
    assert learns == [decoding == "crf"] * 3


@every_decoding
def test_every_output_learns(decoding):
    net = make(decoding)
    sum((Y * torch.randn(Y.shape)).sum() for Y in net(torch.randn(N, NI))).backward()
    assert (net.output.weight.grad != 0).all()
    assert (net.output.bias.grad != 0).all()
