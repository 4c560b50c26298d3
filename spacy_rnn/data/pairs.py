"""Pairs of a source and what is to be written for it: tables, jsonl and lexicons.

four dogs<TAB>vier Hunde
{"source": "four dogs", "target": "vier Hunde"}
{"source": "Indian", "features": ["N", "PL"], "target": ["Indians", "Indian people"]}
DOGS  D AO G Z
"""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import DataError, Errors
from .cats import Notes
from .jsonl import parse_json
from .sentence import Lines, error
from .source import plain_name
from .tables import TAB

COLUMNS = ("source", "target")
FEATURES = "features"
SKIP = "-"  # a column that is not read
REST = "target*"  # the last column and all behind it, each of which is right
VARIANT = re.compile(r"(?P<word>.+)\([0-9]+\)")  # TOMATO(2), the second way to say it
REMARK = re.compile(r"\s#.*")  # behind an entry, as in cmudict.dict
HEAD = ";;;"  # begins the remarks on the first lines of a lexicon

EMPTY = "pair(s) with an empty side; left out"
REPEATED = "pair(s) that stand in the file before; kept"
OTHERS = "source(s) that stand in the file before with another target; kept as its alternative"


class Pair(NamedTuple):
    """A source and its target, as the file has them.

    place (str): Where it stands, for messages.
    features (Tuple[str, ...]): What is known of the source besides, such as the form wanted.
    alternatives (Tuple[str, ...]): Other targets that are right too.
    """

    place: str
    source: str
    target: str
    features: Tuple[str, ...] = ()
    alternatives: Tuple[str, ...] = ()


def read_pairs(
    path: Path, lines: Lines, columns: Optional[Sequence[str]] = None, words: bool = False
) -> Iterator[Pair]:
    """Read a file of pairs: jsonl by its name or its first line, a lexicon if it holds words and
    has no TAB, otherwise a table with TABs, where quotes are just text.

    path (Path): Its name.
    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    columns (Optional[Sequence[str]]): The columns of a table in their order, "source", "target",
        "features" or "-"; "target*" at the end for one target or more. None for the names in
        the first line, or else source and target.
    words (bool): Whether each source is one word.
    RAISES (DataError): At a line that is something else.
    """
    lines = [(number, line) for number, line in lines if line.strip()]
    first = lines[0][1] if lines else ""
    if columns is not None:
        check_columns(columns)
    if plain_name(path).suffix == ".jsonl" or _is_object(first, columns):
        return (_of_object(path, n, parse_json(path, n, line)) for n, line in lines)
    if words and columns is None and not any(TAB in line for _, line in lines):
        return (_of_entry(n, line) for n, line in lines if not line.startswith(HEAD))
    if columns is None and (named := _header(path, lines)):
        columns, lines = named, lines[1:]
    return (_of_row(path, n, line, columns or COLUMNS) for n, line in lines)


def _header(path: Path, lines: List[Tuple[int, str]]) -> List[str]:
    """The columns that the first line names, none if it is a pair.

    RAISES (DataError): If it names one twice.
    """
    number, first = lines[0] if lines else (0, "")
    names = [name.strip().casefold() for name in first.split(TAB)]
    known = [*COLUMNS, FEATURES]
    if not set(COLUMNS) <= set(names):
        return []
    for name in known:
        if names.count(name) > 1:
            raise error(path, number, Errors.R198, name=name)
    return [name if name in known else SKIP for name in names]


def _is_object(line: str, columns: Optional[Sequence[str]]) -> bool:
    return columns is None and line.startswith("{") and TAB not in line


def check_columns(columns: Sequence[str]) -> None:
    """Refuse what is no list of columns.

    RAISES (DataError): If source or target is missing, or a name is unknown or stands twice.
    """
    last = ["target" if name == REST else name for name in columns[-1:]]
    named = sorted(name for name in (*columns[:-1], *last) if name != SKIP)
    if named not in (sorted(COLUMNS), sorted((*COLUMNS, FEATURES))):
        raise DataError(Errors.R190.format(columns=",".join(columns)))


def _of_row(path: Path, number: int, line: str, columns: Sequence[str]) -> Pair:
    fields = [field.strip() for field in line.split(TAB)]
    n = len(columns)
    if len(fields) < n or len(fields) > n and columns[-1] != REST:
        wanted = ",".join(columns)
        raise error(path, number, Errors.R191, n=len(fields), wanted=wanted)
    found = dict(zip(columns, fields))
    targets = fields[n - 1 :] if columns[-1] == REST else [found["target"]]
    return _pair(number, found["source"], targets, split_features(found.get(FEATURES, "")))


def _of_object(path: Path, number: int, found: Any) -> Pair:
    values = found if isinstance(found, dict) else {}
    features = values.get(FEATURES) or []
    listed = list(split_features(features)) if isinstance(features, str) else _strings(features)
    source, targets = values.get("source"), _strings(values.get("target"))
    if not isinstance(source, str) or targets is None or listed is None:
        raise error(path, number, Errors.R192)
    return _pair(number, source, [target.strip() for target in targets], tuple(listed))


def _strings(value: Any) -> Optional[List[str]]:
    """One string or a list of them as a list, None for anything else."""
    values = [value] if isinstance(value, str) else value
    known = isinstance(values, list) and all(isinstance(v, str) for v in values)
    return values if known else None


def _of_entry(number: int, line: str) -> Pair:
    """An entry of a lexicon. It cannot have white space in the word."""
    word, *units = REMARK.sub("", line).split() or [""]
    match = VARIANT.fullmatch(word)
    return _pair(number, match["word"] if match else word, [" ".join(units)], ())


def _pair(number: int, source: str, targets: List[str], features: Tuple[str, ...]) -> Pair:
    known = list(filter(None, dict.fromkeys(targets))) or [""]
    return Pair(f"line {number}", source.strip(), known[0], features, tuple(known[1:]))


def split_features(features: str) -> Tuple[str, ...]:
    """Features in one string: "V;PST" as in UniMorph, or "Case=Nom|Number=Sing"."""
    return tuple(part.strip() for part in re.split(r"[;|]", features) if part.strip())


def merge_pairs(path: Path, pairs: Iterable[Pair]) -> Tuple[List[Pair], Notes]:
    """Put the targets of a source together: the first one to be learnt, the others beside it.
    A pair that is repeated stays, as often as it stands there.

    path (Path): The name for messages.
    RETURNS (Tuple[List[Pair], Notes]): The pairs, and what is odd about the file.
    RAISES (DataError): If no pair is left.
    """
    notes: Notes = defaultdict(list)
    first: Dict[Tuple, Pair] = {}
    right: Dict[Tuple, List[str]] = defaultdict(list)  # all targets, the first one included
    kept = []
    for pair in pairs:
        if not (pair.source and pair.target):
            notes[EMPTY].append(pair.place)
            continue
        key = pair.source, pair.features
        before = first.setdefault(key, pair)
        right[key] += [pair.target, *pair.alternatives]
        if before.target == pair.target:
            kept.append(pair)
        if before is not pair:
            note = REPEATED if before.target == pair.target else OTHERS
            notes[note].append(f"{before.place} and {pair.place}")
    if not kept:
        raise DataError(Errors.R193.format(path=path, n=len(notes[EMPTY])))
    others = {key: tuple(dict.fromkeys(targets))[1:] for key, targets in right.items()}
    merged = [pair._replace(alternatives=others[pair.source, pair.features]) for pair in kept]
    return merged, dict(notes)
