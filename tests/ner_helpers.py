"""An `rnn_ner` that knows its training data, and what several tests ask of one."""

from functools import lru_cache
from typing import Any, List, Sequence

import spacy
from spacy.language import Language

from .helpers import TEXTS, entities, gold_entities, make_nlp, stir_model, train

NEW = [("Rex is a dog .", {"entities": [(0, 3, "ANIMAL")]})]


@lru_cache(maxsize=None)
def trained_nlp() -> Language:
    """A pipeline that knows its training data. Not to be changed."""
    nlp = make_nlp()
    train(nlp, 60)
    assert predictions(nlp) == gold_entities()
    return nlp


def copy_of(nlp: Language) -> Language:
    return spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())


def random_nlp(**config: Any) -> Language:
    """A pipeline with random weights: its answers are wild."""
    nlp = make_nlp(**config)
    stir_model(nlp.get_pipe("rnn_ner").model, 1.0)
    return nlp


def predictions(nlp: Language, texts: Sequence[str] = TEXTS) -> List[Any]:
    return [entities(doc) for doc in nlp.pipe(texts)]
