import itertools
import math
import tracemalloc

import numpy
import pytest
import torch

from spacy_rnn.nets import crf
from spacy_rnn.nets.packing import make_packing
from spacy_rnn.nets.potentials import NEVER, Potentials, to_arrays
from spacy_rnn.nets.sums import marginals, sums
from spacy_rnn.tags import TagSet

# With two labels wherever 15,000 paths are enough
TAGS = {
    "IO": TagSet(["A"], "IO"),
    "BIO": TagSet(["A", "B"], "BIO"),
    "BILUO": TagSet(["A"], "BILUO"),
}
MIXED = [3, 1, 0, 6, 2, 5, 1, 4]
every_scheme = pytest.mark.parametrize("scheme", list(TAGS))


class Case:
    """Random scores of a batch; what the scheme forbids is -inf."""

    def __init__(self, scheme, lengths):
        self.tags = TAGS[scheme]
        K, N = len(self.tags), sum(lengths)
        self.lengths, self.packing = lengths, make_packing(lengths)
        shapes = [(N, K), (K, K), (K,), (K,)]
        self.leaves = [torch.randn(s, dtype=torch.float64) for s in shapes]
        for leaf in self.leaves:
            leaf.requires_grad_()
        self.rules = [torch.from_numpy(r) for r in (self.tags.transitions, self.tags.start)]
        self.rules.append(torch.from_numpy(self.tags.end))

    @property
    def potentials(self):
        """What the CRF reads: emissions packed, what is forbidden masked."""
        emissions = self.leaves[0][self.packing.to_packed]
        rest = [x.masked_fill(~rule, NEVER) for x, rule in zip(self.leaves[1:], self.rules)]
        return Potentials(emissions, *rest, self.packing.batch_sizes)

    def paths(self, rows, allowed=None):
        """All legal tag sequences of a document, and their scores."""
        emissions, transitions, start, end = self.leaves
        paths = torch.tensor(list(itertools.product(range(len(self.tags)), repeat=len(rows))))
        may, may_start, may_end = self.rules
        legal = may[paths[:, :-1], paths[:, 1:]].all(1)
        legal &= may_start[paths[:, 0]] & may_end[paths[:, -1]]
        if allowed is not None:
            legal &= allowed[rows, paths].all(1)
        paths = paths[legal]
        score = start[paths[:, 0]] + emissions[rows, paths].sum(1) + end[paths[:, -1]]
        return paths, score + transitions[paths[:, :-1], paths[:, 1:]].sum(1)

    def documents(self):
        """The rows of each document in the order of the packing."""
        starts = numpy.cumsum([0, *self.lengths])
        return [torch.arange(starts[i], starts[i] + self.lengths[i]) for i in self.packing.order]

    def log_z(self, allowed=None):
        return torch.stack([self.paths(rows, allowed)[1].logsumexp(0) for rows in self.documents()])

    def partial(self):
        """Sets of allowed tags, with a legal path through each document."""
        allowed = torch.rand(sum(self.lengths), len(self.tags)) < 0.4
        for rows in self.documents():
            paths, _ = self.paths(rows)
            allowed[rows, paths[torch.randint(len(paths), ())]] = True
        return allowed

    def gradients(self, loss):
        return torch.autograd.grad(loss, self.leaves)


def assert_same_gradients(ours, theirs):
    for a, b in zip(ours, theirs):
        torch.testing.assert_close(a, b, atol=1e-9, rtol=1e-9)


@every_scheme
@pytest.mark.parametrize("length", range(1, 7))
def test_log_partition_sums_over_all_paths(scheme, length):
    case = Case(scheme, [length])
    torch.testing.assert_close(crf.log_partition(case.potentials), case.log_z())


@every_scheme
def test_log_partition_of_mixed_lengths(scheme):
    case = Case(scheme, MIXED)
    torch.testing.assert_close(crf.log_partition(case.potentials), case.log_z())


@every_scheme
def test_log_partition_has_the_gradient_of_the_sum_over_all_paths(scheme):
    case = Case(scheme, MIXED)
    weights = torch.randn(len(case.packing.order), dtype=torch.float64)
    ours = case.gradients((crf.log_partition(case.potentials) * weights).sum())
    assert_same_gradients(ours, case.gradients((case.log_z() * weights).sum()))


@every_scheme
def test_likelihood_of_partial_annotation(scheme):
    case = Case(scheme, MIXED)
    allowed = case.partial()
    ours = crf.negative_log_likelihood(case.potentials, allowed[case.packing.to_packed])
    torch.testing.assert_close(ours, case.log_z() - case.log_z(allowed))


@every_scheme
def test_likelihood_of_partial_annotation_has_the_exact_gradient(scheme):
    case = Case(scheme, MIXED)
    allowed = case.partial()
    ours = crf.negative_log_likelihood(case.potentials, allowed[case.packing.to_packed])
    theirs = case.log_z() - case.log_z(allowed)
    assert_same_gradients(case.gradients(ours.sum()), case.gradients(theirs.sum()))


@every_scheme
def test_likelihood_of_full_annotation_is_the_probability_of_one_path(scheme):
    case = Case(scheme, [4])
    paths, scores = case.paths(torch.arange(4))
    for path, score in zip(paths[::20], scores[::20]):
        allowed = torch.nn.functional.one_hot(path, len(case.tags)).bool()
        nll = crf.negative_log_likelihood(case.potentials, allowed)
        torch.testing.assert_close(nll[0], case.log_z()[0] - score)


