"""`rnn_ner`: named entities by a recurrent net and a CRF; a drop-in for spaCy's `ner`."""

import warnings
from typing import Any, Callable, Dict, Iterable, Optional, Sequence, Union

import numpy
from spacy import util
from spacy.language import Language
from spacy.tokens import Span
from spacy.training import Example, validate_get_examples
from spacy.vocab import Vocab
from thinc.types import Floats2d, Ints1d

from ..errors import Errors, Warnings
from ..extensions import register
from ..models.checks import check_choice
from ..scorers import score_entities
from ..tags import IO_LABEL, SCHEMES, count_dropped
from ..types import LabelerModel
from .base import default_tok2vec
from .labeling import check_confidence
from .recognizing import RecognizingPipe


@Language.factory(
    "rnn_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={
        "model": {
            "@architectures": "spacy_rnn.SequenceLabeler.v1",
            "decoding": "crf",
            "tok2vec": default_tok2vec(width=256),
        },
        "scheme": "BIO",
        "grad_clip": 5.0,
        "max_bad_steps": 10,
        "missed_cost": 0.0,
        "confidence": "confidence",
        "threshold": 0.0,
        "scorer": {"@scorers": "spacy_rnn.ner_scorer.v1"},
    },
    default_score_weights={
        "ents_f": 1.0,
        "ents_p": 0.0,
        "ents_r": 0.0,
        "ents_per_type": None,
        "ents_ece": None,
        "ents_auroc": None,
    },
)
def make_rnn_ner(
    nlp: Language,
    name: str,
    model: LabelerModel,
    scheme: str,
    grad_clip: float,
    max_bad_steps: int,
    missed_cost: Union[float, Dict[str, float]],
    confidence: Optional[str],
    threshold: float,
    scorer: Optional[Callable[..., Any]],
) -> "RNNEntityRecognizer":
    """Make the component.

    model (Model[List[Doc], TagScores]): Scores tags, see `spacy_rnn.SequenceLabeler.v1`.
    scheme (str): How a span is written in tags: "BIO", "BILUO", or "IO", which tells
        only inside from outside and knows the one label ENTITY.
    grad_clip (float): Largest norm of the gradient over all weights, 0 for no limit.
    max_bad_steps (int): Training stops after so many NaN gradients in a row.
    missed_cost (Union[float, Dict[str, float]]): Raises recall at the price of precision:
        training demands that the tag of an entity beats O by so much, for every label
        or by label. 0 asks for probabilities as they are.
    confidence (Optional[str]): The extension `span._.NAME` that takes how sure each entity
        is: its probability over all readings. null for none.
    threshold (float): Entities that are less sure are dropped, 0 to 1.
    scorer (Optional[Callable]): The scoring method.
    """
    return RNNEntityRecognizer(
        nlp.vocab,
        model,
        name,
        scheme=scheme,
        grad_clip=grad_clip,
        max_bad_steps=max_bad_steps,
        missed_cost=missed_cost,
        confidence=confidence,
        threshold=threshold,
        scorer=scorer,
    )


