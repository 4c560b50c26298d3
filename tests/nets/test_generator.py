"""The decoder without a source against a loop over its equations, one sequence at a time."""

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_rnn.nets.decoder_cell import PAD, START, STOP, UNKNOWN
from spacy_rnn.nets.generator import Generator, Walk, read, step
from spacy_rnn.nets.search import n_best, sample

from ..helpers import stir

V, H, E, C = 8, 5, 4, 3
SAYS = torch.tensor([C, C, C, C, C, 0, 2, C])  # 5 and 6 stand for the first and the third slot
NOTHING = torch.full((V,), C)
CONDITIONS = [[1, 0, 1], [0, 1, 1], [1, 1, 0], [0, 0, 0]]
TARGETS = [[4, 6, 5, 7, STOP], [6, STOP], [4, 4, 5, STOP], [STOP]]
every_cell = pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])


def make(cell="lstm", nI=C):
    torch.manual_seed(0)
    return stir(Generator(nI, V, embed_width=E, width=H, cell=cell)).double()


def conditions(rows=CONDITIONS):
    return torch.tensor(rows, dtype=torch.double)


def padded(rows):
    width = max(len(row) for row in rows)
    rows = [[*row, *[PAD] * (width - len(row))] for row in rows]
    return torch.tensor(rows, dtype=torch.int64).view(len(rows), width)


def before(targets):
    return padded([[START, *row[:-1]] for row in targets])


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


class ByHand:
    """One sequence, step by step, as the equations stand, in NumPy."""

    def __init__(self, net, condition, says=SAYS):
        self.w = {name: p.detach().numpy() for name, p in net.named_parameters()}
        self.cell, self.says = net.cell, says.tolist()
        self.left = numpy.array(condition, dtype=float)
        bridge = numpy.zeros(2 * H)
        if len(condition):
            bridge = numpy.tanh(self.w["first.weight"] @ self.left + self.w["first.bias"])
        self.h, self.c = bridge[:H], bridge[H:]

    def read(self, unit):
        """P of every unit."""
        w = self.w
        if self.says[unit] < len(self.left):
            self.left[self.says[unit]] = 0.0
        x = w["input.weight"] @ numpy.concatenate([w["embed.weight"][unit], self.left])
        x, r = x + w["input.bias"], w["recurrent.weight"] @ self.h + w["recurrent.bias"]
        if self.cell == "rnn":
            self.h = numpy.tanh(x + r)
        elif self.cell == "lstm":
            i, f, g, o = numpy.split(x + r, 4)
            self.c = sigmoid(f) * self.c + sigmoid(i) * numpy.tanh(g)
            self.h = sigmoid(o) * numpy.tanh(self.c)
        else:
            (xr, xz, xn), (hr, hz, hn) = numpy.split(x, 3), numpy.split(r, 3)
            z = sigmoid(xz + hz)
            self.h = (1 - z) * numpy.tanh(xn + sigmoid(xr + hr) * hn) + z * self.h
        p = numpy.exp(w["output.weight"] @ self.h + w["output.bias"])
        for unit, slot in enumerate(self.says):
            if slot < len(self.left) and self.left[slot] <= 0:
                p[unit] = 0.0
        return p / p.sum()

    def log_p(self, units):
        """log P of each unit, given those before it, and the mean over those that can be."""
        rows = [self.read(unit) for unit in [START, *units[:-1]]]
        return [(numpy.log(p[u]), numpy.log(p[p > 0]).mean()) for p, u in zip(rows, units)]


@every_cell
@pytest.mark.parametrize("says", [SAYS, NOTHING], ids=["slots", "labels"])
@torch.no_grad()
def test_it_does_what_the_equations_say(cell, says):
    net = make(cell)
    found, _ = net(before(TARGETS), padded(TARGETS), net.begin(conditions()), says)
    for row, (condition, units) in enumerate(zip(CONDITIONS, TARGETS)):
        wanted = torch.tensor(ByHand(net, condition, says).log_p(units))
        torch.testing.assert_close(found[row, : len(units)], wanted)
        assert not found[row, len(units) :].any()


@every_cell
@torch.no_grad()
def test_a_step_is_a_step_of_the_whole(cell):
    net = make(cell)
    by_hand = [ByHand(net, condition) for condition in CONDITIONS]
    state = net.begin(conditions())
    for units in [[START] * 4, [4, 6, 5, 7], [6, 5, 4, 4], [5, 5, 6, 6]]:
        log_p, state = net.step(torch.tensor(units), state, SAYS)
        wanted = numpy.stack([one.read(unit) for one, unit in zip(by_hand, units)])
        wanted[:, UNKNOWN] = 0.0
        numpy.testing.assert_allclose(log_p.exp().numpy(), wanted, atol=1e-12)


@every_cell
@torch.no_grad()
def test_without_a_condition_it_begins_with_zeros(cell):
    net = make(cell, nI=0)
    says = torch.zeros(V, dtype=torch.int64)  # C is 0: none
    found, _ = net(before(TARGETS), padded(TARGETS), net.begin(torch.zeros(4, 0).double()), says)
    for row, units in enumerate(TARGETS):
        wanted = torch.tensor(ByHand(net, [], says).log_p(units))
        torch.testing.assert_close(found[row, : len(units)], wanted)


