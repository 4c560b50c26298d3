"""What a component that classifies texts says of them, and how sure it is."""

from typing import Iterable, List, NamedTuple, Optional

import numpy
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.types import Floats1d, Floats2d

from ..errors import Errors
from ..extensions import check_writable
from ..levels import register
from ..models.classes import fit_weights, probabilities
from ..types import ClassScores
from .classifying import ClassifyingPipe
from .polarity import polarity, sentiments
from .texts import keep_attention, passages_of, write_cats


class Classified(NamedTuple):
    """What was found in a batch. U texts of M tokens, K labels."""

    values: Floats2d  # (U, K) probabilities, or numbers for regression
    attention: List[Floats1d]  # of each text; empty if nobody asked


class AnsweringPipe(ClassifyingPipe):
    """A component that classifies documents, their sentences or spans.

    attention (Optional[str]): The extension that takes the share of each token in the answer.
    """

    attention: Optional[str]

    def predict(self, docs: Iterable[Doc]) -> Classified:
        """Classify; the documents stay as they are.

        docs (Iterable[Doc]): The documents.
        RETURNS (Classified): What was found in each of their texts.
        """
        docs = list(docs)
        passages = passages_of(docs, self.level)
        if not len(passages.starts):
            return Classified(numpy.zeros((0, len(self.labels)), "f"), [])
        self._require_weights()
        scores = self.model.predict(passages)
        self._silence_untaught(scores)
        shares = self.model.ops.to_numpy(scores.attention)
        ends = numpy.cumsum(passages.ends - passages.starts)[:-1]
        attention = [] if self.attention is None else numpy.split(shares, ends)
        return Classified(probabilities(self.model, scores, self.cfg["branch_weights"]), attention)

    def _silence_untaught(self, scores: ClassScores) -> None:
        """Give labels that nobody has taught a probability of 0, so that adding one changes
        nothing for the others.
        """
        lowest = self.head == "ordinal"  # has no score: the others are steps up to a label
        for label in self.cfg["untaught"]:
            scores.branches[:, :, self.labels.index(label) - lowest] = -numpy.inf

    def set_annotations(self, docs: Iterable[Doc], found: Classified) -> None:
        """Write classes.

        docs (Iterable[Doc]): The documents.
        found (Classified): What `predict` found in them.
        """
        register(self.level, self.attention)  # it may have been pickled in another process
        cats = [dict(zip(self.labels, row)) for row in found.values.tolist()]
        write_cats(list(docs), self.level, cats, self._sentiments(found.values))
        if self.attention is not None:
            keep_attention(list(docs), self.level, self.attention, found.attention)

    def _sentiments(self, values: Floats2d) -> List[Optional[float]]:
        weights = polarity(self.labels, self.head, self.polarity, self.cfg["positive_label"])
        return sentiments(values, self.head, weights, self.cfg["limits"])

    def keep_attention(self, name: str = "attention") -> None:
        """From now on keep the share of each token in the answer.

        name (str): The extension of the document, or of the spans that are classified.
        RAISES (ValueError): If no pool of the model attends, or the extension keeps nothing.
        """
        if "attention" not in self.model.shims[0].settings["pooling"]:
            raise ValueError(Errors.R039.format(name=self.name))
        check_writable(self.name, "attention", name, Doc if self.level == "doc" else Span)
        self.attention = name
        register(self.level, name)

    def calibrate(self, examples: Iterable[Example]) -> List[float]:
        """Fit what each branch of the model counts, so that of the texts with a probability of
        0.8 four in five are right.

        examples (Iterable[Example]): Annotated documents that training has not seen.
        RETURNS (List[float]): The weight of each branch; of a single one, 1 over the
            temperature.
        """
        passages, gold, known = self._gold(examples)
        if self.head != "regression" and known.any():
            scores = self.model.predict(passages)
            self.cfg["branch_weights"] = fit_weights(self.model, scores, gold, known)
        return list(self.cfg["branch_weights"])
