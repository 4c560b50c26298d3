"""What `spacy rnn debug data` says of a finding."""

from typing import NamedTuple, Sequence

FEW = 50  # examples of a label; with fewer, `spacy debug data` warns too
SHOWN = 3  # examples of a finding
WIDTH = 60  # characters of a text that is an example


class Finding(NamedTuple):
    """What is worth a warning.

    message (str): What was found, and what it means for training.
    examples (Sequence[str]): Some of it.
    """

    message: str
    examples: Sequence[str] = ()


def shorten(text: str, width: int = WIDTH) -> str:
    return text if len(text) <= width else f"{text[:width]}…"
