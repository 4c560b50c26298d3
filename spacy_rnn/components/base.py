"""What all components share: safe steps, exact files, rehearsal left to each."""

import json
import math
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union

import srsly
from spacy.pipeline import TrainablePipe
from spacy.training import Example, validate_examples
from thinc.api import Optimizer, set_dropout_rate

from ..checksums import verify_sums, write_sums
from ..errors import CorruptModelError, Errors, NonFiniteError
from ..models.gradients import clip_gradients, drop_gradients
from ..models.storage import STRUCTURE, WEIGHTS, model_from_parts, model_to_parts
from ..types import AnyModel
from ..weights import seal, unseal

CFG = "cfg"
# What a model reads, and what compares its output: the loss, and the gradient
Lesson = Tuple[Any, Callable[[Any], Tuple[float, Any]]]


class RNNPipe(TrainablePipe):
    """A component around a model of ours.

    grad_clip (float): Largest norm of the gradient over all weights, 0 for no limit.
    max_bad_steps (int): After so many steps in a row whose gradient is NaN or infinite,
        training stops; each of them is skipped.
    """

    cfg: Dict[str, Any]
    grad_clip: float
    max_bad_steps: int
    steps: int = 0  # taken or skipped
    skipped_steps: int = 0
    _bad_in_a_row: int = 0
    _bad_loss: bool = False  # since the last step
    _rehearsal_model: Optional[AnyModel] = None

    # Learning

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Learn from a batch.

        examples (Iterable[Example]): The batch.
        drop (float): Dropout rate of the nets.
        sgd (Optional[Optimizer]): The optimizer; None or False leaves the step to
            `finish_update`.
        losses (Optional[Dict[str, float]]): Record of the loss, by component name.
        RETURNS (Dict[str, float]): That record.
        """
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.update")
        return self._learn_all(self._lessons(examples), drop, sgd, losses)

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Stay close to the model that `nlp.resume_training` found. The arguments are those of
        `update`.
        """
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.rehearse")
        teacher = self._rehearsal_model
        lessons = () if teacher is None else self._rehearsals(examples, teacher)
        return self._learn_all(lessons, drop, sgd, losses)

    def _lessons(self, examples: List[Example]) -> Iterable[Lesson]:
        """What there is to learn from a batch, if there is anything."""
        raise NotImplementedError

    def _rehearsals(self, examples: List[Example], teacher: AnyModel) -> Iterable[Lesson]:
        """What there is to learn from the model that `nlp.resume_training` found."""
        raise NotImplementedError

    def _learn_all(
        self,
        lessons: Iterable[Lesson],
        drop: float,
        sgd: Optional[Optimizer],
        losses: Optional[Dict[str, float]],
    ) -> Dict[str, float]:
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        for inputs, compare in lessons:
            self.learn(inputs, compare, drop, sgd, losses)
        return losses

    def learn(
        self,
        inputs: Any,
        compare: Callable[[Any], Tuple[float, Any]],
        drop: float,
        sgd: Optional[Optimizer],
        losses: Dict[str, float],
    ) -> None:
        """Run the model, compare what it says with what it should, and go back.

        inputs (Any): What the model reads.
        compare (Callable[[Any], Tuple[float, Any]]): Loss of its output, and the gradient.
        drop (float): Dropout rate of the nets.
        sgd (Optional[Optimizer]): The optimizer; None or False leaves the step to
            `finish_update`.
        losses (Dict[str, float]): Record of the loss, by component name.
        """
        set_dropout_rate(self.model, drop)
        outputs, backprop = self.model.begin_update(inputs)
        value, gradient = compare(outputs)
        backprop(gradient)
        self.record_loss(value, losses)
        if sgd not in (None, False):
            self.finish_update(sgd)

    def record_loss(self, value: float, losses: Dict[str, float]) -> None:
        """Add to the loss of this component. A NaN is not added, which no later batch and
        no JSON file would get over, but spoils the step.
        """
        if math.isfinite(value):
            losses[self.name] += value
        else:
            self._bad_loss = True

    def finish_update(self, sgd: Optimizer) -> None:
        """Take a step, unless the loss or the gradient is NaN or infinite.

        sgd (thinc.api.Optimizer): The optimizer.
        RAISES (NonFiniteError): After `max_bad_steps` such gradients in a row.
        """
        self.steps += 1
        norm = clip_gradients(self.model, self.grad_clip)
        bad_loss, self._bad_loss = self._bad_loss, False
        if math.isfinite(norm) and not bad_loss:
            self._bad_in_a_row = 0
            self.model.finish_update(sgd)
            return
        drop_gradients(self.model)
        self.skipped_steps += 1
        self._bad_in_a_row += 1
        if self._bad_in_a_row >= self.max_bad_steps:
            message = Errors.R010.format(name=self.name, n=self._bad_in_a_row, step=self.steps)
            raise NonFiniteError(message)

    # Reading and writing

    def _header(self) -> Dict[str, Any]:
        """What the weights belong to."""
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

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> "RNNPipe":
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

    def from_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> "RNNPipe":
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


def check_range(
    name: str, setting: str, value: float, least: float, most: float = math.inf
) -> None:
    """Refuse a setting.

    RAISES (ValueError): If it is not in the range, or not finite.
    """
    if not least <= value <= most or not math.isfinite(value):
        what = {"setting": setting, "value": value, "least": least, "most": most}
        raise ValueError(Errors.R139.format(name=name, **what))
