"""How probable texts are to `rnn_generator`: what it learns from and is scored by."""

from functools import partial
from typing import Any, Callable, Dict, Iterator, List, Tuple

import numpy
from spacy.util import minibatch
from thinc.api import Ops
from thinc.types import Floats2d, Floats3d

from ..models.generator import pieces, select
from ..models.losses import cross_entropy, difference
from ..models.seq2seq import AT_A_TIME
from ..types import GeneratorModel, Likelihood, Piece
from ..units import padded
from .prompts import Data, Vocabulary

Compare = Callable[[Likelihood], Tuple[float, Floats3d]]


def pieces_to_learn(
    ops: Ops, vocabulary: Vocabulary, data: Data, size: int, smoothing: float
) -> Iterator[Tuple[Piece, Compare]]:
    """The pieces of texts, each with what compares it. The state of a piece is known when the one
    before it was compared.
    """

    def compare(piece: Piece, _: Any) -> Compare:
        return lambda found: cross_entropy(ops, found.log_p, _real(piece), smoothing)

    return _one_after_another(vocabulary, data, size, compare)


def pieces_to_rehearse(
    ops: Ops, vocabulary: Vocabulary, data: Data, size: int, teacher: GeneratorModel
) -> Iterator[Tuple[Piece, Compare]]:
    """The same, each compared with what a model says of it that carries a state of its own."""
    states: List[Any] = []

    def compare(piece: Piece, going_on: Callable[[Any], Any]) -> Compare:
        state = going_on(states.pop()) if states else None
        said = teacher.predict(piece._replace(state=state))
        states.append(said.state)
        return lambda found: difference(ops, found.log_p, _real(piece), said.log_p)

    return _one_after_another(vocabulary, data, size, compare)


def loss(
    ops: Ops, said: Likelihood, vocabulary: Vocabulary, data: Data, smoothing: float
) -> Tuple[float, Floats3d]:
    """Of whole texts, and its gradient. *Shape:* ``(B, T, 2)``"""
    _, targets = vocabulary.numbers(data) if data else (None, [])
    return cross_entropy(ops, said.log_p, (padded(targets) != 0)[..., None], smoothing)


def _one_after_another(
    vocabulary: Vocabulary,
    data: Data,
    size: int,
    compare: Callable[[Piece, Callable[[Any], Any]], Compare],
) -> Iterator[Tuple[Piece, Compare]]:
    vectors, targets = vocabulary.numbers(data)
    says = vocabulary.conditions.says(vocabulary.units.target)
    state, among = None, list(range(len(targets)))
    for rows, piece in pieces(vectors, says, targets, size):
        going_on = partial(select, rows=rows, among=among)
        kept: List[Any] = []
        yield piece._replace(state=going_on(state)), _keeping(kept, compare(piece, going_on))
        state, among = kept[0], rows


def _keeping(states: List[Any], compare: Compare) -> Compare:
    """Compare, and keep the state at the end."""

    def compare_and_keep(found: Likelihood) -> Tuple[float, Floats3d]:
        states.append(found.state)
        return compare(found)

    return compare_and_keep


def _real(piece: Piece) -> Any:
    """What is no padding. *Shape:* ``(B, T, 1)``"""
    return (piece.targets != 0)[..., None]


def log_likelihoods(
    model: GeneratorModel, vocabulary: Vocabulary, data: Data, size: int
) -> List[Tuple[float, int]]:
    """log P of each text, and the number of its units, both with `STOP`."""
    if not data:
        return []
    vectors, targets = vocabulary.numbers(data)
    return list(zip(log_p(model, vocabulary, vectors, targets, size), map(len, targets)))


def log_p(
    model: GeneratorModel,
    vocabulary: Vocabulary,
    vectors: Floats2d,
    targets: List[List[int]],
    size: int,
) -> List[float]:
    """log P of each sequence, those of like length side by side, in pieces of so many units.

    vectors (Floats2d): The condition of each. *Shape:* ``(B, C)``
    """
    order = sorted(range(len(targets)), key=lambda i: len(targets[i]))
    found: Dict[int, float] = {}
    for rows in minibatch(order, AT_A_TIME):
        some = [targets[i] for i in rows]
        found.update(zip(rows, _of_batch(model, vocabulary, vectors[rows], some, size)))
    return [found[i] for i in range(len(targets))]


def _of_batch(
    model: GeneratorModel, vocabulary: Vocabulary, vectors: Floats2d, targets: Any, size: int
) -> List[float]:
    totals = numpy.zeros(len(targets), dtype="f8")
    says = vocabulary.conditions.says(vocabulary.units.target)
    state, among = None, list(range(len(targets)))
    for rows, piece in pieces(vectors, says, targets, size):
        found = model.predict(piece._replace(state=select(state, rows, among)))
        totals[rows] += model.ops.to_numpy(found.log_p[..., 0]).sum(1)
        state, among = found.state, rows
    return [float(total) for total in totals]
