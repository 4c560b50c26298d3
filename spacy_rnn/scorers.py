"""Scores that spaCy does not have."""

from functools import partial
from typing import Any, Callable, Container, Dict, Iterable, Optional

from spacy.scorer import Scorer, get_ner_prf
from spacy.tokens import Doc, Token
from spacy.training import Example
from spacy.util import registry
from spacy.vocab import Vocab

from .evaluation.calibration import auroc, confidences_of, expected_calibration_error
from .evaluation.docs import pairs_of
from .evaluation.entities import score
from .evaluation.generation import score_generated
from .evaluation.strings import score_pairs, score_seen, score_translations, string_pairs
from .evaluation.texts import score_firsts, score_numbers, score_order
from .extensions import EXTENSION
from .levels import Cats, cats_pairs

_NO_WORDS = Vocab()


def score_entities(
    examples: Iterable[Example],
    *,
    confidence: Optional[str] = None,
    labelled: bool = True,
    **kwargs: Any,
) -> Dict[str, Any]:
    """What spaCy scores of `ner`, and whether the confidence of entities can be trusted:
    `ents_ece`, their expected calibration error (lower is better), and `ents_auroc`, how
    probable it is that a right entity has more confidence than a wrong one. Entities without
    a confidence do not count there, such as those of a component before.

    examples (Iterable[Example]): Predictions and references.
    confidence (Optional[str]): The extension `span._.NAME` that has it; None for none.
    labelled (bool): False for a model that tells only inside from outside, see
        `score_unlabelled_entities`.
    RETURNS (Dict[str, Any]): The scores, all from 0 to 1, and None where nothing tells.
    """
    if not labelled:
        return score_unlabelled_entities(examples)
    examples = list(examples)
    scores: Dict[str, Any] = get_ner_prf(examples, **kwargs)
    sure, right = confidences_of(pair for eg in examples for pair in pairs_of(eg, confidence))
    calibration = {
        "ents_ece": expected_calibration_error(sure, right),
        "ents_auroc": auroc(sure, right),
    }
    return {**scores, **calibration}


@registry.scorers("spacy_rnn.ner_scorer.v1")
def make_ner_scorer() -> Callable[..., Dict[str, Any]]:
    """Make the scorer; its component tells it where the confidence stands."""
    return score_entities


