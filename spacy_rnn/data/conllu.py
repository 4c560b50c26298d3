"""CoNLL-U of Universal Dependencies, and the .iob2 files of Universal NER, which have
its comments and its numbering of tokens but other columns.
"""

import re
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from spacy.parts_of_speech import IDS as UPOS

from ..errors import Errors
from .sentence import MISSING, Lines, Sentence, error

ID = re.compile(r"(?P<first>[0-9]{1,9})(-(?P<last>[0-9]{1,9})|(?P<empty>\.[0-9]+))?")
FEATS = re.compile(r"_|[^=|]+=[^=|]+(\|[^=|]+=[^=|]+)*")
TAG_KEYS = ("NER", "NE", "name")  # where MISC has an entity tag, in the files that do
NOTE = "sentence(s) whose '# text' is not their tokens; spaces taken from SpaceAfter"


class Row(NamedTuple):
    """A token and its columns."""

    line: int
    fields: List[str]


class Block(NamedTuple):
    """The lines of one sentence.

    rows (List[Row]): The tokens.
    units (List[Tuple[str, int, bool]]): What is written without a space inside: its
        text, the number of its tokens, and whether SpaceAfter allows a space after it.
    """

    new_doc: bool
    text: Optional[str]
    rows: List[Row]
    units: List[Tuple[str, int, bool]]


def read_conllu(path: Path, lines: Lines) -> Iterator[Sentence]:
    """Read CoNLL-U: tokens, lemmas, both kinds of tags and features. Entities come from
    NER=, NE= or name= in MISC; a token without has tag "-", nothing known.

    path (Path): The name for messages.
    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    RAISES (DataError): At a line that is not CoNLL-U.
    """
    for block in _blocks(path, lines, range(10, 11)):
        for row in block.rows:
            _check(path, row)
        attrs = {
            "lemmas": [_lemma(row.fields) for row in block.rows],
            "pos": [_known(row.fields[3]) for row in block.rows],
            "tags": [_known(row.fields[4]) for row in block.rows],
            "morphs": [_known(row.fields[5]) for row in block.rows],
        }
        yield _sentence(block, [_misc_tag(row.fields[9]) for row in block.rows], attrs)


def read_iob2(path: Path, lines: Lines) -> Iterator[Sentence]:
    """Read a file of Universal NER: number, token, tag, and columns that say who wrote it.

    path (Path): The name for messages.
    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    RAISES (DataError): At a line that does not have these columns.
    """
    for block in _blocks(path, lines, range(3, 6)):
        yield _sentence(block, [row.fields[2] for row in block.rows], {})


def _blocks(path: Path, lines: Lines, widths: range) -> Iterator[Block]:
    """Cut the file at its empty lines, and leave out ranges and empty nodes."""
    block = Block(True, None, [], [])
    for number, line in lines:
        if not line.strip():
            if block.rows:
                yield _whole(path, block)
            block = Block(block.new_doc and not block.rows, None, [], [])
        elif line.startswith("#"):
            block = _comment(block, line)
        else:
            _add(path, block, Row(number, _fields(path, number, line, widths)))
    if block.rows:
        yield _whole(path, block)


def _comment(block: Block, line: str) -> Block:
    key, _, value = line[1:].partition("=")
    if key.strip() == "text":
        return block._replace(text=value.strip())
    return block._replace(new_doc=True) if key.split()[:1] == ["newdoc"] else block


def _fields(path: Path, number: int, line: str, widths: range) -> List[str]:
    fields = line.split("\t")
    if len(fields) not in widths or not ID.fullmatch(fields[0]) or "" in fields[:3]:
        wanted = "10" if widths.start == 10 else "3 to 5"
        raise error(path, number, Errors.R105, n=len(fields), wanted=wanted)
    return fields


def _add(path: Path, block: Block, row: Row) -> None:
    """Put a line into its block. A range stands before the first of its tokens."""
    match = ID.fullmatch(row.fields[0])
    assert match is not None  # _fields has looked
    if match["empty"]:
        return
    first, last = int(match["first"]), int(match["last"] or match["first"])
    wanted = len(block.rows) + 1
    if first != wanted or last < first:
        raise error(path, row.line, Errors.R117, found=row.fields[0], wanted=wanted)
    if first > _covered(block):
        block.units.append((row.fields[1], last - first + 1, _space_after(row)))
    if not match["last"]:
        block.rows.append(row)


def _covered(block: Block) -> int:
    return sum(n for _, n, _ in block.units)


def _space_after(row: Row) -> bool:
    return "SpaceAfter=No" not in row.fields[-1].split("|")


def _whole(path: Path, block: Block) -> Block:
    n = len(block.rows)
    if _covered(block) != n:
        raise error(path, block.rows[-1].line, Errors.R117, found="missing", wanted=n + 1)
    return block


def _check(path: Path, row: Row) -> None:
    if row.fields[3] != "_" and row.fields[3] not in UPOS:
        raise error(path, row.line, Errors.R106, column="UPOS", value=row.fields[3])
    if not FEATS.fullmatch(row.fields[5]):
        raise error(path, row.line, Errors.R106, column="FEATS", value=row.fields[5])


def _known(value: str) -> str:
    return "" if value == "_" else value


def _lemma(fields: List[str]) -> str:
    # An underscore is its own lemma; anywhere else it says that there is none
    return "_" if fields[1] == "_" else _known(fields[2])


def _misc_tag(misc: str) -> str:
    pairs = dict(pair.partition("=")[::2] for pair in misc.split("|"))
    return next((pairs[key] for key in TAG_KEYS if pairs.get(key)), MISSING)


def _sentence(block: Block, tags: List[str], attrs: Dict[str, List[str]]) -> Sentence:
    words = [row.fields[1] for row in block.rows]
    after = None if block.text is None else _spaces_in(block.text, block.units)
    notes = (NOTE,) if block.text is not None and after is None else ()
    spaces: List[bool] = []
    for i, (text, n, space) in enumerate(block.units):
        parts = words[len(spaces) : len(spaces) + n]
        # The parts of a range that are not just cut from it read better apart
        spaces += [text != "".join(parts)] * (n - 1) + [after[i] if after else space]
    lines = [row.line for row in block.rows]
    return Sentence(words, spaces, tags, lines, block.new_doc, attrs, notes)


def _spaces_in(text: str, units: List[Tuple[str, int, bool]]) -> Optional[List[bool]]:
    """Whether white space follows each unit in the text, None if it is another text."""
    spaces, at = [], 0
    for unit, _, _ in units:
        if not text.startswith(unit, at):
            return None
        at += len(unit)
        rest = text[at:].lstrip()
        spaces.append(len(rest) < len(text) - at)
        at = len(text) - len(rest)
    return spaces if at == len(text) else None
