"""Corpora of a project: found in a folder, or fetched, and converted.

The `assets` of project.yml say what a corpus consists of: `raw/NAME/train.conll` is the
train part of the corpus NAME, `all` what has to be split. The corpus "sample" ships, one for
each task, or is generated.
"""

import gzip
import hashlib
import lzma
import os
import zlib
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional

from weasel.cli.assets import fetch_asset
from weasel.util.config import load_project_config

from ..errors import DataError, Errors

DATA_FOLDER = "SPACY_RNN_DATA"
SAMPLE = "sample"
SHIPPED = {"ner": "assets/ner", "sentiment": "assets/sentiment"}  # the sample of a task
GENERATED = ("seq2seq", "generator")  # tasks whose sample is made, see `dates`, `appointments`
SHARES = "0.8,0.1,0.1"  # for a corpus in one file

Asset = Dict[str, Any]


def corpus_assets(project: Path, corpus: str, task: str = "ner") -> List[Asset]:
    """The entries of project.yml that make up a corpus.

    task (str): Whose sample is meant by the corpus "sample".
    RAISES (DataError): If there are none.
    """
    tasks = [*SHIPPED, *GENERATED]
    if task not in tasks:
        raise DataError(Errors.R161.format(task=task, known=", ".join(tasks)))
    folder = SHIPPED.get(task) if corpus == SAMPLE else f"raw/{corpus}"
    assets = load_project_config(project)["assets"]
    found = [a for a in assets if folder and Path(a["dest"]).parent == Path(folder)]
    if not found:
        names = {Path(a["dest"]).parent.name for a in assets if a["dest"].startswith("raw/")}
        known = ", ".join(sorted({*names, SAMPLE}))
        raise DataError(Errors.R130.format(corpus=corpus, known=known))
    return found


def provide(project: Path, asset: Asset) -> Path:
    """Bring a file to where project.yml wants it, unless it is there.

    RAISES (DataError): If it can neither be found nor fetched.
    """
    target = project / asset["dest"]
    if target.exists():
        return target
    if not asset.get("url"):
        raise DataError(Errors.R131.format(path=target))
    data = find(asset["checksum"])
    if data is None:
        _fetch(project, asset)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return target


def find(checksum: str) -> Optional[bytes]:
    """Look for a file in the folder that `SPACY_RNN_DATA` names, by what is in it: it may
    have another name and may be packed.

    checksum (str): MD5 of the unpacked file.
    RETURNS (Optional[bytes]): The unpacked file.
    RAISES (DataError): If the variable names no folder.
    """
    folder = os.environ.get(DATA_FOLDER)
    if folder and not Path(folder).is_dir():
        raise DataError(Errors.R221.format(variable=DATA_FOLDER, folder=folder))
    for path in sorted(Path(folder).rglob("*")) if folder else []:
        for data in _contents(path):
            if _md5(data) == checksum:
                return data
    return None


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _contents(path: Path) -> Iterator[bytes]:
    unpack: Dict[str, Callable[[bytes], bytes]] = {".gz": gzip.decompress, ".xz": lzma.decompress}
    if path.is_file():
        try:
            data = path.read_bytes()
            yield unpack[path.suffix](data) if path.suffix in unpack else data
        except (OSError, EOFError, lzma.LZMAError, zlib.error):
            return  # not the file looked for, or of no use


def _fetch(project: Path, asset: Asset) -> None:
    """Under another name first, so that half a file is never taken for the whole."""
    target = project / asset["dest"]
    part = target.with_name(f"{target.name}.part").resolve()
    try:
        part.unlink(missing_ok=True)  # weasel does not fetch what is there
        fetch_asset(project, asset["url"], part)
        if _md5(part.read_bytes()) != asset["checksum"]:
            raise ValueError("the checksum is not the one of project.yml")
        part.replace(target)
    except (Exception, SystemExit) as e:  # weasel exits where it cannot connect
        message = Errors.R132.format(url=asset["url"], why=e, folder=DATA_FOLDER, path=target)
        raise DataError(message) from e
