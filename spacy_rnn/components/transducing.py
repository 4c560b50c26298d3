"""What a component that writes sequences learns: vocabularies, a dictionary, edits, the nets."""

import hashlib
import json
import warnings
from functools import partial
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.training import Example, validate_examples, validate_get_examples
from thinc.api import Optimizer

from ..errors import Errors, Warnings
from ..models.seq2seq import build, declare, loss
from ..units import SPECIAL, Source, Units
from .base import RNNPipe, start_losses
from .knowledge import dictionary_of, length_guard, vocabulary
from .targets import Place

STRATEGY = ("dictionary", "decoder")


class TransducingPipe(RNNPipe):
    """A component around a `spacy_rnn.EncoderDecoder.v1`."""

    factory: str
    place: Place
    strategy: List[str]
    label_smoothing: float
    max_source: int

    def forget(self) -> None:
        """Remember nothing of what was written."""
        raise NotImplementedError

    # Vocabularies

    @property
    def units(self) -> Units:
        """The units of sources and targets."""
        source, target = tuple(self.cfg["source_units"]), tuple(self.cfg["labels"])
        attrs = self.model.attrs
        return Units(attrs["units"], attrs["target_units"], source, target)

    @property
    def labels(self) -> Tuple[str, ...]:
        """The units of the targets."""
        return tuple(self.cfg["labels"][len(SPECIAL) :])

    @property
    def label_data(self) -> Dict[str, List[str]]:
        """The vocabularies as `initialize` takes them back."""
        return {"source": self.cfg["source_units"], "target": self.cfg["labels"]}

    def add_label(self, label: str) -> int:
        """Units come from the data; see `initialize`."""
        raise NotImplementedError

    def _rebuild(self, grow: bool = True) -> None:
        declare(self.model, len(self.cfg["source_units"]), len(self.cfg["labels"]))
        self.forget()

    def _header(self) -> Dict[str, Any]:
        text = json.dumps([self.cfg["source_units"], self.cfg["labels"]])
        digest = hashlib.sha256(text.encode("utf8")).hexdigest()
        return {"architecture": self.factory, "labels": digest}

    # Beginning

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Dict[str, List[str]]] = None,
    ) -> None:
        """Learn units, lengths and the dictionary from the data, and build the nets.

        get_examples (Callable[[], Iterable[Example]]): Gives examples of what is to be
            learnt.
        nlp (Optional[Language]): The pipeline that the component is part of.
        labels (Optional[Dict[str, List[str]]]): The vocabularies, if `spacy init labels` made
            a file of them.
        RAISES (ValueError): If no example says what a target should be, or the labels are those
            of another component.
        """
        validate_get_examples(get_examples, "RNNSeq2Seq.initialize")
        units = self.units
        pairs = [
            pair
            for eg in get_examples()
            for pair in self.place.pairs(eg, units, gold_features=True)
        ]
        if not pairs:
            raise ValueError(Errors.R047.format(name=self.name, target=self.place.target))
        self._take_vocabularies(pairs, units, self._checked(labels) if labels else {})
        asked = "dictionary" in self.strategy
        self.cfg["dictionary"] = dictionary_of(pairs, units) if asked else {}
        self._rebuild()
        build(self.model)

    def _take_vocabularies(
        self, pairs: Sequence[Tuple[Source, str]], units: Units, given: Dict[str, List[str]]
    ) -> None:
        sources = [[*s.features, *s.units] for s, _ in pairs]
        targets = [units.split_target(text) for _, text in pairs]
        self.cfg["source_units"] = given.get("source") or vocabulary(sources)
        self.cfg["labels"] = given.get("target") or vocabulary(targets)
        self.cfg["guard"] = length_guard([len(s.units) for s, _ in pairs], list(map(len, targets)))

    def _checked(self, labels: Dict[str, List[str]]) -> Dict[str, List[str]]:
        for side in ("source", "target"):
            if tuple(labels.get(side, ())[: len(SPECIAL)]) != SPECIAL:
                special = ", ".join(SPECIAL)
                raise ValueError(Errors.R053.format(name=self.name, side=side, special=special))
        return labels

    # Learning

    def _warn_of_long(self, n: int) -> None:
        text = Warnings.RW36.format(name=self.name, n=n, most=self.max_source)
        warnings.warn(text, stacklevel=3)

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Learn from a batch; pairs that it has several times count once.

        examples (Iterable[Example]): The batch.
        drop (float): Dropout rate of the nets.
        sgd (Optional[Optimizer]): The optimizer; None or False leaves the step to
            `finish_update`.
        losses (Optional[Dict[str, float]]): Record of the loss, by component name.
        RETURNS (Dict[str, float]): That record.
        """
        losses = start_losses(losses, self.name)
        examples = list(examples)
        validate_examples(examples, "RNNSeq2Seq.update")
        units = self.units
        found = [pair for eg in examples for pair in self.place.pairs(eg, units)]
        pairs = list(dict.fromkeys(found))
        if not pairs:
            return losses
        targets = [units.split_target(text) for _, text in pairs]
        numbers = units.numbers([s for s, _ in pairs], targets, self.model.attrs["copy"])
        ops, smoothing = self.model.ops, self.label_smoothing
        compare = partial(loss, ops, pairs=numbers, smoothing=smoothing)
        return self.learn(numbers, compare, drop, sgd, losses)
