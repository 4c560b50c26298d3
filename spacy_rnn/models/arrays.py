"""Thinc's arrays as torch's tensors and back, and torch itself, which may be missing."""

import os
from itertools import accumulate
from typing import Any, List

import numpy
from thinc.api import NumpyOps, Ops, get_array_module, get_current_ops
from thinc.compat import torch
from thinc.types import ArrayXd, Floats2d
from thinc.util import torch2xp, xp2torch

from ..errors import Errors


def require_torch(name: str) -> None:
    """Fail with what to install.

    name (str): What cannot be built without torch.
    RAISES (ImportError): If torch cannot be imported.
    """
    if torch is None:
        raise ImportError(Errors.R001.format(name=name, why="not installed"))
    _one_thread_after_fork()


def to_torch(array: ArrayXd, *, requires_grad: bool = False) -> Any:
    """An array as a tensor on the device of Thinc's active ops, without a copy if torch
    can take it as it is (it aborts the process on negative strides).
    """
    contiguous = get_array_module(array).ascontiguousarray(array)
    if isinstance(contiguous, numpy.ndarray) and isinstance(get_current_ops(), NumpyOps):
        # A dozen times for each text, and Thinc asks for the device each time
        return torch.from_numpy(contiguous).requires_grad_(requires_grad)
    return xp2torch(contiguous, requires_grad=requires_grad)


def to_ints(ops: Ops, numbers: Any) -> Any:
    """Numbers as an int64 tensor."""
    return to_torch(ops.asarray(numbers, dtype="i8"))


def to_floats(ops: Ops, numbers: Any) -> Any:
    """Numbers as a float32 tensor."""
    return to_torch(ops.asarray(numbers, dtype="f"))


def to_xp(tensor: Any) -> Any:
    """A tensor as an array in the same memory."""
    tensor = tensor.detach()
    return tensor.numpy() if tensor.device.type == "cpu" else torch2xp(tensor)


def flatten(ops: Ops, vectors: List[Floats2d], width: int) -> Floats2d:
    """The vectors of all documents, also of none. *Shape:* ``(N, width)``"""
    return ops.flatten(vectors) if any(map(len, vectors)) else ops.alloc2f(0, width)


def split(flat: Floats2d, lengths: List[int]) -> List[Floats2d]:
    """Rows of a batch as one array a document, in the same memory."""
    ends = list(accumulate(lengths))
    return [flat[end - length : end] for end, length in zip(ends, lengths)]


_fork_hook = False


def _one_thread_after_fork() -> None:
    """A forked worker inherits torch's locks but not its threads and would wait for
    them forever, so it works with one thread of its own (`nlp.pipe(n_process=2)`).
    """
    global _fork_hook
    if not _fork_hook and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))
    _fork_hook = True
