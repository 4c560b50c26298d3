"""What is classified: documents, their sentences, or spans of a group."""

from typing import Dict, Iterable, Iterator, List, Optional, Tuple, Union

from spacy.tokens import Doc, Span
from spacy.training import Example

from . import extensions
from .errors import Errors

SPAN = "span:"
Cats = Dict[str, float]


def check_level(name: str, level: str) -> None:
    """Refuse what is no level.

    RAISES (ValueError): If it is not "doc", "sent" or "span:KEY".
    """
    if level not in ("doc", "sent") and not (level.startswith(SPAN) and level != SPAN):
        raise ValueError(Errors.R034.format(name=name, level=level))


def key_of(level: str) -> str:
    """The key of a group of spans."""
    return level.removeprefix(SPAN)


def spans_of(doc: Doc, level: str) -> List[Span]:
    """The spans of a document that are classified.

    RAISES (ValueError): If it has no sentences.
    """
    if level != "sent":
        return list(doc.spans.get(key_of(level), ()))
    if not has_parts(doc, level):
        raise ValueError(Errors.R035.format(text=doc.text[:40]))
    return list(doc.sents)


def has_parts(doc: Doc, level: str) -> bool:
    """Whether it is known where the spans are that are classified."""
    if level == "sent":
        return bool(doc.has_annotation("SENT_START"))
    return key_of(level) in doc.spans


def gold_spans(doc: Doc, level: str) -> List[Span]:
    """The spans of an annotated document; one without sentences is not annotated."""
    return spans_of(doc, level) if has_parts(doc, level) else []


def aligned(example: Example, spans: List[Span]) -> List[Tuple[Span, Span]]:
    """The predicted document's span for each of the reference, if there is one."""
    found = [(example.predicted.char_span(span.start_char, span.end_char), span) for span in spans]
    return [(ours, span) for ours, span in found if ours is not None]


def cats_of(span: Span) -> Cats:
    """The annotation of a span: its own `cats`, or else its label."""
    cats: Optional[Cats] = span._.cats
    if cats:
        return dict(cats)
    return {span.label_: 1.0} if span.label_ else {}


def texts_of(doc: Doc, level: str) -> List[Union[Doc, Span]]:
    """What is classified of a document."""
    return [doc] if level == "doc" else [*spans_of(doc, level)]


def found_in(text: Union[Doc, Span]) -> Cats:
    """What was found in a document or a span."""
    return dict((text.cats if isinstance(text, Doc) else text._.cats) or {})


def annotated(example: Example, level: str) -> List[Tuple[Union[Doc, Span], Cats]]:
    """What is classified of an example, with its annotation."""
    if level == "doc":
        return [(example.predicted, dict(example.reference.cats))]
    spans = gold_spans(example.reference, level)
    return [(ours, cats_of(gold)) for ours, gold in aligned(example, spans)]


def cats_pairs(examples: Iterable[Example], level: str) -> Iterator[Tuple[Cats, Cats]]:
    """What was found in each text beside its annotation."""
    for eg in examples:
        for text, gold in annotated(eg, level):
            yield found_in(text), gold


def register(level: str, attention: Optional[str]) -> None:
    """Make the extensions that are written, unless somebody has."""
    target = Doc if level == "doc" else Span
    names = ["sentiment", *(() if level == "doc" else ("cats",)), *filter(None, [attention])]
    for name in names:
        extensions.register(target, name)
