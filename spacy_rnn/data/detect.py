"""Which format a file has, by its name or else by its first lines."""

import json
import re
from itertools import islice
from pathlib import Path
from typing import List, Optional

from ..errors import DataError, Errors
from .columns import DOCUMENT
from .inline import ENTITY
from .pairs import COLUMNS
from .sentence import Lines
from .source import plain_name
from .texts import LABEL_NAMES

FORMATS = ("columns", "conllu", "iob2", "inline", "jsonl", "texts", "pairs", "acts")
BY_NAME = {".conllu": "conllu", ".jsonl": "jsonl", ".zip": "texts", ".json": "acts"}
TABLES = (".csv", ".tsv")
FIRST = 200  # lines that are looked at
TAG = re.compile(r"O|-|[BILUMES]-\S+")


def detect_format(path: Path, lines: Lines) -> str:
    """The format of a file.

    path (Path): Its name.
    lines (Iterable[Tuple[int, str]]): Its lines with their numbers; the first are read.
    RETURNS (str): One of `FORMATS`.
    RAISES (DataError): If neither name nor lines tell.
    """
    suffix = plain_name(path).suffix
    by_name = BY_NAME.get(suffix)
    if by_name is not None and by_name != "jsonl":
        return by_name
    first = [line for _, line in islice(lines, FIRST) if line.strip()]
    if by_name == "jsonl":
        return _jsonl(first)
    if not first:
        raise DataError(Errors.R119.format(path=path))
    found = _by_lines(first)
    if set(COLUMNS) <= {name.strip().casefold() for name in first[0].split("\t")}:
        return "pairs"
    if suffix in TABLES and found in (None, "inline"):  # a text may well have a link in it
        return "texts"
    if found is None:
        raise DataError(Errors.R118.format(path=path, choices=", ".join(FORMATS)))
    return found


def _by_lines(lines: List[str]) -> Optional[str]:
    if lines[0].startswith('{"') or lines[0].startswith("{ "):
        return _jsonl(lines)
    numbered = [line.split("\t") for line in lines if not line.startswith("#")]
    if numbered and all(fields[0][:1].isdigit() for fields in numbered):
        if all(len(fields) == 10 for fields in numbered):
            return "conllu"
        if all(len(fields) >= 3 and TAG.fullmatch(fields[2]) for fields in numbered):
            return "iob2"
    tagged = sum(bool(TAG.fullmatch(line.split()[-1])) for line in lines)
    if lines[0].startswith(DOCUMENT) or 2 * tagged > len(lines):
        return "columns"
    return "inline" if any(ENTITY.search(line) for line in lines) else None


def _jsonl(lines: List[str]) -> str:
    """What the first object that can be read has: entities, labels of its text,
    a target, or slots."""
    for line in lines:
        try:
            keys = set(json.loads(line))
        except (ValueError, RecursionError, TypeError):
            continue  # the reader will name the line
        if keys.issuperset(COLUMNS):
            return "pairs"
        if keys.issuperset(("slots", "text")):
            return "acts"
        is_text = keys & {*LABEL_NAMES, "cats"} and not keys & {"entities", "spans"}
        return "texts" if is_text else "jsonl"
    return "jsonl"
