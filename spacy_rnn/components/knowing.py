"""What a component that writes sequences knows before its nets learn: vocabularies, lengths, a
dictionary, edits.
"""

import math
import warnings
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.training import Example, validate_get_examples

from .. import bpe
from ..errors import Errors, Warnings
from ..models.seq2seq import build, declare
from ..units import SPECIAL, Source, Units
from .base import RNNPipe
from .edits import Edits, edits_of, is_pair, learn_edits
from .knowledge import DEVIATIONS, count_unknown, dictionary_of, length_guard, vocabulary
from .targets import Place

STRATEGY = ("dictionary", "edits", "decoder")


class KnowingPipe(RNNPipe):
    """A component around a `spacy_rnn.EncoderDecoder.v1`, and what it takes from the data."""

    place: Place
    strategy: List[str]
    max_source: int
    unknown_units: int = 0  # of targets that were to be learnt; they cannot be written
    _told_of_long: bool = False

    def forget(self) -> None:
        """Remember nothing of what was written."""
        raise NotImplementedError

    # Vocabularies

    @property
    def units(self) -> Units:
        """The units of sources and targets."""
        source, target = tuple(self.cfg["source_units"]), tuple(self.cfg["labels"])
        attrs = self.model.attrs
        kinds = attrs["units"], attrs["target_units"]
        return Units(*kinds, source, target, self.cfg["byte_pairs"] or "")

    @property
    def labels(self) -> Tuple[str, ...]:
        """The units of the targets."""
        return tuple(self.cfg["labels"][len(SPECIAL) :])

    @property
    def edits(self) -> Optional[Edits]:
        """The edits that the net tells apart; None if it was not asked to."""
        shown = self.cfg["edits"]
        return None if shown is None else edits_of(tuple(shown))

    @property
    def label_data(self) -> Dict[str, List[str]]:
        """The vocabularies as `initialize` takes them back, and edits and byte pairs if there
        are some.
        """
        data = {"source": self.cfg["source_units"], "target": self.cfg["labels"]}
        data.update({} if self.cfg["edits"] is None else {"edits": self.cfg["edits"]})
        byte_pairs = self.cfg["byte_pairs"]
        return data if byte_pairs is None else {**data, "byte_pairs": [byte_pairs]}

    def _rebuild(self, grow: bool = True) -> None:
        n_edits = 0 if self.edits is None else len(self.edits)
        declare(self.model, len(self.cfg["source_units"]), len(self.cfg["labels"]), n_edits)
        self.forget()

    def _meanings(self) -> List[Any]:
        more = [self.cfg[name] for name in ("edits", "byte_pairs") if self.cfg[name] is not None]
        return [self.cfg["source_units"], self.cfg["labels"], *more]

    # Beginning

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Dict[str, List[str]]] = None,
    ) -> None:
        """Learn units, lengths, dictionary and edits from the data, and build the nets.

        get_examples (Callable[[], Iterable[Example]]): Gives examples of what is to be
            learnt.
        nlp (Optional[Language]): The pipeline that the component is part of.
        labels (Optional[Dict[str, List[str]]]): The vocabularies, edits and byte pairs, if
            `spacy init labels` made a file of them.
        RAISES (ValueError): If no example says what a target should be, or the labels are those
            of another component.
        """
        validate_get_examples(get_examples, "RNNSeq2Seq.initialize")
        given = self._checked(labels) if labels else {}
        self._take_byte_pairs(get_examples, given)
        units = self.units
        pairs = [
            pair
            for eg in get_examples()
            for pair in self.place.pairs(eg, units, gold_features=True)
        ]
        if not pairs:
            raise ValueError(Errors.R047.format(name=self.name, target=self.place.target))
        self._take_vocabularies(pairs, units, given)
        asked = "dictionary" in self.strategy
        self.cfg["dictionary"] = dictionary_of(pairs, units) if asked else {}
        self._take_edits(pairs, units, given)
        self._rebuild()
        build(self.model)
        self._count_odd(pairs)

    def _take_byte_pairs(
        self, get_examples: Callable[[], Iterable[Example]], given: Dict[str, List[str]]
    ) -> None:
        """From the sides that are cut so."""
        (self.cfg["byte_pairs"],) = given.get("byte_pairs", [None])
        attrs, whole = self.model.attrs, Units("char", "char")
        sides = [side for side in ("units", "target_units") if attrs[side] == "bpe"]
        if sides and self.cfg["byte_pairs"] is None:
            pairs = (pair for eg in get_examples() for pair in self.place.pairs(eg, whole))
            texts = [{"units": "".join(s.units), "target_units": t} for s, t in pairs]
            cut = (text[side] for text in texts for side in sides)
            self.cfg["byte_pairs"] = bpe.learn(cut, attrs["bpe_size"])

    def _take_vocabularies(
        self, pairs: Sequence[Tuple[Source, str]], units: Units, given: Dict[str, List[str]]
    ) -> None:
        sources = [[*s.features, *s.units] for s, _ in pairs]
        targets = [list(units.split_target(text)) for _, text in pairs]
        self.cfg["guard"] = length_guard([len(s.units) for s, _ in pairs], list(map(len, targets)))
        if self.model.attrs["shared"]:
            sources = targets = [*sources, *targets]
        self.cfg["source_units"] = given.get("source") or vocabulary(sources)
        self.cfg["labels"] = given.get("target") or vocabulary(targets)

    def _take_edits(
        self, pairs: Sequence[Tuple[Source, str]], units: Units, given: Dict[str, List[str]]
    ) -> None:
        self.cfg["edits"] = None
        if "edits" in self.strategy:
            forms = ((units.join_source(source.units), text) for source, text in pairs)
            self.cfg["edits"] = given["edits"] if "edits" in given else learn_edits(forms)

    def _count_odd(self, pairs: Sequence[Tuple[Source, str]]) -> None:
        """Say once what of the data cannot be learnt."""
        units, copy = self.units, self.model.attrs["copy"]
        self.unknown_units, self._told_of_long = 0, False
        self._note_unknown(count_unknown(pairs, units, copy))
        self._readable(pairs)

    def _note_unknown(self, n: int) -> None:
        if n and not self.unknown_units:
            text = Warnings.RW35.format(name=self.name, n=n)
            warnings.warn(text, stacklevel=4)
        self.unknown_units += n

    def _readable(self, pairs: Sequence[Tuple[Source, str]]) -> List[Tuple[Source, str]]:
        """Without sources that are too long."""
        short = [pair for pair in pairs if len(pair[0].units) <= self.max_source]
        if len(short) < len(pairs) and not self._told_of_long:
            self._told_of_long = True
            self._warn_of_long(len(pairs) - len(short))
        return short

    def _checked(self, labels: Dict[str, List[str]]) -> Dict[str, List[str]]:
        for side in ("source", "target"):
            if tuple(labels.get(side, ())[: len(SPECIAL)]) != SPECIAL:
                special = ", ".join(SPECIAL)
                raise ValueError(Errors.R053.format(name=self.name, side=side, special=special))
            if len(set(labels[side])) < len(labels[side]):
                raise ValueError(Errors.R167.format(name=self.name, side=side))
        if self.model.attrs["shared"] and labels["source"] != labels["target"]:
            raise ValueError(Errors.R243.format(name=self.name))
        wrong = [pair for pair in labels.get("edits", ()) if not is_pair(pair)]
        if wrong:
            raise ValueError(Errors.R168.format(name=self.name, n=len(wrong), first=wrong[0]))
        return labels

    def _warn_of_long(self, n: int) -> None:
        text = Warnings.RW36.format(name=self.name, n=n, most=self.max_source)
        warnings.warn(text, stacklevel=3)

    def limit(self, length: int) -> int:
        """How many units may be written for so many, `STOP` included: what the training data
        makes likely, and no less than what it has.
        """
        mean, deviation, longest = self.cfg["guard"]
        return max(math.ceil(length * (mean + DEVIATIONS * deviation)), math.ceil(longest), 5) + 1
