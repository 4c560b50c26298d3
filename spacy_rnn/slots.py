"""Slots: what a sentence has to say, and the places in it where a value is copied.

    [["act", "inform"], ["name", "Piperade"], ["kids", "yes"]]     Piperade is good for children

Values of an open slot, such as a name, stand in the text word for word. In their place the net
writes a unit for the slot, and so says names that it has never met. Other values, "yes" for
instance, are told by the wording; each of them is a condition of its own.
"""

import re
from collections import Counter
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple, Union

from .units import Units

PLACE = "\t"  # begins a unit that stands for a slot: no character is so long, no word has it
OFTEN = 5  # so often a value has to be seen before it is taken out of an open slot

Pair = Tuple[str, str]
BORDERS = {"word": (r"(?<!\S)", r"(?!\S)"), "char": (r"(?<!\w)", r"(?!\w)")}


class Slot(NamedTuple):
    """A place in a text."""

    key: str


def read_slots(value: Any) -> Optional[List[Pair]]:
    """Slots as a list of pairs: a dict, whose values may be lists, or a list of pairs.

    RETURNS (Optional[List[Tuple[str, str]]]): None if it is something else.
    """
    if isinstance(value, dict):
        listed = [
            [slot, v]
            for slot, values in value.items()
            for v in (values if isinstance(values, (list, tuple)) else [values])
        ]
    elif isinstance(value, (list, tuple)):
        listed = [list(pair) if isinstance(pair, (list, tuple)) else [] for pair in value]
    else:
        return None
    known = all(len(pair) == 2 and all(isinstance(x, str) for x in pair) for pair in listed)
    return [(slot, v) for slot, v in listed] if known else None


def feature(slot: str, value: str) -> str:
    """The name of the condition that a slot has a value which is not copied."""
    return f"{slot}={value}"


def learn_slots(data: Iterable[Tuple[Sequence[Pair], str]], units: str) -> Tuple[Set[str], Set]:
    """Which slots are open, and which values are conditions of their own: of a slot that is not
    open all, of an open one those that are seen at least five times, with whatever slot, and mostly
    do not stand in the text, such as "none". A slot is open if its values mostly do.

    data (Iterable[Tuple[Sequence[Pair], str]]): Slots with their texts.
    units (str): "word" or "char".
    RETURNS (Tuple[Set[str], Set[Pair]]): Slots, and pairs.
    """
    seen: Counter[Pair] = Counter()
    found: Counter[Pair] = Counter()
    for pairs, text in data:
        for pair in pairs:
            seen[pair] += 1
            found[pair] += search(pair[1], text, units) is not None
    is_open = {slot for slot, n in _by(0, found).items() if 2 * n > _by(0, seen)[slot]}
    in_open = Counter({pair: n for pair, n in seen.items() if pair[0] in is_open})
    counts, there = _by(1, in_open), _by(1, found)
    told = {v for v, n in counts.items() if n >= OFTEN and 2 * there[v] < n}
    return is_open, {p for p in seen if p[0] not in is_open or p[1] in told}


def _by(side: int, counts: "Counter[Pair]") -> "Counter[str]":
    """How often there is each slot, or each value."""
    total: Counter[str] = Counter()
    for pair, n in counts.items():
        total[pair[side]] += n
    return total


def search(value: str, text: str, units: str) -> Optional["re.Match[str]"]:
    """A value in a text, as whole words."""
    before, behind = BORDERS[units]
    return re.search(before + re.escape(value) + behind, text) if value else None


def numbered(slots: Iterable[str]) -> List[str]:
    """A key for each slot; when it comes again "name" becomes "name#2", and so on."""
    counts: Counter[str] = Counter()
    keys = []
    for slot in slots:
        counts[slot] += 1
        keys.append(slot if counts[slot] == 1 else f"{slot}#{counts[slot]}")
    return keys


def cut(text: str, values: Dict[str, str], units: Units) -> List[str]:
    """The units of a text, with a unit for each slot where its value stands first. Longer values
    are looked for first.

    values (Dict[str, str]): Of open slots, by key.
    """
    pieces: List[Union[str, Slot]] = [text]
    for key, value in sorted(values.items(), key=lambda item: -len(item[1])):
        _replace_first(pieces, key, value, units.of_target)
    return [
        unit
        for piece in pieces
        for unit in ([PLACE + piece.key] if isinstance(piece, Slot) else units.split_target(piece))
    ]


def _replace_first(pieces: List[Union[str, Slot]], key: str, value: str, units: str) -> None:
    for i, piece in enumerate(pieces):
        match = None if isinstance(piece, Slot) else search(value, piece, units)
        if match:
            pieces[i : i + 1] = [
                match.string[: match.start()],
                Slot(key),
                match.string[match.end() :],
            ]
            return


def fill(written: Iterable[str], values: Dict[str, str]) -> List[str]:
    """Units with the values of the slots in their places."""
    return [values.get(u[len(PLACE) :], "") if len(u) > 1 and u[0] == PLACE else u for u in written]


def said(written: Iterable[str]) -> Set[str]:
    """The keys of the slots that units stand for."""
    return {u[len(PLACE) :] for u in written if len(u) > 1 and u[0] == PLACE}
