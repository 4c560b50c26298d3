"""The units that sequences are made of: characters, words or byte pairs, as numbers and back."""

from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from thinc.types import Ints1d, Ints2d

from . import bpe

KINDS = ("char", "word", "bpe")
PAD, START, STOP, UNKNOWN = "<pad>", "<start>", "<stop>", "<unk>"
SPECIAL = (PAD, START, STOP, UNKNOWN)
_, START_ID, STOP_ID, UNKNOWN_ID = range(len(SPECIAL))


class Source(NamedTuple):
    """What is read: units, and before them what is known besides, such as "pos=NOUN"."""

    features: Tuple[str, ...]
    units: Tuple[str, ...]


class Pairs(NamedTuple):
    """Sources and what they should become, as numbers. B pairs."""

    units: Ints2d  # (B, S) each ends in `STOP`, then 0
    copies: Ints2d  # (B, S) the target unit that each is; V and up for those it lacks
    lengths: List[int]  # B
    targets: Ints2d  # (B, T) each ends in `STOP`, then 0; `STOP` alone if it is not known
    edits: Optional[Ints1d] = None  # (B,) how each is edited, if the net classifies edits


class Units(NamedTuple):
    """Two vocabularies, each in the order of its numbers.

    of_source, of_target (str): "char", "word" or "bpe".
    source, target (List[str]): The units, `SPECIAL` first.
    pairs (str): The byte pairs that were learnt, if a side has some; see `bpe`.
    """

    of_source: str
    of_target: str
    source: Tuple[str, ...] = SPECIAL
    target: Tuple[str, ...] = SPECIAL
    pairs: str = ""

    def split_source(self, text: str) -> Tuple[str, ...]:
        """The units of a source."""
        return self._split(text, self.of_source)

    def split_target(self, text: str) -> Tuple[str, ...]:
        """The units of a target."""
        return self._split(text, self.of_target)

    def _split(self, text: str, kind: str) -> Tuple[str, ...]:
        if kind == "bpe":
            return bpe.split(self.pairs, text)
        return tuple(text) if kind == "char" else tuple(text.split())

    def join_source(self, units: Iterable[str]) -> str:
        """The text of a source."""
        return self._join(units, self.of_source)

    def join_target(self, units: Iterable[str]) -> str:
        """The text of a target."""
        return self._join(units, self.of_target)

    def _join(self, units: Iterable[str], kind: str) -> str:
        if kind == "bpe":
            return bpe.join(self.pairs, units)
        return ("" if kind == "char" else " ").join(units)

    def numbers(
        self, sources: Sequence[Source], targets: Sequence[Sequence[str]] = (), copy: bool = False
    ) -> Pairs:
        """Sources, and targets if they are known, as numbers.

        copy (bool): A unit that the target vocabulary lacks but its source has is known by
            its place there; else it is `UNKNOWN`.
        """
        to_source, to_target = _index(self.source), _index(self.target)
        units, copies, wanted = [], [], []
        for source, target in zip(sources, targets or [()] * len(sources)):
            symbols = [*source.features, *source.units]
            units.append([*(to_source.get(s, UNKNOWN_ID) for s in symbols), STOP_ID])
            local = {**to_target, **self._beyond(source, to_target)} if copy else to_target
            known = [local.get(s, UNKNOWN_ID) for s in source.units]
            copies.append([*([UNKNOWN_ID] * len(source.features)), *known, STOP_ID])
            wanted.append([*(local.get(s, UNKNOWN_ID) for s in target), STOP_ID])
        lengths = [len(row) for row in units]
        return Pairs(padded(units), padded(copies), lengths, padded(wanted))

    def _beyond(self, source: Source, to_target: Dict[str, int]) -> Dict[str, int]:
        """Numbers behind all others for the units of a source that the target lacks."""
        new = [s for s in dict.fromkeys(source.units) if s not in to_target]
        return {s: len(self.target) + i for i, s in enumerate(new)}

    def symbols(
        self, written: Sequence[Sequence[int]], sources: Sequence[Source]
    ) -> List[List[str]]:
        """The units that were written for each source."""
        to_target = _index(self.target)
        return [self._symbols(*pair, to_target) for pair in zip(written, sources)]

    def _symbols(
        self, numbers: Sequence[int], source: Source, to_target: Dict[str, int]
    ) -> List[str]:
        copied = {number: s for s, number in self._beyond(source, to_target).items()}
        known = (n for n in numbers if n >= len(SPECIAL))
        return [copied[n] if n in copied else self.target[n] for n in known]


def _index(units: Tuple[str, ...]) -> Dict[str, int]:
    """The number of each unit. A word of a text that looks like one of `SPECIAL` is unknown."""
    return {unit: n for n, unit in enumerate(units) if n >= len(SPECIAL)}


def padded(rows: Sequence[Sequence[int]]) -> Ints2d:
    """Rows of different length, zeros behind them. *Shape:* ``(B, longest)``"""
    out = numpy.zeros((len(rows), max(map(len, rows), default=0)), dtype="i8")
    for row, numbers in zip(out, rows):
        row[: len(numbers)] = numbers
    return out
