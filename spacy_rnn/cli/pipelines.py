"""The pipelines that commands work with, and which of their components is meant."""

from typing import Any, List, Optional

import spacy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Span
from spacy.training import Example

from ..errors import DataError, Errors

CLASSIFIERS = ("rnn_sentiment", "rnn_sentiment_multilabel")
ATTENTION = "attention"  # the extension, if the component names none


def load(model: str) -> Language:
    """A trained pipeline.

    RAISES (DataError): If there is none of that name.
    """
    try:
        return spacy.load(model)
    except OSError as err:
        raise DataError(Errors.R142.format(model=model, why=err)) from err


def blank(lang: str) -> Language:
    """The tokenizer of a language.

    RAISES (DataError): If spaCy does not know it.
    """
    try:
        return spacy.blank(lang)
    except ImportError as err:
        raise DataError(Errors.R120.format(lang=lang, why=err)) from err


def of_factories(nlp: Language, *factories: str) -> List[str]:
    """The names of the components that some factories have made."""
    return [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in factories]


def classifiers(nlp: Language) -> List[str]:
    """The names of the components that classify texts."""
    return of_factories(nlp, *CLASSIFIERS)


def take(nlp: Language, name: str) -> TrainablePipe:
    """One component that classifies texts. The others are switched off: they write to the
    same places.
    """
    nlp.select_pipes(disable=[other for other in classifiers(nlp) if other != name])
    return nlp.get_pipe(name)


def only_classifier(nlp: Language) -> Optional[TrainablePipe]:
    """The first component that classifies texts, with its attention kept if there is some;
    None if the pipeline has none, or finds entities, too.
    """
    names = classifiers(nlp)
    if not names or finds_entities(nlp):
        return None
    pipe = take(nlp, names[0])
    if attends(pipe):
        pipe.keep_attention(pipe.attention or ATTENTION)
    return pipe


def first_of(nlp: Language, factory: str) -> Optional[Any]:
    """The first component of a factory; None if the pipeline has none, or finds entities or
    classifies texts, too.
    """
    names = of_factories(nlp, factory)
    if not names or classifiers(nlp) or finds_entities(nlp):
        return None
    return nlp.get_pipe(names[0])


def finds_entities(nlp: Language) -> bool:
    """Whether a component of the pipeline does."""
    return any("doc.ents" in nlp.get_pipe_meta(name).assigns for name in nlp.pipe_names)


def require_entities(nlp: Language, model: str, examples: List[Example]) -> None:
    """Raise if a pipeline finds no entities: none of its components says so, and none did.

    RAISES (DataError): If it does not.
    """
    if not finds_entities(nlp) and not any(eg.predicted.ents for eg in examples):
        there = ", ".join(nlp.pipe_names) or "no component"
        raise DataError(Errors.R223.format(model=model, there=there))


def attends(pipe: TrainablePipe) -> bool:
    """Whether a pool of the component's model attends."""
    return "attention" in pipe.model.shims[0].settings["pooling"]


def confidence_extension(nlp: Language) -> Optional[str]:
    """The extension of the span that a component of the pipeline fills, if one does."""
    names = [getattr(pipe, "confidence", None) for _, pipe in nlp.pipeline]
    named = [name for name in names if isinstance(name, str) and Span.has_extension(name)]
    return named[-1] if named else None
