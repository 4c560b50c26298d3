"""What is read and what is written: tokens, sentences, spans or documents, and their values."""

from typing import Any, Iterable, List, NamedTuple, Sequence, Tuple

from spacy.tokens import Doc, Span, Token
from spacy.training import Example

from ..errors import Errors
from ..levels import aligned as aligned_spans
from ..levels import check_level, spans_of
from ..units import Source, Units
from .attributes import EXTENSION, IDS, aligned, token_attribute


class Place(NamedTuple):
    """Where sources stand and where their targets go.

    level (str): "token", "sent", "doc" or "span:KEY".
    target (str): An attribute of tokens, or "_.NAME".
    features (Tuple[str, ...]): Attributes of tokens that are known beforehand, such as "pos".
    """

    level: str
    target: str
    features: Tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the target without what says that it is an extension."""
        return self.target.removeprefix(EXTENSION)

    def sources(self, doc: Doc, units: Units) -> List[Source]:
        """What is read of a document."""
        if self.level != "token":
            return [Source((), units.split(part.text)) for part in self.parts(doc)]
        columns = [token_attribute(name).read(doc) for name in self.features]
        rows = zip(*columns) if columns else [()] * len(doc)
        return [
            Source(tuple(f"{n}={v}" for n, v in zip(self.features, row) if v), units.split(t.text))
            for t, row in zip(doc, rows)
        ]

    def parts(self, doc: Doc) -> List[Any]:
        """The tokens, spans or documents themselves."""
        if self.level == "token":
            return list(doc)
        return [doc] if self.level == "doc" else spans_of(doc, self.level)

    def pairs(self, example: Example, units: Units) -> List[Tuple[Source, str]]:
        """What is read of an example's prediction, and what its reference says that it
        should become; only where it says so.
        """
        sources = self.sources(example.predicted, units)
        if self.level == "token":
            values = token_attribute(self.target, tuple(IDS)).read(example.reference)
            gold = aligned(values, example)
        elif self.level == "doc":
            gold = [example.reference._.get(self.name) or ""]
        else:
            spans = aligned_spans(example, spans_of(example.reference, self.level))
            sources = [Source((), units.split(ours.text)) for ours, _ in spans]
            gold = [span._.get(self.name) or "" for _, span in spans]
        return [(source, text) for source, text in zip(sources, gold) if text]

    def write(self, doc: Doc, texts: Sequence[str], overwrite: bool) -> None:
        """Give each part of a document what was written for it."""
        if self.level == "token":
            token_attribute(self.target, tuple(IDS)).write(doc, texts, overwrite)
            return
        for part, text in zip(self.parts(doc), texts):
            if overwrite or not part._.get(self.name):
                part._.set(self.name, text)


def make_place(component: str, level: str, target: str, features: Iterable[str]) -> Place:
    """Check what the config says, and make the extensions.

    RAISES (ValueError): If there is no such level or target.
    """
    if level != "token":
        try:
            check_level(component, level)
        except ValueError as e:
            raise ValueError(Errors.R046.format(name=component, level=level)) from e
    name = target.removeprefix(EXTENSION)
    is_extension = target.startswith(EXTENSION) and name.isidentifier()
    if not is_extension and not (level == "token" and target in IDS):
        raise ValueError(Errors.R045.format(name=component, target=target))
    kind = {"token": Token, "doc": Doc}.get(level, Span)
    if is_extension and not kind.has_extension(name):
        kind.set_extension(name, default=None)
    for feature in features:
        token_attribute(feature)
    return Place(level, target, tuple(features))
