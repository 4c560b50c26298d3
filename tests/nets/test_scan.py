"""Walking over products gives what torch's kernels give from the inputs."""

from itertools import product

import pytest
import torch
from torch.nn.utils.rnn import PackedSequence

from spacy_rnn.nets.packing import make_packing, pack, reversal, unpack
from spacy_rnn.nets.rnn import RNN

from ..helpers import stir

LENGTHS = [3, 0, 7, 1, 7, 2]
NI, NO = 5, 6
NETS = list(product(("rnn", "lstm", "gru"), (True, False), (1, 2), ("zeros", "random", "learned")))


@pytest.mark.parametrize("lengths", [LENGTHS, [4], [1]], ids=["many", "alone", "one token"])
@pytest.mark.parametrize("cell,bidirectional,depth,initial_state", NETS)
def test_products_give_the_same_states(cell, bidirectional, depth, initial_state, lengths):
    net = RNN(
        NI, NO, cell=cell, bidirectional=bidirectional, depth=depth, initial_state=initial_state
    )
    stir(net).double()
    packing, words = make_packing(lengths), torch.randn(5, NI, dtype=torch.float64)
    rows = torch.randint(5, (sum(lengths),))
    with torch.inference_mode():
        products, weights = net.project(words), net.prepared_weights()
        ours = net.read_products(products, rows, packing.batch_sizes, weights)
        wanted = net(PackedSequence(words[rows], packing.batch_sizes))
    torch.testing.assert_close(ours.data, wanted.data)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_reading_leaves_the_products_as_they_are(cell):
    net, sizes = RNN(NI, NO, cell=cell, bidirectional=False), make_packing([3]).batch_sizes
    with torch.inference_mode():
        products = net.project(torch.randn(3, NI))
        before = products.clone()
        net.read_products(products, torch.arange(3), sizes, net.prepared_weights())
    assert torch.equal(products, before)


def test_reversal_reads_every_document_from_its_end():
    packing = make_packing(LENGTHS)
    flat = torch.arange(sum(LENGTHS))[:, None]
    packed = pack(flat, packing)
    back = PackedSequence(packed.data[reversal(packing.batch_sizes)], packing.batch_sizes)
    expected = torch.cat([part.flip(0) for part in flat.split(LENGTHS)])
    assert torch.equal(unpack(back, packing), expected)


def test_reversal_undoes_itself():
    back = reversal(make_packing(LENGTHS).batch_sizes)
    assert torch.equal(back[back], torch.arange(sum(LENGTHS)))
