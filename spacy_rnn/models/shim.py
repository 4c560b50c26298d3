"""The bridge between torch and Thinc: a torch module as a part of a Thinc model.

Thinc's own ``PyTorchShim`` switches the module between training and evaluation mode at
every prediction, stores averaged weights that it never applies, pickles, and zeroes
gradients that ``nlp.rehearse`` still needs. This one does none of it.
"""

import contextlib
import copy
from itertools import chain
from typing import Any, Callable, Dict, Iterator, Tuple

import numpy
from thinc.api import Optimizer, get_array_module
from thinc.compat import torch
from thinc.shims import PyTorchShim, Shim
from thinc.types import ArgsKwargs, FloatsXd
from thinc.util import get_torch_default_device

from ..errors import CorruptModelError, Errors
from ..weights import check_tensors, dump_tensors, load_tensors, seal, unseal
from .adam import adam, is_plain_adam
from .arrays import require_torch, to_torch, to_xp


def _is_autocast() -> bool:
    """Whether somebody has switched half precision on around us."""
    return any(torch.is_autocast_enabled(device) for device in ("cpu", "cuda"))


def _tied(module: Any, tensors: Dict[str, numpy.ndarray]) -> Dict[str, Any]:
    """Weights to load into a module. One that it knows by two names stays one."""
    state = {name: torch.from_numpy(array.copy()) for name, array in tensors.items()}
    first: Dict[int, str] = {}
    for name, weight in module.named_parameters(remove_duplicate=False):
        known_as = first.setdefault(id(weight), name)
        state[name] = state[known_as] if known_as != name else torch.nn.Parameter(state[name])
    return state


