"""Entities on a document: what those that stand there allow, and new ones beside them."""

import itertools
from typing import Iterator, List, NamedTuple, Optional, Sequence, Set

import numpy
from spacy.attrs import ENT_IOB, ENT_TYPE, IS_SPACE
from spacy.tokens import Doc, Span
from thinc.types import Array1d, Array2d

from ..extensions import register
from ..tags import Entity, TagSet


class Found(NamedTuple):
    """An entity and how probable it is, 0 to 1."""

    entity: Entity
    confidence: float


class Given(NamedTuple):
    """What of N tokens is known before they are read."""

    allowed: Optional[Array2d]  # (N, K) tags that each may carry, boolean, None for all
    space: Optional[Array1d]  # (N,) which are white space, boolean, None if none is


def what_is_given(docs: List[Doc], tags: TagSet) -> Given:
    """White space neither begins nor ends an entity; what is preset keeps its tags.

    docs (List[Doc]): Not all of them empty.
    """
    flags = [doc.to_array([ENT_IOB, IS_SPACE]) for doc in docs if len(doc)]
    iob, space = numpy.concatenate(flags).T
    preset, space = (iob == 1) | (iob == 3), space == 1
    if not (preset.any() or space.any()):
        return Given(None, None)
    allowed = numpy.ones((len(iob), len(tags)), dtype=bool)
    allowed[space] = [kind in "OI" for kind in tags.kinds]
    allowed[preset] = numpy.arange(len(tags)) == 0
    _allow_presets(allowed, docs, tags)
    return Given(allowed, space if space.any() else None)


def _allow_presets(allowed: Array2d, docs: List[Doc], tags: TagSet) -> None:
    """Give preset entities their tags, as far as their labels are known, and let nothing go
    on from there.
    """
    offset = 0
    for doc in docs:
        for ent in doc.ents:
            if tags.may_read(ent.label_):
                ids = tags.span_tags(ent.label_, len(ent))
                rows = slice(offset + ent.start, offset + ent.end)
                allowed[rows] = tags.one_hot(numpy.asarray(ids))
                if ent.end < len(doc) and tags.scheme == "BIO":
                    allowed[offset + ent.end, tags.ids["I", ent.label_]] = False
        offset += len(doc)


def set_entities(doc: Doc, entities: Sequence[Found], extension: Optional[str] = None) -> None:
    """Write entities beside those that are there; what is neither becomes O.

    extension (Optional[str]): The extension of the span that takes the confidence.
    """
    kept: List[Span] = []
    blocked: List[Span] = []
    if doc.has_annotation("ENT_IOB"):
        kept = list(doc.ents)
        iob, types = doc.to_array([ENT_IOB, ENT_TYPE]).T
        blocked = [doc[i : i + 1] for i in numpy.flatnonzero((iob == 3) & (types == 0))]
    taken = {i for ent in kept for i in range(ent.start, ent.end)}
    new = [(s, sure) for entity, sure in entities for s in free_spans(doc, entity, taken)]
    if extension is not None:
        _forget(doc, extension, kept)
    doc.set_ents([*kept, *(span for span, _ in new)], blocked=blocked, default="outside")
    if extension is not None:
        register(Span, extension)
        for span, sure in new:
            span._.set(extension, sure)


def beside(doc: Doc, entities: Sequence[Entity]) -> List[Span]:
    """The entities that stand on a document and what is left of others, in order."""
    taken = {i for ent in doc.ents for i in range(ent.start, ent.end)}
    new = [span for entity in entities for span in free_spans(doc, entity, taken)]
    return sorted([*doc.ents, *new], key=lambda span: span.start)


def _forget(doc: Doc, extension: str, kept: List[Span]) -> None:
    """Drop what an earlier run said of entities that are gone; not what others said of spans, nor
    what is said of tokens and documents under the same name, whose keys have no end.
    """
    if not doc.user_data:
        return
    known = itertools.chain(kept, *doc.spans.values())
    places = {(span.start_char, span.end_char) for span in known}
    for key in [key for key in doc.user_data if isinstance(key, tuple) and len(key) == 4]:
        if key[:2] == ("._.", extension) and key[3] is not None and key[2:] not in places:
            del doc.user_data[key]


def free_spans(doc: Doc, entity: Entity, taken: Set[int]) -> Iterator[Span]:
    """What is left of an entity without tokens that are taken, and without white space at
    its ends: no rule on single tags can say that the last one is not white space.
    """
    label, start, end = entity
    if taken.isdisjoint(range(start, end)):
        runs = [(start, end)]
    else:
        free = [i for i in range(start, end) if i not in taken]
        firsts = [i for i in free if i - 1 not in free]
        runs = [(i, next(j for j in range(i, end + 1) if j not in free)) for i in firsts]
    for i, j in runs:
        while i < j and doc[i].is_space:
            i += 1
        while i < j and doc[j - 1].is_space:
            j -= 1
        if i < j:
            yield Span(doc, i, j, label=label)
