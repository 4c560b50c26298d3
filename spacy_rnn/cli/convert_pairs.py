"""The part of `spacy rnn convert` that makes documents of pairs."""

from functools import partial
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from ..data.cats import Notes
from ..data.docs import deal_out
from ..data.pair_docs import TARGET, check_target, pair_doc
from ..data.pairs import merge_pairs, read_pairs
from ..data.sentence import Lines
from .writing import make_all


class Places(NamedTuple):
    """Where sources and targets are in the file and in the documents, see `convert`."""

    target: Optional[str] = None
    level: str = "doc"
    columns: Optional[List[str]] = None

    def described(self) -> str:
        """Where a document has its target, in words."""
        return f"target in {self.level}.{self.target or TARGET}"


def convert_pairs(
    path: Path, lines: Lines, nlp: Language, places: Places, split: Optional[str], progress: bool
) -> Tuple[Dict[str, List[Doc]], Notes]:
    """Make documents with a target, and find what is odd about the file.

    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    split (Optional[str]): The shares of the parts; pairs of one source are in one of them.
    RETURNS (Tuple[Dict[str, List[Doc]], Notes]): The documents by part, all of them part ""
        without a split, and what was found.
    RAISES (DataError): If a setting is wrong, or the file cannot be read.
    """
    target = places.target or TARGET
    check_target(places.level, target)
    words = places.level == "token"
    pairs, notes = merge_pairs(path, read_pairs(path, lines, places.columns, words))
    parts = deal_out(pairs, [pair.source for pair in pairs], split, path)
    make = partial(pair_doc, nlp=nlp, level=places.level, target=target)
    return make_all(parts, make, progress), notes
