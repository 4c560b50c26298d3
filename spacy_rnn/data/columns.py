"""One token a line with its tag in a column, as in CoNLL-2003, WikiGold and WNUT-17."""

from pathlib import Path
from typing import Iterator, List, Optional, Tuple

from ..errors import Errors
from .sentence import Lines, Sentence, error

DOCUMENT = "-DOCSTART-"
NOTE = "line(s) of white space only, read as the end of a sentence"

Row = Tuple[int, str, str]


def read_columns(
    path: Path, lines: Lines, token_column: int = 0, tag_column: int = -1
) -> Iterator[Sentence]:
    """Read columns. An empty line, or one of white space only, ends a sentence; one
    that begins with -DOCSTART- ends a document.

    path (Path): The name for messages.
    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    token_column (int): Where the token is, from 0, or from -1 backwards.
    tag_column (int): Where the tag is.
    RAISES (DataError): At a line that lacks a column.
    """
    rows: List[Row] = []
    new_doc = True
    for number, line in lines:
        is_document = line.startswith(DOCUMENT)
        if line.strip() and not is_document:
            rows.append(_row(path, number, line, token_column, tag_column))
            continue
        if rows:
            yield _sentence(rows, new_doc, (NOTE,) if line and not is_document else ())
            rows, new_doc = [], False
        new_doc |= is_document
    if rows:
        yield _sentence(rows, new_doc)


def _row(path: Path, number: int, line: str, token_column: int, tag_column: int) -> Row:
    # Not str.split(): a token may be a no-break space or another space of Unicode
    line = line.rstrip(" \t")
    fields = line.split("\t") if "\t" in line else [f for f in line.split(" ") if f]
    token, tag = _field(fields, token_column), _field(fields, tag_column)
    if not token or not tag or len(fields) < 2:
        raise error(path, number, Errors.R104, n=len(fields), token=token_column, tag=tag_column)
    return number, token, tag


def _field(fields: List[str], column: int) -> Optional[str]:
    there = -len(fields) <= column < len(fields)
    return fields[column].strip(" ") if there else None


def _sentence(rows: List[Row], new_doc: bool, notes: Tuple[str, ...] = ()) -> Sentence:
    lines, words, tags = (list(column) for column in zip(*rows))
    return Sentence(words, [True] * len(words), tags, lines, new_doc, notes=notes)
