"""The corpora of `spacy rnn prepare` that are texts of another form: names, and one long text."""

from pathlib import Path
from typing import Callable, Dict, List

import spacy
from spacy.tokens import Doc

from ..data.cats import make_cats
from ..data.corpora import SHARES
from ..data.docs import deal_out
from ..data.source import decode, read_lines
from ..data.texts import Record
from ..errors import DataError, Errors
from .summary import Summary, summarize_texts
from .writing import write_all

PASSAGE = 4000  # characters
LAST = 0.1  # of the passages, for dev: a language model is tested on what comes after


def prepare_names(files: List[Path], output_path: Path) -> Summary:
    """A file for each label, one name a line. Equal names are in one part.

    RAISES (DataError): If a file cannot be read.
    """
    records = [
        Record(f"{file.name}:{number}", line.strip(), file.stem)
        for file in files
        for number, line in read_lines(file)
        if line.strip()
    ]
    texts, notes = make_cats(files[0].parent, records, False, None)
    parts = deal_out(texts, [t.text for t in texts], SHARES, files[0].parent)
    nlp = spacy.blank("xx")
    made: Dict[str, List[Doc]] = {}
    for part, found in parts.items():
        made[part] = [nlp.make_doc(text.text) for text in found]
        for doc, text in zip(made[part], found):
            doc.cats = {label: value for label, value in text.cats.items() if value}
    return summarize_texts(notes, write_all(output_path, made))


def prepare_passages(files: List[Path], output_path: Path) -> Summary:
    """One text, cut into passages of equal length; the last tenth is dev.

    RAISES (DataError): If the file cannot be read.
    """
    (file,) = files
    try:
        data = file.read_bytes()
    except OSError as err:
        raise DataError(Errors.R101.format(path=file, why=err.strerror or err)) from err
    text = decode(data, 1, file)
    passages = [text[start : start + PASSAGE] for start in range(0, len(text), PASSAGE)]
    border = round(len(passages) * (1 - LAST))
    nlp = spacy.blank("en")
    parts = {"train": passages[:border], "dev": passages[border:]}
    made = {part: [nlp.make_doc(p) for p in found] for part, found in parts.items()}
    return summarize_texts({}, write_all(output_path, made))


WAYS: Dict[str, Callable[[List[Path], Path], Summary]] = {
    "names": prepare_names,
    "tinyshakespeare": prepare_passages,
}
