"""What `rnn_generator` reads and writes: conditions, prefixes and texts as numbers and back."""

from typing import Any, Dict, Iterable, List, NamedTuple, Sequence, Tuple

import numpy
from thinc.types import Floats2d

from ..models.generator import Prompts
from ..slots import cut, fill, said
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
    missing: Tuple[str, ...]  # slots whose value it does not copy
    untold: Tuple[str, ...] = ()  # what the wording seems to leave out, if there were candidates


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
        targets = self.targets((c, text) for c, (_, text) in zip(conditions, data))
        return numpy.stack([condition.vector for condition in conditions]), targets

    def targets(self, pairs: Iterable[Tuple[Condition, str]]) -> List[List[int]]:
        """The texts of conditions with `STOP`."""
        number = self._number()
        return [
            [*(number.get(unit, UNKNOWN_ID) for unit in self.cut(text, condition)), STOP_ID]
            for condition, text in pairs
        ]

    def prompts(self, prompts: Sequence[Prompt]) -> Prompts:
        """Prompts as numbers."""
        number = self._number()
        prefixes = [
            [number.get(unit, UNKNOWN_ID) for unit in self.cut(p.prefix, p.condition)]
            for p in prompts
        ]
        vectors: Any = numpy.stack([p.condition.vector for p in prompts])
        return Prompts(vectors, self.conditions.says(self.units.target), prefixes)

    def _number(self) -> Dict[str, int]:
        """The number of each unit that a text may have: the words of `SPECIAL` are none."""
        return {unit: i for i, unit in enumerate(self.units.target) if i >= len(SPECIAL)}

    def generated(
        self, prompt: Prompt, numbers: List[int], score: float, truncated: bool
    ) -> Generated:
        """What numbers say."""
        units = [self.units.target[n] for n in numbers if n >= len(SPECIAL)]
        text = self.join(units, prompt.condition)
        there = said([*self.cut(prompt.prefix, prompt.condition), *units])
        missing = tuple(key for key in prompt.condition.values if key not in there)
        between = self._between(prompt.prefix) if text else ""
        return Generated(prompt.prefix + between + text, score, truncated, missing)

    def _between(self, prefix: str) -> str:
        """What parts a prefix from what goes on."""
        needs = self.units.of_target == "word" and prefix and not prefix[-1].isspace()
        return " " if needs else ""


def right_texts(vocabulary: Vocabulary, data: Sequence[Any]) -> List[List[str]]:
    """For each condition and text the texts of all whose condition is the same but for the values
    that are copied, with its own values in their places (Wen et al., 2015); None has none.
    """
    encode = vocabulary.conditions.encode
    conditions = [encode(of[0]) if of else None for of in data]
    same: Dict[bytes, List[List[str]]] = {}
    for condition, of in zip(conditions, data):
        if condition:
            units = vocabulary.cut(of[1], condition)
            same.setdefault(condition.vector.tobytes(), []).append(units)
    joined: Dict[Any, List[str]] = {}  # once for all that have the same values too
    for c in filter(None, conditions):
        if _key(c) not in joined:
            joined[_key(c)] = [vocabulary.join(units, c) for units in same[c.vector.tobytes()]]
    return [joined[_key(c)] if c else [] for c in conditions]


def _key(condition: Condition) -> Tuple[bytes, Tuple[Tuple[str, str], ...]]:
    return condition.vector.tobytes(), tuple(sorted(condition.values.items()))
