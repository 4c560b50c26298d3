"""Passages of documents, and how they are read: whole, cut short, or window by window.

A document that is classified as a whole may be of any length. At prediction it is read in
windows whose states are pooled at once, so that memory does not grow with it.
"""

from typing import Iterator, List, NamedTuple, Sequence, Tuple, Union

import numpy
from spacy.tokens import Doc
from thinc.types import Array1d, Ints1d

from ..types import Passages
from .windows import WINDOW, windows_of

ATTRIBUTES = ["NORM", "TAG", "POS", "MORPH", "LEMMA"]


class Read(NamedTuple):
    """A document as the net reads it, and the segments of it that belong to a passage."""

    doc: Doc
    segments: List[Tuple[int, int, int]]  # start, end, passage


def whole(docs: Union[Sequence[Doc], Passages]) -> Passages:
    """Documents as passages, each in full."""
    if isinstance(docs, Passages):
        return docs
    lengths = numpy.array([len(doc) for doc in docs], dtype="i8")
    return Passages(list(docs), numpy.arange(len(lengths)), lengths * 0, lengths)


def rows_of_passages(passages: Passages) -> Tuple[Ints1d, Ints1d]:
    """The rows of all documents' tokens that each passage consists of, passages in order, and
    how many each has. *Shapes:* ``(M,), (U,)``
    """
    offsets = numpy.cumsum([0, *(len(doc) for doc in passages.docs)])
    first = offsets[passages.document] + passages.starts
    return ranges(first, passages.ends - passages.starts), passages.ends - passages.starts


def ranges(starts: Ints1d, lengths: Ints1d) -> Ints1d:
    """The numbers from each start, so many of them. *Shape:* ``(M,)``"""
    steps = numpy.arange(int(lengths.sum())) - numpy.repeat(lengths.cumsum() - lengths, lengths)
    return numpy.repeat(starts, lengths) + steps


def reads(passages: Passages, max_length: int, head_and_tail: bool, windows: bool) -> List[Read]:
    """What has to be read for passages.

    max_length (int): Tokens of a document that are read if it is a passage as a whole, 0 for
        all of them.
    head_and_tail (bool): Which tokens: the first and the last, or only the first.
    windows (bool): Cut long documents into windows; one that other passages stand in stays.
    """
    wholes = are_wholes(passages)
    found: List[List[Tuple[int, int, int]]] = [[] for _ in passages.docs]
    for i, (document, *ends) in enumerate(zip(*passages[1:])):
        found[document].append((*ends, i))
    out: List[Read] = []
    for doc, segments in zip(passages.docs, found):
        is_whole = bool(segments) and wholes[segments[0][2]]
        if is_whole and 0 < max_length < len(doc):
            doc = shortened(doc, max_length, head_and_tail)
            segments = [(0, max_length, segments[0][2])]
        if is_whole and windows and len(doc) > WINDOW:
            out.extend(_windows(doc, segments[0][2]))
        else:
            out.append(Read(doc, segments))
    return out


def are_wholes(passages: Passages) -> Array1d:
    """Whether each passage is a document as a whole in which no other stands, boolean.
    *Shape:* ``(U,)``
    """
    lengths = numpy.array([len(doc) for doc in passages.docs], dtype="i8")
    alone = numpy.bincount(passages.document, minlength=len(lengths)) == 1
    ends = lengths[passages.document]
    return alone[passages.document] & (passages.starts == 0) & (passages.ends == ends)


def kept(length: int, max_length: int, head_and_tail: bool) -> Ints1d:
    """The tokens of a document of that length that are read. *Shape:* ``(max_length,)``"""
    if not 0 < max_length < length:
        return numpy.arange(length)
    tail = max_length // 2 if head_and_tail else 0
    return numpy.concatenate([numpy.arange(max_length - tail), numpy.arange(length - tail, length)])


def shortened(doc: Doc, max_length: int, head_and_tail: bool) -> Doc:
    """A document of those tokens alone."""
    return _part_of(doc, kept(len(doc), max_length, head_and_tail))


def _windows(doc: Doc, passage: int) -> Iterator[Read]:
    """Each token once, with some before and behind that help to read it."""
    for start, end, first, last in windows_of([len(doc)]):
        part = _part_of(doc, numpy.arange(start, end))
        yield Read(part, [(first - start, last - start, passage)])


def _part_of(doc: Doc, tokens: Ints1d) -> Doc:
    """Some tokens of a document, and what embeddings read of them besides their text."""
    some = [doc[i] for i in tokens.tolist()]
    words, spaces = [t.text for t in some], [bool(t.whitespace_) for t in some]
    part = Doc(doc.vocab, words=words, spaces=spaces)
    part.from_array(ATTRIBUTES, doc.to_array(ATTRIBUTES)[tokens])
    if getattr(doc.tensor, "shape", ())[:1] == (len(doc),):  # else who reads it will say so
        part.tensor = doc.tensor[tokens.tolist()]
    return part


def layout(reads: Sequence[Read]) -> Tuple[Ints1d, Ints1d, Ints1d]:
    """Which rows of the documents' tokens belong to which segment, by passage and place.

    RETURNS (Tuple[Ints1d, Ints1d, Ints1d]): The rows, the length of each segment, and its
        passage. *Shapes:* ``(M,), (S,), (S,)``
    """
    offset, found = 0, []
    for read in reads:
        found += [(passage, offset + start, end - start) for start, end, passage in read.segments]
        offset += len(read.doc)
    found.sort()
    passages, starts, lengths = numpy.array(found, dtype="i8").reshape(-1, 3).T
    return ranges(starts, lengths), lengths, passages
