"""What `rnn_generator` learns: conditions, units and lengths, and the net."""

import itertools
import warnings
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from thinc.types import Floats3d

from ..errors import Errors, Warnings
from ..extensions import extension_of, register
from ..models.seq2seq import build
from ..types import GeneratorModel, Likelihood
from ..units import SPECIAL, UNKNOWN_ID
from .base import Lesson
from .generating import GeneratingPipe
from .knowledge import vocabulary
from .likelihood import loss, pieces_to_learn, pieces_to_rehearse


class ComposingPipe(GeneratingPipe):
    """A component around a `spacy_rnn.ConditionalDecoder.v1` that learns from texts with their
    conditions.
    """

    target: str
    label_smoothing: float
    piece: int
    unknown_units: int = 0  # of texts that were to be learnt; they cannot be written
    _told_of_vectors: bool = False

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Dict[str, List[str]]] = None,
    ) -> None:
        """Learn conditions, units and lengths from the data, and build the net.

        get_examples (Callable[[], Iterable[Example]]): Gives examples of what is to be learnt.
        nlp (Optional[Language]): The pipeline that the component is part of.
        labels (Optional[Dict[str, List[str]]]): The vocabularies, if `spacy init labels` made a
            file of them.
        RAISES (ValueError): If no example has a text and a condition, or the labels are those of
            another component.
        """
        validate_get_examples(get_examples, "RNNGenerator.initialize")
        data = self._data(get_examples()) or self._data(self._annotated(get_examples(), nlp))
        if not data:
            raise ValueError(self._nothing_to_learn())
        if labels:
            self.cfg.update(self._checked(labels))
        else:
            conditions = self.conditions.learn(data, self.model.attrs["units"])
            self.cfg.update(conditions=list(conditions.known), slots=list(conditions.slots))
        vocab = self.vocabulary
        cut_up = [vocab.cut(text, vocab.conditions.encode(value)) for value, text in data]
        if not labels:
            self.cfg["labels"] = vocabulary(cut_up)
        lengths = [len(units) for units in cut_up]
        self.cfg["guard"] = [float(numpy.mean(lengths)), float(numpy.std(lengths))]
        self._rebuild()
        build(self.model)
        self.unknown_units, self._told_of_vectors = 0, False
        known = set(self.labels)
        self._note_unknown(sum(unit not in known for units in cut_up for unit in units))

    def _annotated(self, examples: Iterable[Example], nlp: Optional[Language]) -> List[Example]:
        """The examples after the components before this one, which set vectors: spaCy has
        initialized those, but does not run them.
        """
        if nlp is None or self.condition != "tensor":
            return []
        before = itertools.takewhile(lambda pipe: pipe[1] is not self, nlp.pipeline)
        pipes, found = [pipe for _, pipe in before], []
        for eg in examples:
            doc = eg.predicted.copy()
            for pipe in pipes:
                doc = pipe(doc)
            found.append(Example(doc, eg.reference))
        return found

    def _nothing_to_learn(self) -> str:
        if self.condition == "tensor":
            return Errors.R230.format(name=self.name, target=self.target)
        what = {"condition": self.condition, "target": self.target}
        return Errors.R137.format(name=self.name, **what)

    def _checked(self, labels: Dict[str, List[str]]) -> Dict[str, List[str]]:
        if set(labels) != set(self.label_data) or tuple(labels["labels"][:4]) != SPECIAL:
            special = ", ".join(SPECIAL)
            raise ValueError(Errors.R145.format(name=self.name, special=special))
        if len(set(labels["labels"])) < len(labels["labels"]):
            raise ValueError(Errors.R167.format(name=self.name, side="labels"))
        return labels

    def _note_unknown(self, n: int) -> None:
        """Say once that some units cannot be written, and count them."""
        if n and not self.unknown_units:
            warnings.warn(Warnings.RW35.format(name=self.name, n=n), stacklevel=3)
        self.unknown_units += n

    def _data(self, examples: Iterable[Example]) -> List[Tuple[Any, str]]:
        """Conditions with the texts that are right for them, where there are both."""
        return [pair for eg in examples for pair in self._pair(eg)]

    def _pair(self, eg: Example) -> List[Tuple[Any, str]]:
        value, text = self._condition(eg), self._text(eg.reference)
        return [(value, text)] if value is not None and text else []

    def _condition(self, eg: Example) -> Any:
        """That of the reference. No file keeps a vector, but a component before may set it."""
        value = self.conditions.read(eg.reference)
        from_before = value is None and self.condition == "tensor"
        return self.conditions.read(eg.predicted) if from_before else value

    def _text(self, doc: Doc) -> str:
        if self.target == "text":
            return str(doc.text)
        extension = extension_of(self.target)
        register(Doc, extension)
        value = doc._.get(extension)
        if not isinstance(value, (str, type(None))):
            what = {"target": self.target, "text": doc.text[:40], "value": repr(value)}
            raise ValueError(Errors.R049.format(**what))
        return value or ""

    def _lessons(self, examples: List[Example]) -> Iterator[Lesson]:
        """Pieces of long texts; with an optimizer each is a step."""
        data = self._data(examples)
        if data:
            how = self.vocabulary, data, self.piece, self.label_smoothing
            for piece, compare in pieces_to_learn(self.model.ops, *how):
                self._note_unknown(int((piece.targets == UNKNOWN_ID).sum()))
                yield piece, compare
        elif examples and self.condition == "tensor":
            self._tell_of_vectors(len(examples))

    def _tell_of_vectors(self, n: int) -> None:
        if not self._told_of_vectors:
            self._told_of_vectors = True
            warnings.warn(Warnings.RW50.format(name=self.name, n=n), stacklevel=5)

    def get_loss(self, examples: Iterable[Example], scores: Likelihood) -> Tuple[float, Floats3d]:
        """The loss that `update` lowers, of texts in one piece, and its gradient.

        examples (Iterable[Example]): The batch.
        scores (Likelihood): What the model says of its texts, `STOP` included, in their order.
        RETURNS (Tuple[float, Floats3d]): The mean cross-entropy, and the gradient of what is in
            `scores.log_p`. *Shape:* ``(B, T, 2)``
        """
        examples = list(examples)
        validate_examples(examples, "RNNGenerator.get_loss")
        how = self.vocabulary, self._data(examples), self.label_smoothing
        return loss(self.model.ops, scores, *how)

    def _rehearsals(self, examples: List[Example], teacher: GeneratorModel) -> Iterator[Lesson]:
        """Texts shall be as probable as they were; texts and conditions are those of the
        references.
        """
        data = self._data(examples)
        if data:
            how = self.vocabulary, data, self.piece, teacher
            yield from pieces_to_rehearse(self.model.ops, *how)
