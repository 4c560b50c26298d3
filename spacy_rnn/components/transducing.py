"""How a component that writes sequences learns: by pairs, or from what it wrote before."""

from functools import partial
from typing import Iterable, Iterator, List, Sequence, Tuple

import numpy
from spacy.training import Example, validate_examples
from thinc.types import Floats3d

from ..models.losses import loss, rehearsal_loss
from ..models.seq2seq import dictate
from ..schedules import Rate
from ..types import Seq2SeqModel
from ..units import UNKNOWN_ID, Pairs, Source, Units
from .base import Lesson
from .knowing import KnowingPipe


class TransducingPipe(KnowingPipe):
    """A component around a `spacy_rnn.EncoderDecoder.v1` that learns."""

    label_smoothing: float
    teacher_forcing: Rate

    def _lessons(self, examples: List[Example]) -> Iterator[Lesson]:
        """Pairs that a batch has several times count once."""
        pairs = self._distinct(examples)
        if pairs:
            numbers = self._numbers(pairs, self.units)
            self._note_unknown(int((numbers.targets == UNKNOWN_ID).sum()))
            self.model.attrs["teacher_forcing"] = self.teacher_forcing.step()
            yield numbers, partial(self._compare, numbers)

    def get_loss(self, examples: Iterable[Example], scores: Floats3d) -> Tuple[float, Floats3d]:
        """Negative log-likelihood of the targets, the mean over their units.

        examples (Iterable[Example]): The batch.
        scores (Floats3d): What the model says of the distinct pairs that it has.
        RETURNS (Tuple[float, Floats3d]): Loss and gradient.
        """
        examples = list(examples)
        validate_examples(examples, "RNNSeq2Seq.get_loss")
        return self._compare(self._numbers(self._distinct(examples), self.units), scores)

    def _compare(self, numbers: Pairs, scores: Floats3d) -> Tuple[float, Floats3d]:
        return loss(self.model.ops, scores, pairs=numbers, smoothing=self.label_smoothing)

    def _distinct(self, examples: Iterable[Example]) -> List[Tuple[Source, str]]:
        """The pairs of a batch, each once."""
        units = self.units
        found = [pair for eg in examples for pair in self.place.pairs(eg, units)]
        return self._readable(list(dict.fromkeys(found)))

    def _numbers(self, pairs: Sequence[Tuple[Source, str]], units: Units) -> Pairs:
        """What the net learns from."""
        sources, edits = [source for source, _ in pairs], self.edits
        targets = [units.split_target(text) for _, text in pairs]
        numbers = units.numbers(sources, targets, self.model.attrs["copy"])
        if edits is None:
            return numbers
        found = [edits.find(units.join_source(source.units), text) for source, text in pairs]
        return numbers._replace(edits=numpy.array(found, dtype="i8"))

    def _rehearsals(self, examples: List[Example], teacher: Seq2SeqModel) -> Iterator[Lesson]:
        """What the model wrote shall be as probable as it was. Annotation is not read."""
        units = self.units
        # A document to rehearse may come without the components that find its parts
        both = ((eg.predicted, eg.reference) for eg in examples)
        docs = (next(filter(self.place.has_parts, pair), None) for pair in both)
        every = (s for doc in docs if doc is not None for s in self.place.sources(doc, units))
        fit = dict.fromkeys(s for s in every if 0 < len(s.units) <= self.max_source)
        sources = list(fit)
        if not sources:
            return
        limits = [self.limit(len(s.units)) for s in sources]
        asked = units.numbers(sources, copy=self.model.attrs["copy"])
        numbers = dictate(teacher, asked, limits)
        wanted = teacher.predict(numbers)
        compare = partial(rehearsal_loss, self.model.ops, pairs=numbers, wanted=wanted)
        self.model.attrs["teacher_forcing"] = 1.0
        yield numbers, compare
