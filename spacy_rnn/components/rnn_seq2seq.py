"""`rnn_seq2seq`: one sequence read, another of any length written: lemmas, pronunciations,
normal forms, translations.
"""

import math
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from spacy.errors import Errors as SpacyErrors
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import Config

from ..errors import Errors
from ..models.seq2seq import AT_A_TIME, write
from ..types import Seq2SeqModel
from ..units import SPECIAL, Source, Units
from .knowledge import entry
from .targets import make_place
from .transducing import STRATEGY, TransducingPipe

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


class RNNSeq2Seq(TransducingPipe):
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
        if not strategy or set(strategy) - set(STRATEGY):
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
