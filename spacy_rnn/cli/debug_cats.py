"""The part of `spacy rnn debug data` that looks at texts with labels."""

from typing import Dict, Iterator, List

from spacy.tokens import Doc
from wasabi import msg

from ..data.cats import count_cats, is_graded
from ..evaluation.categories import (
    count_empty,
    count_incomplete,
    count_unlabelled,
    find_opposed,
    find_same_texts,
    spread,
)
from .finding import FEW, SHOWN, Finding, shorten


def print_cats(train: List[Doc], dev: List[Doc]) -> None:
    """How many texts have each label; of numbers, the lowest, the mean and the highest."""
    graded = has_numbers([*train, *dev])
    rows_of = _spreads if graded else _counts
    in_train, in_dev = rows_of(train), rows_of(dev)
    rows = [(k, in_train.get(k, "0"), in_dev.get(k, "0")) for k in {**in_train, **in_dev}]
    title = "lowest, mean, highest" if graded else "texts by label"
    msg.table(rows, header=(title, "train", "dev"), divider=True, aligns=("l", "r", "r"))


def _counts(docs: List[Doc]) -> Dict[str, str]:
    return {label: f"{n:,}" for label, n in count_classes(docs).items()}


def _spreads(docs: List[Doc]) -> Dict[str, str]:
    return {label: ", ".join(f"{v:.4g}" for v in s) for label, s in spread(docs).items()}


def has_numbers(docs: List[Doc]) -> bool:
    """Whether the labels are numbers to be learnt, not classes."""
    return any(is_graded(doc.cats) for doc in docs)


def count_classes(docs: List[Doc]) -> Dict[str, int]:
    return count_cats(doc.cats for doc in docs)


def check_cats(train: List[Doc], dev: List[Doc]) -> Iterator[Finding]:
    """What is wrong with the labels of texts, in both files."""
    if not has_numbers([*train, *dev]):
        yield from check_classes(train, dev)
    yield from check_texts("train", train)
    yield from check_texts("dev", dev)
    yield from check_opposed(train, dev)


def check_classes(train: List[Doc], dev: List[Doc]) -> Iterator[Finding]:
    in_train, in_dev = count_classes(train), count_classes(dev)
    if few := [f"{label}: {n}" for label, n in in_train.items() if 0 < n < FEW]:
        yield Finding(f"train has fewer than {FEW} texts of {len(few)} label(s)", few)
    labels = dict.fromkeys([*in_train, *in_dev])
    for part, counts in [("train", in_train), ("dev", in_dev)]:
        if absent := [label for label in labels if not counts.get(label)]:
            yield Finding(f"{part} has no example of {len(absent)} label(s)", absent)
    if len(labels) == 1:
        yield Finding(f"'{next(iter(labels))}' is the only label: nothing to tell it from")


def check_texts(part: str, docs: List[Doc]) -> Iterator[Finding]:
    """What is wrong inside of one file."""
    of_all = f"of {len(docs):,} documents"
    if n := count_empty(docs):
        yield Finding(f"{part}: {n:,} {of_all} have no text")
    if n := count_unlabelled(docs):
        yield Finding(f"{part}: {n:,} {of_all} have no doc.cats")
    if n := count_incomplete(docs):
        text = f"{part}: {n:,} {of_all} lack labels that others have"
        yield Finding(f"{text}, which counts as not known, not as 0")


def check_opposed(train: List[Doc], dev: List[Doc]) -> Iterator[Finding]:
    if found := find_opposed([*train, *dev]):
        examples = [
            f"{shorten(text)} ({', '.join(f'{label} {n}' for label, n in counts.items())})"
            for text, counts in found[:SHOWN]
        ]
        yield Finding(f"{len(found):,} texts stand in the corpus with different labels", examples)


def check_same_texts(train: List[Doc], dev: List[Doc]) -> Iterator[Finding]:
    if found := find_same_texts(train, dev):
        text = f"{len(found):,} of {len(dev):,} texts of dev stand in train too, so scores flatter"
        yield Finding(text, [shorten(found[0])])
