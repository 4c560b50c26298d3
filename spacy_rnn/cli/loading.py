"""The pipelines that commands work with."""

import spacy
from spacy.language import Language

from ..errors import DataError, Errors


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
