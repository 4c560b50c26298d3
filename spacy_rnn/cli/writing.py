"""From what was read to documents, and from those to .spacy files."""

from pathlib import Path
from typing import Callable, Dict, List, TypeVar

from spacy.tokens import Doc, DocBin
from tqdm import tqdm  # type: ignore[import-untyped]

from ..errors import DataError, Errors

MANY = 5_000  # documents; fewer are made before a bar could be seen
T = TypeVar("T")


def make_all(
    parts: Dict[str, List[T]], make: Callable[[T], Doc], progress: bool
) -> Dict[str, List[Doc]]:
    """Make the documents of all parts.

    progress (bool): Show a bar if there are many.
    """
    total = sum(map(len, parts.values()))
    with tqdm(total=total, desc="Convert", disable=not progress or total < MANY) as bar:

        def make_one(item: T) -> Doc:
            bar.update()
            return make(item)

        return {part: list(map(make_one, items)) for part, items in parts.items()}


def write_all(output: Path, parts: Dict[str, List[Doc]]) -> Dict[Path, List[Doc]]:
    """Write a .spacy file for each part into a folder, or one for the part "".

    RETURNS (Dict[Path, List[Doc]]): What is in which file.
    RAISES (DataError): If one cannot be written.
    """
    files = {output / f"{part}.spacy" if part else output: made for part, made in parts.items()}
    for file, made in files.items():
        _write(file, made)
    return files


def _write(path: Path, docs: List[Doc]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The targets of pairs are user data; others have none
        kept = any(doc.user_data for doc in docs)
        DocBin(docs=docs, store_user_data=kept).to_disk(path)
    except OSError as err:
        raise DataError(Errors.R101.format(path=path, why=err.strerror or err)) from err
