"""What `rnn_generator` learns: conditions, units and lengths, and the net."""

from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from thinc.api import Optimizer

from ..errors import Errors
from ..models.seq2seq import build
from ..units import SPECIAL
from .attributes import EXTENSION
from .base import start_losses
from .extensions import register
from .generating import GeneratingPipe
from .knowledge import vocabulary
from .likelihood import pieces_to_learn, pieces_to_rehearse


class ComposingPipe(GeneratingPipe):
    """A component around a `spacy_rnn.ConditionalDecoder.v1` that learns from texts with their
    conditions.
    """

    target: str
    label_smoothing: float
    piece: int

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
        data = self._data(get_examples())
        if not data:
            what = {"condition": self.condition, "target": self.target}
            raise ValueError(Errors.R137.format(name=self.name, **what))
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

    def _checked(self, labels: Dict[str, List[str]]) -> Dict[str, List[str]]:
        if set(labels) != set(self.label_data) or tuple(labels["labels"][:4]) != SPECIAL:
            special = ", ".join(SPECIAL)
            raise ValueError(Errors.R145.format(name=self.name, special=special))
        return labels

    def _data(self, examples: Iterable[Example]) -> List[Tuple[Any, str]]:
        """Conditions of the references, with their texts, where there are both."""
        return [pair for eg in examples for pair in self._pair(eg.reference)]

    def _pair(self, doc: Doc) -> List[Tuple[Any, str]]:
        value, text = self.conditions.read(doc), self._text(doc)
        return [(value, text)] if value is not None and text else []

    def _text(self, doc: Doc) -> str:
        if self.target == "text":
            return str(doc.text)
        register(self.target)
        value = doc._.get(self.target.removeprefix(EXTENSION))
        if not isinstance(value, (str, type(None))):
            what = {"target": self.target, "text": doc.text[:40], "value": repr(value)}
            raise ValueError(Errors.R049.format(**what))
        return value or ""

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Learn from a batch. With an optimizer each piece of long texts is a step.

        examples (Iterable[Example]): The batch.
        drop (float): Dropout rate of the net.
        sgd (Optional[Optimizer]): The optimizer; None or False leaves the step to
            `finish_update`.
        losses (Optional[Dict[str, float]]): Record of the loss, by component name.
        RETURNS (Dict[str, float]): That record.
        """
        losses = start_losses(losses, self.name)
        examples = list(examples)
        validate_examples(examples, "RNNGenerator.update")
        data = self._data(examples)
        if data:
            how = self.vocabulary, data, self.piece, self.label_smoothing
            for piece, compare in pieces_to_learn(self.model.ops, *how):
                self.learn(piece, compare, drop, sgd, losses)
        return losses

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Stay close to the model that `nlp.resume_training` found: texts shall be as probable as
        they were.

        examples (Iterable[Example]): A batch; conditions and texts are those of the references.
        """
        losses = start_losses(losses, self.name)
        data, teacher = self._data(examples), self._rehearsal_model
        if data and teacher is not None:
            how = self.vocabulary, data, self.piece, teacher
            for piece, compare in pieces_to_rehearse(self.model.ops, *how):
                self.learn(piece, compare, drop, sgd, losses)
        return losses
