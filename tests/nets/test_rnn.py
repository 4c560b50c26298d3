import itertools

import numpy
import pytest
import torch
from torch.nn.utils.rnn import PackedSequence

from spacy_rnn.nets import rnn as nets_rnn
from spacy_rnn.nets import softmax
from spacy_rnn.nets.labeler import Labeler
from spacy_rnn.nets.packing import make_packing, pack, unpack
from spacy_rnn.nets.potentials import Potentials
from spacy_rnn.nets.rnn import GATES, RNN
from spacy_rnn.nets.words import OneHot

from ..helpers import slope, stir

CELLS = ["rnn", "lstm", "gru"]
STARTS = ["zeros", "random", "learned"]
LENGTHS = [2, 0, 3, 1, 3]
NI, NO = 3, 4

every_shape = pytest.mark.parametrize(
    "cell,bidirectional,depth", list(itertools.product(CELLS, [False, True], [1, 2]))
)
every_cell = pytest.mark.parametrize("cell", CELLS)


# The equations once more, in NumPy


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def numpy_step(cell, x, h, c, W_x, W_h, b_x, b_h):
    """One step of the equations in the docstring of RNN."""
    if cell == "rnn":
        return numpy.tanh(W_h @ h + W_x @ x + b_x + b_h), c
    if cell == "lstm":
        i, f, g, o = numpy.split(W_x @ x + W_h @ h + b_x + b_h, 4)
        c = sigmoid(f) * c + sigmoid(i) * numpy.tanh(g)
        return sigmoid(o) * numpy.tanh(c), c
    (x_r, x_z, x_n), (h_r, h_z, h_n) = numpy.split(W_x @ x + b_x, 3), numpy.split(W_h @ h + b_h, 3)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = numpy.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h, c


def numpy_rnn(weights, cell, depth, bidirectional, X):
    """All layers over one document."""
    hidden = weights["layers.0.weight_hh_l0"].shape[1]
    for layer in range(depth):
        columns = []
        for direction, suffix in enumerate(["", "_reverse"][: 1 + bidirectional]):
            names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
            W = [weights[f"layers.{layer}.{name}{suffix}"] for name in names]
            h = c = numpy.zeros(hidden)
            if "start" in weights:
                h, c = (weights["start"][layer, s, direction, 0] for s in (0, -1))
            states = []
            for x in X[::-1] if direction else X:
                h, c = numpy_step(cell, x, h, c, *W)
                states.append(h)
            columns.append(states[::-1] if direction else states)
        X = numpy.concatenate([numpy.array(column) for column in columns], axis=1)
    return X


def numpy_batch(weights, cell, depth, bidirectional, X, lengths):
    documents = [d for d in numpy.split(X, numpy.cumsum(lengths)[:-1]) if len(d)]
    return numpy.concatenate([numpy_rnn(weights, cell, depth, bidirectional, d) for d in documents])


def weights_of(net):
    """The weights as arrays in the same memory."""
    return {name: p.detach().numpy() for name, p in net.named_parameters()}


def make_net(cell, bidirectional=True, depth=1, initial_state="zeros", nI=NI, nO=NO):
    shape = {"cell": cell, "bidirectional": bidirectional, "depth": depth}
    return stir(RNN(nI, nO, initial_state=initial_state, **shape).double())


def run(net, X, lengths):
    packing = make_packing(lengths)
    return unpack(net(pack(X, packing)), packing)


@every_shape
@pytest.mark.parametrize("start", STARTS)
def test_states_equal_a_numpy_loop(cell, bidirectional, depth, start):
    net = make_net(cell, bidirectional, depth, start)
    X = torch.randn(sum(LENGTHS), NI, dtype=torch.float64)
    ours = run(net, X, LENGTHS).detach().numpy()
    loop = numpy_batch(weights_of(net), cell, depth, bidirectional, X.numpy(), LENGTHS)
    numpy.testing.assert_allclose(ours, loop, atol=1e-12)


@every_shape
def test_gradients_equal_finite_differences_of_the_numpy_loop(cell, bidirectional, depth):
    net = make_net(cell, bidirectional, depth, "learned", nO=2)
    X = torch.randn(sum(LENGTHS), NI, dtype=torch.float64, requires_grad=True)
    R = torch.randn(sum(LENGTHS), 2, dtype=torch.float64)
    (run(net, X, LENGTHS) * R).sum().backward()
    weights, data, factor = weights_of(net), X.detach().numpy(), R.numpy()

    def value():
        loop = numpy_batch(weights, cell, depth, bidirectional, data, LENGTHS)
        return float((loop * factor).sum())

    numpy.testing.assert_allclose(X.grad.numpy(), slope(value, data), atol=1e-6)
    for name, p in net.named_parameters():
        numpy.testing.assert_allclose(p.grad.numpy(), slope(value, weights[name]), atol=1e-6)


