"""The decoder against a loop over its equations, one source and one unit at a time."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_rnn.nets.decoder import Decoder, pick
from spacy_rnn.nets.decoder_cell import PAD, START, STOP, Source, State

from ..helpers import stir

V, H, M, E = 6, 4, 3, 5
BEYOND = V + 1  # a unit that only one of the sources has
LENGTHS = [3, 1, 0, 2]
COPIES = [[4, BEYOND, 4], [V], [], [3, 4]]
TARGETS = [[4, 3, STOP], [STOP], [5, V, BEYOND, STOP], [BEYOND, 4, STOP]]
CELLS = ["rnn", "lstm", "gru"]
OPTIONS = [
    {},
    {"feeding": "output"},
    {"feeding": "context"},
    {"copy": True},
    {"tied": True},
    {"attention": "additive"},
    {"attention": "none", "copy": True},
    {"feeding": "output", "copy": True, "tied": True},
    {"feeding": "context", "attention": "additive", "copy": True, "tied": True},
]
every_cell = pytest.mark.parametrize("cell", CELLS)
every_option = pytest.mark.parametrize("options", OPTIONS, ids=str)


def make(cell="lstm", **options):
    torch.manual_seed(0)
    return stir(Decoder(V, H, M, embed_width=E, cell=cell, **options)).double()


def double(*shape):
    return torch.randn(*shape, dtype=torch.double)


def make_source(net):
    torch.manual_seed(1)
    B, S = len(LENGTHS), max(LENGTHS)
    real = torch.arange(S) < torch.tensor(LENGTHS)[:, None]
    copies = torch.tensor([[*row, *[PAD] * (S - len(row))] for row in COPIES])
    return Source(net.attention.remember(double(B, S, M), real), copies)


def make_state(rows=4):
    torch.manual_seed(2)
    return State(double(rows, H), double(rows, H), double(rows, H))


def padded(rows):
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[PAD] * (width - len(row))] for row in rows])


def cell_by_hand(net, x, h, c):
    """*Shapes:* ``(X,), (H,), (H,)`` to ``(H,), (H,)``"""
    x = (net.input.weight @ x + net.input.bias).chunk(4 if net.cell == "lstm" else 3)
    r = net.recurrent.weight @ h + net.recurrent.bias
    if net.cell == "rnn":
        h = torch.tanh(torch.cat(x) + r)
        return h, h
    if net.cell == "lstm":
        i, f, g, o = (a + b for a, b in zip(x, r.chunk(4)))
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
    (xr, xz, xn), (hr, hz, hn) = x, r.chunk(3)
    z = torch.sigmoid(xz + hz)
    n = torch.tanh(xn + torch.sigmoid(xr + hr) * hn)
    h = (1 - z) * n + z * h
    return h, h


class ByHand:
    """One source of a batch, step by step, as the equations stand."""

    def __init__(self, net, state, source, row):
        self.net, length = net, LENGTHS[row]
        self.h, self.c, self.fed = (part[row] for part in state)
        values, keys, real = (part[row : row + 1, :length] for part in source.memory)
        self.memory = source.memory._replace(values=values, keys=keys, real=real)
        self.copies = COPIES[row]

    def look_back(self):
        return (part[0, 0] for part in self.net.attention(self.h[None, None], self.memory))

    def read(self, unit):
        """P of every unit and of all that lie beyond, and the shares."""
        net = self.net
        y = net.embed.weight[unit] if unit < V else torch.zeros(E, dtype=torch.double)
        context, shares = self.look_back()  # asked with the state before
        fed = {"none": [], "output": [self.fed], "context": [context]}[net.feeding]
        x = torch.cat([y, *fed])
        self.h, self.c = cell_by_hand(net, x, self.h, self.c)
        if net.feeding != "context":
            context, shares = self.look_back()
        seen = torch.cat([self.h, context])
        said = torch.tanh(net.combine.weight @ seen + net.combine.bias)
        self.fed = net.feed(said) if net.feeding == "output" else self.fed
        weight = net.embed.weight if net.tied else net.output.weight
        p = torch.zeros(BEYOND + 1, dtype=torch.double)
        p[:V] = (weight @ said + net.output.bias).softmax(0)
        if net.copy and self.copies and net.attention.kind != "none":
            gate = torch.sigmoid(net.gate.weight[0] @ torch.cat([seen, y]) + net.gate.bias[0])
            p = p * gate
            for unit, share in zip(self.copies, shares):
                p[unit] = p[unit] + (1 - gate) * share
        return p, shares

    def log_p(self, units):
        """log P of each unit, given those before it."""
        before = [START, *units[:-1]]
        return torch.stack([self.read(b)[0][u].log() for b, u in zip(before, units)])


@every_cell
@every_option
@torch.no_grad()
def test_a_step_does_what_the_equations_say(cell, options):
    net = make(cell, **options)
    state, source = make_state(), make_source(net)
    by_hand = [ByHand(net, state, source, row) for row in range(len(LENGTHS))]
    for units in ([START] * 4, [4, BEYOND, 5, V], [BEYOND, 3, 3, 4]):
        log_p, state, shares = net.step(torch.tensor(units), state, source)
        for row, (one, unit) in enumerate(zip(by_hand, units)):
            p, share = one.read(unit)
            torch.testing.assert_close(log_p[row].exp(), p[: log_p.shape[1]])
            torch.testing.assert_close(shares[row, : LENGTHS[row]], share)
            torch.testing.assert_close(state.h[row], one.h)


@every_option
@torch.no_grad()
def test_probabilities_sum_to_one_also_where_there_is_nothing_to_copy(options):
    net = make(**options)
    log_p, _, _ = net.step(torch.tensor([START] * 4), make_state(), make_source(net))
    assert log_p.shape[1] == (BEYOND + 1 if net.copy else V)
    torch.testing.assert_close(log_p.exp().sum(1), torch.ones(4, dtype=torch.double))


@torch.no_grad()
def test_what_another_source_has_can_never_be_copied():
    net = make(copy=True)
    log_p, _, _ = net.step(torch.tensor([START] * 4), make_state(), make_source(net))
    has = torch.tensor([[False, True], [True, False], [False, False], [False, False]])
    assert torch.equal(log_p[:, V:] > -torch.inf, has)


@every_option
@torch.no_grad()
def test_many_sequences_of_a_source_are_written_as_one(options):
    """They share the source, which is not copied for them."""
    net = make(**options)
    source, state = make_source(net), make_state(8)
    rows = torch.tensor([0, 0, 1, 1, 2, 2, 3, 3])
    units = torch.tensor([3, 4, 5, 3, 4, 5, 3, BEYOND])
    for ours, theirs in zip(
        net.step(units, state, source), net.step(units, state, source.select(rows))
    ):
        for a, b in zip(*((x if isinstance(x, State) else [x]) for x in (ours, theirs))):
            torch.testing.assert_close(a, b)


@every_cell
@every_option
@torch.no_grad()
def test_teacher_forcing_is_the_product_of_steps(cell, options):
    net = make(cell, **options)
    state, source = make_state(), make_source(net)
    log_p = net(padded(TARGETS), state, source)[..., 0]
    least = torch.tensor(torch.finfo(torch.double).tiny, dtype=torch.double).log()
    for row, target in enumerate(TARGETS):
        by_hand = ByHand(net, state, source, row).log_p(target).clamp(min=least)
        torch.testing.assert_close(log_p[row, : len(target)], by_hand)
        assert (log_p[row, len(target) :] == 0.0).all()


@every_cell
@every_option
@torch.no_grad()
def test_all_steps_at_once_are_the_steps_one_by_one(cell, options):
    net = make(cell, **{**options, "feeding": "none"})
    targets = padded(TARGETS)
    args = targets, make_state(), make_source(net), 0.0
    one_by_one = net._step_by_step(*args, 1.0)
    real = targets != PAD
    torch.testing.assert_close(net(*args)[real], one_by_one[real])


targets_of = st.lists(st.lists(st.integers(3, BEYOND), max_size=4), min_size=4, max_size=4)


@pytest.mark.parametrize("feeding", ["none", "output", "context"])
@settings(deadline=None, max_examples=20)
@given(targets=targets_of)
@torch.no_grad()
def test_a_target_is_as_probable_alone_as_beside_others(feeding, targets):
    net = make(feeding=feeding, copy=True)
    state, source = make_state(), make_source(net)
    targets = [[*target, STOP] for target in targets]
    together = net(padded(targets), state, source)
    for row, target in enumerate(targets):
        rows = torch.tensor([row])
        alone = net(torch.tensor([target]), state.select(rows), source.select(rows))
        torch.testing.assert_close(alone[0], together[row, : len(target)])


@torch.no_grad()
def test_the_mean_over_the_vocabulary_is_that_of_every_step():
    net = make()
    state, source = make_state(), make_source(net)
    means = net(padded(TARGETS), state, source)[..., 1]
    for row, target in enumerate(TARGETS):
        one = ByHand(net, state, source, row)
        by_hand = [one.read(unit)[0][STOP:V].log().mean() for unit in [START, *target[:-1]]]
        torch.testing.assert_close(means[row, : len(target)], torch.stack(by_hand))


@torch.no_grad()
def test_without_forcing_the_net_reads_what_it_would_have_written():
    net = make(copy=True)
    state, source = make_state(), make_source(net)
    log_p = net(padded([[5, 5, 5, STOP]] * 4), state, source, 0.0, 0.0)[..., 0]
    for row in range(4):
        one, unit = ByHand(net, state, source, row), START
        for t, target in enumerate([5, 5, 5, STOP]):
            p, _ = one.read(unit)
            torch.testing.assert_close(log_p[row, t], p[target].log())
            unit = int(p.argmax())


@pytest.mark.parametrize("attention", ["none", "dot", "general", "additive"])
@every_cell
def test_gradients_of_the_inputs_are_those_of_finite_differences(cell, attention):
    net = make(cell, copy=True, attention=attention) if attention != "dot" else square(cell)
    check_gradients(net, {"copy": True})


@every_option
def test_gradients_of_every_option_are_those_of_finite_differences(options):
    check_gradients(make("gru", **options), options)


def square(cell):
    """A decoder whose states are as wide as the encoder's."""
    torch.manual_seed(0)
    return stir(Decoder(V, M, M, embed_width=E, cell=cell, copy=True, attention="dot")).double()


