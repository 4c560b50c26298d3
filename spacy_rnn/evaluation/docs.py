"""From spaCy's documents to what this folder counts."""

from pathlib import Path
from typing import Iterable, Iterator, List, Optional

from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.vocab import Vocab

from ..errors import DataError, Errors
from .entities import Mention, Pair, pair_up


def read_docs(path: Path, vocab: Vocab) -> List[Doc]:
    """The documents of a .spacy file.

    RAISES (DataError): If it is no such file, or has no entity.
    """
    docs = load_docs(path, vocab)
    require(path, docs, "ents")
    return docs


def load_docs(path: Path, vocab: Vocab) -> List[Doc]:
    """The documents of a .spacy file, annotated or not.

    RAISES (DataError): If it is no such file.
    """
    try:
        return list(DocBin().from_disk(path).get_docs(vocab))
    except Exception as err:  # what zlib and msgpack raise at foreign bytes has no common base
        raise DataError(Errors.R140.format(path=path, why=err)) from err


def require(path: Path, docs: List[Doc], kind: str) -> None:
    """Raise if no document has a kind of annotation.

    kind (str): The attribute of `Doc`, "ents" or "cats".
    RAISES (DataError): If none has.
    """
    if not has_any(docs, kind):
        message = {"ents": Errors.R141, "cats": Errors.R160}[kind]
        raise DataError(message.format(path=path, n=len(docs)))


def has_any(docs: List[Doc], kind: str) -> bool:
    """Whether a document has a kind of annotation."""
    return any(getattr(doc, kind) for doc in docs)


def adopt_label(docs: Iterable[Doc], nlp: Language) -> None:
    """Let entities have no label that the pipeline cannot tell from others: with scheme "IO" there
    is one for all, and only their boundaries are right or wrong.
    """
    labels = [pipe.labels for _, pipe in nlp.pipeline if getattr(pipe, "scheme", None) == "IO"]
    for doc in docs if labels else ():
        ents = [Span(doc, ent.start, ent.end, *labels[0]) for ent in doc.ents]
        doc.set_ents(ents, default="unmodified")


def mentions(doc: Doc) -> List[Mention]:
    """The entities of a document."""
    return [mention(ent, ent.label_) for ent in doc.ents]


def mention(span: Span, label: str, confidence: Optional[float] = None) -> Mention:
    return Mention(span.start_char, span.end_char, label, span.text, confidence)


def pairs_of(
    example: Example, extension: Optional[str] = None, labelled: bool = True
) -> List[Pair]:
    """Gold and predicted entities of an example, counted as spaCy's scorer counts them.

    extension (Optional[str]): The extension of the span that has the confidence.
    labelled (bool): False if labels do not count: then all are "".
    RETURNS (List[Pair]): In order of the text.
    """
    both = mentions(example.reference), list(_predicted(example, extension))
    if not labelled:
        both = [m._replace(label="") for m in both[0]], [m._replace(label="") for m in both[1]]
    return pair_up(*both)


def _predicted(example: Example, extension: Optional[str]) -> Iterator[Mention]:
    """Predictions in tokens of gold, which may be cut differently. Where annotation is
    missing they are neither right nor wrong.
    """
    for ent in example.predicted.ents:
        indices = example.alignment.x2y[ent.start : ent.end]
        if len(indices):
            span = example.reference[int(indices[0]) : int(indices[-1]) + 1]
            if all(token.ent_iob_ for token in span):
                confidence = None if extension is None else ent._.get(extension)
                yield mention(span, ent.label_, confidence)
