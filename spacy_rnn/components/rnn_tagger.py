"""`rnn_tagger`: any attribute of tokens by a recurrent net; a drop-in for spaCy's `tagger`."""

from typing import Any, Callable, Dict, Iterable, Optional, Sequence

import numpy
from spacy import util
from spacy.language import Language
from spacy.parts_of_speech import IDS as UPOS
from spacy.tokens import Token
from spacy.training import Example, validate_get_examples
from spacy.vocab import Vocab
from thinc.types import Ints1d

from ..errors import Errors
from ..extensions import check_writable, extension_of, register
from ..scorers import score_token_attribute
from ..tags import same_tokens
from ..token_tags import NOT, TokenTags
from ..types import LabelerModel
from .attributes import aligned, token_attribute
from .base import check_range, default_tok2vec
from .labeling import check_confidence
from .saving import CFG, read_cfg
from .tagging import TaggingPipe


@Language.factory(
    "rnn_tagger",
    assigns=["token.tag"],
    default_config={
        "model": {
            "@architectures": "spacy_rnn.SequenceLabeler.v1",
            "decoding": "softmax",
            "tok2vec": default_tok2vec(width=400),
        },
        "attribute": "tag",
        "overwrite": False,
        "label_smoothing": 0.0,
        "grad_clip": 5.0,
        "max_bad_steps": 10,
        "confidence": None,
        "scorer": {"@scorers": "spacy_rnn.tagger_scorer.v1"},
    },
    # By factory, so one name for whatever attribute is learnt
    default_score_weights={"rnn_tagger_acc": 1.0},
)
def make_rnn_tagger(
    nlp: Language,
    name: str,
    model: LabelerModel,
    attribute: str,
    overwrite: bool,
    label_smoothing: float,
    grad_clip: float,
    max_bad_steps: int,
    confidence: Optional[str],
    scorer: Optional[Callable[..., Any]],
) -> "RNNTagger":
    """Make the component.

    model (Model[List[Doc], TagScores]): Scores tags, see `spacy_rnn.SequenceLabeler.v1`.
    attribute (str): What is learnt and written: "tag", "pos", "morph", or "_.NAME" for an
        extension of the token.
    overwrite (bool): Whether a value that a token has already gives way.
    label_smoothing (float): The share of the true tag's probability that the others get in
        training, 0 to 1; 0 with `decoding = "crf"`.
    grad_clip (float): Largest norm of the gradient over all weights, 0 for no limit.
    max_bad_steps (int): Training stops after so many NaN gradients in a row.
    confidence (Optional[str]): The extension `token._.NAME` that takes the probability of
        each tag. null for none.
    scorer (Optional[Callable]): The scoring method.
    """
    return RNNTagger(
        nlp.vocab,
        model,
        name,
        attribute=attribute,
        overwrite=overwrite,
        label_smoothing=label_smoothing,
        grad_clip=grad_clip,
        max_bad_steps=max_bad_steps,
        confidence=confidence,
        scorer=scorer,
    )


class RNNTagger(TaggingPipe):
    """One label for each token, by a recurrent net.

    Where annotation is missing or its tokens are others, nothing is learnt. "!N" is read as
    in spaCy's tagger: any tag but N.
    """

    factory = "rnn_tagger"
    scheme = "token"  # a label is a tag

    def __init__(
        self,
        vocab: Vocab,
        model: LabelerModel,
        name: str = "rnn_tagger",
        *,
        attribute: str = "tag",
        overwrite: bool = False,
        label_smoothing: float = 0.0,
        grad_clip: float = 5.0,
        max_bad_steps: int = 10,
        confidence: Optional[str] = None,
        scorer: Optional[Callable[..., Any]] = score_token_attribute,
    ):
        """Initialize the component. The arguments are those of `make_rnn_tagger`."""
        if model.attrs["decoding"] == "sigmoid":
            raise ValueError(Errors.R023.format(name=name))
        check_confidence(name, confidence, Token)
        check_range(name, "label_smoothing", label_smoothing, 0, 1)
        if label_smoothing and model.attrs["decoding"] == "crf":
            raise ValueError(Errors.R028.format(name=name, value=label_smoothing))
        if extension_of(attribute):
            check_writable(name, "attribute", attribute, Token)
        super().__init__(vocab, model, name, grad_clip, max_bad_steps, scorer)
        self.attribute = attribute
        self.overwrite = overwrite
        self.label_smoothing = label_smoothing
        self.confidence = confidence
        self.cfg: Dict[str, Any] = {"labels": [], "unmet": []}
        self._rebuild()
        self._values = token_attribute(attribute)
        if confidence is not None:
            register(Token, confidence)

    # Labels

    def _make_tags(self) -> TokenTags:
        return TokenTags(self.labels, self.cfg["unmet"])

    def _check_label(self, label: str) -> None:
        super()._check_label(label)
        if self.attribute == "pos" and label not in UPOS:
            known = ", ".join(filter(None, UPOS))
            raise ValueError(Errors.R024.format(name=self.name, label=label, known=known))

    def _add_labels_of(self, examples: Iterable[Example]) -> None:
        found = {value for eg in examples for value in self._values.read(eg.reference)}
        for label in sorted(found - {"", *self.labels}):
            if not label.startswith(NOT):
                self.add_label(label)

    def _load_parts(self, parts: Dict[str, bytes], exclude: Iterable[str]) -> None:
        if CFG in parts and CFG not in exclude:
            for label in read_cfg(parts[CFG])["labels"]:
                self._check_label(label)  # the config may have named another attribute
        super()._load_parts(parts, exclude)

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
        RAISES (ValueError): If there is no label.
        """
        validate_get_examples(get_examples, "RNNTagger.initialize")
        util.check_lexeme_norms(self.vocab, "rnn_tagger")
        if labels is None:
            self._add_labels_of(get_examples())
        for label in labels or ():
            self.add_label(label)
        if not self.labels:
            where, n = f"token.{self.attribute}", sum(1 for _ in get_examples())
            what = {"name": self.name, "where": where, "setting": "attribute"}
            raise ValueError(Errors.R220.format(n=n, **what))
        self._initialize_model(get_examples())

    def _gold(self, example: Example) -> Ints1d:
        values = self._values.read(example.reference)
        if not same_tokens(example):
            values = aligned(values, example)
        return numpy.array([self.tags.tag_id(value) for value in values], dtype="i8")

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score a batch of examples.

        examples (Iterable[Example]): Predictions and references.
        RETURNS (Dict[str, Any]): The scores.
        """
        return dict(super().score(examples, attribute=self.attribute, **kwargs))
