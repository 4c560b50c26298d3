"""What a component that classifies texts says of them, and what its attention says of that."""

from typing import List, NamedTuple, Optional, Tuple, Union

from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc, Span

from ..levels import Cats, found_in
from .shading import Word

SHOWN = 5  # classes of a text that are named


class Reading(NamedTuple):
    """What was found in a text: a document, a sentence or a span.

    words (List[Word]): Its tokens, with shares of 0 if nobody keeps the attention.
    cats (Cats): The probability of each label, or a number for regression.
    sentiment (Optional[float]): From -1 to 1.
    """

    words: List[Word]
    cats: Cats
    sentiment: Optional[float]


def read(text: Union[Doc, Span], pipe: TrainablePipe) -> Reading:
    """What the component wrote to a document or a span. Other labels are not its own."""
    cats = found_in(text)
    shares = (text._.get(pipe.attention) if pipe.attention else None) or [0.0] * len(text)
    words = [Word(token.text, token.whitespace_, share) for token, share in zip(text, shares)]
    found = {label: cats[label] for label in pipe.labels if label in cats}
    return Reading(words, found, text._.sentiment)


def ranked(cats: Cats) -> List[Tuple[str, float]]:
    """Labels and numbers, the highest first."""
    return sorted(cats.items(), key=lambda item: -item[1])


def heading(reading: Reading) -> str:
    """The classes of a text and its sentiment: `neg 0.88, pos 0.12; sentiment -0.75`"""
    named = [f"{label} {value:.2f}" for label, value in ranked(reading.cats)]
    more = [f"{len(named) - SHOWN} more"] if len(named) > SHOWN else []
    classes = ", ".join([*named[:SHOWN], *more]) or "no classes"
    return (
        classes if reading.sentiment is None else f"{classes}; sentiment {reading.sentiment:+z.2f}"
    )


def caution(pipe: TrainablePipe) -> str:
    """What the shades say, and what they do not."""
    settings = pipe.model.shims[0].settings
    parts = [f"its {kind} pool" for kind in settings["pooling"] if kind != "attention"]
    parts += ["the n-grams beside it"] if settings["n_ngrams"] else []
    text = "Shades show where the net looked, not why it answered as it did"
    if parts:
        *first, last = parts
        names = f"{', '.join(first)} and {last}" if first else last
        text += f"; {names}, which have a say too, do not show"
    return f"{text}."