# The example of the classroom: x_t one-hot of 10,000 words, 100 hidden units, one output

WORDS, HIDDEN = 10_000, 100
SENTENCE = [17, 9_999, 0, 17, 4_242]
IS_NAME = [0.0, 1.0, 0.0, 1.0, 1.0]


@pytest.fixture(scope="module")
def classroom():
    """The nets, and loss and gradients of one sentence."""
    torch.manual_seed(0)
    rnn = RNN(WORDS, HIDDEN, cell="rnn", bidirectional=False).double()
    labeler = stir(Labeler(HIDDEN, 2, decoding="sigmoid").double(), 0.1)
    packing = make_packing([len(SENTENCE)])
    X = OneHot(WORDS)(torch.tensor(SENTENCE)).double()
    states = rnn(pack(X, packing)).data
    scores = labeler(states)
    allowed = torch.nn.functional.one_hot(torch.tensor(IS_NAME).long(), 2).bool()
    p = Potentials(*scores, packing.batch_sizes)
    loss = softmax.negative_log_likelihood(p, allowed).sum()
    loss.backward()
    return rnn, labeler, torch.sigmoid(scores[0][:, 1]).detach().numpy(), float(loss.detach())


@pytest.fixture(scope="module")
def by_hand(classroom):
    """The same by hand: the forward pass, and backpropagation through time."""
    rnn, labeler, _, _ = classroom
    w = weights_of(rnn.layers[0])
    W_xh, W_hh, b_h = w["weight_ih_l0"], w["weight_hh_l0"], w["bias_ih_l0"] + w["bias_hh_l0"]
    W_hy, b_y = labeler.output.weight.detach().numpy(), labeler.output.bias.detach().numpy()
    h, p = [numpy.zeros(HIDDEN)], []
    for word in SENTENCE:
        h.append(numpy.tanh(W_hh @ h[-1] + W_xh[:, word] + b_h))
        p.append(sigmoid(W_hy @ h[-1] + b_y)[0])
    y = numpy.array(IS_NAME)
    loss = -(y * numpy.log(p) + (1 - y) * numpy.log1p(-numpy.array(p))).sum()
    d = {name: numpy.zeros_like(W) for name, W in w.items()}
    d_hy, from_later = numpy.zeros_like(W_hy), numpy.zeros(HIDDEN)
    for t in reversed(range(len(SENTENCE))):
        d_score = p[t] - y[t]
        d_hy += d_score * h[t + 1]
        d_sum = (1 - h[t + 1] ** 2) * (W_hy[0] * d_score + from_later)
        d["weight_ih_l0"][:, SENTENCE[t]] += d_sum
        d["weight_hh_l0"] += numpy.outer(d_sum, h[t])
        d["bias_ih_l0"] += d_sum
        d["bias_hh_l0"] += d_sum
        from_later = W_hh.T @ d_sum
    return p, loss, d, d_hy


def test_classroom_has_the_shapes_of_the_blackboard(classroom):
    rnn, labeler, _, _ = classroom
    assert rnn.layers[0].weight_ih_l0.shape == (100, 10_000)
    assert rnn.layers[0].weight_hh_l0.shape == (100, 100)
    assert labeler.output.weight.shape == (1, 100)


def test_classroom_forward_pass(classroom, by_hand):
    numpy.testing.assert_allclose(classroom[2], by_hand[0], atol=1e-6)
    assert classroom[3] == pytest.approx(by_hand[1], abs=1e-6)


def test_classroom_backpropagation_through_time(classroom, by_hand):
    rnn, labeler, _, _ = classroom
    for name, p in rnn.layers[0].named_parameters():
        numpy.testing.assert_allclose(p.grad.numpy(), by_hand[2][name], atol=1e-6)
    numpy.testing.assert_allclose(labeler.output.weight.grad.numpy(), by_hand[3], atol=1e-6)


# Fresh weights


