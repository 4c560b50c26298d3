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
    """The files by name, in one order everywhere: Windows would sort paths whatever their case.
    Hidden ones, which the systems of people who look at a folder leave there, are not read by
    anybody.
    """
    paths = (p.relative_to(directory) for p in directory.rglob("*") if p.is_file())
    names = sorted(path.parts for path in paths if path.name != SUMS)
    shown = (parts for parts in names if not any(part.startswith(".") for part in parts))
    return {"/".join(parts): directory.joinpath(*parts) for parts in shown}


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
    sums = {name: _sum(path) for name, path in _files(directory).items()}
    if sums and not text.endswith("\n"):  # half a line may name a file that there never was
        raise CorruptModelError(Errors.R002.format(where=directory / SUMS))
    listed = {line[66:]: line[:64] for line in text.split("\n") if line}
    for name in sorted(listed.keys() | sums.keys()):
        if name not in sums:
            raise CorruptModelError(Errors.R008.format(where=directory / name))
        if listed.get(name) != sums[name]:
            raise CorruptModelError(Errors.R002.format(where=directory / name))
    if text != _text(sums):  # the list itself, where it lists the same
        raise CorruptModelError(Errors.R002.format(where=directory / SUMS))
