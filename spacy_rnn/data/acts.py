"""Sentences with what they have to say: dialogue acts, and slots in jsonl.

["inform(name=piperade;food='basque or french')", "piperade serves basque or french food", ...]
{"slots": {"name": "piperade", "food": ["basque", "french"]}, "text": "piperade serves ..."}
"""

import itertools
import re
from pathlib import Path
from typing import Any, Iterator, List, NamedTuple

from ..errors import DataError, Errors
from ..slots import Pair, read_slots
from .jsonl import parse_json
from .sentence import Lines, error

ACT = re.compile(r"(?P<act>[^(]+)\((?P<slots>.*)\)")
SLOT = re.compile(r"""([^=;]+)(?:=('[^']*'|"[^"]*"|[^;]*))?(?:;|$)""")  # quoted, it may have ;
WHOLE = re.compile(r" [.?!]$")  # the mark at the end of a sentence, which not all have
SEVERAL = re.compile(r" (?:and|or) ")
MOST = 5  # parts of a value whose orders are looked for: there are 120 of so many
ASKED = "?"  # the value of a slot without one


class Act(NamedTuple):
    """A sentence and its slots.

    place (str): Where it stands, for messages.
    """

    place: str
    slots: List[Pair]
    text: str


def read_acts(path: Path, lines: Lines) -> List[Act]:
    """Read jsonl with "slots" and "text", or the JSON list of RNNLG, which remarks with # precede.

    path (Path): The name for messages.
    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    RAISES (DataError): At an entry that is something else.
    """
    found = [(number, line) for number, line in lines if line.strip()]
    if found and found[0][1].lstrip().startswith("{"):
        return [_of_object(path, number, parse_json(path, number, line)) for number, line in found]
    body = [(number, line) for number, line in found if not line.startswith("#")]
    first = body[0][0] if body else 1
    entries = parse_json(path, first, "\n".join(line for _, line in body))
    if not isinstance(entries, list):
        raise error(path, first, Errors.R146)
    return [_of_entry(path, number, entry) for number, entry in enumerate(entries, 1)]


def _of_object(path: Path, number: int, found: Any) -> Act:
    values = found if isinstance(found, dict) else {}
    slots, text = read_slots(values.get("slots")), values.get("text")
    if slots is None or not isinstance(text, str):
        raise error(path, number, Errors.R147)
    return Act(f"line {number}", slots, text.strip())


def _of_entry(path: Path, number: int, entry: Any) -> Act:
    """An entry may have more behind its sentence, such as what another system wrote."""
    parts = entry[:2] if isinstance(entry, list) else []
    match = ACT.fullmatch(parts[0]) if list(map(type, parts)) == [str, str] else None
    if match is None:
        raise DataError(Errors.R146.format(where=f"{path}, entry {number}"))
    slots = [("act", match["act"]), *_slots(match["slots"])]
    return Act(f"entry {number}", slots, _with_values(WHOLE.sub("", parts[1]), slots))


def _slots(written: str) -> Iterator[Pair]:
    """name=piperade;food='basque or french';area"""
    for slot, value in SLOT.findall(written):
        yield re.sub("[_ '\"]", "", slot), value.strip().strip("'\"") or ASKED


def _with_values(text: str, slots: List[Pair]) -> str:
    """The text with values as the act has them: for "basque or french" it may say "french and
    basque".
    """
    for _, value in sorted(slots, key=lambda pair: -len(pair[1])):
        for other in _others(value):
            text = f" {text} ".replace(f" {other} ", f" {value} ", 1)[1:-1]
    return text


def _others(value: str) -> List[str]:
    """The other ways to say a value that consists of several."""
    parts = SEVERAL.split(value)
    if not 1 < len(parts) <= MOST:
        return []
    orders = itertools.permutations(parts)
    ways = [between.join(order) for order in orders for between in (" and ", " or ")]
    return [way for way in ways if way != value]
