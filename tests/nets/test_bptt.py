"""The gradient that is written out is the gradient of the equations."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_rnn.nets.bptt import LSTMScan
from spacy_rnn.nets.packing import make_packing, pack, step_slices
from spacy_rnn.nets.rnn import RNN
from spacy_rnn.nets.scan import lstm_step

lengths_of_documents = st.lists(st.integers(0, 6), min_size=1, max_size=5).filter(any)


def arguments(lengths, H=3, D=2):
    """x, h, c, W in double precision and the batch sizes."""
    sizes = make_packing(lengths).batch_sizes
    shapes = [(D, sum(lengths), 4 * H), (D, int(sizes[0]), H), (D, int(sizes[0]), H), (D, H, 4 * H)]
    tensors = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in shapes]
    return (*tensors, sizes)


def by_autograd(x, h, c, W, sizes):
    """The same walk, step by step through autograd."""
    states, ended, none = [], [], torch.zeros(x.shape[0], 1, x.shape[2], dtype=x.dtype)
    for rows in step_slices(sizes):
        n = rows.stop - rows.start
        ended.append(c[:, n:])
        h, c = lstm_step(x[:, rows], (h[:, :n], c[:, :n]), W, none)
        states.append(h)
    return torch.cat(states, dim=1), torch.cat([c, *reversed(ended)], dim=1).detach()


@settings(deadline=None, max_examples=30)
@given(lengths_of_documents)
def test_states_and_gradients_are_those_of_the_equations(lengths):
    torch.manual_seed(0)
    ours = arguments(lengths)
    theirs = [x.detach().clone().requires_grad_(x.is_floating_point()) for x in ours[:4]]
    (Y, c), (wanted, last) = LSTMScan.apply(*ours), by_autograd(*theirs, ours[4])
    torch.testing.assert_close(Y, wanted)
    torch.testing.assert_close(c, last)
    assert not c.requires_grad
    dY = torch.randn_like(Y)
    Y.backward(dY)
    wanted.backward(dY)
    for x, y in zip(ours[:4], theirs):
        torch.testing.assert_close(x.grad, y.grad)


def test_numerical_gradient():
    torch.manual_seed(0)
    assert torch.autograd.gradcheck(lambda *args: LSTMScan.apply(*args)[0], arguments([3, 1, 2]))


def test_arguments_stay_as_they_are():
    args = arguments([3, 2])
    before = [x.detach().clone() for x in args]
    LSTMScan.apply(*args)[0].sum().backward()
    for x, y in zip(args, before):
        assert torch.equal(x, y)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("initial_state", ["zeros", "random", "learned"])
def test_training_gives_the_gradient_of_torchs_kernel(bidirectional, initial_state):
    torch.manual_seed(0)
    net = RNN(4, 6, depth=2, bidirectional=bidirectional, initial_state=initial_state).double()
    packing = make_packing([4, 0, 1, 3])
    X = torch.randn(8, 4, dtype=torch.float64)
    gradients = []
    for run in (net, lambda packed: by_kernel(net, packed)):
        net.zero_grad(set_to_none=True)
        torch.sin(run(pack(X, packing)).data).sum().backward()
        gradients.append({n: p.grad for n, p in net.named_parameters() if p.requires_grad})
    torch.testing.assert_close(*gradients)


def by_kernel(net, packed):
    for i, layer in enumerate(net.layers):
        packed, _ = layer(packed, net._first_state(i, int(packed.batch_sizes[0])))
    return packed