class RNNEntityRecognizer(RecognizingPipe):
    """Named entity recognition by a recurrent net and a linear-chain CRF.

    Entities that stand on a document before it arrives are kept with their ids, tokens
    that are blocked stay free, and what was O or unset is predicted.
    """

    factory = "rnn_ner"

    def __init__(
        self,
        vocab: Vocab,
        model: LabelerModel,
        name: str = "rnn_ner",
        *,
        scheme: str = "BIO",
        grad_clip: float = 5.0,
        max_bad_steps: int = 10,
        missed_cost: Union[float, Dict[str, float]] = 0.0,
        confidence: Optional[str] = "confidence",
        threshold: float = 0.0,
        scorer: Optional[Callable[..., Any]] = score_entities,
    ):
        """Initialize the component. The arguments are those of `make_rnn_ner`."""
        check_choice("scheme", scheme, tuple(SCHEMES))
        if (model.attrs["decoding"] == "sigmoid") and scheme != "IO":
            raise ValueError(Errors.R014.format(name=name, scheme=scheme))
        costs = missed_cost.values() if isinstance(missed_cost, dict) else [missed_cost]
        if any(cost < 0 for cost in costs):
            raise ValueError(Errors.R020.format(name=name, cost=missed_cost))
        if not 0.0 <= threshold <= 1.0:
            raise ValueError(Errors.R021.format(name=name, threshold=threshold))
        check_confidence(name, confidence, Span)
        super().__init__(vocab, model, name, grad_clip, max_bad_steps, scorer)
        self.scheme = scheme
        self.missed_cost = missed_cost
        self.confidence = confidence
        self.threshold = threshold
        labels = [IO_LABEL] if scheme == "IO" else []
        self.cfg: Dict[str, Any] = {"labels": labels, "unmet": [], "temperature": 1.0}
        self._rebuild()
        if confidence is not None:
            register(Span, confidence)

    # Labels

    def _check_label(self, label: str) -> None:
        super()._check_label(label)
        if self.scheme == "IO":
            text = Errors.R013.format(name=self.name, only=IO_LABEL, label=label)
            raise ValueError(text)

    def _add_labels_of(self, examples: Iterable[Example]) -> None:
        if self.scheme == "IO":
            return
        found = {e.label_ for eg in examples for e in (*eg.reference.ents, *eg.predicted.ents)}
        for label in sorted(found - {""} - set(self.labels)):
            self.add_label(label)

    # Training

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Sequence[str]] = None,
    ) -> None:
        """Learn the labels from the data and build the nets.

        get_examples (Callable[[], Iterable[Example]]): Gives examples of what is to be
            learnt.
        nlp (Optional[Language]): The pipeline that the component is part of.
        labels (Optional[Sequence[str]]): The labels, if `spacy init labels` made a file
            of them; saves the search.
        RAISES (ValueError): If there are documents without a single entity.
        """
        validate_get_examples(get_examples, "RNNEntityRecognizer.initialize")
        util.check_lexeme_norms(self.vocab, "rnn_ner")
        if labels is not None:
            for label in labels:
                self.add_label(label)
        else:
            self._read_annotation(get_examples())
        self._check_costs()
        self.cfg["temperature"] = 1.0
        self._initialize_model(get_examples())

    def _check_costs(self) -> None:
        by_label = self.missed_cost if isinstance(self.missed_cost, dict) else {}
        unknown = sorted(set(by_label) - set(self.labels))
        if unknown and self.labels:  # without any, nobody has shown it data yet
            text = Errors.R019.format(name=self.name, unknown=unknown, labels=self.labels)
            raise ValueError(text)

    def _read_annotation(self, examples: Iterable[Example]) -> None:
        """Collect labels, and say once how much annotation cannot be used.

        RAISES (ValueError): If there are documents and no entity.
        """
        dropped = documents = annotated = entities = 0
        for eg in examples:
            self._add_labels_of([eg])
            dropped += count_dropped(eg)
            documents += 1
            entities += len(eg.reference.ents)
            annotated += eg.reference.has_annotation("ENT_IOB")
        # `nlp.initialize()` without data gives one document that nobody has annotated
        nothing = not entities and (not self.labels or self.scheme == "IO")
        if nothing and (annotated or documents > 1):
            raise ValueError(Errors.R126.format(name=self.name, n=documents))
        if dropped:
            warnings.warn(Warnings.RW01.format(name=self.name, n=dropped), stacklevel=2)

    def _gold(self, example: Example) -> Ints1d:
        return self.tags.gold(example)

    def _costs(self, gold: Ints1d) -> Optional[Floats2d]:
        """O costs something where an entity stands."""
        if not self.missed_cost:
            return None
        costs = numpy.zeros((len(gold), len(self.tags)), dtype="f")
        cost = self.missed_cost
        by_label = cost if isinstance(cost, dict) else dict.fromkeys(self.labels, cost)
        by_tag = [by_label.get(label, 0.0) for label in self.tags.label_of]
        costs[:, 0] = numpy.where(gold > 0, numpy.array(by_tag)[gold], 0.0)
        return self.model.ops.asarray2f(costs)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score a batch of examples.

        examples (Iterable[Example]): Predictions and references.
        RETURNS (Dict[str, Any]): The scores.
        """
        what = {"confidence": self.confidence, "labelled": self.scheme != "IO"}
        return dict(super().score(examples, **what, **kwargs))