def test_forget_gate_starts_open_at_1():
    for name, p in RNN(NI, NO, cell="lstm", depth=2).named_parameters():
        if "bias_ih" in name:
            assert p.detach().view(4, -1)[1].tolist() == [1.0] * (NO // 2)
            assert p.detach().view(4, -1)[[0, 2, 3]].abs().sum() == 0
        elif "bias_hh" in name:
            assert p.detach().abs().sum() == 0


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_other_biases_start_at_0(cell):
    biases = [p for n, p in RNN(NI, NO, cell=cell).named_parameters() if "bias" in n]
    assert len(biases) == 4
    assert all(p.detach().abs().sum() == 0 for p in biases)


@every_cell
def test_recurrent_weights_start_orthogonal(cell):
    for name, p in RNN(NI, 2 * 8, cell=cell, depth=2).named_parameters():
        if "weight_hh" in name:
            for W in p.detach().chunk(GATES[cell]):
                torch.testing.assert_close(W @ W.T, torch.eye(8), atol=1e-5, rtol=0)


@every_cell
def test_every_gate_starts_different(cell):
    net = RNN(NI, 2 * 8, cell=cell)
    for W in (net.layers[0].weight_ih_l0, net.layers[0].weight_hh_l0):
        gates = [gate.detach() for gate in W.chunk(GATES[cell])]
        assert not any(torch.equal(a, b) for a, b in itertools.combinations(gates, 2))


@pytest.mark.parametrize("start", ["random", "learned"])
def test_initial_states_start_small_and_random(start):
    states = RNN(NI, 64, depth=2, initial_state=start).start.detach()
    assert 0 < states.abs().max() < 0.1
    assert states.unique().numel() == states.numel()


@pytest.mark.parametrize("start,learns", [("random", False), ("learned", True)])
def test_only_learned_initial_states_learn(start, learns):
    net = RNN(NI, NO, initial_state=start)
    net(pack(torch.randn(2, NI), make_packing([2]))).data.sum().backward()
    assert (net.start.grad is not None) == learns


# What a caller relies on


@every_shape
def test_a_document_reads_the_same_alone_and_in_any_batch(cell, bidirectional, depth):
    net = make_net(cell, bidirectional, depth, "learned").float()
    lengths = [5, 1, 0, 9, 2]
    documents = [torch.randn(n, NI) for n in lengths]
    alone = [run(net, d, [len(d)]) if len(d) else d.new_zeros(0, NO) for d in documents]
    for order in ([0, 1, 2, 3, 4], [3, 2, 4, 1, 0]):
        sizes = [lengths[i] for i in order]
        batch = run(net, torch.cat([documents[i] for i in order]), sizes)
        for i, Y in zip(order, batch.split(sizes)):
            torch.testing.assert_close(Y, alone[i], atol=1e-6, rtol=0)


def test_one_direction_never_sees_what_comes():
    net = make_net("lstm", bidirectional=False, depth=2)
    X = torch.randn(6, NI, dtype=torch.float64)
    before = run(net, X, [6])
    X[4:] += 1.0
    after = run(net, X, [6])
    assert torch.equal(before[:4], after[:4])
    assert not torch.equal(before[4:], after[4:])


def test_both_directions_see_everything():
    net = make_net("lstm", bidirectional=True)
    X = torch.randn(6, NI, dtype=torch.float64)
    before = run(net, X, [6])
    X[5] += 1.0
    assert (run(net, X, [6])[0] != before[0]).any()


@every_cell
def test_dropout_stands_before_every_layer_and_at_the_end(cell, monkeypatch):
    def halve(packed, rate):
        return PackedSequence(packed.data * rate, packed.batch_sizes)

    monkeypatch.setattr(nets_rnn, "locked_dropout", halve)
    net = make_net(cell, depth=2)
    packed = pack(torch.randn(5, NI, dtype=torch.float64), make_packing([3, 2]))
    middle = net.layers[0](halve(packed, 0.5))[0]
    top = net.layers[1](halve(middle, 0.5))[0]
    torch.testing.assert_close(net(packed, dropout=0.5).data, top.data * 0.5)


def test_dropout_is_random():
    net = make_net("lstm", nI=50)
    packed = pack(torch.randn(5, 50, dtype=torch.float64), make_packing([3, 2]))
    assert not torch.equal(net(packed, dropout=0.5).data, net(packed, dropout=0.5).data)


def test_no_dropout_is_exact():
    net = make_net("lstm")
    packed = pack(torch.randn(5, NI, dtype=torch.float64), make_packing([3, 2]))
    assert torch.equal(net(packed).data, net(packed).data)
