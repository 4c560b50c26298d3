"""How components are written and read: exact files, and all of them or nothing."""

import hashlib
import json
from pathlib import Path
from typing import Any, Dict, Iterable, Union

import srsly
from spacy.pipeline import TrainablePipe

from ..checksums import verify_sums, write_sums
from ..errors import CorruptModelError, Errors
from ..models.storage import STRUCTURE, WEIGHTS, model_from_parts, model_to_parts
from ..weights import seal, unseal

CFG = "cfg"


class SavedPipe(TrainablePipe):
    """A component whose model is one of ours.

    factory (str): Its name in a config.
    cfg (Dict[str, Any]): What is kept of it besides the weights.
    """

    factory: str
    cfg: Dict[str, Any]

    def _header(self) -> Dict[str, Any]:
        """What the weights belong to."""
        return {"architecture": self.factory, "labels": digest(self._meanings())}

    def _meanings(self) -> Any:
        """What the numbers of the model stand for."""
        raise NotImplementedError

    def _rebuild(self, grow: bool = True) -> None:
        """Shape the model by the cfg.

        grow (bool): Keep the weights that there are, not only the shape.
        """
        raise NotImplementedError

    def _parts(self, exclude: Iterable[str]) -> Dict[str, bytes]:
        self._validate_serialization_attrs()
        parts = {CFG: srsly.json_dumps(self.cfg, sort_keys=True).encode("utf8")}
        if "model" not in exclude:
            parts.update(model_to_parts(self.model, self._header()))
        return {name: data for name, data in parts.items() if name not in exclude}

    def _load_parts(self, parts: Dict[str, bytes], exclude: Iterable[str]) -> None:
        """Take over what was read: all of it, or if anything is wrong with it, nothing."""
        wanted = {CFG, *(() if "model" in exclude else (STRUCTURE, WEIGHTS))} - set(exclude)
        for name in sorted(wanted - parts.keys()):
            raise CorruptModelError(Errors.R008.format(where=name))
        shim, cfg = self.model.shims[0], self.cfg
        before = shim.settings, self.model.maybe_get_dim("nO")
        try:
            if CFG in wanted:
                self.cfg = {**cfg, **read_cfg(parts[CFG])}
                self._rebuild(grow=WEIGHTS not in wanted)
            if WEIGHTS in wanted:
                model_from_parts(self.model, parts, self._header())
        except CorruptModelError:
            self.cfg, shim.settings = cfg, before[0]
            self.model.set_dim("nO", before[1], force=True)
            self._rebuild()
            raise

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Serialize the pipe to a bytestring.

        exclude (Iterable[str]): Names of fields to leave out: "vocab", "cfg", "model".
        RETURNS (bytes): A checksum and what it covers.
        """
        parts = self._parts(exclude)
        if "vocab" not in exclude:
            parts["vocab"] = self.vocab.to_bytes(exclude=exclude)
        return seal(srsly.msgpack_dumps(parts))

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> "SavedPipe":
        """Load the pipe from a bytestring.

        exclude (Iterable[str]): Names of fields to leave out.
        RAISES (CorruptModelError): If a bit of it changed or it is another model's.
        """
        parts = read_parts(bytes_data, f"component '{self.name}'")
        if "vocab" in parts and "vocab" not in exclude:
            self.vocab.from_bytes(parts["vocab"], exclude=exclude)
        self._load_parts(parts, exclude)
        return self

    def to_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> None:
        """Serialize the pipe to a directory.

        path (Union[str, Path]): The directory, made if need be.
        exclude (Iterable[str]): Names of fields to leave out.
        """
        directory = Path(path)
        parts = self._parts(exclude)  # before anything old is touched
        directory.mkdir(parents=True, exist_ok=True)
        for name, data in parts.items():
            (directory / name).write_bytes(data)
        if "vocab" not in exclude:
            self.vocab.to_disk(directory / "vocab", exclude=exclude)
        write_sums(directory)

    def from_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> "SavedPipe":
        """Load the pipe from a directory.

        RAISES (CorruptModelError): If a file is damaged, missing or another model's.
        """
        directory = Path(path)
        verify_sums(directory)
        if "vocab" not in exclude and (directory / "vocab").exists():
            self.vocab.from_disk(directory / "vocab", exclude=exclude)
        names = (name for name in (CFG, STRUCTURE, WEIGHTS) if (directory / name).exists())
        self._load_parts({name: (directory / name).read_bytes() for name in names}, exclude)
        return self


def digest(meanings: Any) -> str:
    """What tells apart what the numbers of two models stand for."""
    text = json.dumps(meanings, sort_keys=True)
    return hashlib.sha256(text.encode("utf8")).hexdigest()


def read_parts(data: bytes, where: str) -> Dict[str, bytes]:
    """What `to_bytes` put together.

    RAISES (CorruptModelError): If it is anything else.
    """
    content = unseal(data, where)
    try:
        parts = {str(name): bytes(memoryview(part)) for name, part in _unpack(content).items()}
    except (AttributeError, TypeError, ValueError) as e:
        raise CorruptModelError(Errors.R003.format(where=where, why=repr(e))) from e
    return parts


def _unpack(content: bytes) -> Any:
    try:
        return srsly.msgpack_loads(content)
    except Exception as e:  # msgpack has many of its own
        raise ValueError(repr(e)) from e


def read_cfg(data: bytes) -> Dict[str, Any]:
    """The cfg of a component.

    RAISES (CorruptModelError): If it is not an object with a list of labels.
    """
    try:
        cfg = json.loads(data.decode("utf8"))  # srsly's reader changes the last digit of a number
        labels = cfg["labels"]
    except (KeyError, TypeError, ValueError) as e:
        raise CorruptModelError(Errors.R003.format(where=CFG, why=repr(e))) from e
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise CorruptModelError(Errors.R003.format(where=CFG, why="labels are no strings"))
    return cfg
