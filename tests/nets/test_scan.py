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


@pytest.mark.parametrize("cell,bidirectional,depth,initial_state", NETS)
def test_products_give_the_same_states(cell, bidirectional, depth, initial_state):
    net = RNN(
        NI, NO, cell=cell, bidirectional=bidirectional, depth=depth, initial_state=initial_state
    )
    stir(net).double()
    packed = pack(torch.randn(sum(LENGTHS), NI, dtype=torch.float64), make_packing(LENGTHS))
    projected = PackedSequence(net.project(packed.data), packed.batch_sizes)
    with torch.inference_mode():
        torch.testing.assert_close(
            net.read_projected(projected, net.recurrent_weights()).data, net(packed).data
        )


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
