"""What is read and what is written: tokens, sentences, spans or documents, and their values."""

from typing import Any, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from spacy.parts_of_speech import IDS as UPOS
from spacy.tokens import Doc, Span, Token
from spacy.training import Example

from ..errors import Errors
from ..evaluation.strings import alternatives, as_string
from ..extensions import EXTENSION, check_writable, extension_of, register
from ..levels import aligned as aligned_spans
from ..levels import check_level, spans_of
from ..units import Source, Units
from .attributes import IDS, aligned, set_extensions, token_attribute

# What is read, what it should become, and the part of the reference that says so
Row = Tuple[Source, str, Any]


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

    @property
    def owner(self) -> Any:
        """What the parts are: `Token`, `Span` or `Doc`."""
        return {"token": Token, "doc": Doc}.get(self.level, Span)

    def sources(self, doc: Doc, units: Units) -> List[Source]:
        """What is read of a document."""
        if self.level != "token":
            return [Source((), units.split_source(part.text)) for part in self.parts(doc)]
        columns = [read_feature(doc, name) for name in self.features]
        return self._with_features(doc, columns, units)

    def _with_features(
        self, doc: Doc, columns: Sequence[Sequence[str]], units: Units
    ) -> List[Source]:
        rows = zip(*columns) if columns else [()] * len(doc)
        symbols = [
            tuple(
                f"{name}={item}"
                for name, value in zip(self.features, row)
                for item in value.split("|")
                if item
            )
            for row in rows
        ]
        return [Source(of, units.split_source(t.text)) for of, t in zip(symbols, doc)]

    def parts(self, doc: Doc) -> List[Any]:
        """The tokens, spans or documents themselves."""
        if self.level == "token":
            return list(doc)
        return [doc] if self.level == "doc" else spans_of(doc, self.level)

    def has_parts(self, doc: Doc) -> bool:
        """Whether somebody has said what the parts of a document are."""
        if self.level == "sent":
            return bool(doc.has_annotation("SENT_START"))
        return self.level in ("token", "doc") or bool(spans_of(doc, self.level))

    def pairs(
        self, example: Example, units: Units, gold_features: bool = False
    ) -> List[Tuple[Source, str]]:
        """What is read of an example's prediction, and what its reference says that it
        should become; only where it says so. What else is right, as NAME_alternatives has it,
        makes a pair of its own.

        gold_features (bool): Features that the prediction lacks are those of the reference:
            before training no component has set them.
        RAISES (ValueError): If a target is no string.
        """
        self.register()
        if self.level == "token":
            rows = self._of_tokens(example, units, gold_features)
        else:
            rows = self._of_parts(example, units)
        return [
            (source, text)
            for source, first, part in rows
            for text in ([first, *self._alternatives(part)] if first else [])
        ]

    def _of_tokens(self, example: Example, units: Units, gold_features: bool) -> Iterable[Row]:
        doc, reference = example.predicted, example.reference
        read = self._columns(example) if gold_features else None
        sources = self._with_features(doc, read, units) if read else self.sources(doc, units)
        gold = aligned(self._values(reference), example)
        at = aligned([str(i) for i in range(len(reference))], example)
        return zip(sources, gold, (reference[int(i)] if i else None for i in at))

    def _of_parts(self, example: Example, units: Units) -> Iterable[Row]:
        both = [(example.predicted, example.reference)]
        if self.level != "doc":
            known = self.has_parts(example.reference)
            spans = spans_of(example.reference, self.level) if known else []
            both = aligned_spans(example, spans)
        for ours, part in both:
            yield Source((), units.split_source(ours.text)), self._value(part), part

    def _alternatives(self, part: Any) -> List[str]:
        """What else is right for a part of a reference."""
        return [] if part is None or self.target in IDS else alternatives(part, self.target)

    def _columns(self, example: Example) -> List[List[str]]:
        """Each feature of the prediction, or else of the reference, at the prediction's tokens."""
        columns = []
        for name in self.features:
            gold = aligned(read_feature(example.reference, name), example)
            ours = read_feature(example.predicted, name)
            columns.append([value or g for value, g in zip(ours, gold)])
        return columns

    def _values(self, doc: Doc) -> List[str]:
        """The target of each token."""
        if self.target in IDS:
            return token_attribute(self.target, tuple(IDS)).read(doc)
        return [self._value(token) for token in doc]

    def _value(self, part: Any) -> str:
        """The extension of a part."""
        return as_string(part._.get(self.name), self.target, part)

    def write(self, doc: Doc, texts: Sequence[Optional[str]], overwrite: bool) -> None:
        """Give each part of a document what was written for it, None for nothing. What spaCy
        would not take for the attribute is left out.
        """
        self.register()
        if self.level == "token":
            fit = [text if fits(self.target, text or "") else None for text in texts]
            token_attribute(self.target, tuple(IDS)).write(doc, fit, overwrite)
        else:
            set_extensions(self.parts(doc), self.name, texts, overwrite)

    def write_beside(self, doc: Doc, name: str, values: Sequence[Any]) -> None:
        """Give each part of a document a value in another extension."""
        register(self.owner, name)
        for part, value in zip(self.parts(doc), values):
            part._.set(name, value)

    def register(self) -> None:
        """Make a place for the target, unless there is one."""
        if self.target not in IDS:
            register(self.owner, self.name)


def fits(target: str, text: str) -> bool:
    """Whether an attribute of a token can have that value."""
    if target == "morph":
        return text in ("", "_") or all(part.count("=") == 1 for part in text.split("|"))
    return target != "pos" or text in UPOS


def make_place(component: str, level: str, target: str, features: Iterable[str]) -> Place:
    """Check what the config says, and make the extensions.

    RAISES (ValueError): If there is no such level or target.
    """
    if level != "token":
        try:
            check_level(component, level)
        except ValueError as e:
            raise ValueError(Errors.R046.format(name=component, level=level)) from e
    if features and level != "token":
        raise ValueError(Errors.R240.format(name=component, level=level))
    if not extension_of(target) and not (level == "token" and target in IDS):
        raise ValueError(Errors.R045.format(name=component, target=target))
    place = Place(level, target, tuple(features))
    place.register()
    if extension_of(target):
        check_writable(component, "target", target, place.owner)
    for feature in place.features:
        try:
            token_attribute(feature)
        except ValueError as e:
            raise ValueError(Errors.R051.format(name=component, feature=feature)) from e
    return place


def read_feature(doc: Doc, name: str) -> List[str]:
    """What is known of each token. What consists of several things, such as
    "Case=Nom|Number=Sing" or a list of strings, becomes one string with bars between them: each
    will be a symbol of its own.
    """
    attribute = token_attribute(name)  # makes the extension in a new process
    extension = extension_of(name)
    if not extension:
        return attribute.read(doc)
    values = [token._.get(extension) for token in doc]
    lists = [value if isinstance(value, (list, tuple)) else [value or ""] for value in values]
    if not all(isinstance(item, str) for items in lists for item in items):
        return attribute.read(doc)  # which says what is wrong
    return ["|".join(items) for items in lists]
