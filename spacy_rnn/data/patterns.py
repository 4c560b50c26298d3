"""Patterns: ways to write values that are put together of parts.

A pattern has texts such as "{weekday}{day} {month} {year}", and for each slot ways to write that
part of a value. Each way is named by an example, so a format, a text with one way for each of its
slots, has a name that is an example, too: "Thu, 4 Mar 2021".
"""

from functools import partial
from itertools import product
from random import Random
from typing import Any, Callable, Dict, FrozenSet, Iterator, NamedTuple, Sequence

Write = Callable[[Any], str]


class Format(NamedTuple):
    """One way to write values.

    draw (Callable[[Random], Any]): Draws one that can be written so.
    text (str): What it looks like, with slots in braces.
    names (Dict[str, str]): The name of the way that each slot is written.
    ways (Dict[str, Write]): Writes each slot.
    case (Callable[[str], str]): What is done to all of it.
    """

    draw: Callable[[Random], Any]
    text: str
    names: Dict[str, str]
    ways: Dict[str, Write]
    case: Callable[[str], str]

    @property
    def name(self) -> str:
        """An example."""
        return self.case(self.text.format(**self.names))

    @property
    def parts(self) -> FrozenSet[str]:
        """What it is put together of: its text, and the names of its ways."""
        return frozenset([self.text, *self.names.values()])

    def write(self, value: Any) -> str:
        """Write a value."""
        slots = {slot: way(value) for slot, way in self.ways.items()}
        return self.case(self.text.format(**slots))


class Pattern(NamedTuple):
    """Texts whose slots are filled by the same parts.

    draw (Callable[[Random], Any]): Draws a value that all of them can write.
    texts (Sequence[str]): See above.
    slots (Dict[str, Dict[str, Write]]): For each slot its ways, by their names.
    cases (Sequence[Callable[[str], str]]): What may be done to all of it, such as `str.upper`.
    """

    draw: Callable[[Random], Any]
    texts: Sequence[str]
    slots: Dict[str, Dict[str, Write]]
    cases: Sequence[Callable[[str], str]] = (str,)

    def formats(self, text: str) -> Iterator[Format]:
        """All formats of a text."""
        slots = [slot for slot in self.slots if f"{{{slot}}}" in text]
        for case, names in product(self.cases, product(*(self.slots[slot] for slot in slots))):
            named = dict(zip(slots, names))
            ways = {slot: self.slots[slot][name] for slot, name in named.items()}
            yield Format(self.draw, text, named, ways, case)


def fixed(*texts: str) -> Dict[str, Write]:
    """Ways that write the same whatever the value is, such as a comma or none."""
    return {text: partial(_same, text) for text in texts}


def _same(text: str, value: Any) -> str:
    return text
