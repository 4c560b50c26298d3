"""What may be wrong with a corpus of texts with labels before anything is trained on it."""

from collections import Counter, defaultdict
from typing import Dict, List, Tuple

from spacy.tokens import Doc

from ..data.cats import is_graded, same_text


def find_opposed(docs: List[Doc]) -> List[Tuple[str, Dict[str, int]]]:
    """The texts that stand in the corpus with different labels, and how often with which.
    First those where most go against the usual.
    """
    found: Dict[str, Counter] = defaultdict(Counter)
    for doc in docs:
        if doc.cats:
            found[same_text(doc.text)][describe(doc.cats)] += 1
    opposed = [(text, dict(n.most_common())) for text, n in found.items() if len(n) > 1]
    return sorted(opposed, key=lambda item: max(item[1].values()) - sum(item[1].values()))


def describe(cats: Dict[str, float]) -> str:
    """The labels that hold, or all numbers if there are others than 0 and 1."""
    if is_graded(cats):
        return " + ".join(f"{label} {value:g}" for label, value in sorted(cats.items()))
    return " + ".join(sorted(label for label, value in cats.items() if value)) or "none"


def find_same_texts(train: List[Doc], dev: List[Doc]) -> List[str]:
    """The texts of dev that stand in train too, the longest first. Empty ones are all alike."""
    known = {same_text(doc.text) for doc in train}
    texts = [same_text(doc.text) for doc in dev]
    return sorted((text for text in texts if text and text in known), key=len, reverse=True)


def count_empty(docs: List[Doc]) -> int:
    """Documents of no token or of white space only."""
    return sum(not doc.text.strip() for doc in docs)


def count_unlabelled(docs: List[Doc]) -> int:
    """Documents without `doc.cats`."""
    return sum(not doc.cats for doc in docs)


def count_incomplete(docs: List[Doc]) -> int:
    """Documents that have `doc.cats`, but not all labels that others have. Of such a label
    it is not known whether it holds.
    """
    labels = {label for doc in docs for label in doc.cats}
    return sum(bool(doc.cats) and set(doc.cats) != labels for doc in docs)


def spread(docs: List[Doc]) -> Dict[str, Tuple[float, float, float]]:
    """The lowest number, the mean and the highest of each label."""
    values: Dict[str, List[float]] = defaultdict(list)
    for doc in docs:
        for label, value in doc.cats.items():
            values[label].append(value)
    return {label: (min(v), sum(v) / len(v), max(v)) for label, v in values.items()}