@every_cell
@settings(deadline=None, max_examples=20)
@given(st.lists(st.lists(st.sampled_from([4, 7, UNKNOWN]), max_size=7), min_size=1, max_size=4))
def test_pieces_say_what_the_whole_does(cell, rows):
    """The state is carried from one to the next."""
    net, targets = make(cell), [[*row, STOP] for row in rows]
    first = net.begin(conditions([CONDITIONS[i] for i in range(len(rows))]))
    with torch.no_grad():
        whole, end = net(before(targets), padded(targets), first, SAYS)
        cut = max(map(len, targets)) // 2
        shifted, units = before(targets), padded(targets)
        one, state = net(shifted[:, :cut], units[:, :cut], first, SAYS)
        two, state = net(shifted[:, cut:], units[:, cut:], state, SAYS)
    torch.testing.assert_close(torch.cat([one, two], dim=1), whole)
    for part, wanted in zip(state, end):
        torch.testing.assert_close(part, wanted)


@every_cell
def test_the_state_behind_a_piece_has_no_gradient_but_the_piece_has(cell):
    net = make(cell)
    log_p, state = net(before(TARGETS), padded(TARGETS), net.begin(conditions()), SAYS)
    log_p.sum().backward()
    assert not any(part.requires_grad for part in state)
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


@every_cell
def test_the_gradient_is_that_of_the_loss(cell):
    net = make(cell)
    weight = net.recurrent.weight

    def loss():
        state = net.begin(conditions())
        return net(before(TARGETS), padded(TARGETS), state, SAYS)[0].sum()

    loss().backward()
    for place in [(0, 1), (H - 1, 2)]:
        with torch.no_grad():
            weight[place] += 1e-6
            above = loss()
            weight[place] -= 2e-6
            below = loss()
            weight[place] += 1e-6
        assert float(above - below) / 2e-6 == pytest.approx(float(weight.grad[place]), rel=1e-4)


@every_cell
@torch.no_grad()
def test_a_sequence_does_not_depend_on_what_is_beside_it(cell):
    net = make(cell)
    together, _ = net(before(TARGETS), padded(TARGETS), net.begin(conditions()), SAYS)
    for row, units in enumerate(TARGETS):
        one = [units]
        alone, _ = net(before(one), padded(one), net.begin(conditions([CONDITIONS[row]])), SAYS)
        torch.testing.assert_close(together[row, : len(units)], alone[0])


def test_dropout_is_that_of_the_call():
    net = make()
    args = before(TARGETS), padded(TARGETS), net.begin(conditions()), SAYS
    first, second, dropped = (net(*args, rate)[0] for rate in (0.0, 0.0, 0.5))
    assert torch.equal(first, second) and not torch.equal(first, dropped)


# From a net to sequences


def walk_of(net, prefixes, rows=CONDITIONS):
    return read(net, conditions(rows), SAYS, padded(prefixes))


def stepper(net):
    return lambda units, walk: step(net, units, walk)


def best_by_hand(net, condition, prefix, limit):
    """The most probable unit at every step."""
    one, units = ByHand(net, condition), []
    for unit in [START, *prefix[:-1]]:
        one.read(unit)
    last = (prefix or [START])[-1]
    if not prefix:
        one = ByHand(net, condition)
    while len(units) < limit:
        p = one.read(last)
        p[[PAD, START, UNKNOWN]] = 0.0
        last = int(p.argmax())
        if last == STOP:
            return units
        units.append(last)
    return units


@every_cell
@torch.no_grad()
def test_a_search_goes_on_from_each_prefix(cell):
    net, prefixes = make(cell), [[4, 7, 4], [], [7], [UNKNOWN, 4]]
    found = n_best(stepper(net), walk_of(net, prefixes), [6, 5, 4, 3])
    wanted = [best_by_hand(net, c, p, n) for c, p, n in zip(CONDITIONS, prefixes, [6, 5, 4, 3])]
    assert [of[0].units for of in found] == wanted


@pytest.mark.parametrize("width", [1, 4])
@torch.no_grad()
def test_a_slot_is_said_once_at_most_and_only_if_it_is_wanted(width):
    torch.manual_seed(3)
    net, prefixes = make(), [[]] * 4
    net.output.bias[[5, 6]] += 9.0  # it would like to say nothing else
    found = n_best(stepper(net), walk_of(net, prefixes), [9] * 4, n=width, width=width)
    for condition, of in zip(CONDITIONS, found):
        for one in of:
            assert one.units.count(5) <= condition[0] and one.units.count(6) <= condition[2]
    assert any(5 in one.units for of in found for one in of)


@torch.no_grad()
def test_samples_are_drawn_as_the_equations_say():
    """A chi-square test of the first unit, for a condition and behind a prefix."""
    net, n = make(), 3000
    walk = walk_of(net, [[4]] * n, [CONDITIONS[0]] * n)
    found = sample(stepper(net), walk, [1] * n, range(n))
    counts = numpy.bincount([one.units[0] if one.units else STOP for one in found], minlength=V)
    one = ByHand(net, CONDITIONS[0])
    one.read(START)
    p = one.read(4)
    p[[PAD, START, UNKNOWN]] = 0.0
    p /= p.sum()
    assert not counts[p == 0].any()
    wanted = n * p[p > 0]
    assert ((counts[p > 0] - wanted) ** 2 / wanted).sum() < 30  # 99.99 % of them lie below


def test_a_walk_selects_all_of_a_sequence():
    net = make()
    walk = walk_of(net, [[4], [], [7], []])
    some = walk.select(torch.tensor([0, 2]), torch.tensor([2, 0]))
    assert isinstance(some, Walk) and some.last.tolist() == [7, 4]
    torch.testing.assert_close(some.state.left, walk.state.left[[2, 0]])
