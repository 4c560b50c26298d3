"""Tables of text: csv and tsv as programs and people write them."""

import csv
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from ..errors import DataError, Errors
from .sentence import Lines, error

TAB = "\t"
DELIMITERS = (",", ";", TAB)
WIDTH = 30  # characters of a field in a message
LONGEST = 2**31 - 1  # characters of a field: the largest that Windows takes

Row = Tuple[int, List[str]]  # the line where it begins, and its fields


def read_rows(path: Path, lines: Lines, delimiter: str) -> List[Row]:
    """The rows of a table. A field in quotes may go over several lines; empty lines are no
    rows.

    path (Path): The name for messages.
    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    delimiter (str): What stands between fields. Files with TABs often have quotes that are
        just text; there, the reading that fits better is taken.
    RAISES (DataError): At quotes that are not closed, or that end inside of a field.
    """
    lines = list(lines)
    if delimiter != TAB:
        return list(_quoted(path, lines, delimiter))
    plain = [(n, [_unwrap(f) for f in line.split(TAB)]) for n, line in lines if line.strip()]
    try:
        quoted = list(_quoted(path, lines, delimiter))
    except DataError:
        return plain
    open_quotes = sum(_is_open(f) for _, line in lines for f in line.split(TAB))
    over = sum(TAB in f or "\n" in f for _, fields in quoted for f in fields)
    return plain if _ragged(plain) + open_quotes <= _ragged(quoted) + over else quoted


def split_ragged(rows: List[Row]) -> Tuple[List[Row], Dict[int, int]]:
    """The rows that have as many fields as the first, and the lines of the others with how
    many those have.
    """
    width = len(rows[0][1]) if rows else 0
    others = {line: len(fields) for line, fields in rows if len(fields) != width}
    return [row for row in rows if row[0] not in others], others


def find_column(
    where: Tuple[Path, int],
    names: Sequence[str],
    kind: str,
    wanted: Optional[str],
    usual: Sequence[str],
) -> int:
    """The place of a column.

    where (Tuple[Path, int]): The file and the line of the names, for messages.
    names (Sequence[str]): The names of all columns.
    kind (str): What the column holds, "text" or "label".
    wanted (Optional[str]): Its name, if the user says it.
    usual (Sequence[str]): What it may be called otherwise, in small letters.
    RAISES (DataError): If none or more than one can be meant.
    """
    names = [name.strip() for name in names]
    if wanted is not None:
        found = [i for i, name in enumerate(names) if name == wanted]
    else:
        found = [i for i, name in enumerate(names) if name.casefold() in usual]
    if not found:
        called = f"'{wanted}'" if wanted is not None else " or ".join(usual)
        there = ", ".join(f"{i} '{shorten(name)}'" for i, name in enumerate(names))
        raise error(*where, Errors.R150, called=called, kind=kind, there=there)
    if len(found) > 1:
        both = " and ".join(f"'{names[i]}'" for i in found)
        raise error(*where, Errors.R151, kind=kind, found=both)
    return found[0]


def shorten(text: str) -> str:
    """What fits into a message."""
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}…"


def _quoted(path: Path, lines: Lines, delimiter: str) -> Iterator[Row]:
    numbers = [number for number, _ in lines]
    limit = csv.field_size_limit(LONGEST)  # it is of the whole process, and 131,072
    reader = csv.reader(
        (line + "\n" for _, line in lines), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    taken = 0
    try:
        for fields in reader:
            if fields not in ([], [""]):
                yield numbers[taken], fields
            taken = reader.line_num
    except csv.Error as err:
        raise error(path, numbers[taken], Errors.R152, why=err) from err
    finally:
        csv.field_size_limit(limit)


def _unwrap(field: str) -> str:
    """A field without the quotes around it, if there are some as a table has them."""
    inner = field[1:-1]
    is_quoted = len(field) > 1 and field[0] == field[-1] == '"'
    return inner.replace('""', '"') if is_quoted and '"' not in inner.replace('""', "") else field


def _is_open(field: str) -> bool:
    return field.startswith('"') and _unwrap(field) == field


def _ragged(rows: List[Row]) -> int:
    return len(split_ragged(rows)[1])