def score_unlabelled_entities(examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
    """Precision, recall and F of entity boundaries, whatever the labels: for a model
    that tells only inside from outside.

    Predictions where annotation is missing are neither right nor wrong.

    examples (Iterable[Example]): Predictions and references.
    RETURNS (Dict[str, Any]): `ents_p`, `ents_r` and `ents_f`, None without annotation;
        `ents_per_type`, `ents_ece` and `ents_auroc` have nothing to tell.
    """
    annotated = [eg for eg in examples if eg.reference.has_annotation("ENT_IOB")]
    of = score([pair for eg in annotated for pair in pairs_of(eg, labelled=False)])
    values = (of.precision, of.recall, of.f1) if annotated else (None, None, None)
    nothing = dict.fromkeys(("ents_per_type", "ents_ece", "ents_auroc"))
    return {**dict(zip(("ents_p", "ents_r", "ents_f"), values)), **nothing}


@registry.scorers("spacy_rnn.unlabelled_ner_scorer.v1")
def make_unlabelled_ner_scorer() -> Callable[..., Dict[str, Any]]:
    """Make the scorer."""
    return score_unlabelled_entities


def score_token_attribute(
    examples: Iterable[Example], *, attribute: str = "tag", **kwargs: Any
) -> Dict[str, Any]:
    """Accuracy of an attribute of tokens.

    examples (Iterable[Example]): Predictions and references.
    attribute (str): "tag", "pos", "morph", or "_.NAME" for an extension.
    RETURNS (Dict[str, Any]): `tag_acc`, or whatever the attribute is called, and the same as
        `rnn_tagger_acc`, so that a config may give it a weight whatever the attribute is; None
        without annotation.
    """
    getter = _extension if attribute.startswith(EXTENSION) else _attribute
    name = attribute.removeprefix(EXTENSION)
    scores: Dict[str, Any] = Scorer.score_token_attr(examples, name, getter=getter, **kwargs)
    return {**scores, "rnn_tagger_acc": scores[f"{name}_acc"]}


def _extension(token: Token, name: str) -> Any:
    return token._.get(name)


def _attribute(token: Token, name: str) -> Any:
    value = getattr(token, name)
    return value.key if name == "morph" else value


@registry.scorers("spacy_rnn.tagger_scorer.v1")
def make_tagger_scorer() -> Callable[..., Dict[str, Any]]:
    """Make the scorer; its component tells it the attribute."""
    return score_token_attribute


def score_texts(
    examples: Iterable[Example], *, level: str = "doc", head: str = "exclusive", **kwargs: Any
) -> Dict[str, Any]:
    """What spaCy scores of `textcat`, and besides: `cats_acc`, the share of texts whose first
    label is right; `cats_ece`, the expected calibration error of its probability (lower is
    better); for ordinal labels `cats_qwk`, their quadratic weighted kappa (Cohen, 1968), and
    `cats_mae`, the mean number of steps between found and gold (lower is better); for numbers
    `cats_r2`, the share of the variance that is explained, and `cats_mae`, the mean absolute error.
    Texts that are not annotated do not count, nor do sentences and spans that the pipeline has not
    found.

    examples (Iterable[Example]): Predictions and references.
    level (str): "doc", "sent" or "span:KEY": see `rnn_sentiment`.
    head (str): "exclusive", "multilabel", "ordinal" or "regression".
    RETURNS (Dict[str, Any]): The scores; `cats_score` is the one to go by.
    """
    pairs = [pair for pair in cats_pairs(examples, level) if all(pair)]
    labels = list(kwargs.pop("labels", []))
    if head == "regression":
        return {"cats_score_desc": "R2", **score_numbers(pairs, labels)}
    texts = [_example(*pair) for pair in pairs]
    many = head == "multilabel"
    scores = Scorer.score_cats(texts, "cats", labels=labels, multi_label=many, **kwargs)
    if not many:
        scores.update(score_firsts(pairs, labels))
    if head == "ordinal":
        scores.update(score_order(pairs, labels))
    return dict(scores)


def _example(found: Cats, gold: Cats) -> Example:
    """A text as spaCy's scorer wants it: as a document."""
    docs = Doc(_NO_WORDS), Doc(_NO_WORDS)
    for doc, cats in zip(docs, (found, gold)):
        doc.cats = cats
    return Example(*docs)


@registry.scorers("spacy_rnn.text_scorer.v1")
def make_text_scorer() -> Callable[..., Dict[str, Any]]:
    """Make the scorer; its component tells it the level and the head."""
    return score_texts


def score_strings(
    examples: Iterable[Example],
    *,
    level: str = "doc",
    target: str = "_.target",
    units: str = "char",
    mt: bool = False,
    seen: Optional[Container[str]] = None,
    **kwargs: Any,
) -> Dict[str, Any]:
    """What is right of written strings, see `score_pairs`: for the target "_.normal" `normal_acc`
    and `normal_char_acc`, or `normal_unit_acc` if units are words. Any of several right strings
    will do, see `string_pairs`.

    examples (Iterable[Example]): Predictions and references.
    level (str): "token", "sent", "doc" or "span:KEY": see `rnn_seq2seq`.
    target (str): An attribute of tokens such as "lemma", or "_.NAME".
    units (str): "char", or "word", between which any white space will do.
    mt (bool): Also `normal_bleu` and `normal_chrf`, from sacrebleu.
    seen (Optional[Container[str]]): The sources that training had, for `normal_seen_acc` and
        `normal_unseen_acc`; None if that is not known.
    RETURNS (Dict[str, Any]): The scores, all from 0 to 1, and None without annotation.
    RAISES (ImportError): If sacrebleu is needed and not installed.
    """
    examples = list(examples)
    pairs = list(string_pairs(examples, level, target, units))
    name = target.removeprefix(EXTENSION)
    scores: Dict[str, Any] = score_pairs(pairs, name, units)
    if seen is not None:
        scores.update(score_seen(examples, level, target, seen, units))
    return {**scores, **score_translations(pairs, name)} if mt else scores


@registry.scorers("spacy_rnn.seq2seq_scorer.v1")
def make_seq2seq_scorer(mt: bool = False) -> Callable[..., Dict[str, Any]]:
    """Make the scorer; its component tells it the level, the target and the units.

    mt (bool): Count BLEU and chrF too. Needs the extra "mt" of spacy-rnn.
    """
    return partial(score_strings, mt=mt)


@registry.scorers("spacy_rnn.generator_scorer.v1")
def make_generator_scorer(bleu: bool = False) -> Callable[..., Dict[str, Any]]:
    """Make the scorer; its component tells it all that is known of the texts.

    bleu (bool): Count BLEU too. Needs the extra "mt" of spacy-rnn.
    """
    return partial(score_generated, bleu=bleu)
