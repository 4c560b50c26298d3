"""One JSON object a line, with entities by offsets of characters:

{"text": "Anna left.", "entities": [[0, 4, "PER"]]}
{"text": "Anna left.", "spans": [{"start": 0, "end": 4, "label": "PER"}]}
"""

import json
from pathlib import Path
from typing import Any, Iterator, List, Tuple

from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from ..errors import Errors
from .inline import biluo, tokens_at
from .sentence import MISSING, Lines, Sentence, error

NOTE = "entities that do not fall on tokens; their tokens count as not annotated"
KEYS = ("start", "end", "label")

Offsets = Tuple[int, int, str]


def read_jsonl(path: Path, lines: Lines, tokenizer: Tokenizer) -> Iterator[Sentence]:
    """Read one document a line. The tokens of an entity whose ends fall inside of tokens
    get the tag "-", and a note counts the entity.

    path (Path): The name for messages.
    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    tokenizer (Callable[[str], Doc]): Makes the tokens.
    RAISES (DataError): At a line that is not such an object, or whose entities overlap,
        leave the text, or have a label that cannot be one.
    """
    for number, line in lines:
        if line.strip():
            text, entities = _parse(path, number, line)
            doc = tokenizer(text)
            tags, dropped = _tags(doc, entities)
            words, spaces = [t.text for t in doc], [bool(t.whitespace_) for t in doc]
            notes = (NOTE,) * dropped
            yield Sentence(words, spaces, tags, [number] * len(doc), True, notes=notes)


def parse_json(path: Path, number: int, line: str) -> Any:
    """What a line of JSON says.

    RAISES (DataError): If it is not valid.
    """
    try:
        record = json.loads(line)
        # Half a pair of surrogates is legal JSON, but no text
        json.dumps(record, ensure_ascii=False).encode("utf8")
    except (ValueError, RecursionError) as err:
        raise error(path, number, Errors.R113, why=err) from err
    return record


def _parse(path: Path, number: int, line: str) -> Tuple[str, List[Offsets]]:
    record = parse_json(path, number, line)
    listed = record.get("entities", record.get("spans")) if isinstance(record, dict) else None
    if not isinstance(listed, list) or not isinstance(record.get("text"), str):
        raise error(path, number, Errors.R114)
    text = record["text"]
    entities = sorted(_offsets(path, number, entity, len(text)) for entity in listed)
    for (start, end, _), (after, _, label) in zip(entities, entities[1:]):
        if after < end:
            values = {"start": start, "end": end, "after": after, "label": label}
            raise error(path, number, Errors.R116, **values)
    return text, entities


def _offsets(path: Path, number: int, entity: Any, length: int) -> Offsets:
    values = [entity.get(k) for k in KEYS] if isinstance(entity, dict) else entity
    if isinstance(values, list) and [type(v) for v in values] == [int, int, str]:
        start, end, label = values
        if label.startswith("!") or not label.isprintable():
            raise error(path, number, Errors.R125, label=repr(label))
        if 0 <= start < end <= length and label.strip():
            return start, end, label
    raise error(path, number, Errors.R115, entity=json.dumps(entity), length=length)


def _tags(doc: Doc, entities: List[Offsets]) -> Tuple[List[str], int]:
    """The tag of each token, and the number of entities that do not fall on tokens."""
    tags, dropped = ["O"] * len(doc), 0
    for start, end, label in entities:
        span = tokens_at(doc, start, end)
        if span is not None:
            tags[span.start : span.end] = biluo(label, len(span))
            continue
        dropped += 1
        for token in doc:
            if token.idx < end and token.idx + len(token) > start:
                tags[token.i] = MISSING
    return tags, dropped
