"""How entities are read from the scores of tags, how sure each is, and what else could be read."""

from functools import partial
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

import numpy
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.types import Array2d, Floats1d, Floats2d, Ints1d

from ..errors import Errors
from ..models.labeler import decode
from ..models.posterior import fit_temperature, k_best, marginals, span_confidences
from ..tags import TagSet
from ..types import TagScores
from .entities import Found, allowed_tags, free_spans, set_entities
from .labeling import LabelingPipe


class Reading(NamedTuple):
    """One way to read a document."""

    probability: float
    entities: List[Span]


class RecognizingPipe(LabelingPipe):
    """A component that finds entities.

    confidence (Optional[str]): The extension of spans that takes how sure each is.
    threshold (float): Entities that are less sure are dropped, 0 to 1.
    """

    tags: TagSet
    confidence: Optional[str]
    threshold: float

    def predict(self, docs: Iterable[Doc]) -> List[List[Found]]:
        """The entities of the best legal reading; the documents stay as they are.

        docs (Iterable[Doc]): The documents.
        RETURNS (List[List[Found]]): The entities of each, and how sure they are.
        """
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [[] for _ in docs]
        scores, allowed = self._scores(docs), self._allowed(docs)
        ids = self.model.ops.to_numpy(decode(scores, self.tags, allowed))
        spans, sure = self._confident(scores, ids, allowed)
        found = self.tags.entities(ids, [len(doc) for doc in docs], spans)
        each = iter(sure.tolist())
        return [[Found(entity, next(each)) for entity in of_doc] for of_doc in found]

    def _confident(
        self, scores: TagScores, ids: Ints1d, allowed: Optional[Array2d]
    ) -> Tuple[Tuple[Ints1d, Ints1d], Floats1d]:
        """The spans that are sure enough, and how sure. *Shapes:* ``(S,)``"""
        starts, ends = self.tags.edges(ids, self.model.ops.to_numpy(scores.lengths))
        if self.confidence is None and not self.threshold:
            return (starts, ends), numpy.ones(len(starts))
        sure = span_confidences(scores, self.tags, ids, (starts, ends), allowed, self.temperature)
        keep = sure >= self.threshold
        return (starts[keep], ends[keep]), sure[keep]

    def predict_proba(self, docs: Iterable[Doc]) -> List[Floats2d]:
        """The probability of each tag at each token, over all legal readings.

        docs (Iterable[Doc]): The documents; entities that are set on them are taken for
            granted.
        RETURNS (List[Floats2d]): Columns are `tags.names`. *Shape:* ``(tokens, K)``
        """
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [numpy.zeros((0, len(self.tags))) for _ in docs]
        args = self._scores(docs), self.tags, self._allowed(docs), self.temperature
        ends = numpy.cumsum([len(doc) for doc in docs])
        return numpy.split(marginals(*args), ends[:-1])

    def kbest(self, doc: Doc, k: int) -> List[Reading]:
        """The most probable readings of a document, best first.

        doc (Doc): The document; entities that are set on it are taken for granted.
        k (int): How many; fewer come back if fewer are legal.
        RETURNS (List[Reading]): Their probabilities and entities, which have no white space at
            their ends; readings that differ in nothing else are one.
        RAISES (ValueError): If k is no number of readings.
        """
        if k < 1:
            raise ValueError(Errors.R162.format(n=k))
        if not len(doc):
            return [Reading(1.0, [])]
        scores, allowed = self._scores([doc]), self._allowed([doc])
        found = k_best(scores, self.tags, k, allowed, self.temperature)
        readings: Dict[Tuple[Span, ...], float] = {}
        for p, ids in found:
            spans = tuple(self._spans(doc, ids))
            readings[spans] = readings.get(spans, 0.0) + p
        best = sorted(readings.items(), key=lambda reading: -reading[1])
        return [Reading(p, list(spans)) for spans, p in best]

    def _spans(self, doc: Doc, ids: Ints1d) -> Iterator[Span]:
        (entities,) = self.tags.entities(ids, [len(doc)])
        return (span for entity in entities for span in free_spans(doc, entity, set()))

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
        scores, allowed = self._scores(docs), self._allowed(docs)
        ids = self.model.ops.to_numpy(decode(scores, self.tags, allowed))
        spans, right = self.tags.judge(ids, gold, [len(doc) for doc in docs])
        if len(right):
            asked = partial(span_confidences, scores, self.tags, ids, spans, allowed)
            self.cfg["temperature"] = fit_temperature(asked, right)
        return self.temperature

    @property
    def temperature(self) -> float:
        """What scores are divided by before they become probabilities."""
        return float(self.cfg["temperature"])

    def _allowed(self, docs: List[Doc]) -> Optional[Array2d]:
        """The tags that each token may carry, None for all. *Shape:* ``(N, K)``"""
        allowed = allowed_tags(docs, self.tags)
        return None if allowed is None else self.model.ops.asarray(allowed)

    def set_annotations(self, docs: Iterable[Doc], entities: List[List[Found]]) -> None:
        """Write entities.

        docs (Iterable[Doc]): The documents.
        entities (List[List[Found]]): What `predict` found in them.
        """
        for doc, found in zip(docs, entities):
            if len(doc):
                set_entities(doc, found, self.confidence)
