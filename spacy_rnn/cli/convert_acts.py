"""The part of `spacy rnn convert` that makes documents of sentences with slots."""

from pathlib import Path
from typing import Dict, List, Optional, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from ..data.acts import Act, read_acts
from ..data.cats import Notes
from ..data.docs import deal_out
from ..data.sentence import Lines
from ..errors import DataError, Errors
from ..extensions import register

SLOTS = "slots"  # the extension
EMPTY = "sentence(s) without text; left out"


def convert_acts(
    path: Path, lines: Lines, nlp: Language, split: Optional[str]
) -> Tuple[Dict[str, List[Doc]], Notes]:
    """Make documents of sentences, and find those without text.

    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    split (Optional[str]): The shares of the parts; sentences of equal slots are in one of them.
    RETURNS (Tuple[Dict[str, List[Doc]], Notes]): The documents by part, all of them part ""
        without a split, and what was found.
    RAISES (DataError): If the file cannot be read, or no sentence is in it.
    """
    found = read_acts(path, lines)
    acts = [act for act in found if act.text]
    if not acts:
        raise DataError(Errors.R119.format(path=path))
    parts = deal_out(acts, [str(act.slots) for act in acts], split, path)
    made = {part: [act_doc(act, nlp) for act in of_part] for part, of_part in parts.items()}
    return made, {EMPTY: [act.place for act in found if not act.text]}


def act_doc(act: Act, nlp: Language) -> Doc:
    """The sentence as a document; its slots are a list of pairs in `doc._.slots`."""
    register(Doc, SLOTS)
    doc = nlp.tokenizer(act.text)
    doc._.set(SLOTS, [list(pair) for pair in act.slots])
    return doc
