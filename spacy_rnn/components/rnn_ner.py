"""`rnn_ner`: named entities by a recurrent net and a CRF; a drop-in for spaCy's `ner`."""

import warnings
from functools import partial
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy
from spacy import util
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Config
from thinc.types import Array2d, Floats1d, Floats2d, Ints1d

from ..errors import Errors, Warnings
from ..models.encoder import check_choice
from ..models.labeler import decode
from ..models.posterior import fit_temperature, k_best, marginals, span_confidences
from ..scorers import score_entities
from ..tags import IO_LABEL, SCHEMES, TagSet, count_dropped
from ..types import LabelerModel, TagScores
from .entities import Found, allowed_tags, register, set_entities
from .labeling import LabelingPipe

DEFAULT_CONFIG = """
[model]
@architectures = "spacy_rnn.SequenceLabeler.v1"
decoding = "crf"

[model.tok2vec]
@architectures = "spacy.Tok2Vec.v2"

[model.tok2vec.embed]
@architectures = "spacy_rnn.WordEmbed.v1"
include_static_vectors = false

[model.tok2vec.encode]
@architectures = "spacy_rnn.RNNEncoder.v1"
width = 256
cell = "lstm"
depth = 1
bidirectional = true
"""


@Language.factory(
    "rnn_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={
        "model": Config().from_str(DEFAULT_CONFIG)["model"],
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


class Reading(NamedTuple):
    """One way to read a document."""

    probability: float
    entities: List[Span]


class RNNEntityRecognizer(LabelingPipe):
    """Named entity recognition by a recurrent net and a linear-chain CRF.

    Entities that stand on a document before it arrives are kept with their ids, tokens
    that are blocked stay free, and what was O or unset is predicted.
    """

    factory = "rnn_ner"
    tags: TagSet

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
        self.vocab = vocab
        self.model = model
        self.name = name
        self.scheme = scheme
        self.grad_clip = grad_clip
        self.max_bad_steps = max_bad_steps
        self.missed_cost = missed_cost
        self.confidence = confidence
        self.threshold = threshold
        self.scorer = scorer
        labels = [IO_LABEL] if scheme == "IO" else []
        self.cfg: Dict[str, Any] = {"labels": labels, "temperature": 1.0}
        self._rebuild()
        if confidence is not None:
            register(confidence)

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
        self._initialize_model(get_examples())

    def _check_costs(self) -> None:
        by_label = self.missed_cost if isinstance(self.missed_cost, dict) else {}
        unknown = sorted(set(by_label) - set(self.labels))
        if unknown:
            text = Errors.R019.format(name=self.name, unknown=unknown, labels=self.labels)
            raise ValueError(text)

    def _read_annotation(self, examples: Iterable[Example]) -> None:
        """Collect labels, and say once how much annotation cannot be used.

        RAISES (ValueError): If there are documents and no entity.
        """
        dropped = documents = annotated = 0
        for eg in examples:
            self._add_labels_of([eg])
            dropped += count_dropped(eg)
            documents += 1
            annotated += eg.reference.has_annotation("ENT_IOB")
        # `nlp.initialize()` without data gives one document that nobody has annotated
        if not self.labels and (annotated or documents > 1):
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
        by_tag = [self._missed_cost(label) for label in self.tags.label_of]
        costs[:, 0] = numpy.where(gold > 0, numpy.array(by_tag)[gold], 0.0)
        return self.model.ops.asarray2f(costs)

    def _missed_cost(self, label: str) -> float:
        if isinstance(self.missed_cost, dict):
            return self.missed_cost.get(label, 0.0)
        return self.missed_cost

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score a batch of examples.

        examples (Iterable[Example]): Predictions and references.
        RETURNS (Dict[str, Any]): The scores.
        """
        return dict(super().score(examples, confidence=self.confidence, **kwargs))

    # Prediction

    def predict(self, docs: Iterable[Doc]) -> List[List[Found]]:
        """The entities of the best legal reading; the documents stay as they are.

        docs (Iterable[Doc]): The documents.
        RETURNS (List[List[Found]]): The entities of each, and how sure they are.
        """
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [[] for _ in docs]
        scores, allowed = self._scores(docs), self._allowed(docs)
        ids = self.model.ops.to_numpy(decode(scores, self.tags, allowed))
        spans, sure = self._confident(scores, ids, allowed)
        found = self.tags.entities(ids, [len(doc) for doc in docs], spans)
        each = iter(sure.tolist())
        return [[Found(entity, next(each)) for entity in of_doc] for of_doc in found]

    def _confident(
        self, scores: TagScores, ids: Ints1d, allowed: Optional[Array2d]
    ) -> Tuple[Tuple[Ints1d, Ints1d], Floats1d]:
        """The spans that are sure enough, and how sure. *Shapes:* ``(S,)``"""
        starts, ends = self.tags.edges(ids, self.model.ops.to_numpy(scores.lengths))
        if self.confidence is None and not self.threshold:
            return (starts, ends), numpy.ones(len(starts))
        sure = span_confidences(scores, self.tags, ids, (starts, ends), allowed, self.temperature)
        keep = sure >= self.threshold
        return (starts[keep], ends[keep]), sure[keep]

    def predict_proba(self, docs: Iterable[Doc]) -> List[Floats2d]:
        """The probability of each tag at each token, over all legal readings.

        docs (Iterable[Doc]): The documents; entities that are set on them are taken for
            granted.
        RETURNS (List[Floats2d]): Columns are `tags.names`. *Shape:* ``(tokens, K)``
        """
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [numpy.zeros((0, len(self.tags))) for _ in docs]
        args = self._scores(docs), self.tags, self._allowed(docs), self.temperature
        ends = numpy.cumsum([len(doc) for doc in docs])
        return numpy.split(marginals(*args), ends[:-1])

    def kbest(self, doc: Doc, k: int) -> List[Reading]:
        """The most probable readings of a document, best first.

        doc (Doc): The document.
        k (int): How many; fewer come back if fewer are legal.
        RETURNS (List[Reading]): Their probabilities and entities.
        """
        if not len(doc):
            return [Reading(1.0, [])]
        scores, allowed = self._scores([doc]), self._allowed([doc])
        found = k_best(scores, self.tags, k, allowed, self.temperature)
        return [Reading(p, self._spans(doc, ids)) for p, ids in found]

    def _spans(self, doc: Doc, ids: Ints1d) -> List[Span]:
        (entities,) = self.tags.entities(ids, [len(doc)])
        return [Span(doc, e.start, e.end, label=e.label) for e in entities]

    def calibrate(self, examples: Iterable[Example]) -> float:
        """Fit the temperature, so that of the entities with confidence 0.8 four in five are
        right. The entities stay the same.

        examples (Iterable[Example]): Annotated documents that training has not seen.
        RETURNS (float): The temperature.
        """
        examples = [eg for eg in examples if len(eg.predicted)]
        if not examples:
            return self.temperature
        gold = numpy.concatenate([self._gold(eg) for eg in examples])
        docs = [eg.predicted for eg in examples]
        scores, allowed = self._scores(docs), self._allowed(docs)
        ids = self.model.ops.to_numpy(decode(scores, self.tags, allowed))
        spans, right = self.tags.judge(ids, gold, [len(doc) for doc in docs])
        if len(right):
            asked = partial(span_confidences, scores, self.tags, ids, spans, allowed)
            self.cfg["temperature"] = fit_temperature(asked, right)
        return self.temperature

    @property
    def temperature(self) -> float:
        """What scores are divided by before they become probabilities."""
        return float(self.cfg["temperature"])

    def _allowed(self, docs: List[Doc]) -> Optional[Array2d]:
        """The tags that each token may carry, None for all. *Shape:* ``(N, K)``"""
        allowed = allowed_tags(docs, self.tags)
        return None if allowed is None else self.model.ops.asarray(allowed)

    def set_annotations(self, docs: Iterable[Doc], entities: List[List[Found]]) -> None:
        """Write entities.

        docs (Iterable[Doc]): The documents.
        entities (List[List[Found]]): What `predict` found in them.
        """
        for doc, found in zip(docs, entities):
            if len(doc):
                set_entities(doc, found, self.confidence)
