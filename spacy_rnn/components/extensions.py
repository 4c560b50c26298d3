"""Extensions of documents that a component reads or writes."""

from typing import Sequence

from spacy.tokens import Doc

from ..errors import Errors
from .attributes import EXTENSION


def register(attribute: str) -> None:
    """Make a place for an extension of documents, unless there is one: the component may have been
    pickled in another process.
    """
    name = attribute.removeprefix(EXTENSION)
    if attribute != name and not Doc.has_extension(name):
        Doc.set_extension(name, default=None)


def check_extension(name: str, setting: str, value: str, others: Sequence[str] = ()) -> None:
    """Refuse what is no extension, and make it.

    RAISES (ValueError): If it is no extension, and none of the others.
    """
    extension = value.removeprefix(EXTENSION)
    if value not in others and not (extension != value and extension.isidentifier()):
        raise ValueError(Errors.R138.format(name=name, setting=setting, value=value))
    register(value)
