"""Searches against all sequences there are, over a small decoder and over the real one."""

import itertools
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from spacy_rnn.nets.decoder_cell import PAD, START, STOP
from spacy_rnn.nets.search import Found, draw, n_best, sample
from spacy_rnn.nets.seq2seq import Batch, Seq2Seq, Walk

from ..helpers import stir

V, H, S = 5, 4, 3
UNITS = [3, 4]  # what can be written
EVERYTHING = 32  # a width that no source of a limit of 4 needs


class Memory(NamedTuple):
    """The state of a decoder that remembers all it has read."""

    h: Tensor  # (R, H)
    source: Tensor  # (B, S, H)

    def select(self, sources, rows):
        return Memory(self.h[rows], self.source[sources])


class Toy:
    """A decoder: what comes next depends on all that was written, and on the source."""

    def __init__(self, seed, sources=1, sharpness=2.0):
        draws = torch.Generator().manual_seed(seed)
        shapes = [(H, H), (V, H), (H, V), (sources, H), (sources, S, H)]
        parts = [torch.randn(*s, generator=draws, dtype=torch.double) for s in shapes]
        self.W, self.E, self.O, h, source = parts
        self.state, self.bias = Memory(h, source), torch.zeros(V, dtype=torch.double)
        self.sharpness = sharpness

    def step(self, units, state):
        h = torch.tanh(state.h @ self.W + self.E[units])
        shares = (h.view(len(state.source), -1, H) @ state.source.transpose(1, 2)).softmax(2)
        log_p = (h @ self.O * self.sharpness + self.bias).log_softmax(1)
        return log_p, Memory(h, state.source), shares.flatten(0, 1)

    def of(self, *sources):
        rows = torch.tensor(sources, dtype=torch.int64)
        return self.state.select(rows, rows)

    def replay(self, source, units):
        """log P and the attention of a sequence, unit by unit."""
        state, log_p, attention = self.of(source), 0.0, []
        for before, unit in zip([START, *units], units):
            steps, state, shares = self.step(torch.tensor([before]), state)
            log_p += float(steps[0, unit])
            attention.append(shares[0])
        return log_p, attention

    def everything(self, source, limit, alpha, prefix=None):
        """All that can be found, the best first, truncated ones last: units, log P, score."""
        found = []
        for length in range(1, limit + 1):
            ends = [STOP] if length < limit else [STOP, *UNITS]
            for units in itertools.product(*[UNITS] * (length - 1), ends):
                begins = (prefix or [])[:length]
                if list(units[: len(begins)]) == begins:
                    log_p, _ = self.replay(source, units)
                    found.append((list(units), log_p, log_p / length**alpha))
        return sorted(found, key=lambda f: (f[0][-1] != STOP, -f[2]))


def with_stop(found):
    return found.units if found.truncated else [*found.units, STOP]


def assert_found(ours, theirs):
    assert [with_stop(f) for f in ours] == [units for units, _, _ in theirs]
    assert [f.log_p for f in ours] == pytest.approx([log_p for _, log_p, _ in theirs])
    assert [f.score for f in ours] == pytest.approx([score for _, _, score in theirs])


seeds = st.integers(0, 10**6)
limits_of_sources = st.lists(st.integers(0, 4), min_size=1, max_size=3)
alphas = st.sampled_from([0.0, 0.5, 1.0, 2.0])
numbers = st.integers(1, 6)


# Beams


@settings(deadline=None, max_examples=40)
@given(seed=seeds, limits=limits_of_sources, alpha=alphas, n=numbers)
def test_a_beam_wide_enough_finds_the_best_of_all_sequences(seed, limits, alpha, n):
    toy = Toy(seed, len(limits))
    found = n_best(toy.step, toy.state, limits, n=n, width=EVERYTHING, alpha=alpha)
    for source, limit in enumerate(limits):
        assert_found(found[source], toy.everything(source, limit, alpha)[:n])


@settings(deadline=None, max_examples=40)
@given(seed=seeds, limits=limits_of_sources, alpha=alphas, data=st.data())
def test_a_forced_prefix_leaves_the_best_of_those_that_begin_with_it(seed, limits, alpha, data):
    toy = Toy(seed, len(limits))
    prefix = st.lists(st.sampled_from(UNITS), max_size=4)
    prefixes = [data.draw(prefix) for _ in limits]
    options = {"n": 3, "width": EVERYTHING, "alpha": alpha}
    found = n_best(toy.step, toy.state, limits, prefixes=prefixes, **options)
    for source, (limit, prefix) in enumerate(zip(limits, prefixes)):
        assert_found(found[source], toy.everything(source, limit, alpha, prefix)[:3])


