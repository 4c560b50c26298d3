"""`rnn_seq2seq`: one sequence read, another of any length written: lemmas, pronunciations,
normal forms, translations.
"""

from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Union

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab

from ..errors import Errors
from ..extensions import check_writable, register
from ..schedules import Rate
from ..types import Seq2SeqModel
from ..units import SPECIAL
from .base import check_range
from .knowing import STRATEGY
from .targets import make_place
from .writing import WritingPipe
from .written import Transduced


@Language.factory(
    "rnn_seq2seq",
    default_config={
        "model": {"@architectures": "spacy_rnn.EncoderDecoder.v1"},
        "level": "token",
        "target": "lemma",
        "features": [],
        "strategy": ["dictionary", "decoder"],
        "beam_width": 1,
        "alpha": 1.0,
        "max_source": 2000,
        "label_smoothing": 0.0,
        "teacher_forcing": 1.0,
        "attention": None,
        "overwrite": False,
        "grad_clip": 5.0,
        "max_bad_steps": 10,
        "scorer": {"@scorers": "spacy_rnn.seq2seq_scorer.v1"},
    },
    default_score_weights={"rnn_seq2seq_acc": 1.0},
)
def make_rnn_seq2seq(
    nlp: Language,
    name: str,
    model: Seq2SeqModel,
    level: str,
    target: str,
    features: List[str],
    strategy: List[str],
    beam_width: int,
    alpha: float,
    max_source: int,
    label_smoothing: float,
    teacher_forcing: Union[float, Iterable[float]],
    attention: Optional[str],
    overwrite: bool,
    grad_clip: float,
    max_bad_steps: int,
    scorer: Optional[Callable[..., Any]],
) -> "RNNSeq2Seq":
    """Make the component.

    model (Model[Pairs, Floats3d]): See `spacy_rnn.EncoderDecoder.v1`.
    level (str): What is read: "token", "sent", "doc" or "span:KEY".
    target (str): Where what is written goes: for tokens "lemma", "norm", "tag", "pos" or
        "morph", and for all levels "_.NAME", an extension.
    features (List[str]): Attributes of tokens that components before have set ("pos",
        "morph", "_.NAME"), read before the characters.
    strategy (List[str]): Who is asked, in that order: "dictionary", which knows the training
        data; "edits", a classifier of edits that turn several words of the training data into
        their targets, which is silent if none of them seems right; and "decoder", which always
        writes something.
    beam_width (int): How many sequences a search follows; 1 takes the best unit at every step.
    alpha (float): Sequences are compared by log P / length^alpha.
    max_source (int): How many units are read at most. Nothing is written for what is longer.
    label_smoothing (float): The share of the probability that training gives to all units
        alike.
    teacher_forcing (Union[float, Iterable[float]]): How often the decoder reads the right unit
        in training, and not the one that it would have written itself (scheduled sampling);
        or a schedule of that, such as `spacy_rnn.inverse_sigmoid.v1`, one step an update.
    attention (Optional[str]): The extension `NAME` of the parts that takes where the decoder
        looked, see `keep_attention`. null for none.
    overwrite (bool): Whether a value that is there already gives way.
    grad_clip (float): Largest norm of the gradient over all weights, 0 for no limit.
    max_bad_steps (int): Training stops after so many NaN gradients in a row.
    scorer (Optional[Callable]): The scoring method.
    """
    return RNNSeq2Seq(
        nlp.vocab,
        model,
        name,
        level=level,
        target=target,
        features=features,
        strategy=strategy,
        beam_width=beam_width,
        alpha=alpha,
        max_source=max_source,
        label_smoothing=label_smoothing,
        teacher_forcing=teacher_forcing,
        attention=attention,
        overwrite=overwrite,
        grad_clip=grad_clip,
        max_bad_steps=max_bad_steps,
        scorer=scorer,
    )


