"""`rnn_seq2seq`: one sequence read, another of any length written: lemmas, pronunciations,
normal forms, translations.
"""

import hashlib
import json
import math
from collections import Counter
from functools import partial
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.errors import Errors as SpacyErrors
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Config, Optimizer

from ..errors import Errors
from ..models.seq2seq import AT_A_TIME, build, declare, loss, write
from ..types import Seq2SeqModel
from ..units import SPECIAL, Source, Units
from .base import RNNPipe, start_losses
from .targets import make_place

DEFAULT_CONFIG = """
[model]
@architectures = "spacy_rnn.EncoderDecoder.v1"
"""
REMEMBERED = 50_000  # sources whose targets are kept
DEVIATIONS = 3.0  # beyond the mean, that a target may be long


@Language.factory(
    "rnn_seq2seq",
    default_config={
        "model": Config().from_str(DEFAULT_CONFIG)["model"],
        "level": "token",
        "target": "lemma",
        "features": [],
        "strategy": ["dictionary", "decoder"],
        "beam_width": 1,
        "alpha": 1.0,
        "label_smoothing": 0.0,
        "overwrite": False,
        "grad_clip": 5.0,
        "max_bad_steps": 10,
        "scorer": {"@scorers": "spacy_rnn.seq2seq_scorer.v1"},
    },
    default_score_weights={"lemma_acc": 1.0},
)
def make_rnn_seq2seq(
    nlp: Language,
    name: str,
    model: Seq2SeqModel,
    level: str,
    target: str,
    features: List[str],
    strategy: List[str],
    beam_width: int,
    alpha: float,
    label_smoothing: float,
    overwrite: bool,
    grad_clip: float,
    max_bad_steps: int,
    scorer: Optional[Callable[..., Any]],
) -> "RNNSeq2Seq":
    """Make the component.

    model (Model[Pairs, Floats3d]): See `spacy_rnn.EncoderDecoder.v1`.
    level (str): What is read: "token", "sent", "doc" or "span:KEY".
    target (str): Where what is written goes: for tokens "lemma", "norm", "tag", "pos" or
        "morph", and for all levels "_.NAME", an extension.
    features (List[str]): Attributes of tokens that components before have set ("pos",
        "morph", "_.NAME"), read before the characters.
    strategy (List[str]): Who is asked, in that order: "dictionary", which knows the training
        data, and "decoder".
    beam_width (int): How many sequences a search follows; 1 takes the best unit at every step.
    alpha (float): Sequences are compared by log P / length^alpha.
    label_smoothing (float): The share of the probability that training gives to all units
        alike.
    overwrite (bool): Whether a value that is there already gives way.
    grad_clip (float): Largest norm of the gradient over all weights, 0 for no limit.
    max_bad_steps (int): Training stops after so many NaN gradients in a row.
    scorer (Optional[Callable]): The scoring method.
    """
    return RNNSeq2Seq(
        nlp.vocab,
        model,
        name,
        level=level,
        target=target,
        features=features,
        strategy=strategy,
        beam_width=beam_width,
        alpha=alpha,
        label_smoothing=label_smoothing,
        overwrite=overwrite,
        grad_clip=grad_clip,
        max_bad_steps=max_bad_steps,
        scorer=scorer,
    )


class Transduced(NamedTuple):
    """What was written for a source."""

    text: str
    score: float  # log P by length, 0 for certainty and for the dictionary
    truncated: bool  # whether the guard of its length ended it


