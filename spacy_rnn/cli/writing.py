"""From documents to .spacy files."""

from pathlib import Path
from typing import Dict, List

from spacy.tokens import Doc, DocBin

from ..errors import DataError, Errors


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
