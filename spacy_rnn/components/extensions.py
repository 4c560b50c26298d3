"""Extensions of documents that a component reads or writes."""

from typing import Any, Sequence

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


def is_writable(owner: Any, name: str) -> bool:
    """Whether what is written to an extension can be read again: not if it has a getter or a
    method, and no setter.

    owner (Any): `Doc`, `Span` or `Token`.
    name (str): The extension, without "_."; one that there is not yet is writable.
    """
    if not owner.has_extension(name):
        return True
    _, method, getter, setter = owner.get_extension(name)
    return setter is not None or (getter is None and method is None)


def check_writable(name: str, setting: str, value: str, owner: Any) -> None:
    """Refuse an extension that would swallow what is written.

    owner (Any): `Doc`, `Span` or `Token`.
    RAISES (ValueError): If it is such a one.
    """
    if not is_writable(owner, value.removeprefix(EXTENSION)):
        what = {"setting": setting, "value": value, "owner": owner.__name__}
        raise ValueError(Errors.R232.format(name=name, **what))