class RNNSeq2Seq(RNNPipe):
    """Sequences of any length by a recurrent encoder and decoder. Equal sources are decoded
    once, and remembered as long as the weights stay what they are.
    """

    factory = "rnn_seq2seq"

    def __init__(
        self,
        vocab: Vocab,
        model: Seq2SeqModel,
        name: str = "rnn_seq2seq",
        *,
        level: str = "token",
        target: str = "lemma",
        features: Sequence[str] = (),
        strategy: Sequence[str] = ("dictionary", "decoder"),
        beam_width: int = 1,
        alpha: float = 1.0,
        label_smoothing: float = 0.0,
        overwrite: bool = False,
        grad_clip: float = 5.0,
        max_bad_steps: int = 10,
        scorer: Optional[Callable[..., Any]] = None,
    ):
        """Initialize the component. The arguments are those of `make_rnn_seq2seq`."""
        if not strategy or set(strategy) - {"dictionary", "decoder"}:
            raise ValueError(Errors.R048.format(name=name, strategy=list(strategy)))
        if not 0 <= label_smoothing < 1:
            raise ValueError(Errors.R036.format(name=name, value=label_smoothing))
        if beam_width < 1:
            raise ValueError(Errors.R050.format(name=name, width=beam_width))
        self.vocab = vocab
        self.model = model
        self.name = name
        self.place = make_place(name, level, target, features)
        self.strategy = list(strategy)
        self.beam_width = beam_width
        self.alpha = alpha
        self.label_smoothing = label_smoothing
        self.overwrite = overwrite
        self.grad_clip = grad_clip
        self.max_bad_steps = max_bad_steps
        self.scorer = scorer
        self.cfg: Dict[str, Any] = {
            "labels": list(SPECIAL),  # units of the targets
            "source_units": list(SPECIAL),
            "guard": [1.0, 1.0],  # mean and deviation of the length of targets by sources
            "dictionary": {},
        }
        self._memory: Dict[Source, Transduced] = {}
        self._memory_of: Tuple[Any, ...] = ()  # the weights and settings that it belongs to

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
        self._memory_of = ()

    def _header(self) -> Dict[str, Any]:
        text = json.dumps([self.cfg["source_units"], self.cfg["labels"]])
        digest = hashlib.sha256(text.encode("utf8")).hexdigest()
        return {"architecture": self.factory, "labels": digest}

    # Learning

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
        sources = [[*s.features, *s.units] for s, _ in pairs]
        targets = [units.split_target(text) for _, text in pairs]
        given = self._checked(labels) if labels else {}
        self.cfg["source_units"] = given.get("source") or vocabulary(sources)
        self.cfg["labels"] = given.get("target") or vocabulary(targets)
        self.cfg["guard"] = length_guard([len(s.units) for s, _ in pairs], list(map(len, targets)))
        self.cfg["dictionary"] = (
            dictionary_of(pairs, units) if "dictionary" in self.strategy else {}
        )
        self._rebuild()
        build(self.model)

    def _checked(self, labels: Dict[str, List[str]]) -> Dict[str, List[str]]:
        for side in ("source", "target"):
            if tuple(labels.get(side, ())[: len(SPECIAL)]) != SPECIAL:
                special = ", ".join(SPECIAL)
                raise ValueError(Errors.R053.format(name=self.name, side=side, special=special))
        return labels

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

    # Prediction

    def predict(self, docs: Iterable[Doc]) -> List[List[Transduced]]:
        """Write for every part of documents; the documents stay as they are.

        docs (Iterable[Doc]): The documents.
        RETURNS (List[List[Transduced]]): What was written for the parts of each.
        """
        units = self.units
        sources = [self.place.sources(doc, units) for doc in docs]
        found = self.transduce(dict.fromkeys(s for of_doc in sources for s in of_doc))
        return [[found[s] for s in of_doc] for of_doc in sources]

    def transduce(self, sources: Iterable[Source]) -> Dict[Source, Transduced]:
        """What is written for each of some sources.

        sources (Iterable[Source]): Each once.
        """
        if not self.model.shims[0].is_built:
            raise ValueError(SpacyErrors.E109.format(name=self.name))
        memory, sources = self._current_memory(), list(sources)
        units = self.units
        found = {s: t for s in sources for t in [memory.get(s) or self._look_up(s, units)] if t}
        rest = sorted((s for s in sources if s not in found), key=lambda s: len(s.units))
        for start in range(0, len(rest), AT_A_TIME):
            found.update(self._decode(rest[start : start + AT_A_TIME]))
        if len(memory) + len(rest) > REMEMBERED:
            memory.clear()
        memory.update((s, found[s]) for s in rest[:REMEMBERED])
        return found

    def _current_memory(self) -> Dict[Source, Transduced]:
        now = self.model.shims[0].version, self.beam_width, self.alpha, *self.strategy
        if self._memory_of != now:
            self._memory, self._memory_of = {}, now
        return self._memory

    def _look_up(self, source: Source, units: Units) -> Optional[Transduced]:
        nothing = Transduced("", 0.0, False)
        if self.strategy[0] != "dictionary" or not source.units:
            return None if source.units else nothing
        text = self.cfg["dictionary"].get(entry(source, units))
        if text is None:
            return None if "decoder" in self.strategy else nothing
        return Transduced(text, 0.0, False)

    def _decode(self, sources: List[Source]) -> Dict[Source, Transduced]:
        units = self.units
        numbers = units.numbers(sources, copy=self.model.attrs["copy"])
        limits = [self._limit(len(s.units)) for s in sources]
        written = write(self.model, numbers, limits, width=self.beam_width, alpha=self.alpha)
        best = [of_source[0] for of_source in written]
        texts = units.texts([w.units for w in best], sources)
        return {
            s: Transduced(text, w.score, w.truncated) for s, text, w in zip(sources, texts, best)
        }

    def _limit(self, length: int) -> int:
        """How many units may be written for so many, `STOP` included: what the training data
        makes likely.
        """
        mean, deviation = self.cfg["guard"]
        return max(math.ceil(length * (mean + DEVIATIONS * deviation)), 5) + 1

    def set_annotations(self, docs: Iterable[Doc], found: List[List[Transduced]]) -> None:
        """Write targets; what was cut short is named in `doc.user_data`.

        docs (Iterable[Doc]): The documents.
        found (List[List[Transduced]]): What `predict` wrote for the parts of each.
        """
        for doc, of_doc in zip(docs, found):
            self.place.write(doc, [t.text for t in of_doc], self.overwrite)
            doc.user_data[f"{self.name}_scores"] = [t.score for t in of_doc]
            cut = [i for i, t in enumerate(of_doc) if t.truncated]
            doc.user_data[f"{self.name}_truncated"] = cut

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score a batch of examples.

        examples (Iterable[Example]): Predictions and references.
        RETURNS (Dict[str, Any]): The scores.
        """
        place = {"level": self.place.level, "target": self.place.target}
        how = {"units": self.model.attrs["target_units"]}
        return dict(super().score(examples, **place, **how, **kwargs))


def vocabulary(sequences: Iterable[Sequence[str]]) -> List[str]:
    """All units, the most frequent first, behind those that every vocabulary has."""
    counts = Counter(unit for sequence in sequences for unit in sequence)
    return [*SPECIAL, *sorted(counts, key=lambda unit: (-counts[unit], unit))]


def length_guard(sources: Sequence[int], targets: Sequence[int]) -> List[float]:
    """Mean and standard deviation of the length of targets by that of their sources."""
    ratios = numpy.array(targets) / numpy.maximum(sources, 1)
    return [float(ratios.mean()), float(ratios.std())]


def entry(source: Source, units: Units) -> str:
    """How the dictionary knows a source."""
    return "\t".join([*source.features, units.join_source(source.units)])


def dictionary_of(pairs: Sequence[Tuple[Source, str]], units: Units) -> Dict[str, str]:
    """What each source of the training data most often becomes, with its features, and
    without any.
    """
    counts: Dict[str, Counter[str]] = {}
    for source, text in pairs:
        for key in {entry(source, units), entry(Source((), source.units), units)}:
            counts.setdefault(key, Counter())[text] += 1
    return {key: of_source.most_common(1)[0][0] for key, of_source in counts.items()}
