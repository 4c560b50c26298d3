"""Which parts of documents are classified, and what the annotation says of them."""

from typing import Any, Iterable, List, Sequence, Tuple

import numpy
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.types import Floats1d, Floats2d

from ..levels import Cats, aligned, cats_of, gold_spans, has_parts, spans_of, texts_of
from ..models.passages import whole
from ..types import Passages


def passages_of(docs: Sequence[Doc], level: str) -> Passages:
    """What is classified of documents."""
    if level == "doc":
        return whole(docs)
    return _passages(docs, [spans_of(doc, level) for doc in docs])


def _passages(docs: Sequence[Doc], spans: List[List[Span]]) -> Passages:
    found = [(i, s.start, s.end) for i, of_doc in enumerate(spans) for s in of_doc]
    columns = numpy.array(found, dtype="i8").reshape(-1, 3).T
    return Passages(list(docs), *columns)


def passages_to_rehearse(examples: Iterable[Example], level: str) -> Passages:
    """What is classified of examples. Documents to rehearse may come without the components that
    find their parts: then those of the reference are taken, if it has some.
    """
    examples = list(examples)
    docs = [eg.predicted for eg in examples]
    if level == "doc":
        return whole(docs)
    return _passages(docs, [_parts(eg, level) for eg in examples])


def _parts(example: Example, level: str) -> List[Span]:
    if has_parts(example.predicted, level):
        return spans_of(example.predicted, level)
    return [span for span, _ in aligned(example, gold_spans(example.reference, level))]


def annotated_passages(examples: Iterable[Example], level: str) -> Tuple[Passages, List[Cats]]:
    """What is classified of examples, as the predicted documents have it, and the annotation
    of each: empty where there is none. A span whose ends fall inside of predicted tokens is
    left out.
    """
    examples = list(examples)
    docs = [eg.predicted for eg in examples]
    if level == "doc":
        return whole(docs), [dict(eg.reference.cats) for eg in examples]
    pairs = [aligned(eg, gold_spans(eg.reference, level)) for eg in examples]
    passages = _passages(docs, [[span for span, _ in of_doc] for of_doc in pairs])
    return passages, [cats_of(span) for of_doc in pairs for _, span in of_doc]


def write_cats(docs: Sequence[Doc], level: str, values: List[Cats], sentiment: List[Any]) -> None:
    """Write what was found, passages in order, beside what other components have found."""
    each = zip(values, sentiment)
    for doc in docs:
        for text in texts_of(doc, level):
            cats, feels = next(each)
            if feels is not None:
                text._.sentiment = feels
            if level == "doc":
                doc.cats.update(cats)
            else:
                text._.cats = {**(text._.cats or {}), **cats}


def keep_attention(docs: Sequence[Doc], level: str, name: str, shares: List[Floats1d]) -> None:
    """Write the share of each token in the answer: of each token of a document, or of each
    token of a span that is classified.
    """
    each = iter(shares)
    for doc in docs:
        for text in texts_of(doc, level):
            text._.set(name, next(each).tolist())


def gold_arrays(
    cats: List[Cats], labels: Sequence[str], missing_is_zero: bool
) -> Tuple[Floats2d, Floats2d]:
    """Annotation as numbers, and what of it is known. *Shapes:* ``(U, K)``

    missing_is_zero (bool): A label that is not named is 0, unless none is.
    """
    gold = [[float(of_text.get(label, 0.0)) for label in labels] for of_text in cats]
    known = [
        [label in of_text or (missing_is_zero and bool(of_text)) for label in labels]
        for of_text in cats
    ]
    shape = len(cats), len(labels)
    return numpy.array(gold, "f").reshape(shape), numpy.array(known, "f").reshape(shape)
