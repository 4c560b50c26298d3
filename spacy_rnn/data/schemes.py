"""The tagging schemes that files use.

| scheme | one token | three tokens | two that touch, one token each |
|--------|-----------|--------------|--------------------------------|
| iob1   | I         | I I I        | I B                            |
| iob2   | B         | B I I        | B B                            |
| biluo  | U         | B I L        | U U                            |
| iobes  | S         | B I E        | S S; M is read as I            |
"""

from pathlib import Path
from typing import Dict, Iterable, List, Sequence, Tuple

from ..errors import Errors
from ..tags import Entity
from .sentence import MISSING, Sentence, error

# What a letter means, in the letters of BILUO
KINDS: Dict[str, Dict[str, str]] = {
    "iob1": {"B": "B", "I": "I"},
    "iob2": {"B": "B", "I": "I"},
    "biluo": {"B": "B", "I": "I", "L": "L", "U": "U"},
    "iobes": {"B": "B", "I": "I", "M": "I", "E": "L", "S": "U"},
}


def detect_scheme(sentences: Iterable[Sequence[str]]) -> str:
    """The scheme of a file. If the tags of a file fit none, it is iob2, so that reading
    stops at the first one that does not.

    sentences (Iterable[Sequence[str]]): All tags of the file, by sentence.
    """
    letters, in_iob1, in_iob2 = set(), True, True
    for tags in sentences:
        before = "O"
        for tag in tags:
            letter, goes_on = tag[:1], before[1:] == tag[1:] and before != "O"
            letters.add(letter)
            in_iob2 &= letter != "I" or goes_on
            in_iob1 &= letter != "B" or goes_on
            before = tag
    if letters & set("LU"):
        return "biluo"
    if letters & set("EMS"):
        return "iobes"
    return "iob1" if in_iob1 and not in_iob2 else "iob2"


def read_entities(sentence: Sentence, scheme: str, path: Path) -> List[Entity]:
    """The entities of a sentence.

    sentence (Sentence): The sentence; tokens of tag "-" are outside.
    scheme (str): The scheme of its tags, one of `KINDS`.
    RAISES (DataError): At a tag that the scheme does not have or not allow there.
    """
    found: List[Entity] = []
    current = ""  # the label that may go on; in biluo and iobes it must
    closed = scheme in ("biluo", "iobes")
    for i, (tag, line) in enumerate(zip(sentence.tags, sentence.lines)):
        kind, label = _split(tag, scheme, path, line)
        goes_on = kind in ("I", "L") and label == current
        if closed and current and not goes_on:
            raise error(path, line, Errors.R111, tag=tag, label=current, scheme=scheme)
        if goes_on:
            found[-1] = found[-1]._replace(end=i + 1)
        elif kind in ("I", "L") and scheme != "iob1":
            raise error(path, line, Errors.R110, tag=tag, scheme=scheme)
        elif label:
            found.append(Entity(label, i, i + 1))
        current = label if kind in ("B", "I") else ""
    if closed and current:
        raise error(path, line, Errors.R112, label=current, scheme=scheme)
    return found


def _split(tag: str, scheme: str, path: Path, line: int) -> Tuple[str, str]:
    """Kind and label of a tag: "B-PER" is B and PER, "O" and "-" have no label."""
    if tag in ("O", MISSING):
        return tag, ""
    letter, _, label = tag.partition("-")
    kind = KINDS[scheme].get(letter)
    if kind is None or label in ("", "O"):
        raise error(path, line, Errors.R109, tag=tag, scheme=scheme)
    return kind, label
