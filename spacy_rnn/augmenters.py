"""Changes to training examples that leave their labels true."""

import random
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import ensure_path, registry

from .errors import DataError, Errors

Names = Dict[str, List[str]]
Augmenter = Callable[[Language, Example], Iterator[Example]]


@registry.augmenters("spacy_rnn.swap_entities.v1")
def create_swap_entities_augmenter(names: str, level: float) -> Augmenter:
    """Put other names where entities stand, so that a model learns what surrounds a name
    rather than the few names that it sees.

    names (str): Folder with a file `names_LABEL.txt` for each label, one name a line.
    level (float): How many of the examples get a changed copy beside them, 0 to 1.
    RETURNS (Callable[[Language, Example], Iterator[Example]]): The augmenter.
    RAISES (DataError): If the folder holds no such file.
    """
    lists = read_names(ensure_path(names))

    def swap_entities(nlp: Language, example: Example) -> Iterator[Example]:
        yield example
        if random.random() < level:
            doc = swapped(nlp, example.reference, lists)
            if doc is not None:
                yield Example(nlp.make_doc(doc.text), doc)

    return swap_entities


def read_names(directory: Path) -> Names:
    """The names of each label.

    RAISES (DataError): If the folder holds no list.
    """
    files = sorted(directory.glob("names_*.txt")) if directory.is_dir() else []
    if not files:
        raise DataError(Errors.R018.format(path=directory))
    return {
        path.stem.split("_", 1)[1]: path.read_text(encoding="utf8").split("\n")[:-1]
        for path in files
    }


def swapped(nlp: Language, doc: Doc, names: Names) -> Optional[Doc]:
    """The document with another name for each entity whose label has names. The new name
    is in capitals or small letters where the old one is.

    RETURNS (Optional[Doc]): None if there is nothing to swap.
    """
    if not any(ent.label_ in names for ent in doc.ents):
        return None
    words: List[str] = []
    spaces: List[bool] = []
    entities: List[Tuple[int, int, str]] = []
    at = 0
    for ent in doc.ents:
        _copy(doc[at : ent.start], words, spaces)
        start = len(words)
        _copy(_other_name(nlp, ent, names), words, spaces)
        spaces[-1] = bool(ent[-1].whitespace_)
        entities.append((start, len(words), ent.label_))
        at = ent.end
    _copy(doc[at:], words, spaces)
    out = Doc(nlp.vocab, words=words, spaces=spaces)
    out.set_ents([Span(out, s, e, label) for s, e, label in entities], default="outside")
    return out


def _other_name(nlp: Language, ent: Span, names: Names) -> Any:
    if not names.get(ent.label_):
        return ent
    name = random.choice(names[ent.label_])
    if ent.text.islower():
        name = name.lower()
    elif ent.text.isupper() and len(ent.text) > 3:  # a short one is an abbreviation
        name = name.upper()
    return nlp.make_doc(name)


def _copy(tokens: Any, words: List[str], spaces: List[bool]) -> None:
    words.extend(token.text for token in tokens)
    spaces.extend(bool(token.whitespace_) for token in tokens)
