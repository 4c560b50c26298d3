"""The lines of a file, plain or packed."""

import gzip
import lzma
import zlib
from pathlib import Path
from typing import IO, BinaryIO, Iterator, Tuple, cast

from tqdm import tqdm  # type: ignore[import-untyped]

from ..errors import DataError, Errors
from .sentence import error

BIG = 1_000_000  # bytes; less than that is read before a bar could be seen
PACKED = (".gz", ".xz")


def read_lines(path: Path, progress: bool = False) -> Iterator[Tuple[int, str]]:
    """The lines of a UTF-8 file with their numbers from 1, without their ends and
    without a byte order mark.

    path (Path): The file, packed if its name ends in .gz or .xz.
    progress (bool): Show a bar if the file is big.
    RAISES (DataError): If the file cannot be opened, is damaged or not UTF-8.
    """
    number = 0
    try:
        size = path.stat().st_size
        hidden = not progress or size < BIG
        with (
            path.open("rb") as raw,
            _unpack(raw, path.suffix) as file,
            tqdm(total=size, unit="B", unit_scale=True, desc="Read", disable=hidden) as bar,
        ):
            for number, line in enumerate(file, 1):
                bar.update(raw.tell() - bar.n)
                yield number, decode(line, number, path)
    except (gzip.BadGzipFile, EOFError, zlib.error, lzma.LZMAError) as err:
        raise error(path, number + 1, Errors.R102, why=err) from err
    except OSError as err:
        raise DataError(Errors.R101.format(path=path, why=err.strerror or err)) from err


def _unpack(raw: BinaryIO, suffix: str) -> IO[bytes]:
    if suffix == ".gz":
        return cast(IO[bytes], gzip.open(raw))
    return lzma.open(raw) if suffix == ".xz" else raw


def decode(line: bytes, number: int, path: Path) -> str:
    """A line without its end, and without a byte order mark if it is the first.

    RAISES (DataError): If it is not UTF-8.
    """
    try:
        text = line.decode("utf8")
    except UnicodeDecodeError as err:
        raise error(path, number, Errors.R103, why=err.reason, at=err.start + 1) from err
    text = text.rstrip("\r\n")
    return text.removeprefix("\ufeff") if number == 1 else text


def plain_name(path: Path) -> Path:
    """The name without the ending that says how it is packed."""
    return path.with_suffix("") if path.suffix in PACKED else path
