"""The samples of `spacy rnn prepare` that are generated."""

from pathlib import Path
from typing import Callable, Dict, List

import spacy
from spacy.tokens import Doc

from ..data.acts import Act
from ..data.appointments import make_appointments
from ..data.dates import SIZES, make_dates
from ..data.pair_docs import pair_doc
from ..data.pairs import Pair
from ..extensions import register
from .convert_acts import act_doc
from .summary import Summary, summarize_pairs
from .writing import write_all

Parts = Dict[str, List[Doc]]


def prepare_dates(output_path: Path, train: int = SIZES["train"]) -> List[Summary]:
    """The demo set of `rnn_seq2seq`. The name of its format stands in `doc._.format`.

    train (int): How many pairs the train part has.
    """
    nlp = spacy.blank("en")
    register(Doc, "format")
    parts: Parts = {}
    for part, found in make_dates(train=train).items():
        parts[part] = [pair_doc(Pair("", *w[:2]), nlp, target="_.normal") for w in found]
        for doc, written in zip(parts[part], found):
            doc._.format = written.format
    return _write(output_path, parts, "normal form in doc._.normal, generated", "pairs")


def prepare_appointments(output_path: Path) -> List[Summary]:
    """The demo set of `rnn_generator`."""
    nlp = spacy.blank("en")
    parts = {
        part: [act_doc(Act("", *message), nlp) for message in found]
        for part, found in make_appointments().items()
    }
    return _write(output_path, parts, "slots in doc._.slots, generated", "acts")


def _write(output_path: Path, parts: Parts, where: str, format: str) -> List[Summary]:
    files = write_all(output_path, parts)
    return [summarize_pairs(where, {}, {path: docs}, format) for path, docs in files.items()]


MAKERS: Dict[str, Callable[[Path], List[Summary]]] = {
    "seq2seq": prepare_dates,
    "generator": prepare_appointments,
}
