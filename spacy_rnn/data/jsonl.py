"""One JSON object a line, with entities by offsets of characters:

    {"text": "Anna left.", "entities": [[0, 4, "PER"]]}
    {"text": "Anna left.", "spans": [{"start": 0, "end": 4, "label": "PER"}]}
"""

import json
from pathlib import Path
from typing import Any, Iterator, List, Optional, Tuple

from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from ..errors import Errors
from .inline import biluo
from .sentence import MISSING, Lines, Sentence, error

NOTE = "entities that do not fall on tokens; their tokens count as not annotated"

Offsets = Tuple[int, int, str]


def read_jsonl(path: Path, lines: Lines, tokenizer: Tokenizer) -> Iterator[Sentence]:
    """Read one document a line. The tokens of an entity whose ends fall inside of tokens
    get the tag "-", and a note counts the entity.

    path (Path): The name for messages.
    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    tokenizer (Callable[[str], Doc]): Makes the tokens.
    RAISES (DataError): At a line that is not such an object, or whose entities overlap
        or leave the text.
    """
    for number, line in lines:
        if line.strip():
            text, entities = _parse(path, number, line)
            doc = tokenizer(text)
            tags, dropped = _tags(doc, entities)
            words, spaces = [t.text for t in doc], [bool(t.whitespace_) for t in doc]
            notes = (NOTE,) * dropped
            yield Sentence(words, spaces, tags, [number] * len(doc), True, notes=notes)


def _parse(path: Path, number: int, line: str) -> Tuple[str, List[Offsets]]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as err:
        raise error(path, number, Errors.R113, why=err) from err
    text, listed = _parts(record)
    if text is None or listed is None:
        raise error(path, number, Errors.R114)
    entities = [_offsets(path, number, entity, len(text)) for entity in listed]
    entities.sort()
    for (start, end, _), (after, _, label) in zip(entities, entities[1:]):
        if after < end:
            raise error(path, number, Errors.R116, start=start, end=end, after=after, label=label)
    return text, entities


def _parts(record: Any) -> Tuple[Optional[str], Optional[List[Any]]]:
    if not isinstance(record, dict):
        return None, None
    text, listed = record.get("text"), record.get("entities", record.get("spans"))
    # Half a pair of surrogates is legal JSON, but no text
    is_text = isinstance(text, str) and text.isprintable() or _is_unicode(text)
    return text if is_text else None, listed if isinstance(listed, list) else None


def _is_unicode(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(text.encode("utf8") or True)
    except UnicodeEncodeError:
        return False