def check_gradients(net, options):
    """By every weight, the first state and the encoder's states."""
    source, names = make_source(net), [name for name, _ in net.named_parameters()]
    states = [part[:, : net.width] for part in make_state()]
    # Nothing that cannot be said: its gradient is 0, its difference is not defined
    targets = padded([[4, 3, STOP], [STOP], [5, 3, STOP], [4, STOP]])

    def log_p(h, c, fed, values, *weights):
        memory = net.attention.remember(values, source.memory.real)
        args = targets, State(h, c, fed), source._replace(memory=memory)
        return torch.func.functional_call(net, dict(zip(names, weights)), args)

    inputs = [*states, source.memory.values, *net.parameters()]
    inputs = [x.detach().clone().requires_grad_() for x in inputs]
    assert torch.autograd.gradcheck(log_p, inputs, fast_mode=True)


@pytest.mark.parametrize("feeding", ["none", "output", "context"])
def test_what_cannot_be_said_costs_much_and_moves_nothing(feeding):
    net = make(copy=True, feeding=feeding).float()
    source = make_source(make(copy=True))
    source = Source(
        net.attention.remember(source.memory.values.float(), source.memory.real),
        source.copies,
    )
    state = State(*(part.float() for part in make_state()))
    log_p = net(padded([[BEYOND + 5, STOP], [BEYOND, STOP], [STOP], [STOP]]), state, source)[..., 0]
    assert log_p[:2, 0].tolist() == pytest.approx([-87.3365] * 2)
    gradients = torch.autograd.grad(log_p[:2, 0].sum(), list(net.parameters()), allow_unused=True)
    assert all(g is None or not g.any() for g in gradients)


def test_pick_takes_one_of_each_row():
    """And smoothing, over the vocabulary without padding and the start."""
    log_p = torch.tensor([[0.1, 0.1, 0.1, 0.2, 0.5], [0.1, 0.2, 0.4, 0.3, 0.0]]).log()
    found = pick(log_p, torch.tensor([4, 3]), 4)
    torch.testing.assert_close(found[:, 0], torch.tensor([0.5, 0.3]).log())
    torch.testing.assert_close(found[:, 1], log_p[:, 2:4].mean(1))
    assert pick(log_p, torch.tensor([4, 4]), 5).isfinite().all()


def test_the_vector_of_padding_is_not_that_of_unknown_units():
    """A tied one learns that padding is never written."""
    net = make(tied=True)
    with torch.no_grad():
        net.embed.weight[PAD] = 3.0
    y = net._embed(torch.tensor([V, BEYOND, 4]), 0.0)
    assert not y[:2].any() and y[2].any()


def test_dropout_only_where_it_is_asked_for():
    net = make(feeding="output")
    args = padded(TARGETS), make_state(), make_source(net)
    assert torch.equal(net(*args), net(*args))
    assert not torch.equal(net(*args, 0.5), net(*args, 0.5))
