"""The part of `spacy rnn convert` that makes documents of texts with labels."""

from functools import partial
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from ..data.cats import Notes, Text, find_absent, make_cats, same_text
from ..data.docs import deal_out
from ..data.folders import read_zip
from ..data.sentence import Lines
from ..data.texts import read_texts
from ..errors import DataError, Errors
from .writing import make_all


class Columns(NamedTuple):
    """Where texts and labels are, see `convert`."""

    text: Optional[str] = None
    label: Optional[str] = None
    numbers: bool = False


def convert_texts(
    path: Path,
    lines: Lines,
    nlp: Language,
    columns: Columns,
    split: Optional[str],
    labels: Optional[List[str]],
    progress: bool,
) -> Tuple[Dict[str, List[Doc]], Notes]:
    """Make documents with `doc.cats`, and find what is odd about the file.

    lines (Iterable[Tuple[int, str]]): The lines with their numbers; a zip is opened by path.
    RETURNS (Tuple[Dict[str, List[Doc]], Notes]): The documents by part, all of them part ""
        without a split, and what was found.
    RAISES (DataError): If the file cannot be read, or nothing can be trained on it.
    """
    is_zip = path.suffix == ".zip"
    records = read_zip(path) if is_zip else read_texts(path, lines, columns.text, columns.label)
    texts, notes = make_cats(path, records, columns.numbers, labels)
    if not texts:
        raise DataError(Errors.R119.format(path=path))
    parts = deal_out(texts, [same_text(text.text) for text in texts], split, path)
    if split is not None:
        notes = {**notes, **find_absent(parts)}
    return make_all(parts, partial(_make, nlp=nlp), progress), notes


def _make(text: Text, nlp: Language) -> Doc:
    """Cut with the tokenizer, not at spaces only: this is what `nlp(text)` will see."""
    doc = nlp.tokenizer(text.text)
    doc.cats = dict(text.cats)
    return doc
