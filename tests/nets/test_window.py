import numpy
import pytest
import torch

from spacy_rnn.nets.packing import make_packing, pack, unpack
from spacy_rnn.nets.window import WindowMLP, neighbours

from ..helpers import stir

LENGTHS = [4, 0, 1, 6, 2]
N, NI, NO = sum(LENGTHS), 3, 5


def run(net, X, lengths):
    packing = make_packing(lengths)
    return unpack(net(pack(X, packing)), packing)


def numpy_window(net, X, window):
    """y_t = tanh(W [x_{t-window}; ...; x_{t+window}] + b) for one document."""
    nowhere = numpy.zeros_like(X[:1])
    out = []
    for t in range(len(X)):
        places = range(t - window, t + window + 1)
        y = numpy.concatenate([X[i] if 0 <= i < len(X) else nowhere[0] for i in places])
        for layer in net.layers:
            y = numpy.tanh(layer.weight.detach().numpy() @ y + layer.bias.detach().numpy())
        out.append(y)
    return numpy.array(out).reshape(len(X), -1)


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("window", [0, 1, 2, 7])
def test_equals_a_numpy_loop(window, depth):
    net = stir(WindowMLP(NI, NO, window=window, depth=depth)).double()
    X = torch.randn(N, NI, dtype=torch.float64)
    ours = run(net, X, LENGTHS).detach().numpy()
    documents = numpy.split(X.numpy(), numpy.cumsum(LENGTHS)[:-1])
    loop = [numpy_window(net, d, window) for d in documents if len(d)]
    numpy.testing.assert_allclose(ours, numpy.concatenate(loop), atol=1e-12)


def test_a_document_reads_the_same_alone_and_in_any_batch():
    net = stir(WindowMLP(NI, NO, window=2))
    documents = [torch.randn(n, NI) for n in LENGTHS]
    alone = [run(net, d, [len(d)]) for d in documents if len(d)]
    for order in ([0, 1, 2, 3, 4], [3, 2, 4, 1, 0]):
        batch = run(net, torch.cat([documents[i] for i in order]), [LENGTHS[i] for i in order])
        parts = dict(zip(order, batch.split([LENGTHS[i] for i in order])))
        together = [parts[i] for i in range(len(LENGTHS)) if LENGTHS[i]]
        for a, b in zip(alone, together):
            torch.testing.assert_close(a, b, atol=1e-6, rtol=0)


def test_dropout_is_locked():
    net = WindowMLP(NI, NO, window=0)
    packing = make_packing([4])
    ones = pack(torch.ones(4, NI), packing)
    Y = net(ones, dropout=0.5).data
    assert (Y == Y[:1]).all()


def test_dropout_of_everything_leaves_nothing():
    net = stir(WindowMLP(NI, NO, window=1))
    Y = net(pack(torch.randn(4, NI), make_packing([4])), dropout=1.0).data
    assert not Y.any()


def test_neighbours_never_cross_documents():
    packing = make_packing(LENGTHS)
    document = torch.arange(len(LENGTHS)).repeat_interleave(torch.tensor(LENGTHS))
    document = torch.cat([document[packing.to_packed], torch.tensor([-1])])
    around = document[neighbours(packing.batch_sizes, 3)]
    assert ((around == document[:-1, None]) | (around == -1)).all()
