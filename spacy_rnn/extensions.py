"""Extensions of documents, spans and tokens. Settings write `doc._.NAME` as "_.NAME"."""

from typing import Any, Optional, Sequence

from spacy.tokens import Doc

from .errors import Errors

EXTENSION = "_."
ALTERNATIVES = "_alternatives"  # behind the name of a target: what else is right


def extension_of(setting: Optional[str]) -> str:
    """The name of the extension that a setting means, "" if it means something else."""
    name = (setting or "").removeprefix(EXTENSION)
    return name if name != setting and name.isidentifier() else ""


def register(owner: Any, name: str) -> None:
    """Make a place for an extension, unless there is one: what uses it may have been pickled in
    another process.

    owner (Any): `Doc`, `Span` or `Token`.
    name (str): The extension, without "_.".
    """
    if not owner.has_extension(name):
        owner.set_extension(name, default=None)


def check_extension(name: str, setting: str, value: str, others: Sequence[str] = ()) -> None:
    """Refuse what is no extension of documents, and make it.

    RAISES (ValueError): If it is no extension, and none of the others.
    """
    extension = extension_of(value)
    if not extension and value not in others:
        raise ValueError(Errors.R138.format(name=name, setting=setting, value=value))
    if extension:
        register(Doc, extension)


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
