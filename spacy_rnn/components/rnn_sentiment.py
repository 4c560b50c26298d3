"""`rnn_sentiment`: a text read into one answer; a drop-in for `textcat`, and as
`rnn_sentiment_multilabel` for `textcat_multilabel`.
"""

from typing import Any, Callable, Dict, Iterable, Optional, Union

from spacy.language import Language
from spacy.tokens import Span
from spacy.training import Example
from spacy.vocab import Vocab

from ..errors import Errors
from ..extensions import check_writable
from ..levels import check_level, register
from ..scorers import score_texts
from ..types import ClassifierModel
from .answering import AnsweringPipe
from .base import check_range, default_tok2vec

EXCLUSIVE = {
    "@architectures": "spacy_rnn.SequenceClassifier.v1",
    "head": "exclusive",
    "tok2vec": default_tok2vec(width=128, vector_width=0),
}
MULTILABEL = {**EXCLUSIVE, "head": "multilabel"}
SETTINGS = {
    "level": "doc",
    "threshold": 0.0,
    "label_smoothing": 0.05,
    "class_weights": None,
    "polarity": None,
    "attention": None,
    "grad_clip": 5.0,
    "max_bad_steps": 10,
    "scorer": {"@scorers": "spacy_rnn.text_scorer.v1"},
}
SCORE_WEIGHTS = {
    "cats_score": 1.0,
    "cats_score_desc": None,
    "cats_acc": None,
    "cats_ece": None,
    "cats_micro_p": None,
    "cats_micro_r": None,
    "cats_micro_f": None,
    "cats_macro_p": None,
    "cats_macro_r": None,
    "cats_macro_f": None,
    "cats_macro_auc": None,
    "cats_f_per_type": None,
}


@Language.factory(
    "rnn_sentiment",
    assigns=["doc.cats"],
    default_config={"model": EXCLUSIVE, **SETTINGS},
    default_score_weights=SCORE_WEIGHTS,
)
def make_rnn_sentiment(
    nlp: Language,
    name: str,
    model: ClassifierModel,
    level: str,
    threshold: float,
    label_smoothing: float,
    class_weights: Optional[Union[str, Dict[str, float]]],
    polarity: Optional[Dict[str, float]],
    attention: Optional[str],
    grad_clip: float,
    max_bad_steps: int,
    scorer: Optional[Callable[..., Any]],
) -> "RNNTextCategorizer":
    """Make the component.

    model (Model[List[Doc], ClassScores]): Scores classes, see
        `spacy_rnn.SequenceClassifier.v1`, whose `head` says what labels are to each other.
    level (str): What is classified: "doc" (`doc.cats`), "sent" (each sentence, `sent._.cats`)
        or "span:KEY" (each span of `doc.spans[KEY]`, `span._.cats`).
    threshold (float): From where on a label of several counts as predicted, when scored.
    label_smoothing (float): The share of the probability that training gives to all labels
        alike, so that the net is not taught to be certain.
    class_weights (Optional[Union[str, Dict[str, float]]]): How much examples of a label count,
        1 for those that are not named; "balanced" lets all labels count the same in sum.
    polarity (Optional[Dict[str, float]]): How good each label is, from -1 to 1, for
        `doc._.sentiment`. null goes by the names positive, pos, negative and neg, by
        `positive_label`, or by the order of ordinal labels.
    attention (Optional[str]): The extension `doc._.NAME` that takes the share of each token in
        the answer. null for none.
    grad_clip (float): Largest norm of the gradient over all weights, 0 for no limit.
    max_bad_steps (int): Training stops after so many NaN gradients in a row.
    scorer (Optional[Callable]): The scoring method.
    """
    return RNNTextCategorizer(
        nlp.vocab,
        model,
        name,
        level=level,
        threshold=threshold,
        label_smoothing=label_smoothing,
        class_weights=class_weights,
        polarity=polarity,
        attention=attention,
        grad_clip=grad_clip,
        max_bad_steps=max_bad_steps,
        scorer=scorer,
    )


make_rnn_sentiment_multilabel = Language.factory(
    "rnn_sentiment_multilabel",
    assigns=["doc.cats"],
    default_config={"model": MULTILABEL, **SETTINGS, "threshold": 0.5},
    default_score_weights=SCORE_WEIGHTS,
    func=make_rnn_sentiment,
)


class RNNTextCategorizer(AnsweringPipe):
    """Text classification by a recurrent net. Every label is always in `doc.cats`, with its
    probability, also for an empty document.
    """

    factory = "rnn_sentiment"

    def __init__(
        self,
        vocab: Vocab,
        model: ClassifierModel,
        name: str = "rnn_sentiment",
        *,
        level: str = "doc",
        threshold: float = 0.0,
        label_smoothing: float = 0.05,
        class_weights: Optional[Union[str, Dict[str, float]]] = None,
        polarity: Optional[Dict[str, float]] = None,
        attention: Optional[str] = None,
        grad_clip: float = 5.0,
        max_bad_steps: int = 10,
        scorer: Optional[Callable[..., Any]] = score_texts,
    ):
        """Initialize the component. The arguments are those of `make_rnn_sentiment`."""
        check_level(name, level)
        if not 0.0 <= label_smoothing < 1.0:
            raise ValueError(Errors.R036.format(name=name, value=label_smoothing))
        if isinstance(class_weights, str) and class_weights != "balanced":
            raise ValueError(Errors.R037.format(name=name, value=class_weights))
        check_range(name, "threshold", threshold, 0.0, 1.0)
        for weight in class_weights.values() if isinstance(class_weights, dict) else ():
            check_range(name, "class_weights", weight, 0.0)
        for good in (polarity or {}).values():
            check_range(name, "polarity", good, -1.0, 1.0)
        super().__init__(vocab, model, name, grad_clip, max_bad_steps, scorer)
        self.level = level
        self.label_smoothing = label_smoothing
        self.class_weights = class_weights
        self.polarity = polarity
        self.attention = attention
        self.cfg: Dict[str, Any] = {
            "labels": [],
            "threshold": threshold,
            "positive_label": None,
            "untaught": [],  # labels that were added to a net and not learnt since
            "branch_weights": [],  # none: their mean
            "class_weights": {},  # what "balanced" comes to
            "limits": [0.0, 0.0],  # of the numbers that regression learns
        }
        if level != "doc":
            check_writable(name, "level", "cats", Span)
        register(level, None)
        if attention is not None:
            self.keep_attention(attention)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score a batch of examples.

        examples (Iterable[Example]): Predictions and references.
        RETURNS (Dict[str, Any]): The scores.
        """
        return dict(super().score(examples, level=self.level, head=self.head, **kwargs))
