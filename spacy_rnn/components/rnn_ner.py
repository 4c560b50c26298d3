"""`rnn_ner`: named entities by a recurrent net and a CRF; a drop-in for spaCy's `ner`."""

import hashlib
import json
import warnings
from itertools import islice
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Optional,
    Sequence,
    Set,
    Tuple,
    Union,
)

import numpy
from spacy import util
from spacy.attrs import ENT_IOB, ENT_TYPE, IS_SPACE
from spacy.errors import Errors as SpacyErrors
from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Config, Optimizer, set_dropout_rate
from thinc.types import Array2d, Floats2d, Ints1d

from ..errors import Errors, Warnings
from ..models.encoder import check_choice
from ..models.labeler import declare, decode, loss, rehearsal_loss, resize
from ..tags import IO_LABEL, SCHEMES, Entity, TagSet, count_dropped
from ..types import LabelerModel, TagScores
from .base import RNNPipe, start_losses

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
        "scorer": {"@scorers": "spacy.ner_scorer.v1"},
    },
    default_score_weights={
        "ents_f": 1.0,
        "ents_p": 0.0,
        "ents_r": 0.0,
        "ents_per_type": None,
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
        scorer=scorer,
    )


class RNNEntityRecognizer(RNNPipe):
    """Named entity recognition by a recurrent net and a linear-chain CRF.

    Entities that stand on a document before it arrives are kept with their ids, tokens
    that are blocked stay free, and what was O or unset is predicted.
    """

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
        scorer: Optional[Callable[..., Any]] = get_ner_prf,
    ):
        """Initialize the component. The arguments are those of `make_rnn_ner`."""
        check_choice("scheme", scheme, tuple(SCHEMES))
        if (model.attrs["decoding"] == "sigmoid") and scheme != "IO":
            raise ValueError(Errors.R014.format(name=name, scheme=scheme))
        costs = missed_cost.values() if isinstance(missed_cost, dict) else [missed_cost]
        if any(cost < 0 for cost in costs):
            raise ValueError(Errors.R020.format(name=name, cost=missed_cost))
        self.vocab = vocab
        self.model = model
        self.name = name
        self.scheme = scheme
        self.grad_clip = grad_clip
        self.max_bad_steps = max_bad_steps
        self.missed_cost = missed_cost
        self.scorer = scorer
        self.cfg: Dict[str, Any] = {"labels": [IO_LABEL] if scheme == "IO" else []}
        self._rehearsal_model: Optional[LabelerModel] = None
        self._rebuild()

    # Labels

    @property
    def labels(self) -> Tuple[str, ...]:
        """The entity labels, in the order in which they were added."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> List[str]:
        """The labels as `initialize` takes them back."""
        return list(self.labels)

    def add_label(self, label: str) -> int:
        """Add a label. The model keeps what it knows of the others.

        label (str): The label.
        RETURNS (int): 0 if it is there already, otherwise 1.
        """
        if not isinstance(label, str):
            raise ValueError(SpacyErrors.E187)
        if label in self.labels:
            return 0
        if label.startswith("!"):
            raise ValueError(Errors.R017.format(label=label))
        if self.scheme == "IO":
            text = Errors.R013.format(name=self.name, only=IO_LABEL, label=label)
            raise ValueError(text)
        self.vocab.strings.add(label)
        self.cfg["labels"].append(label)
        self._rebuild()
        return 1

    def _rebuild(self, grow: bool = True) -> None:
        self.tags = TagSet(self.labels, self.scheme)
        (resize if grow else declare)(self.model, len(self.tags))

    def _add_labels_of(self, examples: Iterable[Example]) -> None:
        """Take in the labels of the annotation that are new."""
        if self.scheme == "IO":
            return
        found = {e.label_ for eg in examples for e in (*eg.reference.ents, *eg.predicted.ents)}
        for label in sorted(found - {""} - set(self.labels)):
            self.add_label(label)

    def _header(self) -> Dict[str, Any]:
        text = json.dumps([self.scheme, *self.labels])
        digest = hashlib.sha256(text.encode("utf8")).hexdigest()
        return {"architecture": "rnn_ner", "labels": digest}

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
        """
        validate_get_examples(get_examples, "RNNEntityRecognizer.initialize")
        util.check_lexeme_norms(self.vocab, "rnn_ner")
        if labels is not None:
            for label in labels:
                self.add_label(label)
        else:
            self._read_annotation(get_examples())
        self._check_costs()
        docs = [eg.predicted for eg in islice(get_examples(), 10)]
        docs = [doc for doc in docs if len(doc)] or [Doc(self.vocab, words=["hello"])]
        self.model.initialize(X=docs)

    def _check_costs(self) -> None:
        by_label = self.missed_cost if isinstance(self.missed_cost, dict) else {}
        unknown = sorted(set(by_label) - set(self.labels))
        if unknown:
            text = Errors.R019.format(name=self.name, unknown=unknown, labels=self.labels)
            raise ValueError(text)

    def _read_annotation(self, examples: Iterable[Example]) -> None:
        """Collect labels, and say once how much annotation cannot be used."""
        dropped = 0
        for eg in examples:
            self._add_labels_of([eg])
            dropped += count_dropped(eg)
        if dropped:
            warnings.warn(Warnings.RW01.format(name=self.name, n=dropped), stacklevel=2)

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Learn from a batch. Labels that are new are added.

        examples (Iterable[Example]): The batch.
        drop (float): Dropout rate of the nets.
        sgd (Optional[Optimizer]): The optimizer; None or False leaves the step to
            `finish_update`.
        losses (Optional[Dict[str, float]]): Record of the loss, by component name.
        RETURNS (Dict[str, float]): That record.
        """
        losses = start_losses(losses, self.name)
        examples = list(examples)
        validate_examples(examples, "RNNEntityRecognizer.update")
        if not any(len(eg.predicted) for eg in examples):
            return losses
        self._add_labels_of(examples)
        set_dropout_rate(self.model, drop)
        scores, backprop = self.model.begin_update([eg.predicted for eg in examples])
        value, d_scores = self.get_loss(examples, scores)
        backprop(d_scores)
        self.record_loss(value, losses)
        if sgd not in (None, False):
            self.finish_update(sgd)
        return losses

    def get_loss(self, examples: Iterable[Example], scores: TagScores) -> Tuple[float, TagScores]:
        """Negative log-likelihood of the annotation, the mean over the documents. With
        `missed_cost` it is a softmax-margin (Gimpel and Smith, 2010): O gets the cost on
        top where an entity stands, and the model has to do better by that much.

        examples (Iterable[Example]): The batch.
        scores (TagScores): What the model says of it.
        RETURNS (Tuple[float, TagScores]): Loss and gradient.
        """
        gold = numpy.concatenate([self.tags.gold(eg) for eg in examples])
        allowed = self.model.ops.asarray(self.tags.one_hot(gold))
        return loss(self.model, scores, self.tags, allowed, self._costs(gold))

    def _costs(self, gold: Ints1d) -> Optional[Floats2d]:
        """What each tag costs at each token. *Shape:* ``(N, K)``"""
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

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
        **config: Any,
    ) -> Dict[str, float]:
        """Stay close to the model that `nlp.resume_training` found.

        examples (Iterable[Example]): A batch; its annotation is not read.
        """
        losses = start_losses(losses, self.name)
        docs = [eg.predicted for eg in examples]
        if self._rehearsal_model is None or not any(len(doc) for doc in docs):
            return losses
        set_dropout_rate(self.model, 0.0)
        target = self._rehearsal_model.predict(docs)
        scores, backprop = self.model.begin_update(docs)
        value, d_scores = rehearsal_loss(scores, target)
        backprop(d_scores)
        self.record_loss(value, losses)
        if sgd not in (None, False):
            self.finish_update(sgd)
        return losses

    # Prediction

    def predict(self, docs: Iterable[Doc]) -> List[Ints1d]:
        """The best legal tags of each document; the documents stay as they are.

        docs (Iterable[Doc]): The documents.
        RETURNS (List[Ints1d]): Numbers of tags, see `tags`. *Shape:* ``(tokens,)``
        """
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [numpy.zeros((0,), dtype="i8") for _ in docs]
        if not self.model.shims[0].is_built:
            raise ValueError(SpacyErrors.E109.format(name=self.name))
        ids = decode(self.model.predict(docs), self.tags, self._allowed(docs))
        ends = numpy.cumsum([len(doc) for doc in docs])
        return numpy.split(self.model.ops.to_numpy(ids), ends[:-1])

    def _allowed(self, docs: List[Doc]) -> Optional[Array2d]:
        """The tags that each token may carry, None if all may carry all. White space
        neither begins nor ends an entity; what is preset keeps its tags.

        RETURNS (Optional[Array2d]): *Shape:* ``(N, K)``
        """
        flags = [doc.to_array([ENT_IOB, IS_SPACE]) for doc in docs if len(doc)]
        iob, space = numpy.concatenate(flags).T
        preset = (iob == 1) | (iob == 3)
        if not (preset.any() or space.any()):
            return None
        allowed = numpy.ones((len(iob), len(self.tags)), dtype=bool)
        allowed[space == 1] = [kind in "OI" for kind in self.tags.kinds]
        allowed[preset] = numpy.arange(len(self.tags)) == 0
        self._allow_presets(allowed, docs)
        return self.model.ops.asarray(allowed)

    def _allow_presets(self, allowed: Array2d, docs: List[Doc]) -> None:
        """Give preset entities their tags, as far as their labels are known, and let
        nothing go on from there.
        """
        offset = 0
        for doc in docs:
            for ent in doc.ents:
                if ("I", ent.label_) in self.tags.ids:
                    tags = self.tags.span_tags(ent.label_, len(ent))
                    rows = slice(offset + ent.start, offset + ent.end)
                    allowed[rows] = self.tags.one_hot(numpy.asarray(tags))
                    if ent.end < len(doc) and self.scheme == "BIO":
                        allowed[offset + ent.end, self.tags.ids["I", ent.label_]] = False
            offset += len(doc)

    def set_annotations(self, docs: Iterable[Doc], tags: List[Ints1d]) -> None:
        """Write entities.

        docs (Iterable[Doc]): The documents.
        tags (List[Ints1d]): What `predict` said of them.
        """
        docs = list(docs)
        flat = numpy.concatenate(tags) if tags else numpy.zeros((0,), dtype="i8")
        entities = self.tags.entities(flat, [len(doc) for doc in docs])
        for doc, found in zip(docs, entities):
            if len(doc):
                set_entities(doc, found)


def set_entities(doc: Doc, entities: Sequence[Entity]) -> None:
    """Write entities beside those that are there; what is neither becomes O."""
    kept = list(doc.ents)
    taken = {i for ent in kept for i in range(ent.start, ent.end)}
    blocked: List[Span] = []
    if doc.has_annotation("ENT_IOB"):
        iob, types = doc.to_array([ENT_IOB, ENT_TYPE]).T
        blocked = [doc[i : i + 1] for i in numpy.flatnonzero((iob == 3) & (types == 0))]
    new = [span for entity in entities for span in free_spans(doc, entity, taken)]
    doc.set_ents([*kept, *new], blocked=blocked, default="outside")


def free_spans(doc: Doc, entity: Entity, taken: Set[int]) -> Iterator[Span]:
    """What is left of an entity without tokens that are taken, and without white space at
    its ends: no rule on single tags can say that the last one is not white space.
    """
    label, start, end = entity
    if taken.isdisjoint(range(start, end)):
        runs = [(start, end)]
    else:
        free = [i for i in range(start, end) if i not in taken]
        firsts = [i for i in free if i - 1 not in free]
        runs = [(i, next(j for j in range(i, end + 1) if j not in free)) for i in firsts]
    for i, j in runs:
        while i < j and doc[i].is_space:
            i += 1
        while i < j and doc[j - 1].is_space:
            j -= 1
        if i < j:
            yield Span(doc, i, j, label=label)
