"""The parts of `rnn_generator`: texts as numbers and back, and how they are decoded."""

import math
from functools import partial
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Sequence, Tuple

import numpy
from thinc.api import Ops
from thinc.types import Floats2d, Floats3d

from ..errors import Errors
from ..models.generator import Prompts, pieces, select, write
from ..models.seq2seq import AT_A_TIME, cross_entropy
from ..slots import cut, fill, said
from ..types import GeneratorModel, Likelihood, Piece
from ..units import SPECIAL, STOP_ID, UNKNOWN_ID, Units
from .conditions import Condition, Conditions

Data = Sequence[Tuple[Any, str]]  # conditions as they stand on documents, with their texts


class Prompt(NamedTuple):
    """What one text is written for."""

    condition: Condition
    prefix: str
    seed: int


class Generated(NamedTuple):
    """What was written, the prefix in front."""

    text: str
    score: float  # mean of log P over the units that were written
    truncated: bool  # whether the limit ended it
    missing: Tuple[str, ...]  # slots that it does not say


class Vocabulary(NamedTuple):
    """All that texts and conditions consist of."""

    conditions: Conditions
    units: Units

    def cut(self, text: str, condition: Condition) -> List[str]:
        """The units of a text."""
        return cut(text, condition.values, self.units)

    def join(self, units: Iterable[str], condition: Condition) -> str:
        """The text of units."""
        return self.units.join_target(fill(units, condition.values))

    def numbers(self, data: Data) -> Tuple[Floats2d, List[List[int]]]:
        """Conditions, and the texts with `STOP`; a unit that is not known is `UNKNOWN`.
        *Shape:* ``(B, C)``
        """
        conditions = [self.conditions.encode(value) for value, _ in data]
        number = {unit: i for i, unit in enumerate(self.units.target)}
        targets = [
            [*(number.get(unit, UNKNOWN_ID) for unit in self.cut(text, condition)), STOP_ID]
            for condition, (_, text) in zip(conditions, data)
        ]
        return numpy.stack([condition.vector for condition in conditions]), targets

    def prompts(self, prompts: Sequence[Prompt]) -> Prompts:
        """Prompts as numbers."""
        number = {unit: i for i, unit in enumerate(self.units.target)}
        prefixes = [
            [number.get(unit, UNKNOWN_ID) for unit in self.units.split_target(p.prefix)]
            for p in prompts
        ]
        vectors: Any = numpy.stack([p.condition.vector for p in prompts])
        return Prompts(vectors, self.conditions.says(self.units.target), prefixes)

    def generated(
        self, prompt: Prompt, numbers: List[int], score: float, truncated: bool
    ) -> Generated:
        """What numbers say."""
        units = [self.units.target[n] for n in numbers if n >= len(SPECIAL)]
        text = self.join(units, prompt.condition)
        between = " " if self.units.of_target == "word" and prompt.prefix and text else ""
        missing = tuple(key for key in prompt.condition.values if key not in said(units))
        return Generated(prompt.prefix + between + text, score, truncated, missing)


class Decoding(NamedTuple):
    """How texts are written: see `make_rnn_generator`."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    beam_width: int = 1
    alpha: float = 1.0
    candidates: int = 1

    def check(self, name: str) -> None:
        """Refuse what makes no sense.

        RAISES (ValueError): With the name of the component and the setting.
        """
        check_range(name, "temperature", self.temperature, 0)
        check_range(name, "top_k", self.top_k, 0)
        check_range(name, "top_p", self.top_p, 1e-9, 1)
        check_range(name, "candidates", self.candidates, 1)
        if self.beam_width < 1:
            raise ValueError(Errors.R050.format(name=name, width=self.beam_width))

    def write(
        self,
        model: GeneratorModel,
        vocabulary: Vocabulary,
        prompts: Sequence[Prompt],
        n: int,
        limit: int,
    ) -> List[List[Generated]]:
        """n texts for each prompt.

        limit (int): How many units each has at most, `STOP` included.
        """
        if n < 1:
            return [[] for _ in prompts]
        way = self._draw if self.temperature else self._find
        rows = n * self.candidates if self.temperature else max(n, self.candidates, self.beam_width)
        size = max(AT_A_TIME // rows, 1)
        some = (prompts[start : start + size] for start in range(0, len(prompts), size))
        return [of for part in some for of in way(model, vocabulary, part, n, limit)]

    def _draw(
        self, model: GeneratorModel, vocabulary: Vocabulary, prompts: Any, n: int, limit: int
    ) -> List[List[Generated]]:
        """The best of so many candidates, n times."""
        draws = range(n * self.candidates)
        rows = [p for p in prompts for _ in draws]
        seeds = [p.seed + i for p in prompts for i in draws]
        how: Any = {"temperature": self.temperature, "top_k": self.top_k, "top_p": self.top_p}
        written = write(model, vocabulary.prompts(rows), [limit] * len(rows), seeds=seeds, **how)
        each = [vocabulary.generated(row, *of[0]) for row, of in zip(rows, written)]
        best = [min(of, key=by_slots) for of in grouped(each, self.candidates)]
        return grouped(best, n)

    def _find(
        self, model: GeneratorModel, vocabulary: Vocabulary, prompts: Any, n: int, limit: int
    ) -> List[List[Generated]]:
        """The n best of so many candidates."""
        many = max(n, self.candidates)
        how: Any = {"n": many, "width": max(self.beam_width, many), "alpha": self.alpha}
        written = write(model, vocabulary.prompts(prompts), [limit] * len(prompts), **how)
        return [
            sorted((vocabulary.generated(p, *w) for w in of), key=by_slots)[:n]
            for p, of in zip(prompts, written)
        ]


def grouped(items: List[Any], size: int) -> List[List[Any]]:
    """So many at a time."""
    return [items[i : i + size] for i in range(0, len(items), size)]


def by_slots(found: Generated) -> Tuple[int, float]:
    """What says more comes first, then what is more probable."""
    return len(found.missing), -found.score


def check_range(
    name: str, setting: str, value: float, least: float, most: float = math.inf
) -> None:
    """Refuse a setting.

    RAISES (ValueError): If it is not in the range.
    """
    if not least <= value <= most:
        what = {"setting": setting, "value": value, "least": least, "most": most}
        raise ValueError(Errors.R139.format(name=name, **what))


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
    for rows in grouped(order, AT_A_TIME):
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


def right_texts(vocabulary: Vocabulary, data: Sequence[Any]) -> List[List[str]]:
    """For each condition and text the texts of all whose condition is the same but for the values
    that are copied, with its own values in their places (Wen et al., 2015); None has none.
    """
    encode = vocabulary.conditions.encode
    conditions = [encode(of[0]) if of else None for of in data]
    right: Dict[bytes, List[List[str]]] = {}
    for condition, of in zip(conditions, data):
        if condition:
            units = vocabulary.cut(of[1], condition)
            right.setdefault(condition.vector.tobytes(), []).append(units)
    return [
        [vocabulary.join(units, c) for units in right[c.vector.tobytes()]] if c else []
        for c in conditions
    ]
