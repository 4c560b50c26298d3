"""Weights as bytes: safetensors with a header, every byte under a checksum.

Nothing here can run code from a file. A reader checks the checksum first, then the
format, then what the weights belong to, then names, shapes and types; only then is
anything used.
"""

import hashlib
import json
from typing import Any, Dict, Mapping, Tuple

import numpy
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

from .errors import CorruptModelError, Errors, NonFiniteError

FORMAT = 1
HEADER = "spacy_rnn"  # one key: safetensors does not keep several in order
DIGEST_SIZE = hashlib.sha256().digest_size
DTYPES = {"F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "U64": "u8", "I32": "i4"}

Tensors = Dict[str, numpy.ndarray]
Header = Dict[str, Any]


def seal(data: bytes) -> bytes:
    """Put the SHA-256 of the bytes before them."""
    return hashlib.sha256(data).digest() + data


def unseal(data: bytes, where: str) -> bytes:
    """Take the checksum off again.

    where (str): What is being read, for the message.
    RAISES (CorruptModelError): If it does not match.
    """
    digest, content = data[:DIGEST_SIZE], data[DIGEST_SIZE:]
    if hashlib.sha256(content).digest() != digest:
        raise CorruptModelError(Errors.R002.format(where=where))
    return content


def dump_tensors(tensors: Mapping[str, numpy.ndarray], header: Header, where: str) -> bytes:
    """Write tensors and header; the same input gives the same bytes.

    header (Dict[str, Any]): What the weights belong to. JSON-serializable.
    RAISES (NonFiniteError): If a weight is NaN or infinite.
    """
    for name, tensor in tensors.items():
        if tensor.dtype.kind == "f" and not numpy.isfinite(tensor).all():
            raise NonFiniteError(Errors.R009.format(where=where, name=name))
    header = {"format": FORMAT, **header}
    return save(dict(tensors), {HEADER: json.dumps(header, sort_keys=True)})


def load_tensors(data: bytes, where: str) -> Tuple[Tensors, Header]:
    """Read what ``dump_tensors`` wrote.

    where (str): What is being read, for the message.
    RAISES (CorruptModelError): If the bytes are anything else.
    """
    try:
        entries = deserialize(data)
        header = _read_header(data)
        tensors = {name: _to_array(entry) for name, entry in entries}
    except (SafetensorError, KeyError, TypeError, ValueError, RecursionError) as e:
        raise CorruptModelError(Errors.R003.format(where=where, why=repr(e))) from e
    found = header.pop("format", None)
    if found != FORMAT:
        raise CorruptModelError(Errors.R004.format(where=where, found=found, known=FORMAT))
    return tensors, header


def _read_header(data: bytes) -> Header:
    size = int.from_bytes(data[:8], "little")
    header = json.loads(json.loads(data[8 : 8 + size])["__metadata__"][HEADER])
    if not isinstance(header, dict):
        raise TypeError(f"its header is {type(header).__name__}")
    return header


def _to_array(entry: Dict[str, Any]) -> numpy.ndarray:
    array = numpy.frombuffer(entry["data"], dtype="<" + DTYPES[entry["dtype"]])
    return array.reshape(entry["shape"])


def check_tensors(tensors: Tensors, wanted: Mapping[str, Tuple[Any, Any]], where: str) -> None:
    """Compare names, shapes and types with what the model needs.

    wanted (Mapping[str, Tuple]): Shape and dtype of each weight.
    RAISES (CorruptModelError): At the first difference.
    """
    if tensors.keys() != wanted.keys():
        names = sorted(tensors.keys() ^ wanted.keys())
        raise CorruptModelError(Errors.R007.format(where=where, names=names))
    for name, (shape, dtype) in wanted.items():
        found = (tuple(tensors[name].shape), tensors[name].dtype.name)
        if found != (tuple(shape), numpy.dtype(dtype).name):
            need = f"{numpy.dtype(dtype).name} {tuple(shape)}"
            have = f"{found[1]} {found[0]}"
            message = Errors.R006.format(where=where, name=name, found=have, wanted=need)
            raise CorruptModelError(message)
