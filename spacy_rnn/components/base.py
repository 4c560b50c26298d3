"""What all components share: learning in safe steps."""

import math
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from spacy.errors import Errors as SpacyErrors
from spacy.training import Example, validate_examples
from spacy.vocab import Vocab
from thinc.api import Optimizer, set_dropout_rate

from ..errors import Errors, NonFiniteError
from ..models.gradients import clip_gradients, drop_gradients
from ..types import AnyModel
from .saving import SavedPipe

# What a model reads, and what compares its output: the loss, and the gradient
Lesson = Tuple[Any, Callable[[Any], Tuple[float, Any]]]


class RNNPipe(SavedPipe):
    """A component around a model of ours.

    grad_clip (float): Largest norm of the gradient over all weights, 0 for no limit.
    max_bad_steps (int): After so many steps in a row whose gradient is NaN or infinite,
        training stops; each of them is skipped.
    """

    steps: int = 0  # taken or skipped
    skipped_steps: int = 0
    _bad_in_a_row: int = 0
    _bad_loss: bool = False  # since the last step
    _rehearsal_model: Optional[AnyModel] = None

    def __init__(
        self,
        vocab: Vocab,
        model: AnyModel,
        name: str,
        grad_clip: float,
        max_bad_steps: int,
        scorer: Optional[Callable[..., Any]],
    ):
        self.vocab, self.model, self.name = vocab, model, name
        self.grad_clip, self.max_bad_steps, self.scorer = grad_clip, max_bad_steps, scorer

    @property
    def labels(self) -> Tuple[str, ...]:
        """The labels, in the order in which they were added."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> Any:
        """The labels as `initialize` takes them back."""
        return list(self.labels)

    def _require_weights(self) -> None:
        """Refuse to predict before there is a net."""
        if not self.model.shims[0].is_built:
            raise ValueError(SpacyErrors.E109.format(name=self.name))

    # Learning

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Learn from a batch.

        examples (Iterable[Example]): The batch.
        drop (float): Dropout rate of the nets.
        sgd (Optional[Optimizer]): The optimizer; None or False leaves the step to
            `finish_update`.
        losses (Optional[Dict[str, float]]): Record of the loss, by component name.
        RETURNS (Dict[str, float]): That record.
        """
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.update")
        return self._learn_all(self._lessons(examples), drop, sgd, losses)

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Stay close to the model that `nlp.resume_training` found. The arguments are those of
        `update`.
        """
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.rehearse")
        teacher = self._rehearsal_model
        lessons = () if teacher is None else self._rehearsals(examples, teacher)
        return self._learn_all(lessons, drop, sgd, losses)

    def _lessons(self, examples: List[Example]) -> Iterable[Lesson]:
        """What there is to learn from a batch, if there is anything."""
        raise NotImplementedError

    def _rehearsals(self, examples: List[Example], teacher: AnyModel) -> Iterable[Lesson]:
        """What there is to learn from the model that `nlp.resume_training` found."""
        raise NotImplementedError

    def _learn_all(
        self,
        lessons: Iterable[Lesson],
        drop: float,
        sgd: Optional[Optimizer],
        losses: Optional[Dict[str, float]],
    ) -> Dict[str, float]:
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        for inputs, compare in lessons:
            self.learn(inputs, compare, drop, sgd, losses)
        return losses

    def learn(
        self,
        inputs: Any,
        compare: Callable[[Any], Tuple[float, Any]],
        drop: float,
        sgd: Optional[Optimizer],
        losses: Dict[str, float],
    ) -> None:
        """Run the model, compare what it says with what it should, and go back.

        inputs (Any): What the model reads.
        compare (Callable[[Any], Tuple[float, Any]]): Loss of its output, and the gradient.
        drop (float): Dropout rate of the nets.
        sgd (Optional[Optimizer]): The optimizer; None or False leaves the step to
            `finish_update`.
        losses (Dict[str, float]): Record of the loss, by component name.
        """
        set_dropout_rate(self.model, drop)
        outputs, backprop = self.model.begin_update(inputs)
        value, gradient = compare(outputs)
        backprop(gradient)
        self.record_loss(value, losses)
        if sgd not in (None, False):
            self.finish_update(sgd)

    def record_loss(self, value: float, losses: Dict[str, float]) -> None:
        """Add to the loss of this component. A NaN is not added, which no later batch and
        no JSON file would get over, but spoils the step.
        """
        if math.isfinite(value):
            losses[self.name] += value
        else:
            self._bad_loss = True

    def finish_update(self, sgd: Optimizer) -> None:
        """Take a step, unless the loss or the gradient is NaN or infinite.

        sgd (thinc.api.Optimizer): The optimizer.
        RAISES (NonFiniteError): After `max_bad_steps` such gradients in a row.
        """
        self.steps += 1
        norm = clip_gradients(self.model, self.grad_clip)
        bad_loss, self._bad_loss = self._bad_loss, False
        if math.isfinite(norm) and not bad_loss:
            self._bad_in_a_row = 0
            self.model.finish_update(sgd)
            return
        drop_gradients(self.model)
        self.skipped_steps += 1
        self._bad_in_a_row += 1
        if self._bad_in_a_row >= self.max_bad_steps:
            n, self._bad_in_a_row = self._bad_in_a_row, 0  # who trains on begins anew
            raise NonFiniteError(Errors.R010.format(name=self.name, n=n, step=self.steps))


def default_tok2vec(width: int, **embed: Any) -> Dict[str, Any]:
    """What a component reads words by if its config does not say: our embedding and a BiLSTM.

    width (int): Width of the states.
    embed (Any): Settings of `spacy_rnn.WordEmbed.v1`.
    """
    words = {"@architectures": "spacy_rnn.WordEmbed.v1", "include_static_vectors": False, **embed}
    states = {"width": width, "cell": "lstm", "depth": 1, "bidirectional": True}
    encode = {"@architectures": "spacy_rnn.RNNEncoder.v1", **states}
    return {"@architectures": "spacy.Tok2Vec.v2", "embed": words, "encode": encode}


def check_range(
    name: str, setting: str, value: float, least: float, most: float = math.inf
) -> None:
    """Refuse a setting.

    RAISES (ValueError): If it is not in the range, or not finite.
    """
    if not least <= value <= most or not math.isfinite(value):
        what = {"setting": setting, "value": value, "least": least, "most": most}
        raise ValueError(Errors.R139.format(name=name, **what))
