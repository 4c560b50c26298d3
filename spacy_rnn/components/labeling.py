"""What components that tag tokens share: labels, learning, rehearsal, scores."""

from functools import partial
from itertools import islice
from typing import Any, Iterable, Iterator, List, Optional, Tuple

import numpy
from spacy.errors import Errors as SpacyErrors
from spacy.tokens import Doc
from spacy.training import Example
from thinc.types import Floats2d, Ints1d

from ..errors import Errors
from ..extensions import check_writable
from ..models.labeler import finite, loss, rehearsal_loss
from ..models.resizing import declare, resize
from ..tags import Tags, TagSet
from ..types import LabelerModel, TagScores
from .base import Lesson, RNNPipe


class LabelingPipe(RNNPipe):
    """A component around a `spacy_rnn.SequenceLabeler.v1`."""

    scheme: str
    tags: Tags
    label_smoothing: float = 0.0

    # Labels

    def add_label(self, label: str) -> int:
        """Add a label. The model keeps what it knows of the others; it does not read the new one
        before it has met it in training.

        label (str): The label.
        RETURNS (int): 0 if it is there already, otherwise 1.
        """
        if not isinstance(label, str):
            raise ValueError(SpacyErrors.E187)
        if label in self.labels:
            return 0
        self._check_label(label)
        self.vocab.strings.add(label)
        self.cfg["labels"].append(label)
        if self.model.shims[0].is_built:
            self.cfg["unmet"].append(label)
        self._rebuild()
        return 1

    def _check_label(self, label: str) -> None:
        """Refuse a label that cannot be one."""
        if label.startswith("!") or not label.strip() or not label.isprintable():
            raise ValueError(Errors.R017.format(label=repr(label)))

    def _add_labels_of(self, examples: Iterable[Example]) -> None:
        """Take in the labels of the annotation that are new."""
        raise NotImplementedError

    def _rebuild(self, grow: bool = True) -> None:
        self.tags = self._make_tags()
        (resize if grow else declare)(self.model, len(self.tags))

    def _make_tags(self) -> Tags:
        """The tags that the labels come to."""
        return TagSet(self.labels, self.scheme, self.cfg["unmet"])

    def _meanings(self) -> List[str]:
        return [self.scheme, *self.labels]

    # Learning

    def _initialize_model(self, examples: Iterable[Example]) -> None:
        """Build the nets, on a sample of documents."""
        docs = [eg.predicted for eg in islice(examples, 10)]
        docs = [doc for doc in docs if len(doc)] or [Doc(self.vocab, words=["hello"])]
        self.model.initialize(X=docs)
        self._meet(self.labels)

    def _meet(self, labels: Iterable[str]) -> None:
        """From now on these are read."""
        left = [label for label in self.cfg["unmet"] if label not in set(labels)]
        if left != self.cfg["unmet"]:
            self.cfg["unmet"] = left
            self._rebuild()

    def _lessons(self, examples: List[Example]) -> Iterator[Lesson]:
        """Labels that are new are added."""
        docs = [eg.predicted for eg in examples]
        if any(len(doc) for doc in docs):
            self._add_labels_of(examples)
            yield docs, partial(self.get_loss, examples)

    def get_loss(self, examples: Iterable[Example], scores: TagScores) -> Tuple[float, TagScores]:
        """Negative log-likelihood of the annotation, the mean over the documents. With
        costs it is a softmax-margin (Gimpel and Smith, 2010): a wrong tag gets its cost on
        top, and the model has to do better by that much.

        examples (Iterable[Example]): The batch.
        scores (TagScores): What the model says of it.
        RETURNS (Tuple[float, TagScores]): Loss and gradient.
        """
        gold = numpy.concatenate([self._gold(eg) for eg in examples])
        if self.cfg["unmet"]:
            self._meet({self.tags.label_of[i] for i in set(gold[gold >= 0].tolist())})
        allowed = self.model.ops.asarray(self.tags.one_hot(gold))
        how = self._costs(gold), self.label_smoothing
        return loss(self.model, self._of_met(scores), self.tags, allowed, *how)

    def _gold(self, example: Example) -> Ints1d:
        """The tag of each token, -1 where it is not known. *Shape:* ``(tokens,)``"""
        raise NotImplementedError

    def _costs(self, gold: Ints1d) -> Optional[Floats2d]:
        """What each tag costs at each token, None for nothing. *Shape:* ``(N, K)``"""
        return None

    def _rehearsals(self, examples: List[Example], teacher: LabelerModel) -> Iterator[Lesson]:
        """Annotation is not read."""
        docs = [eg.predicted for eg in examples]
        if any(len(doc) for doc in docs):
            yield docs, partial(rehearsal_loss, target=teacher.predict(docs))

    # Prediction

    def _scores(self, docs: List[Doc]) -> TagScores:
        """What the model says of documents."""
        self._require_weights()
        return self._of_met(finite(self.model.predict(docs)))

    def _of_met(self, scores: TagScores) -> TagScores:
        """The scores, -inf for tags that training has not met: spaCy's `ner` does not read them
        either.
        """
        if not self.cfg["unmet"]:
            return scores
        met = self.model.ops.asarray(self.tags.met)
        emissions = self.model.ops.xp.where(met, scores.emissions, -numpy.inf)
        return scores._replace(emissions=emissions.astype("f"))


def check_confidence(name: str, confidence: Optional[str], owner: Any) -> None:
    """Refuse an extension that cannot take a confidence.

    owner (Any): `Span` or `Token`.
    RAISES (ValueError): If it has no name of one, or swallows what is written.
    """
    if confidence is not None:
        if not confidence.isidentifier():
            what = {"value": confidence, "owner": owner.__name__.lower()}
            raise ValueError(Errors.R027.format(name=name, **what))
        check_writable(name, "confidence", confidence, owner)
