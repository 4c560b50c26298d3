"""SHA-256 over every file of a directory, in the format of `sha256sum`: whoever doubts a
model can run `sha256sum -c SHA256SUMS` in it.
"""

import hashlib
from pathlib import Path
from typing import Dict

from .errors import CorruptModelError, Errors

SUMS = "SHA256SUMS"


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files(directory: Path) -> Dict[str, Path]:
    paths = (p for p in directory.rglob("*") if p.is_file() and p.name != SUMS)
    return {p.relative_to(directory).as_posix(): p for p in sorted(paths)}


def _text(sums: Dict[str, str]) -> str:
    return "".join(f"{digest}  {name}\n" for name, digest in sums.items())


def write_sums(directory: Path) -> None:
    """Write the checksums of all files below a directory."""
    sums = {name: _sum(path) for name, path in _files(directory).items()}
    (directory / SUMS).write_bytes(_text(sums).encode("utf8"))


def verify_sums(directory: Path) -> None:
    """Check all files below a directory against their checksums.

    RAISES (CorruptModelError): If a file is missing, has changed or is not listed.
    """
    try:
        text = (directory / SUMS).read_bytes().decode("utf8", "replace")
    except OSError as e:
        raise CorruptModelError(Errors.R008.format(where=directory / SUMS)) from e
    listed = {line[66:]: line[:64] for line in text.split("\n") if line}
    sums = {name: _sum(path) for name, path in _files(directory).items()}
    for name in sorted(listed.keys() | sums.keys()):
        if name not in sums:
            raise CorruptModelError(Errors.R008.format(where=directory / name))
        if listed.get(name) != sums[name]:
            raise CorruptModelError(Errors.R002.format(where=directory / name))
    if text != _text(sums):  # the list itself, where it lists the same
        raise CorruptModelError(Errors.R002.format(where=directory / SUMS))
