"""The tagging schemes that files use.

| scheme | one token | three tokens | two that touch, one token each |
|--------|-----------|--------------|--------------------------------|
| iob1   | I         | I I I        | I B                            |
| iob2   | B         | B I I        | B B                            |
| biluo  | U         | B I L        | U U                            |
| iobes  | S         | B I E        | S S; M is read as I            |
"""

from pathlib import Path
from typing import Dict, Iterable, List, Sequence, Set, Tuple

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
CLOSED = ("biluo", "iobes")  # they mark the end of an entity


def detect_scheme(sentences: Iterable[Sequence[str]]) -> str:
    """The scheme of a file. If the tags of a file fit none, it is iob2, so that reading
    stops at the first one that does not.

    sentences (Iterable[Sequence[str]]): All tags of the file, by sentence.
    RETURNS (str): One of `KINDS`.
    """
    letters: Set[str] = set()
    in_iob1 = in_iob2 = True
    for tags in sentences:
        for before, tag in zip(["O", *tags], tags):
            goes_on = before != "O" and before[1:] == tag[1:]
            letters.update(tag[:1] if tag[1:2] == "-" else "")
            in_iob1 &= goes_on or not tag.startswith("B-")
            in_iob2 &= goes_on or not tag.startswith("I-")
    if letters & set("LU"):
        return "biluo"
    if letters & set("EMS"):
        return "iobes"
    return "iob1" if in_iob1 and not in_iob2 else "iob2"


def read_entities(sentence: Sentence, scheme: str, path: Path) -> List[Entity]:
    """The entities of a sentence. Tokens of tag "-" are in none.

    sentence (Sentence): The sentence.
    scheme (str): The scheme of its tags, one of `KINDS`.
    path (Path): The name for messages.
    RAISES (DataError): At a tag that the scheme does not have or not allow there.
    """
    found: List[Entity] = []
    current = ""  # the label that may go on
    for i, (tag, line) in enumerate(zip(sentence.tags, sentence.lines)):
        kind, label = _split(tag, scheme, path, line)
        goes_on = kind in "IL" and label == current
        illegal = _why_illegal(kind, goes_on, current, scheme)
        if illegal:
            raise error(path, line, illegal, tag=tag, label=current, scheme=scheme)
        if goes_on:
            found[-1] = found[-1]._replace(end=i + 1)
        elif label:
            found.append(Entity(label, i, i + 1))
        current = label if kind in "BI" else ""
    if current and scheme in CLOSED:
        raise error(path, sentence.lines[-1], Errors.R112, label=current, scheme=scheme)
    return found


def keep_labels(sentence: Sentence, labels: Sequence[str]) -> Sentence:
    """The sentence with O for every tag of another label. Tags of these labels stay as they
    are, so that what is illegal is still found when they are read.
    """
    kept = [tag == MISSING or tag.partition("-")[2] in labels for tag in sentence.tags]
    return sentence._replace(tags=[tag if k else "O" for tag, k in zip(sentence.tags, kept)])


def _why_illegal(kind: str, goes_on: bool, current: str, scheme: str) -> str:
    """The message if a tag may not stand after an entity of the label ``current``."""
    if goes_on:
        return ""
    if current and scheme in CLOSED:
        return Errors.R111
    return Errors.R110 if kind in "IL" and scheme != "iob1" else ""


def _split(tag: str, scheme: str, path: Path, line: int) -> Tuple[str, str]:
    """Kind and label of a tag: "B-PER" is B and PER, "O" and "-" have no label."""
    if tag in ("O", MISSING):
        return tag, ""
    letter, _, label = tag.partition("-")
    kind = KINDS[scheme].get(letter)
    if kind is None or label in ("", "O"):
        raise error(path, line, Errors.R109, tag=tag, scheme=scheme)
    return kind, label
