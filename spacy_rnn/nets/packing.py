"""Sequences of different length side by side, without padding.

A batch of documents arrives flat: all tokens of the first document, then all of the
second. A recurrent net wants it packed: the first token of every document, then the
second of every document that has one. Longer documents stand first, so step ``t``
reads the rows ``offset[t]`` to ``offset[t] + batch_sizes[t]``. No row is padding, so
memory follows the number of tokens and nothing can leak from one document to another.
"""

from functools import lru_cache
from typing import List, NamedTuple, Tuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence


class Packing(NamedTuple):
    """How flat rows and packed rows correspond. N tokens, B documents, T steps."""

    to_packed: Tensor  # (N,) the flat row that stands at each packed row
    to_flat: Tensor  # (N,) the packed row that holds each flat row
    batch_sizes: Tensor  # (T,) documents that are longer than t
    order: Tensor  # (B,) documents by falling length, the empty ones left out


def make_packing(document_lengths: List[int]) -> Packing:
    """Work out the packing of documents from their lengths.

    document_lengths (List[int]): Tokens in each document.
    RETURNS (Packing): The correspondence, on the CPU; documents of length 0 take no
        part in it.
    """
    if len(document_lengths) == 1 and document_lengths[0]:
        return _packing_of_one(document_lengths[0])
    return _packing(tuple(document_lengths))


@lru_cache(maxsize=32)
@torch.inference_mode(False)
def _packing_of_one(length: int) -> Packing:
    rows, ones = torch.arange(length), torch.ones(length, dtype=torch.int64)
    return Packing(rows, rows, ones, torch.zeros(1, dtype=torch.int64))


@lru_cache(maxsize=2)  # encoder and labeller ask for the same one,
@torch.inference_mode(False)  # and training may learn from what a prediction asked for first
def _packing(document_lengths: Tuple[int, ...]) -> Packing:
    lengths = torch.tensor(document_lengths, dtype=torch.int64)
    order = torch.argsort(lengths, descending=True, stable=True)
    order = order[: int((lengths > 0).sum())]
    longer_than = lengths.bincount(minlength=1).flip(0).cumsum(0).flip(0)
    batch_sizes = longer_than[1:]
    rank = torch.empty_like(lengths)
    rank[order] = torch.arange(len(order))
    starts = lengths.cumsum(0) - lengths
    step = torch.arange(int(lengths.sum())) - starts.repeat_interleave(lengths)
    offsets = batch_sizes.cumsum(0) - batch_sizes
    to_flat = offsets[step] + rank.repeat_interleave(lengths)
    to_packed = torch.empty_like(to_flat).scatter_(0, to_flat, torch.arange(len(to_flat)))
    return Packing(to_packed, to_flat, batch_sizes, order)


def pack(flat: Tensor, packing: Packing) -> PackedSequence:
    """Bring flat rows into packed order. *Shapes:* ``(N, W)`` to ``(N, W)``"""
    index = packing.to_packed.to(flat.device)
    return PackedSequence(flat.index_select(0, index), packing.batch_sizes)


def unpack(packed: PackedSequence, packing: Packing) -> Tensor:
    """Bring packed rows back into flat order. *Shapes:* ``(N, W)`` to ``(N, W)``"""
    index = packing.to_flat.to(packed.data.device)
    return packed.data.index_select(0, index)


def step_slices(batch_sizes: Tensor) -> List[slice]:
    """The packed rows of every step, first step first."""
    ends = batch_sizes.cumsum(0).tolist()
    return [slice(end - size, end) for end, size in zip(ends, batch_sizes.tolist())]


def last_rows(batch_sizes: Tensor) -> Tensor:
    """The packed row of each document's last token. *Shape:* ``(B,)``"""
    if _is_alone(batch_sizes):
        return torch.tensor([len(batch_sizes) - 1])
    ending = batch_sizes - torch.cat([batch_sizes[1:], batch_sizes.new_zeros(1)])
    steps = torch.arange(len(batch_sizes)).repeat_interleave(ending).flip(0)
    offsets = batch_sizes.cumsum(0) - batch_sizes
    return offsets[steps] + torch.arange(len(steps))


def sequence_of_row(batch_sizes: Tensor) -> Tensor:
    """The document, by its rank in the packing, that each packed row belongs to.

    RETURNS (Tensor): *Shape:* ``(N,)``
    """
    if _is_alone(batch_sizes):
        return torch.zeros_like(batch_sizes)
    offsets = batch_sizes.cumsum(0) - batch_sizes
    return torch.arange(int(batch_sizes.sum())) - offsets.repeat_interleave(batch_sizes)


def _is_alone(batch_sizes: Tensor) -> bool:
    """Whether there is one document only, whose rows need no arithmetic."""
    return len(batch_sizes) > 0 and int(batch_sizes[0]) == 1


def reversal(batch_sizes: Tensor) -> Tensor:
    """For each packed row, the row with which it changes places when every document is
    read from its end. *Shape:* ``(N,)``
    """
    if _is_alone(batch_sizes):
        return torch.arange(len(batch_sizes)).flip(0)
    rank = sequence_of_row(batch_sizes)
    step = torch.arange(len(batch_sizes)).repeat_interleave(batch_sizes)
    lengths = rank.bincount()
    offsets = batch_sizes.cumsum(0) - batch_sizes
    return offsets[lengths[rank] - 1 - step] + rank


def locked_dropout(packed: PackedSequence, rate: float) -> PackedSequence:
    """Drop the same features at every step of a document (Gal and Ghahramani, 2016).

    packed (PackedSequence): The rows. *Shape:* ``(N, W)``
    rate (float): Chance that a feature is dropped, 0 to 1; 0 returns the input as it is.
    RETURNS (PackedSequence): The rows, what is left scaled by ``1 / (1 - rate)``.
    """
    if rate <= 0.0 or packed.data.numel() == 0:
        return packed
    documents, width = int(packed.batch_sizes[0]), packed.data.shape[1]
    keep = packed.data.new_empty(documents, width).bernoulli_(1.0 - rate)
    mask = keep.div_(1.0 - rate) if rate < 1.0 else keep
    rows = sequence_of_row(packed.batch_sizes).to(mask.device)
    return PackedSequence(packed.data * mask.index_select(0, rows), packed.batch_sizes)
