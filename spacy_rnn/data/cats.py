"""From the labels of a file to `doc.cats`, and what is wrong with them."""

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import DataError, Errors
from .texts import Label, Record

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
WHOLE = re.compile(r"([+-]?[0-9]+)(\.0*)?")
VALUE = "value"  # the label of a number that is to be learnt itself
FEW = 10  # texts of a label
MANY = 100  # labels
RATINGS = 20  # whole numbers that may well be classes
SHOWN = 3  # places or labels that a note names

EMPTY = "record(s) without a text; left out"
UNLABELLED = "text(s) without a label; left out"
NO_NUMBER = "text(s) whose label is not a finite number; left out"
OTHER = "text(s) of other labels than --labels; left out"
MIXED = "label(s) that are {rarer} among {usual}; all are read as classes"
AMOUNTS = "labels that are whole numbers, read as classes; add --numbers if they are amounts"
REPEATED = "text(s) that stand in the file before with the same label; kept"
OPPOSED = "text(s) that stand in the file before with another label; kept"
RARE = f"label(s) with fewer than {FEW} texts"
ONLY = "label only, and there is nothing to tell it from"
ABSENT = "label(s) without an example in {part}"

Notes = Dict[str, List[str]]  # what was found, and where, or which labels


class Text(NamedTuple):
    """A text that can be trained on.

    place (str): Where it begins in the file.
    text (str): The text.
    cats (Dict[str, float]): What becomes `doc.cats`.
    """

    place: str
    text: str
    cats: Dict[str, float]


def make_cats(
    path: Path, records: Sequence[Record], numbers: bool, labels: Optional[Sequence[str]]
) -> Tuple[List[Text], Notes]:
    """Choose the records that are of use, and give each text all labels.

    path (Path): The name for messages.
    numbers (bool): The labels are numbers that are to be learnt, not classes.
    labels (Optional[Sequence[str]]): The labels to keep, in this order; None for all.
    RAISES (DataError): If most records are of no use, or the labels are no labels.
    """
    usable, notes = _choose(path, records, numbers)
    if numbers:
        texts = [Text(r.place, r.text, {VALUE: float(str(r.label))}) for r in usable]
        return texts, {**notes, **find_repeated(texts)}
    notes.update(_check_words(path, usable))
    texts = [Text(r.place, r.text, _as_cats(r.label)) for r in usable]
    if labels is not None:
        texts, others = _keep(texts, labels)
        notes[OTHER] = others
    known = labels or sorted({label for text in texts for label in text.cats}, key=_by_number)
    if len(known) > max(MANY, len(texts) / 2):
        raise DataError(Errors.R156.format(path=path, n=len(known), texts=len(texts)))
    # Of numbers other than 0 and 1 none is made up: a label without is not annotated
    if not any(is_graded(text.cats) for text in texts):
        texts = [t._replace(cats={k: t.cats.get(k, 0.0) for k in known}) for t in texts]
    return texts, {**notes, **find_repeated(texts), **find_rare(texts, known)}


def _choose(path: Path, records: Sequence[Record], numbers: bool) -> Tuple[List[Record], Notes]:
    """The records of use, and why the others are of none."""
    notes: Notes = defaultdict(list)
    usable = []
    for record in records:
        problem = _problem(record, numbers)
        if problem:
            notes[problem].append(record.place)
        else:
            usable.append(record)
    left = len(records) - len(usable)
    if left > len(usable):
        why = "; ".join(f"{n} {note}" for note, n in count_notes(notes).items())
        raise DataError(Errors.R154.format(path=path, left=left, n=len(records), why=why))
    for record in usable:
        if record.note:
            notes[record.note].append(record.place)
    return usable, notes


def _problem(record: Record, numbers: bool) -> str:
    if record.problem or not record.text:
        return record.problem or EMPTY
    if record.label is None:
        return UNLABELLED
    return NO_NUMBER if numbers and not _is_number(record.label) else ""


def _is_number(label: Label) -> bool:
    is_written = isinstance(label, str) and NUMBER.fullmatch(label) is not None
    return is_written and abs(float(str(label))) < float("inf")


