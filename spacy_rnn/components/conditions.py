"""What sequences are written for: labels, slots, vectors, or nothing."""

from numbers import Real
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc
from thinc.types import Floats1d, Ints1d

from ..errors import Errors
from ..extensions import extension_of, is_writable, register
from ..slots import PLACE, feature, learn_slots, numbered, read_slots

MOST = float(numpy.finfo("f4").max)


class Condition(NamedTuple):
    """One condition, ready for the net."""

    vector: Floats1d  # (C,)
    values: Dict[str, str]  # of the slots whose value is copied, by key


class Conditions(NamedTuple):
    """Where conditions stand and what there is to them.

    name (str): The component, for messages.
    kind (Optional[str]): "cats", "tensor", "_.NAME" for slots, or None for no condition.
    known (Tuple[str, ...]): Labels; or the keys of open slots, and "slot=value" for values that
        are not copied; or the numbers of a vector, which have no names.
    slots (Tuple[str, ...]): The open slots.
    """

    name: str
    kind: Optional[str]
    known: Tuple[str, ...] = ()
    slots: Tuple[str, ...] = ()

    @property
    def of_slots(self) -> bool:
        return bool(extension_of(self.kind))

    def read(self, doc: Doc) -> Any:
        """The condition that a document has, as it stands there; None if it has none."""
        if self.kind is None:
            return ()
        if self.kind == "cats":
            return doc.cats or None
        if self.kind == "tensor":
            return doc.tensor if numpy.size(doc.tensor) else None
        extension = extension_of(self.kind)
        register(Doc, extension)
        return doc._.get(extension)

    def write(self, doc: Doc, value: Any) -> None:
        """Give a document the condition that another one has."""
        if self.kind in ("cats", "tensor"):
            setattr(doc, self.kind, value)
        elif self.of_slots and is_writable(Doc, extension_of(self.kind)):
            doc._.set(extension_of(self.kind), value)

    def learn(self, data: Sequence[Tuple[Any, str]], units: str) -> "Conditions":
        """Find out what there is to conditions.

        data (Sequence[Tuple[Any, str]]): Conditions as they stand on documents, with their texts.
        """
        if self.kind == "cats":
            return self._replace(known=tuple(sorted({label for cats, _ in data for label in cats})))
        if self.kind == "tensor":
            width = len(self._mean(data[0][0]))
            return self._replace(known=tuple(f"{i}" for i in range(width)))
        if self.kind is None:
            return self
        pairs = [(self._pairs(value), text) for value, text in data]
        is_open, told = learn_slots(pairs, units)
        keys = {
            key
            for of_text, _ in pairs
            for key in numbered(s for s, v in of_text if s in is_open and (s, v) not in told)
        }
        known = (*sorted(keys), *sorted(feature(*pair) for pair in told))
        return self._replace(known=known, slots=tuple(sorted(is_open)))

    def encode(self, value: Any) -> Condition:
        """A condition as numbers, and what will be copied.

        value (Any): As it stands on a document; for labels also one label or a list of them.
        RAISES (ValueError): If it has another form, a label or a slot is not known, or a number
            not finite.
        """
        if self.kind == "tensor":
            return Condition(self._vector(value), {})
        found: Dict[str, float] = {}
        values: Dict[str, str] = {}
        if self.kind == "cats":
            found = self._labels(value)
        elif self.of_slots:
            found, values = self._slots(self._pairs(value))
        return Condition(self._numbers(found), values)

    def _labels(self, value: Any) -> Dict[str, float]:
        """Labels with their weights."""
        labels: Any = [value] if isinstance(value, str) else value
        if isinstance(labels, (list, tuple, set)) and all(isinstance(x, str) for x in labels):
            labels = dict.fromkeys(labels, 1.0)
        is_dict = isinstance(labels, dict) and all(isinstance(x, Real) for x in labels.values())
        if not labels or not is_dict:
            raise ValueError(Errors.R248.format(name=self.name, value=repr(value)[:80]))
        return dict(labels)

    def _numbers(self, found: Dict[str, float]) -> Floats1d:
        """Conditions that hold as a vector. What has the weight 0 need not be known.
        *Shape:* ``(C,)``
        """
        place = {name: i for i, name in enumerate(self.known)}
        vector: Floats1d = numpy.zeros(len(self.known), dtype="f4")
        for name, number in found.items():
            if not abs(number) <= MOST:
                what = {"label": name, "value": number}
                raise ValueError(Errors.R231.format(name=self.name, **what))
            if number and name not in place:
                there = ", ".join(self.known[:50])
                raise ValueError(Errors.R135.format(name=self.name, unknown=name, known=there))
            if number:
                vector[place[name]] = number
        return vector

    def _slots(self, pairs: List[Tuple[str, str]]) -> Tuple[Dict[str, float], Dict[str, str]]:
        """Conditions that hold, and the values that will be copied, by key."""
        known = set(self.known)
        copied = [p for p in pairs if p[0] in self.slots and feature(*p) not in known]
        told = [feature(*p) for p in pairs if p not in copied]
        values = dict(zip(numbered(slot for slot, _ in copied), (v for _, v in copied)))
        return dict.fromkeys([*values, *told], 1.0), values

    def _pairs(self, value: Any) -> List[Tuple[str, str]]:
        pairs = read_slots(value)
        if pairs is None:
            shown = repr(value)[:80]
            raise ValueError(Errors.R134.format(name=self.name, kind=self.kind, value=shown))
        return pairs

    def _mean(self, tensor: Any) -> Floats1d:
        """A vector; the mean of a matrix with a row for each token."""
        array = numpy.asarray(tensor.get() if hasattr(tensor, "get") else tensor, dtype="f4")
        return array.mean(0) if array.ndim == 2 and len(array) else array.reshape(-1)

    def _vector(self, tensor: Any) -> Floats1d:
        vector = self._mean(tensor)
        if len(vector) != len(self.known) or not numpy.isfinite(vector).all():
            shape = numpy.shape(tensor)
            wanted = len(self.known)
            raise ValueError(Errors.R136.format(name=self.name, shape=shape, wanted=wanted))
        return vector

    def names(self, condition: Condition) -> List[str]:
        """What holds, whatever its number; the numbers of a vector have no names."""
        places = [] if self.kind == "tensor" else condition.vector.nonzero()[0].tolist()
        return [self.known[place] for place in places]

    def says(self, units: Sequence[str]) -> Ints1d:
        """The place in the condition that each unit stands for."""
        place = {PLACE + name: i for i, name in enumerate(self.known)}
        numbers = [place.get(unit, len(self.known)) for unit in units]
        return numpy.array(numbers, dtype="i8")


def make_conditions(name: str, kind: Optional[str]) -> Conditions:
    """Check what the config says, and make the extension.

    RAISES (ValueError): If it is no kind of condition.
    """
    slots = extension_of(kind)
    if kind not in ("cats", "tensor", None) and not slots:
        raise ValueError(Errors.R133.format(name=name, kind=kind))
    if slots:
        register(Doc, slots)
    return Conditions(name, kind)
