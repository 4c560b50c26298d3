"""How entities are read from the scores of tags, how sure each is, and what else could be read."""

from typing import Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple

import numpy
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.types import Floats1d, Floats2d, Ints1d
from thinc.util import to_numpy

from ..errors import CorruptModelError, Errors
from ..models.labeler import decode
from ..models.posterior import fit_temperature, k_best, marginals, span_confidences
from ..models.storage import WEIGHTS
from ..tags import SCHEMES, TagSet
from ..types import TagScores
from ..weights import load_tensors
from .entities import Found, Given, beside, set_entities, what_is_given
from .labeling import LabelingPipe
from .saving import CFG, digest, read_cfg
from .spaces import Edges, filled_in, trimmed, unread, ways_to_tag


class Reading(NamedTuple):
    """One way to read a document."""

    probability: float
    entities: List[Span]


class Best(NamedTuple):
    """The best reading of some documents of N tokens, and what it was made of."""

    scores: TagScores
    given: Given
    ids: Ints1d  # (N,)
    spans: Edges  # (S,) of the entities as they are written


class RecognizingPipe(LabelingPipe):
    """A component that finds entities.

    confidence (Optional[str]): The extension of spans that takes how sure each is.
    threshold (float): Entities that are less sure are dropped, 0 to 1.
    """

    tags: TagSet
    confidence: Optional[str]
    threshold: float

    def _load_parts(self, parts: Dict[str, bytes], exclude: Iterable[str]) -> None:
        try:
            super()._load_parts(parts, exclude)
        except CorruptModelError:
            if WEIGHTS not in exclude and parts.keys() >= {CFG, WEIGHTS}:
                self._check_scheme(read_cfg(parts[CFG])["labels"], parts[WEIGHTS])
            raise

    def _check_scheme(self, labels: List[str], weights: bytes) -> None:
        """Say so if it is only the scheme that is another.

        RAISES (CorruptModelError): If it is.
        """
        written = load_tensors(weights, WEIGHTS)[1].get("labels")
        for scheme in SCHEMES:
            if scheme != self.scheme and written == digest([scheme, *labels]):
                what = {"found": scheme, "wanted": self.scheme}
                raise CorruptModelError(Errors.R026.format(name=self.name, **what))

    def predict(self, docs: Iterable[Doc]) -> List[List[Found]]:
        """The entities of the best legal reading; the documents stay as they are.

        docs (Iterable[Doc]): The documents.
        RETURNS (List[List[Found]]): The entities of each, and how sure they are.
        """
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [[] for _ in docs]
        best = self._best(docs)
        spans, sure = self._sure_enough(best)
        found = self.tags.entities(best.ids, [len(doc) for doc in docs], spans)
        each = iter(sure.tolist())
        return [[Found(entity, next(each)) for entity in of_doc] for of_doc in found]

    def _best(self, docs: List[Doc]) -> Best:
        """The best legal reading of documents that are not all empty."""
        scores, given = self._scores(docs), what_is_given(docs, self.tags)
        ids = decode(scores, self.tags, given.allowed)
        spans = trimmed(self.tags.edges(ids, [len(doc) for doc in docs]), given.space)
        return Best(scores, given, ids, spans)

    def _sure_enough(self, best: Best) -> Tuple[Edges, Floats1d]:
        """The entities that reach the threshold, and how sure they are. *Shapes:* ``(S,)``"""
        starts, ends = best.spans
        if self.confidence is None and not self.threshold:
            return best.spans, numpy.ones(len(starts))
        sure = self._confidences(best, best.spans)(self.temperature)
        keep = sure >= self.threshold
        return (starts[keep], ends[keep]), sure[keep]

    def _confidences(self, best: Best, spans: Edges) -> Callable[[float], Floats1d]:
        """Gives the probability of entities, as they are written, under a temperature."""
        lengths, (allowed, space) = to_numpy(best.scores.lengths), best.given
        ways = ways_to_tag(spans, best.ids, self.tags, lengths, space, allowed)

        def confidences_at(temperature: float) -> Floats1d:
            asked = best.scores, self.tags, ways.ids, ways.spans, allowed, temperature
            return ways.total(span_confidences(*asked))

        return confidences_at

    def predict_proba(self, docs: Iterable[Doc]) -> List[Floats2d]:
        """The probability of each tag at each token, over all legal readings.

        docs (Iterable[Doc]): The documents; entities that are set on them are taken for
            granted.
        RETURNS (List[Floats2d]): Columns are `tags.names`. *Shape:* ``(tokens, K)``
        """
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [numpy.zeros((0, len(self.tags))) for _ in docs]
        allowed, _ = what_is_given(docs, self.tags)
        args = self._scores(docs), self.tags, allowed, self.temperature
        ends = numpy.cumsum([len(doc) for doc in docs])
        return numpy.split(marginals(*args), ends[:-1])

    def kbest(self, doc: Doc, k: int) -> List[Reading]:
        """The most probable readings of a document, best first.

        doc (Doc): The document; entities that are set on it are taken for granted.
        k (int): How many; fewer come back if fewer are legal.
        RETURNS (List[Reading]): Their probabilities and entities as they would be written, beside
            those that are set and without white space at their ends; readings that differ in
            nothing else are one.
        RAISES (ValueError): If k is no number of readings.
        """
        if k < 1:
            raise ValueError(Errors.R162.format(n=k))
        if not len(doc):
            return [Reading(1.0, [])]
        scores, (allowed, space) = self._scores([doc]), what_is_given([doc], self.tags)
        out = unread(len(doc), space, allowed)
        if out.all():
            return [Reading(1.0, [])]
        found = k_best(scores, self.tags, k, allowed, self.temperature, out)
        tags = TagSet(self.labels, "BIO") if self.scheme == "IO" else self.tags
        readings: Dict[Tuple[Span, ...], float] = {}
        for p, ids in found:
            ids = filled_in(ids, out, tags)
            (entities,) = tags.entities(ids, [len(doc)], tags.edges(ids, [len(doc)]))
            spans = tuple(beside(doc, entities))
            readings[spans] = readings.get(spans, 0.0) + p
        best = sorted(readings.items(), key=lambda reading: -reading[1])
        return [Reading(p, list(spans)) for spans, p in best]

    def calibrate(self, examples: Iterable[Example]) -> float:
        """Fit the temperature, so that of the entities with confidence 0.8 four in five are
        right. The entities stay the same.

        examples (Iterable[Example]): Annotated documents that training has not seen.
        RETURNS (float): The temperature.
        """
        examples = [eg for eg in examples if len(eg.predicted)]
        if not examples:
            return self.temperature
        gold = numpy.concatenate([self._gold(eg) for eg in examples])
        docs = [eg.predicted for eg in examples]
        best = self._best(docs)
        spans, right = self.tags.judge(best.ids, gold, [len(doc) for doc in docs], best.spans)
        if len(right):
            self.cfg["temperature"] = fit_temperature(self._confidences(best, spans), right)
        return self.temperature

    @property
    def temperature(self) -> float:
        """What scores are divided by before they become probabilities."""
        return float(self.cfg["temperature"])

    def set_annotations(self, docs: Iterable[Doc], entities: List[List[Found]]) -> None:
        """Write entities.

        docs (Iterable[Doc]): The documents.
        entities (List[List[Found]]): What `predict` found in them.
        """
        for doc, found in zip(docs, entities):
            if len(doc):
                set_entities(doc, found, self.confidence)
