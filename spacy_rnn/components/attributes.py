"""Attributes of tokens, read and written for a whole document."""

from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Protocol, Sequence

import numpy
from spacy.attrs import LEMMA, MORPH, NORM, POS, TAG
from spacy.parts_of_speech import IDS as UPOS
from spacy.tokens import Doc, Token
from spacy.training import Example
from spacy.vocab import Vocab

from ..errors import Errors
from ..extensions import EXTENSION, extension_of, register

IDS: Dict[str, int] = {"tag": TAG, "pos": POS, "morph": MORPH, "lemma": LEMMA, "norm": NORM}
TAGS = ("tag", "pos", "morph")


class TokenAttribute(Protocol):
    """A string at each token, "" where there is none."""

    def read(self, doc: Doc) -> List[str]:
        """The value of each token."""

    def is_set(self, doc: Doc) -> List[bool]:
        """Whether each token has one that only `overwrite` changes."""

    def write(self, doc: Doc, values: Sequence[Optional[str]], overwrite: bool) -> None:
        """Give each token its value, or only those that have none. None changes nothing."""


class BuiltIn(NamedTuple):
    """An attribute that spaCy keeps as a number."""

    name: str

    def read(self, doc: Doc) -> List[str]:
        """The value of each token."""
        return [doc.vocab.strings[key] for key in doc.to_array(IDS[self.name]).tolist()]

    def is_set(self, doc: Doc) -> List[bool]:
        """Whether each token has one that only `overwrite` changes."""
        # Every token has a norm, that of its lexeme if nobody gave it one
        is_set = (doc.to_array(IDS[self.name]) != 0) & (self.name != "norm")
        return list(is_set.tolist())

    def write(self, doc: Doc, values: Sequence[Optional[str]], overwrite: bool) -> None:
        """Give each token its value, or only those that have none. None changes nothing."""
        keys = {value: self._key(doc.vocab, value or "") for value in set(values)}
        new = numpy.array([keys[value] for value in values], dtype="uint64")
        old = doc.to_array(IDS[self.name])
        keep = numpy.array([value is None for value in values], dtype=bool)
        if not overwrite:
            keep |= numpy.array(self.is_set(doc), dtype=bool)
        doc.from_array(IDS[self.name], numpy.where(keep, old, new))

    def _key(self, vocab: Vocab, value: str) -> int:
        if not value:
            return 0  # for spaCy a word of which "" is the morph has been analysed
        if self.name == "morph":
            return int(vocab.morphology.add(value))
        return UPOS[value] if self.name == "pos" else int(vocab.strings.add(value))


class Extension(NamedTuple):
    """An attribute that a user adds."""

    name: str

    def read(self, doc: Doc) -> List[str]:
        """The value of each token.

        RAISES (ValueError): If one is neither a string nor None.
        """
        register(Token, self.name)  # the component may have been pickled in another process
        values = [token._.get(self.name) for token in doc]
        for token, value in zip(doc, values):
            if not isinstance(value, (str, type(None))):
                where = {"attribute": EXTENSION + self.name, "token": token.text}
                raise ValueError(Errors.R025.format(value=repr(value), **where))
        return [value or "" for value in values]

    def is_set(self, doc: Doc) -> List[bool]:
        """Whether each token has one that only `overwrite` changes."""
        register(Token, self.name)
        return [is_set(token, self.name) for token in doc]

    def write(self, doc: Doc, values: Sequence[Optional[str]], overwrite: bool) -> None:
        """Give each token its value, or only those that have none. None changes nothing but an
        extension that nobody has set.
        """
        register(Token, self.name)
        set_extensions(doc, self.name, values, overwrite)


def token_attribute(name: str, known: Sequence[str] = TAGS) -> TokenAttribute:
    """The attribute of that name. An extension is registered, unless it is there.

    name (str): One of those that are known, or "_.NAME" for an extension.
    RAISES (ValueError): If there is no such attribute.
    """
    if name in known:
        return BuiltIn(name)
    extension = extension_of(name)
    if not extension:
        raise ValueError(Errors.R022.format(attribute=name))
    register(Token, extension)
    return Extension(extension)


def set_extensions(
    parts: Iterable[Any], name: str, values: Iterable[Optional[str]], overwrite: bool
) -> None:
    """Give each part its value, or only those that have none. Where nobody knows one, what is
    there stays.
    """
    for part, value in zip(parts, values):
        gives_way = value is not None and (overwrite or not is_set(part, name))
        if gives_way or not part._.get(name):
            part._.set(name, value or "")


def is_set(part: Any, name: str) -> bool:
    """Whether an extension has a value, and not only the one that it begins with."""
    value = part._.get(name)
    return bool(value) and value != part.get_extension(name)[0]


def aligned(values: Sequence[str], example: Example) -> List[str]:
    """The values of a reference at the tokens of the prediction: "" for a token that lies
    in several with different values, or in none.
    """
    align = example.alignment.x2y
    parts = [{values[j] for j in align[i]} for i in range(len(example.predicted))]
    return [part.pop() if len(part) == 1 else "" for part in parts]
