"""What every reader yields."""

from pathlib import Path
from typing import Dict, Iterable, List, NamedTuple, Tuple

from ..errors import DataError

Lines = Iterable[Tuple[int, str]]

# The tag of a token of which nothing is known, as spaCy writes it
MISSING = "-"


class Sentence(NamedTuple):
    """A sentence, or a whole document where the format does not mark sentences.

    words (List[str]): The tokens, none of them empty.
    spaces (List[bool]): Whether a space follows each.
    tags (List[str]): The entity tag of each as the file has it, see `schemes`.
    lines (List[int]): The line of the file that each comes from.
    new_doc (bool): Whether a document begins here.
    attrs (Dict[str, List[str]]): Other annotation, by the argument of `Doc` it goes to.
    notes (Tuple[str, ...]): What was mended or left out, to be counted.
    """

    words: List[str]
    spaces: List[bool]
    tags: List[str]
    lines: List[int]
    new_doc: bool = False
    attrs: Dict[str, List[str]] = {}
    notes: Tuple[str, ...] = ()


def error(path: Path, line: int, message: str, **values: object) -> DataError:
    """The error that stops at a line.

    message (str): One of `Errors`; its place for ``where`` is filled here.
    """
    return DataError(message.format(where=f"{path}:{line}", **values))
