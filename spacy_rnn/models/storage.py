"""A model as files: its structure, and all of its weights as one safetensors file."""

from typing import Any, Dict, Iterator, List, Mapping, Tuple

import numpy
import srsly
from thinc.util import to_numpy

from ..errors import CorruptModelError, Errors
from ..types import AnyModel
from ..weights import Header, Tensors, dump_tensors, load_tensors, seal
from .shim import RNNShim

STRUCTURE, WEIGHTS = "model", "weights.safetensors"
UNITS = ("units", "target_units")  # attributes that a config cannot change afterwards


def model_to_parts(model: AnyModel, header: Header) -> Dict[str, bytes]:
    """Take a model apart.

    header (Dict[str, Any]): What the weights belong to; written into the weights file.
    RETURNS (Dict[str, bytes]): Thinc's nodes and attributes; and the weights, Thinc's
        parameters and torch's alike, under "node number/node name/weight".
    """
    message = model.to_dict()
    tensors: Tensors = {}
    for i, node in enumerate(model.walk()):
        for name, value in message["params"][i].items():
            if value is not None:
                tensors[f"{i}/{node.name}/{name}"] = numpy.ascontiguousarray(to_numpy(value))
                message["params"][i][name] = True
        for j, shim in _our_shims(node):
            tensors.update({f"{i}/{node.name}/{n}": t for n, t in shim.tensors().items()})
            message["shims"][i][j] = shim.header
    weights = dump_tensors(tensors, header, WEIGHTS)
    return {STRUCTURE: srsly.msgpack_dumps(message), WEIGHTS: weights}


def model_from_parts(model: AnyModel, parts: Mapping[str, bytes], header: Header) -> None:
    """Put a model together again. Nothing is changed before all of it was checked.

    header (Dict[str, Any]): What the weights have to belong to.
    RAISES (CorruptModelError): If the parts are damaged or another model's.
    """
    tensors, found = load_tensors(parts[WEIGHTS], WEIGHTS)
    if found != header:
        raise CorruptModelError(Errors.R005.format(where=WEIGHTS, found=found, wanted=header))
    try:
        message = _load_structure(parts[STRUCTURE], model)
        _fill(message, tensors, model)
    except CorruptModelError:
        raise
    except Exception as e:  # whatever a structure of another form leads to
        raise CorruptModelError(Errors.R003.format(where=STRUCTURE, why=repr(e))) from e
    model.from_dict(message)


def _fill(message: Dict[str, List[Any]], tensors: Tensors, model: AnyModel) -> None:
    """Put all weights into the structure, each checked."""
    left = dict(tensors)
    for i, node in enumerate(model.walk()):
        prefix = f"{i}/{node.name}/"
        names = [name for name in left if name.startswith(prefix)]
        own = {name[len(prefix) :]: left.pop(name) for name in names}
        _fill_params(message["params"][i], own, node)
        if len(message["shims"][i]) != len(node.shims):
            raise ValueError(f"shims of {node.name}")
        for j, shim in _our_shims(node):
            shim_header = message["shims"][i][j]
            shim.check(own, shim_header, WEIGHTS)
            message["shims"][i][j] = seal(dump_tensors(own, shim_header, WEIGHTS))
            own = {}
        left.update({prefix + name: tensor for name, tensor in own.items()})
    if left:
        raise CorruptModelError(Errors.R007.format(where=WEIGHTS, names=sorted(left)))


def _our_shims(node: AnyModel) -> Iterator[Tuple[int, RNNShim]]:
    return ((j, shim) for j, shim in enumerate(node.shims) if isinstance(shim, RNNShim))


def _load_structure(data: bytes, model: AnyModel) -> Dict[str, List[Any]]:
    message = srsly.msgpack_loads(data)
    nodes = list(model.walk())
    found, wanted = [node["name"] for node in message["nodes"]], [node.name for node in nodes]
    if found != wanted:
        raise CorruptModelError(Errors.R005.format(where=STRUCTURE, found=found, wanted=wanted))
    for part in ("attrs", "params", "shims"):
        if len(message[part]) != len(nodes):
            raise ValueError(f"{len(message[part])} {part}")
    for node, info, attrs in zip(nodes, message["nodes"], message["attrs"]):
        _check_dims(info["dims"], node)
        _check_attrs(attrs, node)
    return message


def _check_attrs(attrs: Dict[str, bytes], node: AnyModel) -> None:
    """The vocabularies belong to the units that they were made of."""
    for name in UNITS:
        if name in attrs and name in node.attrs:
            found, wanted = srsly.msgpack_loads(attrs[name]), node.attrs[name]
            if found != wanted:
                one, other = f"{name} = {found}", f"{name} = {wanted}"
                raise CorruptModelError(
                    Errors.R005.format(where=STRUCTURE, found=one, wanted=other)
                )


def _check_dims(dims: Dict[str, Any], node: AnyModel) -> None:
    wanted = {dim: node.maybe_get_dim(dim) for dim in node.dim_names}
    for dim, n in dims.items():
        if dim not in wanted or None not in (n, wanted[dim]) and n != wanted[dim]:
            found = f"{node.name} of {dims}"
            raise CorruptModelError(Errors.R005.format(where=STRUCTURE, found=found, wanted=wanted))


def _fill_params(params: Dict[str, Any], tensors: Tensors, node: AnyModel) -> None:
    """Put the arrays where the structure says that there is one."""
    for name, is_set in params.items():
        if is_set and (name not in tensors or name not in node.param_names):
            message = Errors.R007.format(where=WEIGHTS, names=[f"{node.name}/{name}"])
            raise CorruptModelError(message)
        params[name] = tensors.pop(name) if is_set else None
        if is_set and node.has_param(name) and node.get_param(name).shape != params[name].shape:
            have, need = params[name].shape, node.get_param(name).shape
            text = Errors.R006.format(where=WEIGHTS, name=name, found=have, wanted=need)
            raise CorruptModelError(text)
