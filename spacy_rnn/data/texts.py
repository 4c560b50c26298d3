"""Texts with labels: csv, tsv, jsonl, and folders in a zip.

text,label
"Slow, but warm.",positive

{"text": "Slow, but warm.", "label": "positive"}
{"text": "Slow, but warm.", "label": ["pace", "mood"]}
{"text": "Slow, but warm.", "cats": {"pace": 1.0, "mood": 1.0, "sound": 0.0}}
"""

import json
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple, Union

from ..errors import DataError, Errors
from .jsonl import parse_json
from .sentence import Lines, error
from .source import plain_name
from .tables import DELIMITERS, TAB, Row, find_column, read_rows, shorten, split_ragged

TEXT_NAMES = ("text", "sentence", "review", "comment")
LABEL_NAMES = ("label", "labels", "sentiment", "class", "category", "polarity")
QUOTED = re.compile(r'"[^"]*"')
RAGGED = "record(s) with more or fewer fields than the first line has; left out"

# None where the file has none; a list where several may hold; numbers by name of the label
Label = Union[None, str, List[str], Dict[str, float]]


class Record(NamedTuple):
    """A text as the file has it.

    place (str): Where it begins, for messages.
    text (str): The text without white space around it; "" if there is none.
    label (Label): What the file says of it.
    problem (str): Why it cannot be used, "" if it can.
    note (str): What was mended, "" if nothing was.
    """

    place: str
    text: str
    label: Label
    problem: str = ""
    note: str = ""


def read_texts(
    path: Path, lines: Lines, text_column: Optional[str], label_column: Optional[str]
) -> List[Record]:
    """Read a file of texts with labels.

    path (Path): Its name, for messages and for what stands between fields.
    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    text_column (Optional[str]): The column or key of the text, None for a usual name; a
        number, from 0, in a table without a line of names.
    label_column (Optional[str]): The one of the label.
    RAISES (DataError): If there are no such columns, or a line cannot be read.
    """
    lines = [(number, line) for number, line in lines]
    first = next((line for _, line in lines if line.strip()), "")
    if plain_name(path).suffix == ".jsonl" or first.startswith("{"):
        return list(_read_objects(path, lines, text_column, label_column))
    is_tsv = plain_name(path).suffix == ".tsv"
    delimiter = TAB if is_tsv else max(DELIMITERS, key=QUOTED.sub("", first).count)
    rows, others = split_ragged(read_rows(path, lines, delimiter))
    if not rows:
        return []
    text, label, has_names = _columns(path, rows[0], text_column, label_column)
    found = {n: Record(f"line {n}", f[text].strip(), _word(f[label])) for n, f in rows[has_names:]}
    found.update({n: Record(f"line {n}", "", None, RAGGED) for n in others})
    return [record for _, record in sorted(found.items())]


def _columns(
    path: Path, first: Row, text: Optional[str], label: Optional[str]
) -> Tuple[int, int, bool]:
    """The places of text and label, and whether the first row has the names."""
    line, names = first
    known = {name.strip() for name in names}
    numbers = [column is not None and column.isdecimal() for column in (text, label)]
    if all(numbers) and not {text, label} <= known:
        return _place(path, first, str(text)), _place(path, first, str(label)), False
    if any(n and c not in known for n, c in zip(numbers, (text, label))):
        raise DataError(Errors.R157.format(text=text, label=label))
    where = (path, line)
    return (
        find_column(where, names, "text", text, TEXT_NAMES),
        find_column(where, names, "label", label, LABEL_NAMES),
        True,
    )


def _place(path: Path, first: Row, column: str) -> int:
    line, fields = first
    if int(column) >= len(fields):
        raise error(path, line, Errors.R158, column=column, n=len(fields))
    return int(column)


def _read_objects(
    path: Path, lines: Lines, text: Optional[str], label: Optional[str]
) -> Iterator[Record]:
    objects = {number: parse_json(path, number, line) for number, line in lines if line.strip()}
    for number, found in objects.items():
        if not isinstance(found, dict):
            raise error(path, number, Errors.R153, label=shorten(json.dumps(found)))
    if not objects:
        return
    names, where = list(dict.fromkeys(k for o in objects.values() for k in o)), (path, min(objects))
    label = "cats" if label is None and "cats" in names else label
    text_key = names[find_column(where, names, "text", text, TEXT_NAMES)]
    label_key = names[find_column(where, names, "label", label, LABEL_NAMES)]
    for number, found in objects.items():
        value = found.get(text_key)
        body = value.strip() if isinstance(value, str) else ""
        yield Record(f"line {number}", body, _label(path, number, found.get(label_key)))


def _label(path: Path, number: int, value: Any) -> Label:
    if isinstance(value, dict):
        if all(_is_number(v) for v in value.values()):
            return {_word(k) or k: float(v) for k, v in value.items()} or None
    elif isinstance(value, list):
        if all(_is_word(v) for v in value):
            return [word for v in value if (word := _word(v))]
    elif value is None or _is_word(value):
        return _word(value)
    raise error(path, number, Errors.R153, label=shorten(json.dumps(value, ensure_ascii=False)))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and abs(value) < float("inf")


def _is_word(value: Any) -> bool:
    return isinstance(value, str) or _is_number(value)


def _word(value: Any) -> Optional[str]:
    """A label as a word. True and false are written as in JSON."""
    word = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return word.strip() or None