def _check_words(path: Path, records: List[Record]) -> Notes:
    """What is odd about labels that are one word or number each."""
    words = {r.place: r.label for r in records if isinstance(r.label, str)}
    numbers = {place: str(label) for place, label in words.items() if _is_number(label)}
    others = [place for place in words if place not in numbers]
    fractions = [label for label in numbers.values() if not WHOLE.fullmatch(label)]
    if fractions and len(numbers) > len(others):
        raise DataError(Errors.R155.format(path=path, value=fractions[0]))
    if numbers and others and len(numbers) < len(others):
        return {MIXED.format(rarer="numbers", usual="words"): list(numbers)}
    if numbers and others:
        return {MIXED.format(rarer="words", usual="numbers"): others}
    found = sorted(set(numbers.values()), key=_by_number)
    return {AMOUNTS: found} if len(found) > RATINGS else {}


def _as_cats(label: Label) -> Dict[str, float]:
    """The labels that a text has. Whole numbers are written without a fraction: a table
    that lacks some has 1.0 for 1.
    """
    if isinstance(label, dict):
        return label
    names = label if isinstance(label, list) else [str(label)]
    whole = [WHOLE.fullmatch(name) for name in names]
    return {match[1] if match else name: 1.0 for match, name in zip(whole, names)}


def _by_number(label: str) -> Tuple[float, str]:
    return float(label) if _is_number(label) else float("inf"), label


def _keep(texts: List[Text], labels: Sequence[str]) -> Tuple[List[Text], List[str]]:
    """The texts without other labels, and the places of those that have only such."""
    kept, others = [], []
    for text in texts:
        cats = {label: value for label, value in text.cats.items() if label in labels}
        if any(text.cats.values()) and not any(cats.values()):
            others.append(text.place)
        else:
            kept.append(text._replace(cats=cats))
    return kept, others


def is_graded(cats: Dict[str, float]) -> bool:
    """Whether there are numbers other than those for yes and no."""
    return any(value not in (0.0, 1.0) for value in cats.values())


def same_text(text: str) -> str:
    """What is equal for texts that differ in white space only."""
    return " ".join(text.split())


def find_repeated(texts: List[Text]) -> Notes:
    """The texts that stand in the file before."""
    notes: Notes = defaultdict(list)
    first: Dict[str, Text] = {}
    for text in texts:
        before = first.setdefault(same_text(text.text), text)
        if before is not text:
            note = REPEATED if before.cats == text.cats else OPPOSED
            notes[note].append(f"{before.place} and {text.place}")
    return notes


def find_rare(texts: List[Text], labels: Sequence[str]) -> Notes:
    """The labels with few examples, or the one that has no other beside it."""
    counts = count_cats(text.cats for text in texts)
    if any(is_graded(text.cats) for text in texts):
        return {}
    rare = {label: counts.get(label, 0) for label in labels if counts.get(label, 0) < FEW}
    notes = {RARE: [f"{label} {n}" for label, n in rare.items()]}
    return {**notes, ONLY: list(labels)} if len(labels) == 1 else notes


def find_absent(parts: Dict[str, List[Text]]) -> Notes:
    """The labels that a part has no example of, if they are classes."""
    whole = [text.cats for texts in parts.values() for text in texts]
    if any(map(is_graded, whole)):
        return {}
    labels = count_cats(whole)
    there = {part: count_cats(text.cats for text in texts) for part, texts in parts.items()}
    return {
        ABSENT.format(part=part): [label for label in labels if not counts[label]]
        for part, counts in there.items()
    }


def count_cats(all_cats: Iterable[Dict[str, float]]) -> Dict[str, int]:
    """How many texts have each label, in the order of the labels."""
    counts: Counter = Counter()
    for cats in all_cats:
        counts.update({label: int(value > 0) for label, value in cats.items()})
    return dict(counts)


def count_notes(notes: Notes) -> Dict[str, int]:
    """How often, by the note with the first places."""
    counts = {}
    for note, places in notes.items():
        more = ", …" if len(places) > SHOWN else ""
        if places:
            counts[f"{note} ({', '.join(places[:SHOWN])}{more})"] = len(places)
    return counts
