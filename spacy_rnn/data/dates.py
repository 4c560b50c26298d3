"""A demo set for `rnn_seq2seq`, generated: dates, times, numbers and amounts as people write
them, each with its one normal form.

the 4th of March, 2021     2021-03-04
quarter to eight in the evening    19:45
3.2 million                3200000
twelve dollars and fifty cents     12.50 USD

No source has two normal forms, by construction. Of a date, the month is a name, or the year
stands first, or points stand between the numbers (then the day is first, as where dates are
written so), or the day is above 12, so that it cannot be the month. Years have four digits. A
comma never stands before a fraction and a point never before thousands. A time has 24 hours, or
am and pm (12 am is midnight), or a part of the day; no part of it has the hour after midnight.
Dollars are those of the United States, and cents never stand alone.

Formats are put together of parts (see `formats`), each by chance. So a net can learn what a part
means wherever it stands; some combinations of parts are held out of training to see whether it did.
"""

from functools import cache
from random import Random
from typing import Any, Dict, FrozenSet, Iterator, List, NamedTuple, Sequence

from .docs import PARTS, part_of
from .formats import (
    AMOUNTS,
    CODE_FIRST,
    DATES,
    DAY_FIRST,
    MONTH_FIRST,
    NAME_LAST,
    NUMBERS,
    POINTS,
    TIGHT,
    TIMES,
)
from .patterns import Format, Pattern
from .values import normal_form

SIZES = dict(zip(PARTS, (9000, 500, 500)))
SHARES = (0.8, 0.1, 0.1)  # of the sources that there could be, by their hash
# The share that is in formats which training lacks: these are what test is to tell
UNSEEN = dict(zip(PARTS, (0.0, 0.0, 0.3)))

KINDS = {"date": DATES, "time": TIMES, "number": NUMBERS, "amount": AMOUNTS}
# The formats that only test has, and what makes them new: training has each of these parts, but in
# no format has it all of them, whatever stands beside them
HELD_OUT: Dict[str, FrozenSet[str]] = {
    "4th Mar 2021": frozenset([DAY_FIRST, "4th", "Mar"]),
    "Thu, Mar 4, 2021": frozenset([MONTH_FIRST, "Thu, ", "Mar"]),
    "Thursday, 4 March 2021": frozenset([DAY_FIRST, "Thursday, ", "4"]),
    "4.3.2021": frozenset([POINTS, "4"]),
    "7.30pm": frozenset([TIGHT, ".", ""]),
    "half past 7 in the evening": frozenset(["half past", "7"]),
    "seven thirty in the evening": frozenset(["seven thirty", "in the evening"]),
    "-1 234 567": frozenset(["-", "1 234 567"]),
    "12.5 thousand": frozenset(["12.5", " thousand"]),
    "minus twelve point five": frozenset(["minus ", "twelve point five"]),
    "1,234.50 dollars": frozenset([NAME_LAST, "1,234.50"]),
    "USD 12.5 million": frozenset([CODE_FIRST, " million"]),
    "twelve dollars": frozenset([NAME_LAST, "twelve"]),
}


class Written(NamedTuple):
    """A value as somebody writes it, its normal form, and the name of the format."""

    source: str
    normal: str
    format: str


def is_held_out(found: Format) -> bool:
    """Whether training must not have a format."""
    return any(parts <= found.parts for parts in HELD_OUT.values())


def tables(group: Sequence[Pattern]) -> Iterator[List[Format]]:
    """The formats of each text of some patterns that training may have."""
    for pattern in group:
        for text in pattern.texts:
            if known := [found for found in pattern.formats(text) if not is_held_out(found)]:
                yield known


def every_format(kind: str) -> Iterator[Format]:
    """All formats of a kind of values, those that are held out too."""
    for group in KINDS[kind]:
        for pattern in group:
            for text in pattern.texts:
                yield from pattern.formats(text)


@cache
def trained(kind: str) -> List[List[List[Format]]]:
    """The formats of a kind that training may have, by groups and texts, so that a text of many
    formats is no more frequent than one of few.
    """
    return [list(tables(group)) for group in KINDS[kind]]


@cache
def untrained(kind: str) -> List[Format]:
    """The formats of a kind that only test has."""
    return [found for found in every_format(kind) if found.name in HELD_OUT]


def make_dates(seed: int = 0, train: int = SIZES["train"]) -> Dict[str, List[Written]]:
    """The parts of the set, the same for the same seed. No source is in two of them, nor twice
    in one.

    train (int): How many sources the train part has.
    RETURNS (Dict[str, List[Written]]): Train, dev and test.
    """
    rng = Random(seed)
    return {part: _draw_part(rng, part, n) for part, n in {**SIZES, "train": train}.items()}


def _draw_part(rng: Random, part: str, n: int) -> List[Written]:
    unseen = round(n * UNSEEN[part])
    made = [*_draw_some(rng, n - unseen, part), *_draw_some(rng, unseen, "")]
    rng.shuffle(made)
    return made


def _draw_some(rng: Random, n: int, part: str) -> List[Written]:
    """Different sources of a part, or if it is "", in formats that training never sees."""
    made: Dict[str, Written] = {}
    while len(made) < n:
        found = draw(rng, held_out=not part)
        if not part or part_of(found.source, SHARES) == part:
            made.setdefault(found.source, found)
    return list(made.values())


def draw(rng: Random, held_out: bool = False) -> Written:
    """Any kind of value in any format of that kind.

    held_out (bool): Whether it is a format that training never sees, or one that it does.
    """
    kind = rng.choice(list(KINDS))
    while True:
        texts = untrained(kind) if held_out else rng.choice(rng.choice(trained(kind)))
        found = rng.choice(texts)
        value = found.draw(rng)
        source = found.write(value)
        if not held_out or not _is_trained(kind, source, value):
            return Written(source, normal_form(value), found.name)


def _is_trained(kind: str, source: str, value: Any) -> bool:
    """Whether a trained format writes the value just so: "4th May 2021" is nothing new."""
    return any(
        found.write(value) == source
        for group in trained(kind)
        for of_text in group
        for found in of_text
    )
