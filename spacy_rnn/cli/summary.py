"""What a conversion did, as numbers and in words."""

from collections import Counter
from pathlib import Path
from typing import Dict, List, NamedTuple

from spacy.tokens import Doc
from wasabi import msg

from ..data.cats import Notes, count_cats, count_notes, is_graded
from ..data.docs import group
from ..data.sentence import Sentence
from ..evaluation.annotation import count_labels

# Formats that have documents, not sentences, and no tags
TEXT = ("inline", "jsonl", "texts", "pairs", "acts")


class Summary(NamedTuple):
    """What was converted.

    format (str): The format of the file.
    scheme (str): The scheme of its tags; what its labels are; where its targets stand.
    documents (int): The documents of the file.
    sentences (int): Its sentences; in formats of text, its documents.
    tokens (int): Its tokens.
    entities (Dict[str, int]): How many there are of each label.
    notes (Dict[str, int]): How often something was mended or left out.
    written (Dict[Path, int]): How many `Doc` each file got.
    cats (Dict[str, int]): How many documents have each label of `doc.cats`, or a number for it.
    """

    format: str
    scheme: str
    documents: int
    sentences: int
    tokens: int
    entities: Dict[str, int]
    notes: Dict[str, int]
    written: Dict[Path, int]
    cats: Dict[str, int] = {}


def summarize(
    format: str, scheme: str, sentences: List[Sentence], files: Dict[Path, List[Doc]]
) -> Summary:
    """Count.

    format (str): The format of the file that was read.
    scheme (str): The scheme of its tags.
    sentences (List[Sentence]): What the file has.
    files (Dict[Path, List[Doc]]): What was made of it.
    """
    docs = [doc for made in files.values() for doc in made]
    return Summary(
        format=format,
        scheme=scheme,
        documents=sum(1 for _ in group(sentences, 0)),
        sentences=len(sentences),
        tokens=sum(len(doc) for doc in docs),
        entities=count_labels(docs),
        notes=dict(Counter(note for sentence in sentences for note in sentence.notes)),
        written={path: len(made) for path, made in files.items()},
    )


def summarize_texts(notes: Notes, files: Dict[Path, List[Doc]]) -> Summary:
    """Count texts with labels.

    notes (Notes): What was found in the file that was read.
    files (Dict[Path, List[Doc]]): What was made of it.
    """
    all_cats = [doc.cats for made in files.values() for doc in made]
    found = summarize_pairs(_kind(all_cats), notes, files, "texts")
    return found._replace(cats=_count_labels(all_cats))


def summarize_pairs(
    where: str, notes: Notes, files: Dict[Path, List[Doc]], format: str = "pairs"
) -> Summary:
    """Count pairs, or sentences with slots.

    where (str): Where a document has its target, or its slots.
    notes (Notes): What was found in the file that was read.
    files (Dict[Path, List[Doc]]): What was made of it.
    format (str): "pairs" or "acts".
    """
    docs = [doc for made in files.values() for doc in made]
    return Summary(
        format=format,
        scheme=where,
        documents=len(docs),
        sentences=len(docs),
        tokens=sum(len(doc) for doc in docs),
        entities={},
        notes=count_notes(notes),
        written={path: len(made) for path, made in files.items()},
    )


def _count_labels(all_cats: List[Dict[str, float]]) -> Dict[str, int]:
    """How many texts have each label, or a number for it."""
    if any(map(is_graded, all_cats)):
        return dict(Counter(label for cats in all_cats for label in cats))
    return count_cats(all_cats)


def _kind(all_cats: List[Dict[str, float]]) -> str:
    if any(map(is_graded, all_cats)):
        values = [value for cats in all_cats for value in cats.values()]
        return f"numbers from {min(values):g} to {max(values):g}"
    return f"{'one label' if all(sum(c.values()) == 1 for c in all_cats) else 'any labels'} a text"


def print_summary(summary: Summary) -> None:
    """Say what was converted, and what was mended or left out."""
    _print_sizes(summary)
    for note, n in summary.notes.items():
        msg.warn(f"{n:,} {note}")
    for path, n in summary.written.items():
        msg.good(f"{path}: {_count(n, 'Doc')}")


def _print_sizes(summary: Summary) -> None:
    sizes = [_count(summary.documents, "document"), _count(summary.tokens, "token")]
    if summary.format not in TEXT:
        sizes.insert(1, _count(summary.sentences, "sentence"))
    counts = summary.cats or summary.entities
    labels = ", ".join(f"{label} {n:,}" for label, n in counts.items())
    total = sum(summary.entities.values())
    found = _count(total, "entity", "entities")
    how = summary.format
    if summary.cats:
        found = _count(len(summary.cats), "label")
    if summary.cats or total and summary.format not in TEXT:
        how += f", {summary.scheme}"
    msg.info(f"{how}: {', '.join(sizes)}")
    if summary.format in ("pairs", "acts"):
        msg.info(summary.scheme)
        return
    msg.info(": ".join(filter(None, [found, labels])))


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"