@settings(deadline=None, max_examples=40)
@given(seed=seeds, limit=st.integers(1, 7), alpha=alphas, n=numbers, width=st.integers(2, 4))
def test_a_narrow_beam_follows_the_best_of_each_step(seed, limit, alpha, n, width):
    toy = Toy(seed)
    (found,) = n_best(toy.step, toy.state, [limit], n=n, width=width, alpha=alpha)
    assert_found(found, beam_by_hand(toy, limit, width, alpha)[:n])


def beam_by_hand(toy, limit, width, alpha):
    """All that comes to an end: of the best few of a step those that stop, and at the limit what
    is left.
    """
    beam, complete = [[]], []
    for _ in range(limit):
        ways = [units + [unit] for units in beam for unit in (STOP, *UNITS)]
        ways.sort(key=lambda units: toy.replay(0, units)[0], reverse=True)
        complete += [units for units in ways[:width] if units[-1] == STOP]
        beam = [units for units in ways if units[-1] != STOP][:width]
    scored = [[(u, toy.replay(0, u)[0]) for u in part] for part in (complete, beam)]
    rated = [[(u, log_p, log_p / len(u) ** alpha) for u, log_p in part] for part in scored]
    return [f for part in rated for f in sorted(part, key=lambda f: -f[2])]


@settings(deadline=None, max_examples=40)
@given(seed=seeds, limits=limits_of_sources, alpha=alphas, n=numbers, width=st.integers(1, 5))
def test_what_any_beam_finds_is_ordered_distinct_and_true(seed, limits, alpha, n, width):
    toy = Toy(seed, len(limits))
    found = n_best(toy.step, toy.state, limits, n=n, width=width, alpha=alpha)
    for source, of in enumerate(found):
        assert len(of) <= n and bool(of) == (limits[source] > 0)
        assert of == sorted(of, key=lambda f: (f.truncated, -f.score))
        assert len({tuple(with_stop(f)) for f in of}) == len(of)
        for f in of:
            assert len(with_stop(f)) <= limits[source]
            assert not f.truncated or len(f.units) == limits[source]
            log_p, attention = toy.replay(source, with_stop(f))
            assert f.log_p == pytest.approx(log_p)
            assert f.score == pytest.approx(log_p / len(attention) ** alpha)
            torch.testing.assert_close(f.attention, torch.stack(attention))


@settings(deadline=None, max_examples=40)
@given(seed=seeds, limit=st.integers(1, 8), alpha=alphas, n=numbers)
def test_a_width_of_one_is_greedy(seed, limit, alpha, n):
    toy = Toy(seed)
    ((found,),) = n_best(toy.step, toy.state, [limit], alpha=alpha, n=n)
    assert with_stop(found) == greedy(toy, 0, limit)


def greedy(toy, source, limit):
    state, units = toy.of(source), [START]
    while units[-1] != STOP and len(units) <= limit:
        log_p, state, _ = toy.step(torch.tensor(units[-1:]), state)
        units.append(max([STOP, *UNITS], key=lambda unit: log_p[0, unit]))
    return units[1:]


@settings(deadline=None, max_examples=30)
@given(seed=seeds, alpha=alphas, width=st.integers(1, 5), n=st.integers(2, 5))
def test_the_best_one_is_the_first_of_the_best(seed, alpha, width, n):
    toy = Toy(seed)
    one = n_best(toy.step, toy.state, [6], width=width, alpha=alpha)
    more = n_best(toy.step, toy.state, [6], width=width, alpha=alpha, n=n)
    assert one[0][0].units == more[0][0].units


@settings(deadline=None, max_examples=30)
@given(seed=seeds, alpha=alphas, width=st.integers(1, 4), data=st.data())
def test_a_source_is_searched_alone_as_in_any_batch(seed, alpha, width, data):
    toy = Toy(seed, 4)
    limits = data.draw(st.lists(st.integers(0, 6), min_size=4, max_size=4))
    sources = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=6))
    of = [limits[source] for source in sources]
    options = {"n": 2, "width": width, "alpha": alpha}
    together = n_best(toy.step, toy.of(*sources), of, **options)
    for source, found in zip(sources, together):
        (alone,) = n_best(toy.step, toy.of(source), [limits[source]], **options)
        assert [f.units for f in alone] == [f.units for f in found]
        assert [f.score for f in alone] == pytest.approx([f.score for f in found])