class RNNShim(PyTorchShim):
    """A torch module as a part of a Thinc model.

    The module is built when its widths are known and never leaves the mode it was
    built in: dropout is an argument of the call. So prediction changes no state and
    any number of threads may share it.

    net (Callable): The class of the module, called with the settings.
    settings (Dict[str, Any]): Its arguments; None for what only the data can tell.
    mixed_precision (bool): Compute in bfloat16.
    """

    def __init__(
        self, net: Callable[..., Any], settings: Dict[str, Any], mixed_precision: bool = False
    ):
        require_torch(net.__name__)
        super().__init__(None)
        self.net = net
        self.settings = dict(settings)
        self.mixed_precision = mixed_precision
        self.version = 0  # goes up whenever the weights change

    @property
    def is_built(self) -> bool:
        return self._model is not None

    @property
    def module(self) -> Any:
        """The torch module.

        RAISES (ValueError): If the widths are not known yet.
        """
        if self._model is None:
            raise ValueError(Errors.R043.format(net=self.net.__name__))
        return self._model

    @module.setter
    def module(self, module: Any) -> None:
        self._model = module.to(get_torch_default_device())
        self.version += 1
        self._new_id()

    def _new_id(self) -> None:
        """Other weights must not meet what the optimizer knows of the old ones."""
        with Shim.global_id_lock:
            Shim.global_id += 1
            self.id = Shim.global_id

    def copy(self) -> "RNNShim":
        new = copy.deepcopy(self)
        new._new_id()
        return new

    def build(self, **settings: Any) -> None:
        """Make a new module with fresh weights, once all settings are known."""
        self.settings.update(settings)
        self.module = self.net(**self.settings)

    # Running

    def predict(self, inputs: ArgsKwargs) -> Any:
        return self.run(self.module, *inputs.args, **inputs.kwargs)

    def run(self, part: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the module or a method of it, for a prediction."""
        with torch.inference_mode(), self._autocast():
            return part(*args, **kwargs)

    def begin_update(self, inputs: ArgsKwargs) -> Tuple[Any, Callable[[ArgsKwargs], Any]]:
        with torch.enable_grad(), self._autocast():
            outputs = self.module(*inputs.args, **inputs.kwargs)

        def backprop(grads: ArgsKwargs) -> ArgsKwargs:
            torch.autograd.backward(*grads.args, **grads.kwargs)
            return inputs

        return outputs, backprop

    def _autocast(self) -> Any:
        if not (self.mixed_precision or _is_autocast()):
            return contextlib.nullcontext()
        # bfloat16 has float32's range: no gradient scaler, and the same code on a CPU
        device, half = self.device.type, torch.bfloat16
        return torch.autocast(device, dtype=half, enabled=self.mixed_precision)

    @property
    def device(self) -> Any:
        tensor = next(chain(self.module.parameters(), self.module.buffers()), None)
        return get_torch_default_device() if tensor is None else tensor.device

    # Learning

    def gradients(self) -> Dict[str, Any]:
        """The gradient of every weight that has one."""
        if not self.is_built:
            return {}
        named = self.module.named_parameters()
        return {name: p.grad for name, p in named if p.grad is not None}

    def finish_update(self, optimizer: Optimizer) -> None:
        """Take one step, unless a gradient is NaN or infinite."""
        grads = self.gradients()
        if all(bool(torch.isfinite(grad.sum())) for grad in grads.values()):
            self._take_step(optimizer, grads)
        self.drop_gradients()
        self.version += 1

    def _take_step(self, optimizer: Optimizer, grads: Dict[str, Any]) -> None:
        pairs = {(self.id, n): (self.module.get_parameter(n).data, g) for n, g in grads.items()}
        flat = all(w.device.type == "cpu" and w.is_contiguous() for w, _ in pairs.values())
        if flat and is_plain_adam(optimizer):
            adam(optimizer, pairs)
            return
        for name, grad in grads.items():
            self._step(optimizer, name, grad)

    def _step(self, optimizer: Optimizer, name: str, grad: Any) -> None:
        weights = self.module.get_parameter(name).data
        # The optimizer writes into the array, which shares its memory with the tensor,
        # also when `nlp.rehearse` calls it after we returned
        array = to_xp(weights)
        result, _ = optimizer((self.id, name), array, to_xp(grad))
        if not get_array_module(array).may_share_memory(result, array):
            weights.copy_(to_torch(result))

    def drop_gradients(self) -> None:
        """Forget the gradients; zeroing them would reach those that others still hold."""
        if self.is_built:
            self.module.zero_grad(set_to_none=True)

    @contextlib.contextmanager
    def use_params(self, params: Dict[Any, FloatsXd]) -> Iterator[None]:
        """Put averaged weights in, and the own ones back whatever happens."""
        named = dict(self.module.named_parameters()) if self.is_built else {}
        averages = {n: p for n, p in named.items() if (self.id, n) in params}
        backup = {name: p.data.clone() for name, p in averages.items()}
        try:
            for name, p in averages.items():
                p.data.copy_(to_torch(params[(self.id, name)]))
            self.version += 1
            yield
        finally:
            for name, p in averages.items():
                p.data.copy_(backup[name])
            self.version += 1

    def to_device(self, device_type: str, device_id: int) -> None:
        if self.is_built:
            self.module.to(f"cuda:{device_id}" if device_type == "gpu" else device_type)
            self.version += 1  # what was computed on the other device is of no use

    # Reading and writing

    @property
    def header(self) -> Dict[str, Any]:
        """What the weights belong to."""
        settings = dict(sorted(self.settings.items()))  # the order that JSON gives back
        return {"architecture": self.net.__name__, "settings": settings, "built": self.is_built}

    def tensors(self) -> Dict[str, numpy.ndarray]:
        """All weights, as NumPy arrays."""
        state = self.module.state_dict() if self.is_built else {}
        return {name: t.detach().cpu().contiguous().numpy() for name, t in state.items()}

    def check(self, tensors: Dict[str, numpy.ndarray], header: Dict[str, Any], where: str) -> None:
        """Compare what was read with what this layer can hold; change nothing.

        RAISES (CorruptModelError): If it belongs to something else.
        """
        ours = {k: v for k, v in self.settings.items() if v is not None}
        theirs = {k: header.get("settings", {}).get(k) for k in ours}
        wanted, found = (self.net.__name__, ours), (header.get("architecture"), theirs)
        # The file may know what the config leaves open, or what a replaced listener hid
        lazy = ("nI", "nO", "nV", "n_ngrams", "directions")
        same = all(theirs[k] == v for k, v in ours.items() if k not in lazy)
        if found[0] != wanted[0] or not same:
            raise CorruptModelError(Errors.R005.format(where=where, found=found, wanted=wanted))
        check_tensors(tensors, self._shapes(header), where)

    def _shapes(self, header: Dict[str, Any]) -> Dict[str, Tuple[Any, Any]]:
        if not header["built"]:
            return {}
        with torch.device("meta"):  # shapes without memory: a huge size costs nothing
            state = self.net(**header["settings"]).state_dict()
        return {n: (tuple(t.shape), str(t.dtype).split(".")[1]) for n, t in state.items()}

    def set_tensors(self, tensors: Dict[str, numpy.ndarray], header: Dict[str, Any]) -> None:
        """Take over weights that were checked."""
        self.settings = dict(header["settings"])
        self._model = None
        if header["built"]:
            with torch.device("meta"):
                module = self.net(**self.settings)
            module.load_state_dict(_tied(module, tensors), assign=True)
            self.module = module
        self.version += 1

    def to_bytes(self) -> bytes:
        where = f"layer {self.net.__name__}"
        return seal(dump_tensors(self.tensors(), self.header, where))

    def from_bytes(self, bytes_data: bytes) -> "RNNShim":
        where = f"layer {self.net.__name__}"
        tensors, header = load_tensors(unseal(bytes_data, where), where)
        self.check(tensors, header, where)
        self.set_tensors(tensors, header)
        return self
