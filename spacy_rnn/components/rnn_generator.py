"""`rnn_generator`: one input, a sequence out: a name for a language, a sentence for its slots, a
text that goes on.
"""

from functools import partial
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab

from ..errors import Errors
from ..extensions import check_extension, check_writable
from ..types import GeneratorModel
from ..units import SPECIAL
from .base import check_range
from .composing import ComposingPipe
from .conditions import make_conditions
from .decoding import Decoding
from .likelihood import log_likelihoods
from .prompts import right_texts

DECODING = Decoding()


@Language.factory(
    "rnn_generator",
    assigns=["doc._.generated"],
    default_config={
        "model": {"@architectures": "spacy_rnn.ConditionalDecoder.v1"},
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
    # By factory, so one name for whatever output is written
    default_score_weights={
        "rnn_generator_prob": 1.0,
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
    alpha (float): The search compares texts by log P / length^alpha, 0 or more.
    candidates (int): So many are written for each document; the one with the fewest slots missing
        is kept, of those the one that is weighed to say the most of what is told by the wording
        (see `untold`), and of those the best that is complete.
    seed (int): With the text of a document and the names of what its condition has, not their
        numbers, it decides what is drawn.
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


class RNNGenerator(ComposingPipe):
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
        check_writable(name, "output", output, Doc)
        make_conditions(name, condition)
        super().__init__(vocab, model, name, grad_clip, max_bad_steps, scorer)
        self.condition = condition
        self.target = target
        self.output = output
        self.prefix = prefix
        self.decoding = decoding
        self.seed = seed
        self.max_length = max_length
        self.label_smoothing = label_smoothing
        self.piece = piece
        self.cfg: Dict[str, Any] = {
            "labels": list(SPECIAL),  # the units
            "conditions": [],
            "slots": [],
            "guard": [1.0, 0.0],  # mean and deviation of the length of texts
        }

    # Scores

    def log_p(self, examples: Iterable[Example]) -> List[Tuple[float, int]]:
        """log P of the text of each reference that has a condition, and the number of its units,
        both with `STOP`. One divided by the other is minus the cross-entropy in nats.

        examples (Iterable[Example]): The examples.
        """
        self._require_weights()
        return log_likelihoods(self.model, self.vocabulary, self._data(examples), self.piece)

    def references(self, examples: Iterable[Example]) -> List[List[str]]:
        """What is right for each example: the texts of all whose condition is the same but for
        the values that are copied, with its own values in their places. None for one without a
        text or a condition.

        examples (Iterable[Example]): The examples.
        """
        data = [next(iter(self._pair(eg)), None) for eg in examples]
        return right_texts(self.vocabulary, data)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score a batch of examples. `spacy evaluate` gives documents nothing but their text: where
        only the reference has a condition, the text that is written for that is scored.

        examples (Iterable[Example]): Predictions and references.
        RETURNS (Dict[str, Any]): The scores.
        """
        examples = self._written(list(examples))
        slots = [self.slots_of(eg.predicted) for eg in examples]
        more = {"log_p": self.log_p(examples), "slots": slots, "output": self.output}
        references = partial(self.references, examples)
        how = {"references": references, "units": self.model.attrs["units"]}
        return dict(super().score(examples, **more, **how, **kwargs))

    def _written(self, examples: List[Example]) -> List[Example]:
        """The same; for documents that lack the condition of their reference, copies with it."""
        read = self.conditions.read
        found = list(examples)
        lack = [
            i
            for i, eg in enumerate(examples)
            if read(eg.predicted) is None and read(eg.reference) is not None
        ]
        docs = [examples[i].predicted.copy() for i in lack]
        for i, doc in zip(lack, docs):
            self.conditions.write(doc, read(examples[i].reference))
            found[i] = Example(doc, examples[i].reference)
        self.set_annotations(docs, self.predict(docs))
        return found

    def slots_of(self, doc: Doc) -> List[str]:
        """The values that should be copied into what is written for a document."""
        value = self.conditions.read(doc)
        return [] if value is None else list(self.conditions.encode(value).values.values())
