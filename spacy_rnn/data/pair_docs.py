"""Documents of pairs: the source is the text, the target stands in an extension."""

from typing import Any, Dict, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc, Span, Token

from ..errors import DataError, Errors
from ..extensions import ALTERNATIVES, extension_of, register
from .pairs import FEATURES, Pair

TARGET = "_.target"
OWNERS: Dict[str, Any] = {"doc": Doc, "sent": Span, "token": Token}


def check_target(level: str, target: str) -> str:
    """The name of an extension, without "_.".

    level (str): "doc", "sent" or "token".
    target (str): Its name with "_.".
    RAISES (DataError): If one of them is something else.
    """
    name = extension_of(target)
    if level not in OWNERS or not name:
        levels = ", ".join(OWNERS)
        raise DataError(Errors.R194.format(level=level, target=target, levels=levels))
    return name


def pair_doc(pair: Pair, nlp: Language, level: str = "doc", target: str = TARGET) -> Doc:
    """Make a document of a pair. Its target is a string in the extension, other targets are a
    list in NAME_alternatives, features a list in `_.features`; the latter two only if there
    are some.

    level (str): Where the extensions are: at the "doc", the "sent" that is all of it, or the
        one "token". That token is the source, whatever a tokenizer would cut.
    target (str): The name of the extension, such as "_.target".
    RAISES (DataError): If level or target is none.
    """
    name = check_target(level, target)
    if level == "token":
        # Spaces stay unknown: so spaCy's own reader keeps the word as it is, too
        doc = Doc(nlp.vocab, words=[pair.source])
    else:
        doc = nlp.tokenizer(pair.source)
    owner = _owner(doc, level)
    _set(owner, name, pair.target)
    for extra, values in ((name + ALTERNATIVES, pair.alternatives), (FEATURES, pair.features)):
        if values:
            _set(owner, extra, list(values))
    return doc


def _owner(doc: Doc, level: str) -> Union[Doc, Span, Token]:
    if level == "sent":
        for token in doc:
            token.is_sent_start = token.i == 0
    places: Dict[str, Tuple] = {"doc": (doc,), "sent": (doc[:],), "token": (doc[0],)}
    return places[level][0]


def _set(owner: Union[Doc, Span, Token], name: str, value: Any) -> None:
    """Write an extension. It is made unless it is there."""
    register(type(owner), name)
    owner._.set(name, value)