@pytest.mark.parametrize("width", [1, 3])
def test_a_net_that_never_stops_is_stopped(width):
    toy = Toy(0, 2)
    toy.bias[STOP] = -torch.inf
    for of, limit in zip(n_best(toy.step, toy.state, [7, 30], n=2, width=width), [7, 30]):
        assert of and all(f.truncated and len(f.units) == limit for f in of)


def test_a_net_that_only_stops_writes_nothing():
    toy = Toy(0)
    toy.bias[:] = -torch.inf
    toy.bias[STOP] = 0.0
    ((found,),) = n_best(toy.step, toy.state, [5], n=4, width=4)
    assert found[:4] == ([], 0.0, 0.0, False)
    assert found.attention.shape == (1, S)


def test_a_source_of_limit_0_gets_nothing():
    toy = Toy(0, 3)
    assert [len(of) for of in n_best(toy.step, toy.state, [0, 5, 0])] == [0, 1, 0]
    assert n_best(toy.step, toy.of(0), [0]) == [[]]
    assert n_best(toy.step, toy.of(), []) == []


def test_a_prefix_that_cannot_be_written_leads_nowhere():
    toy = Toy(0, 2)
    first, second = n_best(toy.step, toy.state, [5, 5], prefixes=[[V + 3], [3]])
    assert first == [] and second[0].units[0] == 3


def test_padding_and_start_are_never_written():
    toy = Toy(0)
    toy.bias[[PAD, START]] = 5.0
    (found,) = n_best(toy.step, toy.state, [4], n=30, width=EVERYTHING)
    assert {unit for f in found for unit in f.units} == set(UNITS)
    drawn = sample(toy.step, toy.of(*[0] * 50), [4] * 50, range(50))
    assert {unit for f in drawn for unit in f.units} == set(UNITS)


def test_a_search_ends_when_nothing_better_may_come():
    """Long before the limit."""
    toy, steps = Toy(0), []
    toy.bias[STOP] = 4.0

    def step(units, state):
        steps.append(len(units))
        return toy.step(units, state)

    n_best(step, toy.state, [1000], width=4)
    assert len(steps) < 10


# Samples


def drawn(toy, sources, seeds, limit=6, **options):
    return sample(toy.step, toy.of(*sources), [limit] * len(sources), seeds, **options)


@settings(deadline=None, max_examples=30)
@given(seed=seeds, data=st.data())
def test_a_seed_draws_the_same_in_any_batch(seed, data):
    toy = Toy(seed, 4, sharpness=0.5)
    sources = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=6))
    of_sources = data.draw(st.lists(st.integers(), min_size=len(sources), max_size=len(sources)))
    for source, one, found in zip(sources, of_sources, drawn(toy, sources, of_sources)):
        (alone,) = drawn(toy, [source], [one])
        assert alone.units == found.units
        assert alone.log_p == pytest.approx(found.log_p)


@settings(deadline=None, max_examples=30)
@given(seed=seeds, temperature=st.sampled_from([0.5, 1.0, 2.0]))
def test_a_sample_says_how_probable_it_is(seed, temperature):
    """By the net, whatever the temperature."""
    toy = Toy(seed)
    (found,) = drawn(toy, [0], [seed], temperature=temperature)
    log_p, attention = toy.replay(0, with_stop(found))
    assert found.log_p == found.score == pytest.approx(log_p)
    torch.testing.assert_close(found.attention, torch.stack(attention))


@pytest.mark.parametrize("options", [{"temperature": 1e-4}, {"top_k": 1}, {"top_p": 1e-9}], ids=str)
@settings(deadline=None, max_examples=20)
@given(seed=seeds)
def test_the_pickiest_sample_is_greedy(options, seed):
    toy = Toy(seed)
    (found,) = drawn(toy, [0], [seed], **options)
    assert with_stop(found) == greedy(toy, 0, 6)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_sequences_are_drawn_as_often_as_they_are_probable(temperature):
    toy, n, limit = Toy(1, sharpness=1.0), 4000, 2
    found = drawn(toy, [0] * n, range(n), limit, temperature=temperature)
    counts = {}
    for f in found:
        counts[tuple(with_stop(f))] = counts.get(tuple(with_stop(f)), 0) + 1
    for units, _, _ in toy.everything(0, limit, 0.0):
        p = chance(toy, units, temperature)
        assert counts.get(tuple(units), 0) / n == pytest.approx(p, abs=4 * (p / n) ** 0.5)


def chance(toy, units, temperature, allowed=(STOP, *UNITS)):
    """How often a sequence should be drawn."""
    state, p = toy.of(0), 1.0
    for before, unit in zip([START, *units], units):
        log_p, state, _ = toy.step(torch.tensor([before]), state)
        p *= float((log_p[0, list(allowed)] / temperature).softmax(0)[allowed.index(unit)])
    return p


