"""What a component that writes sequences learns: vocabularies, a dictionary, edits, the nets."""

import hashlib
import json
import math
import warnings
from functools import partial
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.training import Example, validate_examples, validate_get_examples
from thinc.api import Optimizer
from thinc.types import Floats3d

from .. import bpe
from ..errors import Errors, Warnings
from ..models.seq2seq import build, declare, dictate, loss, rehearsal_loss
from ..schedules import Rate
from ..types import Seq2SeqModel
from ..units import SPECIAL, UNKNOWN_ID, Pairs, Source, Units
from .base import RNNPipe, start_losses
from .edits import Edits, edits_of, is_pair, learn_edits
from .knowledge import count_unknown, dictionary_of, length_guard, vocabulary
from .targets import Place

DEVIATIONS = 3.0  # beyond the mean, that a target may be long
STRATEGY = ("dictionary", "edits", "decoder")


class TransducingPipe(RNNPipe):
    """A component around a `spacy_rnn.EncoderDecoder.v1`."""

    factory: str
    place: Place
    strategy: List[str]
    label_smoothing: float
    max_source: int
    teacher_forcing: Rate
    unknown_units: int = 0  # of targets that were to be learnt; they cannot be written
    _rehearsal_model: Optional[Seq2SeqModel] = None
    _told_of_long: bool = False

    def forget(self) -> None:
        """Remember nothing of what was written."""
        raise NotImplementedError

    # Vocabularies

    @property
    def units(self) -> Units:
        """The units of sources and targets."""
        source, target = tuple(self.cfg["source_units"]), tuple(self.cfg["labels"])
        attrs = self.model.attrs
        kinds = attrs["units"], attrs["target_units"]
        return Units(*kinds, source, target, self.cfg["byte_pairs"] or "")

    @property
    def labels(self) -> Tuple[str, ...]:
        """The units of the targets."""
        return tuple(self.cfg["labels"][len(SPECIAL) :])

    @property
    def edits(self) -> Optional[Edits]:
        """The edits that the net tells apart; None if it was not asked to."""
        shown = self.cfg["edits"]
        return None if shown is None else edits_of(tuple(shown))

    @property
    def label_data(self) -> Dict[str, List[str]]:
        """The vocabularies as `initialize` takes them back, and edits and byte pairs if there
        are some.
        """
        data = {"source": self.cfg["source_units"], "target": self.cfg["labels"]}
        data.update({} if self.cfg["edits"] is None else {"edits": self.cfg["edits"]})
        byte_pairs = self.cfg["byte_pairs"]
        return data if byte_pairs is None else {**data, "byte_pairs": [byte_pairs]}

    def add_label(self, label: str) -> int:
        """Units come from the data; see `initialize`."""
        raise NotImplementedError

    def _rebuild(self, grow: bool = True) -> None:
        n_edits = 0 if self.edits is None else len(self.edits)
        declare(self.model, len(self.cfg["source_units"]), len(self.cfg["labels"]), n_edits)
        self.forget()

    def _header(self) -> Dict[str, Any]:
        more = [self.cfg[name] for name in ("edits", "byte_pairs") if self.cfg[name] is not None]
        text = json.dumps([self.cfg["source_units"], self.cfg["labels"], *more])
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
        """Learn units, lengths, dictionary and edits from the data, and build the nets.

        get_examples (Callable[[], Iterable[Example]]): Gives examples of what is to be
            learnt.
        nlp (Optional[Language]): The pipeline that the component is part of.
        labels (Optional[Dict[str, List[str]]]): The vocabularies, edits and byte pairs, if
            `spacy init labels` made a file of them.
        RAISES (ValueError): If no example says what a target should be, or the labels are those
            of another component.
        """
        validate_get_examples(get_examples, "RNNSeq2Seq.initialize")
        given = self._checked(labels) if labels else {}
        self._take_byte_pairs(get_examples, given)
        units = self.units
        pairs = [
            pair
            for eg in get_examples()
            for pair in self.place.pairs(eg, units, gold_features=True)
        ]
        if not pairs:
            raise ValueError(Errors.R047.format(name=self.name, target=self.place.target))
        self._take_vocabularies(pairs, units, given)
        asked = "dictionary" in self.strategy
        self.cfg["dictionary"] = dictionary_of(pairs, units) if asked else {}
        self._take_edits(pairs, units, given)
        self._rebuild()
        build(self.model)
        self._count_odd(pairs)

    def _take_byte_pairs(
        self, get_examples: Callable[[], Iterable[Example]], given: Dict[str, List[str]]
    ) -> None:
        """From the sides that are cut so."""
        (self.cfg["byte_pairs"],) = given.get("byte_pairs", [None])
        attrs, whole = self.model.attrs, Units("char", "char")
        sides = [side for side in ("units", "target_units") if attrs[side] == "bpe"]
        if sides and self.cfg["byte_pairs"] is None:
            pairs = (pair for eg in get_examples() for pair in self.place.pairs(eg, whole))
            texts = [{"units": "".join(s.units), "target_units": t} for s, t in pairs]
            cut = (text[side] for text in texts for side in sides)
            self.cfg["byte_pairs"] = bpe.learn(cut, attrs["bpe_size"])

    def _take_vocabularies(
        self, pairs: Sequence[Tuple[Source, str]], units: Units, given: Dict[str, List[str]]
    ) -> None:
        sources = [[*s.features, *s.units] for s, _ in pairs]
        targets = [units.split_target(text) for _, text in pairs]
        self.cfg["source_units"] = given.get("source") or vocabulary(sources)
        self.cfg["labels"] = given.get("target") or vocabulary(targets)
        self.cfg["guard"] = length_guard([len(s.units) for s, _ in pairs], list(map(len, targets)))

    def _take_edits(
        self, pairs: Sequence[Tuple[Source, str]], units: Units, given: Dict[str, List[str]]
    ) -> None:
        self.cfg["edits"] = None
        if "edits" in self.strategy:
            forms = ((units.join_source(source.units), text) for source, text in pairs)
            self.cfg["edits"] = given["edits"] if "edits" in given else learn_edits(forms)

    def _count_odd(self, pairs: Sequence[Tuple[Source, str]]) -> None:
        """Say once what of the data cannot be learnt."""
        units, copy = self.units, self.model.attrs["copy"]
        self.unknown_units, self._told_of_long = 0, False
        self._note_unknown(count_unknown(pairs, units, copy))
        self._readable(pairs)

    def _note_unknown(self, n: int) -> None:
        if n and not self.unknown_units:
            text = Warnings.RW35.format(name=self.name, n=n)
            warnings.warn(text, stacklevel=4)
        self.unknown_units += n

    def _readable(self, pairs: Sequence[Tuple[Source, str]]) -> List[Tuple[Source, str]]:
        """Without sources that are too long."""
        short = [pair for pair in pairs if len(pair[0].units) <= self.max_source]
        if len(short) < len(pairs) and not self._told_of_long:
            self._told_of_long = True
            self._warn_of_long(len(pairs) - len(short))
        return short

    def _checked(self, labels: Dict[str, List[str]]) -> Dict[str, List[str]]:
        for side in ("source", "target"):
            if tuple(labels.get(side, ())[: len(SPECIAL)]) != SPECIAL:
                special = ", ".join(SPECIAL)
                raise ValueError(Errors.R053.format(name=self.name, side=side, special=special))
            if len(set(labels[side])) < len(labels[side]):
                raise ValueError(Errors.R167.format(name=self.name, side=side))
        wrong = [pair for pair in labels.get("edits", ()) if not is_pair(pair)]
        if wrong:
            raise ValueError(Errors.R168.format(name=self.name, n=len(wrong), first=wrong[0]))
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
        pairs = self._distinct(examples)
        if not pairs:
            return losses
        numbers = self._numbers(pairs, self.units)
        self._note_unknown(int((numbers.targets == UNKNOWN_ID).sum()))
        self.model.attrs["teacher_forcing"] = self.teacher_forcing.step()
        return self.learn(numbers, partial(self._compare, numbers), drop, sgd, losses)

    def get_loss(self, examples: Iterable[Example], scores: Floats3d) -> Tuple[float, Floats3d]:
        """Negative log-likelihood of the targets, the mean over their units.

        examples (Iterable[Example]): The batch.
        scores (Floats3d): What the model says of the distinct pairs that it has.
        RETURNS (Tuple[float, Floats3d]): Loss and gradient.
        """
        examples = list(examples)
        validate_examples(examples, "RNNSeq2Seq.get_loss")
        return self._compare(self._numbers(self._distinct(examples), self.units), scores)

    def _compare(self, numbers: Pairs, scores: Floats3d) -> Tuple[float, Floats3d]:
        return loss(self.model.ops, scores, pairs=numbers, smoothing=self.label_smoothing)

    def _distinct(self, examples: Iterable[Example]) -> List[Tuple[Source, str]]:
        """The pairs of a batch, each once."""
        units = self.units
        found = [pair for eg in examples for pair in self.place.pairs(eg, units)]
        return self._readable(list(dict.fromkeys(found)))

    def _numbers(self, pairs: Sequence[Tuple[Source, str]], units: Units) -> Pairs:
        """What the net learns from."""
        sources, edits = [source for source, _ in pairs], self.edits
        targets = [units.split_target(text) for _, text in pairs]
        numbers = units.numbers(sources, targets, self.model.attrs["copy"])
        if edits is None:
            return numbers
        found = [edits.find(units.join_source(source.units), text) for source, text in pairs]
        return numbers._replace(edits=numpy.array(found, dtype="i8"))

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Stay close to the model that `nlp.resume_training` found: what it writes shall be as
        probable as it was.

        examples (Iterable[Example]): A batch; its annotation is not read.
        """
        losses = start_losses(losses, self.name)
        examples = list(examples)
        validate_examples(examples, "RNNSeq2Seq.rehearse")
        units, teacher = self.units, self._rehearsal_model
        # A document to rehearse may come without the components that find its parts
        both = ((eg.predicted, eg.reference) for eg in examples)
        docs = (next(filter(self.place.has_parts, pair), None) for pair in both)
        every = (s for doc in docs if doc is not None for s in self.place.sources(doc, units))
        fit = dict.fromkeys(s for s in every if 0 < len(s.units) <= self.max_source)
        sources = list(fit)
        if teacher is None or not sources:
            return losses
        limits = [self.limit(len(s.units)) for s in sources]
        asked = units.numbers(sources, copy=self.model.attrs["copy"])
        numbers = dictate(teacher, asked, limits)
        wanted = teacher.predict(numbers)
        compare = partial(rehearsal_loss, self.model.ops, pairs=numbers, wanted=wanted)
        self.model.attrs["teacher_forcing"] = 1.0
        return self.learn(numbers, compare, drop, sgd, losses)

    def limit(self, length: int) -> int:
        """How many units may be written for so many, `STOP` included: what the training data
        makes likely, and no less than what it has.
        """
        mean, deviation, longest = self.cfg["guard"]
        return max(math.ceil(length * (mean + DEVIATIONS * deviation)), math.ceil(longest), 5) + 1
