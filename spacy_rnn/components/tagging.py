"""How tokens are tagged from the scores of tags, and how sure each tag is."""

from typing import Iterable, List, NamedTuple, Optional

import numpy
from spacy.tokens import Doc, Token
from thinc.types import Floats1d, Ints1d

from ..extensions import register
from ..models.labeler import decode
from ..models.posterior import marginals
from ..token_tags import TokenTags
from ..types import TagScores
from .attributes import TokenAttribute
from .labeling import LabelingPipe


class Tagging(NamedTuple):
    """The tags of a document and how probable each is. *Shapes:* ``(tokens,)``"""

    ids: Ints1d
    confidence: Floats1d


class TaggingPipe(LabelingPipe):
    """A component that tags tokens.

    overwrite (bool): Whether a value that a token has already gives way.
    confidence (Optional[str]): The extension of tokens that takes how sure each tag is.
    """

    tags: TokenTags
    overwrite: bool
    confidence: Optional[str]
    _values: TokenAttribute

    def predict(self, docs: Iterable[Doc]) -> List[Tagging]:
        """The best tags; the documents stay as they are.

        docs (Iterable[Doc]): The documents.
        RETURNS (List[Tagging]): The tags of each, as numbers.
        """
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [Tagging(numpy.zeros(0, dtype="i8"), numpy.zeros(0)) for _ in docs]
        scores = self._scores(docs)
        ids = self._best(scores)
        ends = numpy.cumsum([len(doc) for doc in docs])[:-1]
        parts = numpy.split(ids, ends), numpy.split(self._sure(scores, ids), ends)
        return [Tagging(*of_doc) for of_doc in zip(*parts)]

    def _best(self, scores: TagScores) -> Ints1d:
        """The tag of each token. *Shape:* ``(N,)``"""
        is_crf = self.model.attrs["decoding"] == "crf"
        ids = decode(scores, self.tags) if is_crf else scores.emissions.argmax(axis=1)
        return self.model.ops.to_numpy(ids)

    def _sure(self, scores: TagScores, ids: Ints1d) -> Floats1d:
        """The probability of each tag, if anyone asks. *Shape:* ``(N,)``"""
        if self.confidence is None:
            return numpy.ones(len(ids))
        is_crf = self.model.attrs["decoding"] == "crf"
        p = marginals(scores, self.tags) if is_crf else self.model.ops.softmax(scores.emissions)
        return self.model.ops.to_numpy(p)[numpy.arange(len(ids)), ids]

    def set_annotations(self, docs: Iterable[Doc], taggings: List[Tagging]) -> None:
        """Write tags.

        docs (Iterable[Doc]): The documents.
        taggings (List[Tagging]): What `predict` found in them.
        """
        if self.confidence is not None:
            register(Token, self.confidence)
        for doc, (ids, confidence) in zip(docs, taggings):
            stays = [] if self.overwrite else self._values.is_set(doc)
            self._values.write(doc, [self.tags.labels[i] for i in ids], self.overwrite)
            if self.confidence is not None:
                sure = zip(confidence.tolist(), stays or [False] * len(doc))
                for token, (p, stayed) in zip(doc, sure):
                    # How sure a tag is that was there before, nobody has asked
                    token._.set(self.confidence, None if stayed else p)
