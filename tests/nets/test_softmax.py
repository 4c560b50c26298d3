import numpy
import pytest
import torch

from spacy_rnn.nets import softmax
from spacy_rnn.nets.packing import make_packing
from spacy_rnn.nets.potentials import NEVER, Potentials

LENGTHS = [2, 0, 3, 1]
N, K = sum(LENGTHS), 4


def potentials(emissions, packing):
    nothing = torch.full((K, K), NEVER)  # a softmax knows no rules
    return Potentials(emissions, nothing, nothing[0], nothing[0], packing.batch_sizes)


@pytest.fixture
def batch():
    """Emissions, the sets of allowed tags and the packing."""
    emissions = torch.randn(N, K, dtype=torch.float64, requires_grad=True)
    allowed = torch.rand(N, K) < 0.5
    allowed[:, 0] |= ~allowed.any(1)
    return emissions, allowed, make_packing(LENGTHS)


def nll(emissions, allowed, packing, smoothing=0.0):
    index, p = packing.to_packed, potentials(emissions[packing.to_packed], packing)
    return softmax.negative_log_likelihood(p, allowed[index], smoothing)


def test_equals_a_numpy_loop(batch):
    emissions, allowed, packing = batch
    documents = numpy.split(numpy.arange(N), numpy.cumsum(LENGTHS)[:-1])
    expected = []
    for i in packing.order:
        cost = 0.0
        for row in documents[i]:
            p = numpy.exp(emissions[row].detach().numpy())
            cost -= numpy.log(p[allowed[row].numpy()].sum() / p.sum())
        expected.append(cost)
    numpy.testing.assert_allclose(nll(*batch).detach(), expected)


def test_gradient_is_prediction_minus_truth(batch):
    emissions, _, packing = batch
    truth = torch.nn.functional.one_hot(torch.arange(N) % K, K)
    nll(emissions, truth.bool(), packing).sum().backward()
    torch.testing.assert_close(emissions.grad, emissions.detach().softmax(1) - truth)


def test_missing_annotation_costs_nothing(batch):
    emissions, allowed, packing = batch
    cost = nll(emissions, torch.ones_like(allowed), packing)
    cost.sum().backward()
    assert cost.tolist() == [0.0, 0.0, 0.0]
    assert emissions.grad.abs().max() < 1e-12


def test_a_token_that_may_carry_no_tag_costs_nothing(batch):
    emissions, allowed, packing = batch
    nothing = allowed.clone()
    nothing[0] = False
    found = nll(emissions, nothing, packing)
    assert found.isfinite().all()
    everything = allowed.clone()
    everything[0] = True
    torch.testing.assert_close(found, nll(emissions, everything, packing))


def test_two_tags_are_a_sigmoid():
    z = torch.randn(5, dtype=torch.float64)
    y = torch.tensor([0, 1, 1, 0, 1])
    p = potentials(torch.stack([torch.zeros_like(z), z], dim=1), make_packing([5]))
    ours = softmax.negative_log_likelihood(p, torch.nn.functional.one_hot(y, 2).bool())
    theirs = torch.nn.functional.binary_cross_entropy_with_logits(z, y.double(), reduction="sum")
    torch.testing.assert_close(ours[0], theirs)


def test_large_scores_stay_finite():
    emissions = torch.tensor([[1e4, -1e4, 0.0, 0.0]], requires_grad=True)
    cost = nll(emissions, torch.tensor([[False, True, False, False]]), make_packing([1]))
    cost.sum().backward()
    assert cost.item() == pytest.approx(2e4)
    assert torch.isfinite(emissions.grad).all()


@pytest.mark.parametrize("smoothing", [0.05, 0.4])
def test_smoothing_is_the_cross_entropy_with_softer_targets(batch, smoothing):
    emissions, _, packing = batch
    truth = torch.nn.functional.one_hot(torch.arange(N) % K, K)
    nll(emissions, truth.bool(), packing, smoothing).sum().backward()
    targets = truth * (1 - smoothing) + (1 - truth) * smoothing / (K - 1)
    torch.testing.assert_close(emissions.grad, emissions.detach().softmax(1) - targets)
    cross_entropy = -(targets * emissions.detach().log_softmax(1)).sum()
    smooth = nll(emissions.detach(), truth.bool(), packing, smoothing).sum()
    torch.testing.assert_close(smooth, cross_entropy)


def test_smoothing_gives_nothing_to_a_tag_that_is_not_read(batch):
    emissions, _, packing = batch
    truth = torch.nn.functional.one_hot(torch.arange(N) % (K - 1), K).bool()
    without = nll(emissions[:, :-1], truth[:, :-1], packing, 0.1)
    emissions = emissions.detach()
    emissions[:, -1] = NEVER
    torch.testing.assert_close(nll(emissions, truth, packing, 0.1), without)


def test_smoothing_does_not_count_where_the_tag_is_not_known(batch):
    emissions, _, packing = batch
    for known in (torch.ones(N, K).bool(), torch.arange(K).expand(N, K) != 1):
        smooth = nll(emissions, known, packing, 0.3)
        torch.testing.assert_close(smooth, nll(emissions, known, packing))
