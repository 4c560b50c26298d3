"""Texts in a zip, their classes in the names: a folder for each class with one text a file
(pos/1.txt, neg/1.txt), or a file for each with one text a line (reviews.pos, reviews.neg).
"""

from pathlib import Path, PurePosixPath
from typing import Dict, Iterator, List
from zipfile import BadZipFile, ZipFile

from ..errors import DataError, Errors
from .source import decode
from .texts import Record

MENDED = "text(s) with control characters of Windows-1252, read as the marks meant by them"
# Windows-1252 taken for Latin-1: its dashes and quotes become control characters
MARKS = {i: bytes([i]).decode("cp1252", "ignore") or chr(i) for i in range(0x80, 0xA0)}


def read_zip(path: Path) -> List[Record]:
    """Read a zip. Files called README, and hidden ones, are no texts.

    RAISES (DataError): If it is damaged, a text is not UTF-8, or no classes are in it.
    """
    try:
        with ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
            files = [PurePosixPath(name) for name in names if _is_text(PurePosixPath(name))]
            classes = _classes(files)
            if len(set(classes.values())) < 2:
                raise DataError(Errors.R159.format(path=path))
            is_whole = len({file.parent for file in files}) > 1
            return [
                record
                for file, label in classes.items()
                for record in _read(path, file, archive.read(str(file)), label, is_whole)
            ]
    except (BadZipFile, RuntimeError, NotImplementedError) as err:
        raise DataError(Errors.R102.format(where=path, why=err)) from err
    except OSError as err:
        raise DataError(Errors.R101.format(path=path, why=err.strerror or err)) from err


def _is_text(file: PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in file.parts)
    return not hidden and not file.name.lower().startswith("readme")


def _classes(files: List[PurePosixPath]) -> Dict[PurePosixPath, str]:
    """The class of each file: its folder, or in one folder what its name alone has."""
    if len({file.parent for file in files}) > 1:
        return {file: file.parent.name for file in files}
    parts = [file.name.split(".") for file in files]
    common = set(parts[0]).intersection(*parts) if parts else set()
    return {f: ".".join(p for p in ps if p not in common) for f, ps in zip(files, parts)}


def _read(
    path: Path, file: PurePosixPath, data: bytes, label: str, is_whole: bool
) -> Iterator[Record]:
    """The texts of a file: all of it is one, or each of its lines."""
    lines = enumerate(data.removesuffix(b"\n").split(b"\n"), 1)
    texts = {number: decode(line, number, path / file) for number, line in lines}
    if is_whole:
        yield _record(str(file), "\n".join(texts.values()), label)
    else:
        for number, text in texts.items():
            yield _record(f"{file.name} line {number}", text, label)


def _record(place: str, text: str, label: str) -> Record:
    mended = text.translate(MARKS)
    return Record(place, mended.strip(), label, note=MENDED if mended != text else "")