def first_units(toy, **options):
    """What is drawn first."""
    return {with_stop(f)[0] for f in drawn(toy, [0] * 300, range(300), 1, **options)}


def test_top_k_and_top_p_take_the_most_probable():
    toy = Toy(0)
    toy.W.zero_(), toy.E.zero_()  # only the bias speaks
    toy.bias = torch.tensor([0.9, 0.9, 0.5, 0.2, 0.3], dtype=torch.double).log()
    assert first_units(toy) == {STOP, 3, 4}
    assert first_units(toy, top_k=2) == {STOP, 4}
    assert first_units(toy, top_p=0.45) == {STOP}
    assert first_units(toy, top_p=0.55) == {STOP, 4}
    assert first_units(toy, top_p=0.85) == {STOP, 3, 4}


def test_samples_of_limit_0_and_of_a_net_that_never_stops():
    toy = Toy(0, 2)
    toy.bias[STOP] = -torch.inf
    none, some = sample(toy.step, toy.state, [0, 9], [1, 2])
    assert none[:4] == ([], 0.0, 0.0, True) and none.attention.shape == (0, 0)
    assert some.truncated and len(some.units) == 9


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0 - 2.0**-24])
def test_what_has_no_probability_is_never_drawn(chance):
    p = torch.zeros(1, 10_000, dtype=torch.double)
    p[0, 3::7], p[0, 9_000:] = 0.1, 0.0
    unit = draw(p, torch.tensor([[chance]]))
    assert p[0, unit.item()] > 0.0


# The real decoder


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    net = stir(Seq2Seq(8, 8, embed_width=6, width=8, copy=True), 1.0).eval()
    net.decoder.gate.bias.data.fill_(-1.0)
    return net


SOURCES = [[4, 5, 6], [7], [3, 3, 4, 4, 5], [6, 5]]
COPIES = [[4, 5, 8], [9], [8, 9, 4, 4, 5], [6, 5]]


@torch.no_grad()
def written(net, sources, width, alpha=1.0):
    longest = max(len(SOURCES[i]) for i in sources)

    def side_by_side(rows):
        return torch.tensor([[*rows[i], *[PAD] * (longest - len(rows[i]))] for i in sources])

    batch = Batch(side_by_side(SOURCES), side_by_side(COPIES), [len(SOURCES[i]) for i in sources])
    limits = [4 + 2 * len(SOURCES[i]) for i in sources]
    return n_best(net.step, Walk(*net.read(batch)), limits, n=3, width=width, alpha=alpha)


@settings(deadline=None, max_examples=12)
@given(
    sources=st.lists(st.integers(0, 3), min_size=1, max_size=6),
    width=st.sampled_from([1, 4, 100]),
)
def test_the_same_source_gives_the_same_string_in_any_batch(net, sources, width):
    for source, found in zip(sources, written(net, sources, width)):
        (alone,) = written(net, [source], width)
        assert [f[0] for f in alone] == [f[0] for f in found]
        for ours, theirs in zip(alone, found):
            assert ours.score == pytest.approx(theirs.score, abs=1e-5)
            length = len(SOURCES[source])
            torch.testing.assert_close(ours.attention, theirs.attention[:, :length])


def test_units_that_only_the_source_has_are_written_and_no_others(net):
    found = written(net, [0, 1, 2, 3], 100)
    beyond = [{unit for f in of for unit in f.units if unit >= 8} for of in found]
    assert beyond[0] <= {8} and beyond[1] <= {9} and beyond[2] <= {8, 9} and not beyond[3]
    assert set.union(*beyond) == {8, 9}


@pytest.mark.parametrize("width", [1, 4])
@torch.no_grad()
def test_a_found_sequence_is_as_probable_as_teacher_forcing_says(net, width):
    for source, of in enumerate(written(net, [0, 1, 2, 3], width)):
        units, copies = (torch.tensor([rows[source]]) for rows in (SOURCES, COPIES))
        batch = Batch(units, copies, [len(SOURCES[source])])
        for f in of:
            log_p = net(batch, torch.tensor([with_stop(f)]))[..., 0]
            assert f.log_p == pytest.approx(float(log_p.sum()), abs=1e-4)
            assert isinstance(f, Found) and len(f.attention) == log_p.shape[1]
            assert f.attention[:, : units.shape[1]].sum(1).tolist() == pytest.approx(
                [1.0] * len(f.attention)
            )
