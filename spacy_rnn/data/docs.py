"""From sentences to `Doc`, and documents into train, dev and test."""

import hashlib
from itertools import accumulate
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, TypeVar

from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from ..errors import DataError, Errors
from .schemes import read_entities
from .sentence import MISSING, Sentence

PARTS = ("train", "dev", "test")
T = TypeVar("T")


def group(sentences: Iterable[Sentence], n_sents: int) -> Iterator[List[Sentence]]:
    """Take so many sentences together, but none from another document.

    n_sents (int): The size of a group, 0 for whole documents.
    """
    taken: List[Sentence] = []
    for sentence in sentences:
        if taken and (sentence.new_doc or len(taken) == n_sents):
            yield taken
            taken = []
        taken.append(sentence)
    if taken:
        yield taken


def to_doc(
    sentences: Sequence[Sentence], scheme: str, path: Path, vocab: Vocab, *, mark: bool = True
) -> Doc:
    """Make one document of sentences.

    scheme (str): The scheme of their tags.
    path (Path): The name for messages.
    mark (bool): Whether each is a sentence, which the document shall know.
    RAISES (DataError): If the tags break the rules of the scheme.
    """
    doc = Doc(
        vocab,
        words=[word for sentence in sentences for word in sentence.words],
        spaces=_spaces(sentences),
        sent_starts=_starts(sentences) if mark else None,
        **_attrs(sentences),
    )
    spans, missing, offset = [], [], 0
    for sentence in sentences:
        for label, start, end in read_entities(sentence, scheme, path):
            spans.append(Span(doc, offset + start, offset + end, label=label))
        unknown = [i for i, tag in enumerate(sentence.tags, offset) if tag == MISSING]
        missing += [doc[i : i + 1] for i in unknown]
        offset += len(sentence.words)
    doc.set_ents(spans, missing=missing, default="outside")
    return doc


def _spaces(sentences: Sequence[Sentence]) -> List[bool]:
    """A space between sentences, unless the file says otherwise, and none at the end."""
    spaces = [space for sentence in sentences for space in sentence.spaces]
    return [*spaces[:-1], False] if spaces else []


def _starts(sentences: Sequence[Sentence]) -> List[Any]:
    return [i == 0 for sentence in sentences for i in range(len(sentence.words))]


def _attrs(sentences: Sequence[Sentence]) -> Dict[str, Any]:
    """The other annotation; all sentences of a file have the same kinds of it."""
    keys = sentences[0].attrs
    return {key: [v for sentence in sentences for v in sentence.attrs[key]] for key in keys}


def parse_shares(split: str) -> List[float]:
    """The shares of train, dev and test from a setting such as "0.8,0.1,0.1" or "80,10,10".

    RETURNS (List[float]): Two or three numbers whose sum is 1.
    RAISES (DataError): If it is something else.
    """
    try:
        numbers = [float(number) for number in split.split(",")]
    except ValueError:
        numbers = []
    total = sum(numbers)
    if len(numbers) not in (2, 3) or not all(0 < number < float("inf") for number in numbers):
        raise DataError(Errors.R121.format(split=split))
    return [number / total for number in numbers]


def split_documents(
    documents: Sequence[List[Sentence]], split: str, path: Path
) -> Dict[str, List[List[Sentence]]]:
    """Deal documents out by a hash of their text, see `deal_out`."""
    texts = ["\n".join(" ".join(s.words) for s in document) for document in documents]
    return deal_out(documents, texts, split, path)


def deal_out(
    documents: Sequence[T], texts: Iterable[str], split: Optional[str], path: Path
) -> Dict[str, List[T]]:
    """Deal documents out by a hash of their text: every run, order and selection of them
    puts a document into the same part, and equal ones never into two.

    texts (Iterable[str]): The text of each.
    split (Optional[str]): The shares of `PARTS`, see `parse_shares`; without, all are the part "".
    path (Path): The name for messages.
    RAISES (DataError): If a part stays empty.
    """
    if split is None:
        return {"": list(documents)}
    shares = parse_shares(split)
    parts: Dict[str, List[T]] = {name: [] for name, _ in zip(PARTS, shares)}
    for document, text in zip(documents, texts):
        parts[part_of(text, shares)].append(document)
    for name, part in parts.items():
        if not part:
            raise DataError(Errors.R123.format(path=path, part=name, n=len(documents)))
    return parts


def part_of(text: str, shares: Sequence[float]) -> str:
    """The part that a text belongs to, by its hash."""
    digest = hashlib.sha256(text.encode("utf8")).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    bounds = list(accumulate(shares))[:-1]
    return PARTS[sum(place >= bound for bound in bounds)]
