"""Against all paths, written out."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spacy_rnn.nets.potentials import to_arrays
from spacy_rnn.nets.viterbi import viterbi

from .test_crf import LONG, MIXED, TAGS, Case, every_scheme


def best_tags(p):
    """The best tag of each packed row."""
    return torch.from_numpy(viterbi(to_arrays(p)))


@every_scheme
def test_viterbi_finds_the_best_path(scheme):
    case = Case(scheme, MIXED)
    best = best_tags(case.potentials)[case.packing.to_flat]
    for rows in case.documents():
        paths, scores = case.paths(rows)
        assert torch.equal(best[rows], paths[scores.argmax()])


@every_scheme
def test_viterbi_finds_the_best_allowed_path(scheme):
    case = Case(scheme, MIXED)
    allowed = case.partial()
    p = case.potentials.allow(allowed[case.packing.to_packed])
    best = best_tags(p)[case.packing.to_flat]
    for rows in case.documents():
        paths, scores = case.paths(rows, allowed)
        assert torch.equal(best[rows], paths[scores.argmax()])


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(list(TAGS)), st.lists(st.integers(1, 5), min_size=2, max_size=4))
def test_a_document_alone_is_decoded_as_in_any_batch(scheme, lengths):
    case = Case(scheme, lengths)
    together = best_tags(case.potentials)[case.packing.to_flat]
    for rows in case.documents():
        alone = case.potentials._replace(
            emissions=case.leaves[0][rows], batch_sizes=torch.ones(len(rows), dtype=torch.int64)
        )
        assert torch.equal(best_tags(alone), together[rows])


SCORES = st.one_of(st.just(0.0), st.floats(-(2.0**100), 2.0**100, width=32))


@settings(max_examples=50, deadline=None)
@given(st.data(), st.sampled_from(list(TAGS)), st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_decoding_is_always_legal(data, scheme, lengths):
    case = Case(scheme, lengths)
    K = len(case.tags)
    shapes = [(sum(lengths), K), (K, K), (K,), (K,)]
    case.leaves = [torch.from_numpy(data.draw(arrays("f4", s, elements=SCORES))) for s in shapes]
    if data.draw(st.booleans()):  # as softmax scores are: each token alone
        case.leaves[1:] = [torch.zeros(s) for s in shapes[1:]]
    tags = best_tags(case.potentials)[case.packing.to_flat]
    for rows in case.documents():
        assert case.tags.start[tags[rows[0]]]
        assert case.tags.end[tags[rows[-1]]]
        assert case.tags.transitions[tags[rows[:-1]], tags[rows[1:]]].all()


def best_score(p):
    """The score of the best path of one document."""
    emissions, transitions, start, end = [x.detach().numpy() for x in p[:4]]
    best = start + emissions[0]
    for row in emissions[1:]:
        best = (best[:, None] + transitions).max(0) + row
    return float((best + end).max())


def test_a_very_long_document_decodes():
    torch.manual_seed(0)
    case = Case("BIO", [LONG])
    case.leaves[0] = torch.randn(LONG, len(case.tags)) * 10
    p = case.potentials
    tags = best_tags(p)
    score = p.start[tags[0]] + p.transitions[tags[:-1], tags[1:]].sum() + p.end[tags[-1]]
    score = score + p.emissions.double()[torch.arange(LONG), tags].sum()
    assert float(score.detach()) == pytest.approx(best_score(p), rel=1e-12)
