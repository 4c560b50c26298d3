"""Against all paths, written out."""

import itertools
import tracemalloc

import numpy
import pytest
import torch

from spacy_rnn.nets.posterior import (
    Chain,
    FlatLattice,
    Spans,
    chain,
    chain_of_starts,
    k_best,
    span_posteriors,
)
from spacy_rnn.nets.potentials import to_arrays
from spacy_rnn.nets.sums import sums

from .test_crf import MIXED, Case, every_scheme

seeds = pytest.mark.parametrize("seed", range(4))


def entities(tags, path):
    """The spans of a path, read token by token."""
    found, start = set(), None
    for i, tag in enumerate([*path, 0]):
        goes_on = start is not None and i < len(path) and tags.continues[path[i - 1], tag]
        if start is not None and not goes_on:
            found.add((tags.label_of[path[start]], start, i))
            start = None
        if tag and not goes_on:
            start = i
    return found


def by_brute_force(case):
    """Of each document, in the order of the text, each span's probability."""
    out = []
    for start, n in zip(itertools.accumulate([0, *case.lengths]), case.lengths):
        if n:
            paths, scores = case.paths(torch.arange(start, start + n))
            chances = {}
            for path, p in zip(paths.tolist(), scores.softmax(0).tolist()):
                for entity in entities(case.tags, path):
                    chances[entity] = chances.get(entity, 0.0) + p
            out.append((start, chances))
    return out


def ours(case, start, entity):
    """The probability of one span."""
    label, first, end = entity
    tags = numpy.zeros(sum(case.lengths), dtype="i8")
    tags[start + first : start + end] = case.tags.span_tags(label, end - first)
    spans = Spans(numpy.array([start + first]), numpy.array([start + end]), tags)
    return span_posteriors(lattice(case), spans, case.tags.continues).item()


def lattice(case):
    """Scores and sums in the order of the text."""
    a, to_flat = to_arrays(case.potentials), case.packing.to_flat.numpy()
    found, lengths = sums(a), numpy.array([n for n in case.lengths if n])
    emissions, alpha, beta = (x[to_flat] for x in (a.emissions, found.alpha, found.beta))
    ends = lengths.cumsum()
    return FlatLattice(emissions, *a[1:4], alpha, beta, ends - lengths, ends)


@every_scheme
@seeds
def test_a_span_is_as_probable_as_all_readings_that_hold_it(scheme, seed):
    torch.manual_seed(seed)
    case = Case(scheme, MIXED[:4] + [2])
    for start, chances in by_brute_force(case):
        assert chances
        for entity, chance in chances.items():
            assert ours(case, start, entity) == pytest.approx(chance, abs=1e-9)


@every_scheme
@seeds
def test_many_spans_at_once_are_what_each_is_alone(scheme, seed):
    torch.manual_seed(seed)
    case = Case(scheme, [4, 0, 3, 1])
    tags = numpy.zeros(8, dtype="i8")
    label = case.tags.labels[0]
    places = [(0, 2), (3, 4), (4, 7), (7, 8)]
    for a, b in places:
        tags[a:b] = case.tags.span_tags(label, b - a)
    spans = Spans(*numpy.array(places).T, tags)
    together = span_posteriors(lattice(case), spans, case.tags.continues).tolist()
    offsets = [0, 0, 4, 7]
    alone = [ours(case, o, (label, a - o, b - o)) for o, (a, b) in zip(offsets, places)]
    assert together == pytest.approx(alone)


def test_no_spans_no_probabilities():
    case = Case("BIO", [3])
    none = numpy.zeros(0, dtype="i8")
    spans = Spans(none, none, numpy.zeros(3, dtype="i8"))
    assert span_posteriors(lattice(case), spans, case.tags.continues).shape == (0,)


@every_scheme
@pytest.mark.parametrize("length", range(1, 7))
@pytest.mark.parametrize("k", [1, 2, 7, 10_000])
def test_k_best_are_the_best_of_all_paths(scheme, length, k):
    torch.manual_seed(length)
    case = Case(scheme, [length])
    paths, scores = case.paths(torch.arange(length))
    order = scores.argsort(descending=True)[:k]
    found = k_best(chain(to_arrays(case.potentials), numpy.zeros(length, dtype=bool)), k)
    assert [s for s, _ in found] == pytest.approx(scores[order].tolist())
    assert [path for _, path in found] == paths[order].tolist()


@every_scheme
@seeds
@pytest.mark.parametrize("out", [[0], [3], [1, 2], [0, 1, 3], [0, 3]])
def test_tokens_whose_tags_do_not_matter_are_summed_out(scheme, seed, out):
    torch.manual_seed(seed)
    case = Case(scheme, [4])
    kept = [i for i in range(4) if i not in out]
    wanted = {}
    paths, scores = case.paths(torch.arange(4))
    for path, score in zip(paths[:, kept].tolist(), scores.tolist()):
        wanted.setdefault(tuple(path), []).append(score)
    logs = {path: torch.tensor(s, dtype=torch.float64) for path, s in wanted.items()}
    summed = {path: s.logsumexp(0).item() for path, s in logs.items()}
    is_out = numpy.array([i in out for i in range(4)])
    found = k_best(chain(to_arrays(case.potentials), is_out), 10_000)
    assert {tuple(path): pytest.approx(score) for score, path in found} == summed
    assert [s for s, _ in found] == pytest.approx(sorted(summed.values(), reverse=True))


@seeds
@pytest.mark.parametrize("out", [[], [0], [3], [1, 2], [0, 1, 3], [0, 2, 3]])
def test_entities_that_end_in_what_is_summed_out_are_told_apart(seed, out):
    torch.manual_seed(seed)
    case = Case("IO", [4])
    kept = [i for i in range(4) if i not in out]
    wanted = {}
    paths, scores = case.paths(torch.arange(4))
    for path, score in zip(paths.tolist(), scores.tolist()):
        goes_on = {i for _, a, b in entities(case.tags, path) for i in kept_after_first(kept, a, b)}
        starts = tuple(path[i] + (i in goes_on) for i in kept)
        wanted.setdefault(starts, []).append(score)
    logs = {path: torch.tensor(s, dtype=torch.float64) for path, s in wanted.items()}
    summed = {path: s.logsumexp(0).item() for path, s in logs.items()}
    is_out = numpy.array([i in out for i in range(4)])
    found = k_best(chain_of_starts(to_arrays(case.potentials), is_out), 10_000)
    assert {tuple(path): pytest.approx(score) for score, path in found} == summed
    assert len(found) == len(summed)


def kept_after_first(kept, start, end):
    return [i for i in kept if start <= i < end][1:]


def test_of_a_long_document_k_best_keeps_only_k_paths_to_a_tag():
    rng, K, k, steps = numpy.random.default_rng(0), 40, 3, 300
    long = Chain(rng.normal(size=(steps, K)), [numpy.zeros((1, K))], numpy.zeros(K))
    long.steps.extend([rng.normal(size=(K, K))] * (steps - 1))
    tracemalloc.start()
    try:
        k_best(long, k)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * steps * K * k * 8
