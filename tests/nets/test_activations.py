import torch

from spacy_rnn.nets.activations import WORTH_IT, tanh


def test_it_is_torchs_tanh():
    x = torch.linspace(-30, 30, 2 * WORTH_IT, dtype=torch.float64).reshape(2, -1)
    with torch.no_grad():
        torch.testing.assert_close(tanh(x), torch.tanh(x), atol=1e-15, rtol=0)
        torch.testing.assert_close(tanh(x[:, :9]), torch.tanh(x[:, :9]))
        halves = x.float()
        torch.testing.assert_close(tanh(halves), torch.tanh(halves), atol=2e-7, rtol=0)


def test_the_input_stays_as_it_is():
    x = torch.ones(WORTH_IT)
    with torch.no_grad():
        tanh(x)
    assert (x == 1).all()


def test_under_autograd_it_has_a_gradient():
    x = torch.zeros(WORTH_IT, requires_grad=True)
    tanh(x).sum().backward()
    assert (x.grad == 1).all()