class RNNSeq2Seq(WritingPipe):
    """Sequences of any length by a recurrent encoder and decoder. Equal sources are decoded
    once, and remembered as long as the weights stay what they are.
    """

    factory = "rnn_seq2seq"

    def __init__(
        self,
        vocab: Vocab,
        model: Seq2SeqModel,
        name: str = "rnn_seq2seq",
        *,
        level: str = "token",
        target: str = "lemma",
        features: Sequence[str] = (),
        strategy: Sequence[str] = ("dictionary", "decoder"),
        beam_width: int = 1,
        alpha: float = 1.0,
        max_source: int = 2000,
        label_smoothing: float = 0.0,
        teacher_forcing: Union[float, Iterable[float]] = 1.0,
        attention: Optional[str] = None,
        overwrite: bool = False,
        grad_clip: float = 5.0,
        max_bad_steps: int = 10,
        scorer: Optional[Callable[..., Any]] = None,
    ):
        """Initialize the component. The arguments are those of `make_rnn_seq2seq`."""
        if not strategy or set(strategy) - set(STRATEGY):
            raise ValueError(Errors.R048.format(name=name, strategy=list(strategy)))
        if not 0 <= label_smoothing < 1:
            raise ValueError(Errors.R036.format(name=name, value=label_smoothing))
        if beam_width < 1:
            raise ValueError(Errors.R050.format(name=name, width=beam_width))
        if max_source < 1:
            raise ValueError(Errors.R164.format(name=name, value=max_source))
        check_range(name, "alpha", alpha, 0.0)
        super().__init__(vocab, model, name, grad_clip, max_bad_steps, scorer)
        self.place = make_place(name, level, target, features)
        self.strategy = list(strategy)
        self.beam_width = beam_width
        self.alpha = alpha
        self.max_source = max_source
        self.attention: Optional[str] = None
        self.label_smoothing = label_smoothing
        self.teacher_forcing = Rate(name, "teacher_forcing", teacher_forcing)
        self.overwrite = overwrite
        self.cfg: Dict[str, Any] = {
            "labels": list(SPECIAL),  # units of the targets
            "source_units": list(SPECIAL),
            "guard": [1.0, 1.0, 1.0],  # mean, deviation, maximum of lengths of targets by sources
            "dictionary": {},
            "edits": None,  # for each tree a pair that it explains
            "byte_pairs": None,  # as the JSON of their library
        }
        self.forget()
        if attention is not None:
            self.keep_attention(attention)

    # Prediction

    def predict(self, docs: Iterable[Doc]) -> List[List[Transduced]]:
        """Write for every part of documents; the documents stay as they are.

        docs (Iterable[Doc]): The documents.
        RETURNS (List[List[Transduced]]): What was written for the parts of each.
        """
        self._require_weights()
        units = self.units
        sources = [self.place.sources(doc, units) for doc in docs]
        found = self.transduce(dict.fromkeys(s for of_doc in sources for s in of_doc))
        return [[found[s] for s in of_doc] for of_doc in sources]

    def set_annotations(self, docs: Iterable[Doc], found: List[List[Transduced]]) -> None:
        """Write targets; what was cut short is named in `doc.user_data`.

        docs (Iterable[Doc]): The documents.
        found (List[List[Transduced]]): What `predict` wrote for the parts of each.
        """
        for doc, of_doc in zip(docs, found):
            texts = [t.text if t.by else None for t in of_doc]
            self.place.write(doc, texts, self.overwrite)
            doc.user_data[f"{self.name}_scores"] = [t.score for t in of_doc]
            cut = [i for i, t in enumerate(of_doc) if t.truncated]
            doc.user_data[f"{self.name}_truncated"] = cut
            if self.attention is not None:
                looks = [None if t.look is None else t.look.as_dict() for t in of_doc]
                self.place.write_beside(doc, self.attention, looks)

    def keep_attention(self, name: str = "attention") -> None:
        """From now on keep where the decoder looked: a dictionary of the symbols of the
        "source", those "written", and the "shares", a row for each that was written. Where
        another than the decoder knew what to write, there is None. What is kept is not
        remembered.

        name (str): The extension of the parts that are read.
        RAISES (ValueError): If the decoder does not look back, or the extension cannot take it.
        """
        if not name.isidentifier() or name == self.place.name:
            raise ValueError(Errors.R241.format(name=self.name, value=name))
        check_writable(self.name, "attention", name, self.place.owner)
        if self.model.shims[0].settings["attention"] == "none":
            raise ValueError(Errors.R163.format(name=self.name))
        self.attention = name
        register(self.place.owner, name)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score a batch of examples.

        examples (Iterable[Example]): Predictions and references.
        RETURNS (Dict[str, Any]): The scores. `rnn_seq2seq_acc` is the accuracy, whatever the
            target.
        """
        place = {"level": self.place.level, "target": self.place.target}
        # Words have spaces between them; byte pairs are scored as the characters that they are
        known = self.cfg["dictionary"] if self.place.level == "token" else None
        how = {"units": self.model.attrs["target_units"], "seen": known or None}
        scores = dict(super().score(examples, **place, **how, **kwargs))
        # Known before the target is: what picks the best model
        if (right := f"{self.place.name}_acc") in scores:
            scores[f"{self.factory}_acc"] = scores[right]
        return scores
