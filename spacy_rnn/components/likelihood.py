"""How probable texts are to `rnn_generator`: what it learns from and is scored by."""

from functools import partial
from typing import Any, Callable, Dict, Iterator, List, Tuple

import numpy
from thinc.api import Ops
from thinc.types import Floats3d

from ..models.generator import pieces, select
from ..models.seq2seq import AT_A_TIME, cross_entropy
from ..types import GeneratorModel, Likelihood, Piece
from .prompts import Data, Vocabulary

Compare = Callable[[Likelihood], Tuple[float, Floats3d]]


def pieces_to_learn(
    ops: Ops, vocabulary: Vocabulary, data: Data, size: int, smoothing: float
) -> Iterator[Tuple[Piece, Compare]]:
    """The pieces of texts, each with what compares it. The state of a piece is known when the one
    before it was compared.
    """
    vectors, targets = vocabulary.numbers(data)
    says = vocabulary.conditions.says(vocabulary.units.target)
    state, among = None, list(range(len(targets)))
    for rows, piece in pieces(vectors, says, targets, size):
        piece = piece._replace(state=select(state, rows, among))
        kept: List[Any] = []
        yield piece, partial(_compare, ops, piece, smoothing, kept)
        state, among = kept[0], rows


def _compare(
    ops: Ops, piece: Piece, smoothing: float, kept: List[Any], found: Likelihood
) -> Tuple[float, Floats3d]:
    kept.append(found.state)
    real = (piece.targets != 0)[..., None]
    return cross_entropy(ops, found.log_p, real, smoothing)


def log_likelihoods(
    model: GeneratorModel, vocabulary: Vocabulary, data: Data, size: int
) -> List[Tuple[float, int]]:
    """log P of each text, and the number of its units, both with `STOP`."""
    order = sorted(range(len(data)), key=lambda i: len(data[i][1]))
    found: Dict[int, Tuple[float, int]] = {}
    for rows in (order[i : i + AT_A_TIME] for i in range(0, len(order), AT_A_TIME)):
        found.update(zip(rows, _of_batch(model, vocabulary, [data[i] for i in rows], size)))
    return [found[i] for i in range(len(data))]


def _of_batch(
    model: GeneratorModel, vocabulary: Vocabulary, data: Data, size: int
) -> List[Tuple[float, int]]:
    vectors, targets = vocabulary.numbers(data)
    totals = numpy.zeros(len(data), dtype="f8")
    says = vocabulary.conditions.says(vocabulary.units.target)
    state, among = None, list(range(len(data)))
    for rows, piece in pieces(vectors, says, targets, size):
        found = model.predict(piece._replace(state=select(state, rows, among)))
        totals[rows] += model.ops.to_numpy(found.log_p[..., 0]).sum(1)
        state, among = found.state, rows
    return [(float(total), len(units)) for total, units in zip(totals, targets)]
