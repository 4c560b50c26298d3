"""What components that classify texts share: labels, learning, rehearsal."""

import math
from functools import partial
from itertools import islice
from typing import Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

import numpy
from spacy.errors import Errors as SpacyErrors
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from thinc.types import Floats2d

from ..errors import Errors
from ..levels import Cats
from ..models.classes import loss, rehearsal_loss, set_numbers
from ..models.ngrams import learn_ngrams, start_from_counts
from ..models.resizing import declare, resize
from ..types import ClassifierModel, ClassScores, Passages
from .base import Lesson, RNNPipe
from .texts import annotated_passages, gold_arrays, passages_to_rehearse


class ClassifyingPipe(RNNPipe):
    """A component around a `spacy_rnn.SequenceClassifier.v1`."""

    level: str
    label_smoothing: float
    class_weights: Optional[Union[str, Dict[str, float]]]
    polarity: Optional[Dict[str, float]]

    # Labels

    @property
    def head(self) -> str:
        """What the labels are to each other."""
        return str(self.model.attrs["head"])

    def add_label(self, label: str) -> int:
        """Add a label. The model keeps what it knows of the others, and predicts the new one only
        once it has learnt from an example of it.

        label (str): The label.
        RETURNS (int): 0 if it is there already, otherwise 1.
        """
        if not isinstance(label, str):
            raise ValueError(SpacyErrors.E187)
        if label in self.labels:
            return 0
        self.vocab.strings.add(label)
        self.cfg["labels"].append(label)
        if self.model.shims[0].is_built and self.head != "regression":
            self.cfg["untaught"].append(label)
        self._rebuild()
        return 1

    def _rebuild(self, grow: bool = True) -> None:
        (resize if grow else declare)(self.model, len(self.labels))

    def _meanings(self) -> List[str]:
        return [self.head, *self.labels]

    # Beginning

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Sequence[str]] = None,
        positive_label: Optional[str] = None,
    ) -> None:
        """Learn labels and n-grams from the data and build the nets.

        get_examples (Callable[[], Iterable[Example]]): Gives examples of what is to be
            learnt.
        nlp (Optional[Language]): The pipeline that the component is part of.
        labels (Optional[Sequence[str]]): The labels; for an ordinal head in their order, the
            lowest first. None takes those of the data, sorted.
        positive_label (Optional[str]): The positive one of two exclusive labels.
        """
        validate_get_examples(get_examples, f"{type(self).__name__}.initialize")
        examples = list(get_examples())
        passages, cats = self._annotation(examples)
        for label in sort_labels(cats) if labels is None else labels:
            self.add_label(label)
        self._require_labels_of(examples)
        self._check_labels(positive_label)
        self.cfg["positive_label"] = positive_label
        self.cfg.update(untaught=[], branch_weights=[])
        gold, known = self._arrays(cats)
        self._weigh_classes(gold, known)
        self._build(passages, gold, known)

    def _require_labels_of(self, examples: Sequence[Example]) -> None:
        """Refuse data that has no label."""
        if not self.labels:
            where = {"doc": "doc.cats", "sent": "sent._.cats"}.get(self.level, "span._.cats")
            what = {"name": self.name, "where": where, "setting": "level"}
            raise ValueError(Errors.R220.format(n=len(examples), **what))

    def _check_labels(self, positive_label: Optional[str]) -> None:
        """Refuse labels that the head can make nothing of."""
        if self.head in ("exclusive", "ordinal") and len(self.labels) < 2:
            raise ValueError(SpacyErrors.E867)
        values = {"pos_label": positive_label, "labels": self.labels}
        if positive_label is not None and positive_label not in self.labels:
            raise ValueError(SpacyErrors.E920.format(**values))
        if positive_label is not None and len(self.labels) != 2:
            raise ValueError(SpacyErrors.E919.format(**values))
        if positive_label is not None and self.head != "exclusive":
            raise ValueError(Errors.R041.format(name=self.name, head=self.head))
        weights = self.class_weights if isinstance(self.class_weights, dict) else {}
        for setting, named in (("class_weights", weights), ("polarity", self.polarity or {})):
            unknown = sorted(set(named) - set(self.labels))
            if unknown:
                what = {"setting": setting, "unknown": unknown, "labels": self.labels}
                raise ValueError(Errors.R040.format(name=self.name, **what))

    def _build(self, passages: Passages, gold: Floats2d, known: Floats2d) -> None:
        """Build the nets, and let them begin with what counting says."""
        table = learn_ngrams(self.model, passages)
        docs = list(islice((doc for doc in passages.docs if len(doc)), 10))
        self.model.initialize(X=docs or [Doc(self.vocab, words=["hello"])])
        if self.head == "regression":
            self.cfg["limits"] = set_numbers(self.model, gold, known)
        start_from_counts(self.model, passages, gold, known, table)

    def _weigh_classes(self, gold: Floats2d, known: Floats2d) -> None:
        """How much an example of each label counts."""
        weights = self.class_weights or {}
        if weights == "balanced":
            examples = known if self.head == "regression" else gold * known
            counts = numpy.maximum(examples.sum(axis=0), 1.0)
            shares = counts.sum() / (len(counts) * counts)
            weights = dict(zip(self.labels, shares.tolist()))
        self.cfg["class_weights"] = weights

    # Learning

    def _check_cats(self, cats: Cats) -> None:
        """Refuse values that the head cannot learn."""
        if self.head == "regression":
            for label, value in cats.items():
                if not math.isfinite(value):
                    raise ValueError(Errors.R038.format(name=self.name, label=label, value=value))
            return
        if self.head != "multilabel" and list(cats.values()).count(1.0) > 1:
            raise ValueError(SpacyErrors.E895.format(value=cats))
        for value in cats.values():
            if value not in (0.0, 1.0):
                raise ValueError(SpacyErrors.E851.format(val=value))

    def _arrays(self, cats: List[Cats]) -> Tuple[Floats2d, Floats2d]:
        """Annotation as numbers, and what of it is known. *Shapes:* ``(U, K)``"""
        return gold_arrays(cats, self.labels, self.head in ("exclusive", "ordinal"))

    def _gold(self, examples: Iterable[Example]) -> Tuple[Passages, Floats2d, Floats2d]:
        """What is classified, its annotation, and what of that is known."""
        passages, cats = self._annotation(examples)
        return (passages, *self._arrays(cats))

    def _annotation(self, examples: Iterable[Example]) -> Tuple[Passages, List[Cats]]:
        """What is classified, and its annotation, which the head can learn."""
        passages, cats = annotated_passages(examples, self.level)
        for of_text in cats:
            self._check_cats(of_text)
        return passages, cats

    def _lessons(self, examples: List[Example]) -> Iterator[Lesson]:
        passages, gold, known = self._gold(examples)
        if any(len(doc) for doc in passages.docs):
            self.cfg["branch_weights"] = []  # they were those of the weights before
            self._note_taught(gold)
            yield passages, partial(self._loss, gold=gold, known=known)

    def _note_taught(self, gold: Floats2d) -> None:
        wanted = gold.any(axis=0)
        if self.head == "ordinal":  # the way up to a label teaches those below it
            wanted = numpy.logical_or.accumulate(wanted[::-1])[::-1]
        taught = {label for label, is_wanted in zip(self.labels, wanted) if is_wanted}
        self.cfg["untaught"] = [label for label in self.cfg["untaught"] if label not in taught]

    def get_loss(
        self, examples: Iterable[Example], scores: ClassScores
    ) -> Tuple[float, ClassScores]:
        """The mean cross-entropy of the texts, or half the squared error of numbers, and its
        gradient. Texts without annotation do not count.

        examples (Iterable[Example]): The batch.
        scores (ClassScores): What the model says of it.
        """
        validate_examples(examples, f"{type(self).__name__}.get_loss")
        _, gold, known = self._gold(examples)
        return self._loss(scores, gold, known)

    def _loss(
        self, scores: ClassScores, gold: Floats2d, known: Floats2d
    ) -> Tuple[float, ClassScores]:
        by_label = [self.cfg["class_weights"].get(label, 1.0) for label in self.labels]
        weights = known * numpy.array(by_label, dtype="f")
        return loss(self.model, scores, gold, weights, self.label_smoothing)

    def _rehearsals(self, examples: List[Example], teacher: ClassifierModel) -> Iterator[Lesson]:
        """Annotation is not read."""
        passages = passages_to_rehearse(examples, self.level)
        if any(len(doc) for doc in passages.docs):
            self.cfg["branch_weights"] = []
            yield passages, partial(rehearsal_loss, target=teacher.predict(passages))


def sort_labels(cats: List[Cats]) -> List[str]:
    """All labels, numbers by their value."""
    found = {label for of_text in cats for label in of_text}
    return sorted(found, key=lambda label: (_number(label), label))


def _number(label: str) -> float:
    """What a label counts, or infinity."""
    try:
        number = float(label)
    except ValueError:
        return math.inf
    return number if math.isfinite(number) else math.inf