@every_scheme
def test_missing_annotation_costs_nothing(scheme):
    case = Case(scheme, MIXED)
    everything = torch.ones(sum(MIXED), len(case.tags), dtype=torch.bool)
    nll = crf.negative_log_likelihood(case.potentials, everything)
    assert nll.abs().max() < 1e-12
    assert all(g.abs().max() < 1e-12 for g in case.gradients(nll.sum()))


def impossible(case, document):
    """Annotation that allows no legal path through one document: it starts with I."""
    allowed = case.partial()
    first = case.documents()[document][0]
    allowed[first] = torch.from_numpy(~case.tags.start)
    return allowed


@pytest.mark.parametrize("scheme", ["BIO", "BILUO"])
def test_impossible_annotation_costs_nothing(scheme):
    case = Case(scheme, [2, 3])
    allowed = impossible(case, 0) & impossible(case, 1)
    nll = crf.negative_log_likelihood(case.potentials, allowed[case.packing.to_packed])
    assert nll.tolist() == [0.0, 0.0]
    assert all((g == 0).all() for g in case.gradients(nll.sum()))


@pytest.mark.parametrize("scheme", ["BIO", "BILUO"])
def test_impossible_annotation_leaves_the_other_documents_alone(scheme):
    case = Case(scheme, [2, 5, 3])
    allowed = impossible(case, 1)
    nll = crf.negative_log_likelihood(case.potentials, allowed[case.packing.to_packed])
    keep = torch.tensor([0, 2])
    rows = case.documents()
    gold = torch.stack([case.paths(rows[i], allowed)[1].logsumexp(0) for i in keep])
    theirs = case.log_z()[keep] - gold
    torch.testing.assert_close(nll[keep], theirs)
    assert_same_gradients(case.gradients(nll.sum()), case.gradients(theirs.sum()))


def marginals_of(p):
    a = to_arrays(p)
    return torch.from_numpy(marginals(a, sums(a)))


@every_scheme
def test_marginals_are_shares_of_the_paths(scheme):
    case = Case(scheme, MIXED)
    found = marginals_of(case.potentials)[case.packing.to_flat]
    for rows in case.documents():
        paths, scores = case.paths(rows)
        shares = torch.zeros(len(rows), len(case.tags), dtype=torch.float64)
        for step in range(len(rows)):
            shares[step].index_add_(0, paths[:, step], scores.softmax(0).detach())
        torch.testing.assert_close(found[rows], shares)


def test_marginals_of_a_document_that_no_path_fits_are_0():
    case = Case("BIO", [2])
    p = case.potentials.allow(torch.zeros(2, len(case.tags), dtype=torch.bool))
    assert (marginals_of(p) == 0).all()


def test_transitions_are_counted_the_same_in_small_portions(monkeypatch):
    case = Case("BIO", MIXED)
    whole = case.gradients(crf.log_partition(case.potentials).sum())
    monkeypatch.setattr(crf, "MODERATE", -math.inf)
    monkeypatch.setattr(crf, "PAIRS_AT_A_TIME", 3 * len(case.tags) ** 2)
    assert_same_gradients(case.gradients(crf.log_partition(case.potentials).sum()), whole)


def test_transitions_between_many_tags_are_counted_in_little_memory():
    K, rows = 400, 100
    counted = numpy.zeros((K, K)), numpy.zeros((rows, K)), numpy.zeros((rows, K)), numpy.ones(rows)
    tracemalloc.start()
    try:
        total = crf._counts_of_pairs(*counted)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (total == rows).all()
    assert peak < rows * K * K * 8


def test_a_transition_beyond_the_range_of_exp_leaves_a_gradient():
    case = Case("BIO", [4, 2])
    with torch.no_grad():
        case.leaves[1][0, 0] = 1000.0
    wanted = case.gradients(case.log_z().sum())
    assert_same_gradients(case.gradients(crf.log_partition(case.potentials).sum()), wanted)


LONG = 20_000


def scaled_log_z(p):
    """log Z of one document by the scaled forward pass of Rabiner, extended precision."""
    emissions, transitions, start, end = [x.detach().numpy().astype("longdouble") for x in p[:4]]
    total, alpha = numpy.longdouble(0), None
    move = numpy.exp(transitions)
    for row in emissions:
        alpha = numpy.exp(start) if alpha is None else alpha @ move
        alpha = alpha * numpy.exp(row - row.max())
        scale = alpha.sum()
        total += numpy.log(scale) + row.max()
        alpha /= scale
    return float(total + numpy.log((alpha * numpy.exp(end)).sum()))


@pytest.fixture(scope="module")
def long_document():
    torch.manual_seed(0)
    case = Case("BIO", [LONG])
    case.leaves[0] = (torch.randn(LONG, len(case.tags)) * 10).requires_grad_()
    return case


def test_a_very_long_document_stays_precise(long_document):
    p = long_document.potentials
    log_z = crf.log_partition(p)
    assert float(log_z.detach()) == pytest.approx(scaled_log_z(p), rel=1e-12)


def test_the_gradient_of_a_very_long_document_stays_precise(long_document):
    d_emissions, d_transitions, d_start, d_end = long_document.gradients(
        crf.log_partition(long_document.potentials).sum()
    )
    torch.testing.assert_close(d_emissions.sum(1), torch.ones(LONG), atol=1e-6, rtol=0)
    assert float(d_transitions.sum()) == pytest.approx(LONG - 1, rel=1e-7)
    assert float(d_start.sum()) == pytest.approx(1, rel=1e-7)
    assert float(d_end.sum()) == pytest.approx(1, rel=1e-7)
