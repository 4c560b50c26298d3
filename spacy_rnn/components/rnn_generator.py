"""`rnn_generator`: one input, a sequence out: a name for a language, a sentence for its slots, a
text that goes on.
"""

from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Config, Optimizer

from ..errors import Errors
from ..models.seq2seq import build
from ..types import GeneratorModel
from ..units import SPECIAL
from .attributes import EXTENSION
from .base import start_losses
from .conditions import make_conditions
from .decoding import Decoding, check_range
from .generating import GeneratingPipe, check_extension, register
from .knowledge import vocabulary
from .likelihood import log_likelihoods, pieces_to_learn, pieces_to_rehearse
from .prompts import right_texts

DECODING = Decoding()
DEFAULT_CONFIG = """
[model]
@architectures = "spacy_rnn.ConditionalDecoder.v1"
"""


@Language.factory(
    "rnn_generator",
    assigns=["doc._.generated"],
    default_config={
        "model": Config().from_str(DEFAULT_CONFIG)["model"],
        "condition": "cats",
        "target": "text",
        "output": "_.generated",
        "prefix": False,
        "temperature": 1.0,
        "top_k": 0,
        "top_p": 1.0,
        "beam_width": 1,
        "alpha": 1.0,
        "candidates": 1,
        "seed": 0,
        "max_length": None,
        "label_smoothing": 0.0,
        "piece": 200,
        "grad_clip": 5.0,
        "max_bad_steps": 10,
        "scorer": {"@scorers": "spacy_rnn.generator_scorer.v1"},
    },
    default_score_weights={
        "generated_prob": 1.0,
        "generated_bleu": None,
        "generated_slot_acc": None,
    },
)
def make_rnn_generator(
    nlp: Language,
    name: str,
    model: GeneratorModel,
    condition: Optional[str],
    target: str,
    output: str,
    prefix: bool,
    temperature: float,
    top_k: int,
    top_p: float,
    beam_width: int,
    alpha: float,
    candidates: int,
    seed: int,
    max_length: Optional[int],
    label_smoothing: float,
    piece: int,
    grad_clip: float,
    max_bad_steps: int,
    scorer: Optional[Callable[..., Any]],
) -> "RNNGenerator":
    """Make the component.

    model (Model[Piece, Likelihood]): See `spacy_rnn.ConditionalDecoder.v1`.
    condition (Optional[str]): What a text is written for: "cats", labels with their weights;
        "tensor", a vector, or the mean of one a token; "_.NAME", an extension with slots, a dict
        or a list of pairs; null for nothing.
    target (str): What is learnt: "text", that of the reference, or "_.NAME", an extension.
    output (str): The extension "_.NAME" for what is written.
    prefix (bool): Whether what is written goes on from the text of the document.
    temperature (float): What is written is drawn; below 1 the probable becomes more probable.
        0 for the most probable text that a search finds.
    top_k (int): Draws only among so many of the most probable units, 0 for all.
    top_p (float): Draws only among the most probable units that have so much probability together.
    beam_width (int): How many texts the search follows, if the temperature is 0.
    alpha (float): The search compares texts by log P / length^alpha.
    candidates (int): So many are written for each document; the one with the fewest slots missing,
        and of those the most probable, is kept.
    seed (int): With the condition and the text of a document it decides what is drawn.
    max_length (Optional[int]): How many units are written at most; null for what the training data
        make likely.
    label_smoothing (float): The share of the probability that training gives to all units alike.
    piece (int): A longer text is learnt in pieces of so many units: the state goes on from one to
        the next, the gradient does not go back (truncated backpropagation through time).
    grad_clip (float): Largest norm of the gradient over all weights, 0 for no limit.
    max_bad_steps (int): Training stops after so many NaN gradients in a row.
    scorer (Optional[Callable]): The scoring method.
    """
    return RNNGenerator(
        nlp.vocab,
        model,
        name,
        condition=condition,
        target=target,
        output=output,
        prefix=prefix,
        decoding=Decoding(temperature, top_k, top_p, beam_width, alpha, candidates),
        seed=seed,
        max_length=max_length,
        label_smoothing=label_smoothing,
        piece=piece,
        grad_clip=grad_clip,
        max_bad_steps=max_bad_steps,
        scorer=scorer,
    )


class RNNGenerator(GeneratingPipe):
    """Sequences of any length by a recurrent decoder, for labels, slots, vectors, or from the
    beginning of a text.
    """

    factory = "rnn_generator"

    def __init__(
        self,
        vocab: Vocab,
        model: GeneratorModel,
        name: str = "rnn_generator",
        *,
        condition: Optional[str] = "cats",
        target: str = "text",
        output: str = "_.generated",
        prefix: bool = False,
        decoding: Decoding = DECODING,
        seed: int = 0,
        max_length: Optional[int] = None,
        label_smoothing: float = 0.0,
        piece: int = 200,
        grad_clip: float = 5.0,
        max_bad_steps: int = 10,
        scorer: Optional[Callable[..., Any]] = None,
    ):
        """Initialize the component. The arguments are those of `make_rnn_generator`."""
        decoding.check(name)
        check_range(name, "piece", piece, 1)
        check_range(name, "max_length", 1 if max_length is None else max_length, 1)
        if not 0 <= label_smoothing < 1:
            raise ValueError(Errors.R036.format(name=name, value=label_smoothing))
        check_extension(name, "target", target, ("text",))
        check_extension(name, "output", output)
        make_conditions(name, condition)
        self.vocab = vocab
        self.model = model
        self.name = name
        self.condition = condition
        self.target = target
        self.output = output
        self.prefix = prefix
        self.decoding = decoding
        self.seed = seed
        self.max_length = max_length
        self.label_smoothing = label_smoothing
        self.piece = piece
        self.grad_clip = grad_clip
        self.max_bad_steps = max_bad_steps
        self.scorer = scorer
        self.cfg: Dict[str, Any] = {
            "labels": list(SPECIAL),  # the units
            "conditions": [],
            "slots": [],
            "guard": [1.0, 0.0],  # mean and deviation of the length of texts
        }

    # Learning

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

    # Scores

    def log_p(self, examples: Iterable[Example]) -> List[Tuple[float, int]]:
        """log P of the text of each reference that has a condition, and the number of its units,
        both with `STOP`. One divided by the other is minus the cross-entropy in nats.

        examples (Iterable[Example]): The examples.
        """
        self._need_weights()
        return log_likelihoods(self.model, self.vocabulary, self._data(examples), self.piece)

    def references(self, examples: Iterable[Example]) -> List[List[str]]:
        """What is right for each example: the texts of all whose condition is the same but for
        the values that are copied, with its own values in their places. None for one without a
        text or a condition.

        examples (Iterable[Example]): The examples.
        """
        data = [next(iter(self._pair(eg.reference)), None) for eg in examples]
        return right_texts(self.vocabulary, data)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score a batch of examples.

        examples (Iterable[Example]): Predictions and references.
        RETURNS (Dict[str, Any]): The scores.
        """
        examples = list(examples)
        slots = [self._slots(eg.predicted) for eg in examples]
        more = {"log_p": self.log_p(examples), "slots": slots, "output": self.output}
        how = {"references": self.references(examples), "units": self.model.attrs["units"]}
        return dict(super().score(examples, **more, **how, **kwargs))

    def _slots(self, doc: Doc) -> List[str]:
        """The values that should be copied."""
        value = self.conditions.read(doc)
        return [] if value is None else list(self.conditions.encode(value).values.values())
