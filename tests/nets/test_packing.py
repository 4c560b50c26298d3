import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from spacy_rnn.nets.packing import (
    locked_dropout,
    make_packing,
    pack,
    sequence_of_row,
    step_slices,
    unpack,
)

LENGTHS = st.lists(st.integers(0, 7), max_size=12)
WIDE = 20_000


def flat_rows(lengths, width=2):
    return torch.arange(sum(lengths) * width, dtype=torch.float32).reshape(-1, width)


@given(LENGTHS)
def test_unpack_undoes_pack(lengths):
    flat, packing = flat_rows(lengths), make_packing(lengths)
    assert torch.equal(unpack(pack(flat, packing), packing), flat)


@given(LENGTHS)
def test_no_row_is_padding(lengths):
    packing = make_packing(lengths)
    packed = pack(flat_rows(lengths), packing)
    assert len(packed.data) == sum(lengths) == int(packing.batch_sizes.sum())


@given(LENGTHS.filter(any))
def test_packs_as_torch_does(lengths):
    flat, packing = flat_rows(lengths), make_packing(lengths)
    documents = [d for d in flat.split(lengths) if len(d)]
    theirs = pack_sequence(documents, enforce_sorted=False)
    ours = pack(flat, packing)
    assert torch.equal(ours.batch_sizes, theirs.batch_sizes)
    # equally long documents may stand in either order, so step by step as sets
    for rows in step_slices(ours.batch_sizes):
        assert set(ours.data[rows, 0].tolist()) == set(theirs.data[rows, 0].tolist())


@given(LENGTHS)
def test_order_leaves_out_empty_documents(lengths):
    order = make_packing(lengths).order.tolist()
    assert sorted(order) == [i for i, n in enumerate(lengths) if n]
    assert [lengths[i] for i in order] == sorted(filter(None, lengths), reverse=True)


@given(LENGTHS)
def test_sequence_of_row_names_the_document_of_each_row(lengths):
    packing = make_packing(lengths)
    documents = torch.arange(len(lengths)).repeat_interleave(torch.tensor(lengths).long())
    of_row = packing.order[sequence_of_row(packing.batch_sizes)]
    assert torch.equal(of_row, documents[packing.to_packed])


@given(LENGTHS)
def test_step_slices_tile_the_rows(lengths):
    slices = step_slices(make_packing(lengths).batch_sizes)
    assert [i for s in slices for i in range(s.start, s.stop)] == list(range(sum(lengths)))


@settings(max_examples=20)
@given(LENGTHS.filter(any), st.floats(0.1, 0.9))
def test_locked_dropout_drops_the_same_at_every_step(lengths, rate):
    packing = make_packing(lengths)
    ones = PackedSequence(torch.ones(sum(lengths), 50), packing.batch_sizes)
    flat = unpack(locked_dropout(ones, rate), packing)
    for document in flat.split(lengths):
        assert (document == document[:1]).all()


def test_locked_dropout_differs_between_documents():
    packing = make_packing([3, 3, 2])
    ones = PackedSequence(torch.ones(8, 64), packing.batch_sizes)
    first, second, third = unpack(locked_dropout(ones, 0.5), packing)[[0, 3, 6]]
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)


def test_locked_dropout_differs_between_calls():
    packed = PackedSequence(torch.ones(1, 64), torch.tensor([1]))
    assert not torch.equal(locked_dropout(packed, 0.5).data, locked_dropout(packed, 0.5).data)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_locked_dropout_keeps_the_expectation(rate):
    packed = PackedSequence(torch.ones(2, WIDE), torch.tensor([1, 1]))
    mean = locked_dropout(packed, rate).data.mean(dim=1)
    error = (rate / (1 - rate) / WIDE) ** 0.5
    assert (mean - 1).abs().max() < 6 * error


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_locked_dropout_drops_as_many_as_asked_for(rate):
    packed = PackedSequence(torch.ones(1, WIDE), torch.tensor([1]))
    dropped = (locked_dropout(packed, rate).data == 0).float().mean()
    assert abs(float(dropped) - rate) < 0.03


def test_locked_dropout_of_everything_is_zero():
    packed = PackedSequence(torch.ones(3, 5), torch.tensor([2, 1]))
    assert (locked_dropout(packed, 1.0).data == 0).all()


def test_locked_dropout_of_nothing_is_the_input():
    packed = PackedSequence(torch.ones(3, 5), torch.tensor([2, 1]))
    assert locked_dropout(packed, 0.0) is packed
