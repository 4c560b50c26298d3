"""Encoder and decoder together, against their parts."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_sequence

from spacy_rnn.nets.decoder_cell import PAD, START, STOP, UNKNOWN
from spacy_rnn.nets.seq2seq import Batch, Seq2Seq, Walk

from ..helpers import stir

V, WIDTH = 8, 6
CELLS = ["rnn", "lstm", "gru"]
OPTIONS = [{}, {"feeding": "output"}, {"depth": 2}, {"copy": True, "tied": True}, {"shared": True}]
every_cell = pytest.mark.parametrize("cell", CELLS)
every_option = pytest.mark.parametrize("options", OPTIONS, ids=str)
rows_of_units = st.lists(st.integers(UNKNOWN, V - 1), min_size=1, max_size=5)


def make(cell="lstm", **options):
    torch.manual_seed(0)
    net = Seq2Seq(V, V, embed_width=5, width=WIDTH, cell=cell, **options)
    return stir(net).double()


def padded(rows):
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[PAD] * (width - len(row))] for row in rows])


def make_batch(rows):
    """Units that the target vocabulary lacks are numbered from V."""
    copies = [[unit if unit > UNKNOWN else V for unit in row] for row in rows]
    return Batch(padded(rows), padded(copies), [len(row) for row in rows])


@every_cell
@every_option
@settings(deadline=None, max_examples=10)
@given(rows=st.lists(rows_of_units, min_size=1, max_size=4))
@torch.no_grad()
def test_the_decoder_begins_where_the_encoder_ended(cell, options, rows):
    net = make(cell, **options)
    state, source = net.read(make_batch(rows))
    for i, row in enumerate(rows):
        values = net.encoder(pack_sequence([net.embed.weight[row]])).data
        ends = torch.cat([values[-1, : WIDTH // 2], values[0, WIDTH // 2 :]])
        first = torch.tanh(net.bridge.weight @ ends + net.bridge.bias)
        torch.testing.assert_close(torch.cat([state.h[i], state.c[i]]), first)
        assert not state.fed[i].any()
        torch.testing.assert_close(source.memory.values[i, : len(row)], values)
        assert not source.memory.values[i, len(row) :].any()
        assert source.memory.real[i].sum() == len(row)


@every_cell
@every_option
@torch.no_grad()
def test_teacher_forcing_is_the_product_of_the_steps_of_a_search(cell, options):
    net = make(cell, **options)
    batch = make_batch([[3, 4, 5], [6], [7, 7]])
    targets = padded([[4, 5, STOP], [STOP], [7, 4, STOP]])
    log_p = net(batch, targets)[..., 0]
    walk = Walk(*net.read(batch))
    before = torch.full_like(targets[:, 0], START)
    for t, units in enumerate(targets.T):
        steps, walk, _ = net.step(before, walk)
        by_steps = steps.gather(1, units[:, None])[:, 0].masked_fill(units == PAD, 0.0)
        torch.testing.assert_close(by_steps, log_p[:, t])
        before = units


@every_option
@settings(deadline=None, max_examples=10)
@given(pairs=st.lists(st.tuples(rows_of_units, rows_of_units), min_size=1, max_size=4))
@torch.no_grad()
def test_a_pair_is_as_probable_alone_as_beside_others(options, pairs):
    net = make(**options)
    together = net(make_batch([row for row, _ in pairs]), padded([[*t, STOP] for _, t in pairs]))
    for i, (row, target) in enumerate(pairs):
        alone = net(make_batch([row]), torch.tensor([[*target, STOP]]))
        torch.testing.assert_close(alone[0], together[i, : len(target) + 1])


@every_cell
@every_option
def test_gradients_are_those_of_finite_differences(cell, options):
    net = make(cell, **options)
    names = [name for name, _ in net.named_parameters()]
    batch = make_batch([[3, 4, 5], [6]])
    targets = padded([[4, 5, STOP], [STOP]])

    def log_p(*weights):
        return torch.func.functional_call(net, dict(zip(names, weights)), (batch, targets))

    inputs = [x.detach().clone().requires_grad_() for x in net.parameters()]
    # Padding has no vector to learn: its rows move, but nothing reads them
    assert torch.autograd.gradcheck(log_p, inputs, fast_mode=True)


@torch.no_grad()
def test_a_search_never_writes_the_unknown():
    net = make(copy=True)
    net.decoder.output.bias[UNKNOWN] = 50.0
    log_p, _, _ = net.step(torch.tensor([START]), Walk(*net.read(make_batch([[UNKNOWN]]))))
    assert log_p[0, UNKNOWN] == -torch.inf and log_p[0, V] > -torch.inf


@torch.no_grad()
def test_a_walk_goes_on_from_the_sources_and_sequences_that_stay():
    net = make(feeding="output", copy=True)
    batch = make_batch([[3, 4, 5], [6], [7, 7]])
    _, walk, _ = net.step(torch.tensor([START] * 3), Walk(*net.read(batch)))
    sources, rows = torch.tensor([0, 2]), torch.tensor([0, 0, 2, 2])
    units = torch.tensor([4, 5, 4, 7])
    together, _, _ = net.step(units, walk.select(sources, rows))
    for i, row in enumerate(rows):
        one = row[None]
        alone, _, _ = net.step(units[i : i + 1], walk.select(one, one))
        torch.testing.assert_close(alone[0], together[i, : alone.shape[1]])


def test_dropout_is_drawn_only_where_it_is_asked_for():
    net = make()
    args = make_batch([[3, 4, 5], [6]]), padded([[4, 5, STOP], [STOP]])
    assert torch.equal(net(*args), net(*args))
    assert not torch.equal(net(*args, 0.5), net(*args, 0.5))
