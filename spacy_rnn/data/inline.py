"""Text with its entities in brackets, one document a line:

[Virat Kohli](PER) and friends play for [India](LOC).
"""

import re
from pathlib import Path
from typing import Iterator, List, Optional, Tuple

from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc, Span

from ..errors import Errors
from .sentence import Lines, Sentence, error

ENTITY = re.compile(r"\[(?P<text>[^\[\]]+)\]\((?P<label>\w[\w./-]*)\)")


def read_inline(path: Path, lines: Lines, tokenizer: Tokenizer) -> Iterator[Sentence]:
    """Read text with entities in brackets. Brackets that no label follows are text.

    path (Path): The name for messages.
    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    tokenizer (Callable[[str], Doc]): Makes the tokens.
    RAISES (DataError): At brackets that are nested, or that do not fall on tokens.
    """
    for number, line in lines:
        if line.strip():
            yield _sentence(path, number, line.strip(), tokenizer)


def _sentence(path: Path, number: int, line: str, tokenizer: Tokenizer) -> Sentence:
    text, entities = _parse(path, number, line)
    doc = tokenizer(text)
    tags = ["O"] * len(doc)
    for start, end, label in entities:
        span = tokens_at(doc, start, end)
        if span is None:
            raise error(path, number, Errors.R108, text=text[start:end], label=label)
        tags[span.start : span.end] = biluo(label, len(span))
    words, spaces = [t.text for t in doc], [bool(t.whitespace_) for t in doc]
    return Sentence(words, spaces, tags, [number] * len(doc), new_doc=True)


def _parse(path: Path, number: int, line: str) -> Tuple[str, List[Tuple[int, int, str]]]:
    """The text without the marks, and where the entities are in it."""
    text, entities, at = "", [], 0
    for match in ENTITY.finditer(line):
        text += line[at : match.start()]
        entities.append((len(text), len(text) + len(match["text"]), match["label"]))
        text += match["text"]
        at = match.end()
    text += line[at:]
    if "](" in text:
        raise error(path, number, Errors.R107)
    return text, entities


def tokens_at(doc: Doc, start: int, end: int) -> Optional[Span]:
    """The tokens of an entity, None if it begins or ends inside of one or with a space."""
    text = doc.text[start:end]
    return doc.char_span(start, end) if text == text.strip() else None


def biluo(label: str, length: int) -> List[str]:
    """The tags of an entity, in the scheme of the formats that have none of their own."""
    if length == 1:
        return [f"U-{label}"]
    return [f"B-{label}", *[f"I-{label}"] * (length - 2), f"L-{label}"]
