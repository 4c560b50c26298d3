"""Tags of tokens and spans of tokens: what a tagging scheme allows, and both ways
between the two. `token_tags` has those of a tagger, where no span is meant.

| scheme | a span of one token | a span of three |
|--------|---------------------|-----------------|
| IO     | I                   | I I I           |
| BIO    | B                   | B I I           |
| BILUO  | U                   | B I L           |

IO has one label only and cannot tell two spans that touch from one.
"""

from functools import cached_property
from typing import Container, Dict, List, NamedTuple, Optional, Protocol, Sequence, Tuple

import numpy
from spacy.attrs import ENT_IOB, ENT_TYPE, ORTH
from spacy.tokens import Doc
from spacy.training import Example
from thinc.types import Array1d, Array2d, Ints1d

SCHEMES: Dict[str, str] = {"IO": "I", "BIO": "BI", "BILUO": "BILU"}
IO_LABEL = "ENTITY"

# What each kind of tag becomes in a scheme that lacks it
SIMPLER = {
    "IO": {"B": "I", "I": "I", "L": "I", "U": "I"},
    "BIO": {"B": "B", "I": "I", "L": "I", "U": "B"},
    "BILUO": {"B": "B", "I": "I", "L": "L", "U": "U"},
}


class Entity(NamedTuple):
    """A labelled span of tokens, ``end`` not included."""

    label: str
    start: int
    end: int


class Tags(Protocol):
    """What a labeller reads of its K tags."""

    labels: Tuple[str, ...]
    label_of: List[str]  # "" for O (K,)
    met: Array1d  # which training has met; the others are never read (K,)
    start: Array1d  # which may come first (K,)
    end: Array1d  # which may come last (K,)

    def __len__(self) -> int: ...

    @property
    def names(self) -> List[str]:
        """The tags as they are written."""

    @property
    def transitions(self) -> Array2d:
        """Which tag may follow which. *Shape:* ``(K, K)``"""

    def one_hot(self, ids: Ints1d) -> Array2d:
        """Annotation as sets of allowed tags. *Shapes:* ``(N,)`` to ``(N, K)``"""


class TagSet:
    """The tags of a scheme over some labels. O has number 0; the tags of each label
    follow those of the label before, so that a new label leaves the old numbers alone.

    labels (Sequence[str]): The labels.
    scheme (str): "IO", "BIO" or "BILUO".
    unmet (Container[str]): Labels that training has not met yet, and that are never read.
    """

    def __init__(self, labels: Sequence[str], scheme: str, unmet: Container[str] = ()):
        self.labels = tuple(labels)
        self.scheme = scheme
        self.kinds = ["O"] + [kind for _ in labels for kind in SCHEMES[scheme]]
        self.label_of = [""] + [label for label in labels for _ in SCHEMES[scheme]]
        pairs = zip(self.kinds, self.label_of)
        self.ids = {pair: i for i, pair in enumerate(pairs)}
        self.met = are_met(self.label_of, unmet)
        self.start = self._are("OBUI" if scheme == "IO" else "OBU")
        self.end = self._are("OLU" if scheme == "BILUO" else "OBI")
        self._inside = self._are("I" if scheme == "IO" else "IL")

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def names(self) -> List[str]:
        """The tags as they are written: O, B-PER, I-PER ..."""
        pairs = zip(self.kinds, self.label_of)
        return [f"{kind}-{label}" if label else kind for kind, label in pairs]

    def _are(self, kinds: str) -> Array1d:
        return numpy.array([kind in kinds for kind in self.kinds])

    @cached_property  # K² is much if 1000 labels are added one by one
    def transitions(self) -> Array2d:
        """Which tag may follow which. *Shape:* ``(K, K)``"""
        if self.scheme == "IO":
            return numpy.ones((len(self), len(self)), dtype=bool)
        breaks_off = self.end[:, None] & ~self._are("IL")
        return self.continues | breaks_off

    @cached_property
    def continues(self) -> Array2d:
        """Which tag goes on with the span of which. *Shape:* ``(K, K)``"""
        labels = numpy.array(self.label_of)
        opens = self._are("BI")  # a tag that may be, or in BILUO must be, continued
        return opens[:, None] & self._are("IL") & (labels[:, None] == labels)

    # From spans to tags

    def may_read(self, label: str) -> bool:
        """Whether there is such a label, and training has met it."""
        return label in self.labels and bool(self.met[self.ids["I", label]])

    def span_tags(self, label: str, length: int) -> List[int]:
        """The tags of a span of that many tokens."""
        kinds = ["U"] if length == 1 else ["B"] + ["I"] * (length - 2) + ["L"]
        simpler = SIMPLER[self.scheme]
        return [self.ids[simpler[kind], label] for kind in kinds]

    def tag_id(self, biluo: Optional[str]) -> int:
        """The number of a BILUO tag such as "B-PER", -1 for None or an unknown label."""
        if biluo is None or biluo == "-":
            return -1
        if biluo == "O":
            return 0
        kind, label = biluo.split("-", 1)
        label = IO_LABEL if self.scheme == "IO" else label
        return self.ids.get((SIMPLER[self.scheme][kind], label), -1)

    def gold(self, example: Example) -> Ints1d:
        """The tag of each token of the predicted document, -1 where the annotation is
        missing, does not fit its tokens or means "blocked".

        RETURNS (Ints1d): *Shape:* ``(tokens,)``
        """
        if same_tokens(example):
            return self._gold_of(example.reference)
        return numpy.array([self.tag_id(tag) for tag in example.get_aligned_ner()], dtype="i8")

    def _gold_of(self, doc: Doc) -> Ints1d:
        """`Example.get_aligned_ner` for equal tokens, 20 times as fast."""
        if not len(doc):
            return numpy.zeros((0,), dtype="i8")
        iob, types = doc.to_array([ENT_IOB, ENT_TYPE]).T
        begins, inside = iob == 3, iob == 1
        goes_on = numpy.append(inside[1:], False)
        kind = numpy.where(begins, numpy.where(goes_on, 0, 3), numpy.where(goes_on, 1, 2))
        out = numpy.where(iob == 2, 0, -1).astype("i8")
        for i in numpy.flatnonzero((begins | inside) & (types != 0)):
            out[i] = self.tag_id(f"{'BILU'[kind[i]]}-{doc.vocab.strings[types[i]]}")
        return out

    def one_hot(self, ids: Ints1d) -> Array2d:
        """Tags as sets of allowed ones; -1 allows all. *Shapes:* ``(N,)`` to ``(N, K)``"""
        return (ids[:, None] == numpy.arange(len(self))) | (ids[:, None] == -1)

    # From tags to spans

    def entities(
        self, ids: Ints1d, lengths: Sequence[int], spans: Tuple[Ints1d, Ints1d]
    ) -> List[List[Entity]]:
        """The spans of each document.

        ids (Ints1d): Legal tags, all documents in a row. *Shape:* ``(N,)``
        lengths (Sequence[int]): Tokens in each document.
        spans (Tuple[Ints1d, Ints1d]): Their `edges`, or some of them. *Shape:* ``(S,)``
        """
        starts, ends = spans
        offsets = numpy.cumsum(lengths) - lengths
        docs = numpy.searchsorted(offsets, starts, side="right") - 1
        out: List[List[Entity]] = [[] for _ in lengths]
        for doc, start, end in zip(docs.tolist(), starts.tolist(), ends.tolist()):
            offset = int(offsets[doc])
            out[doc].append(Entity(self.label_of[ids[start]], start - offset, end - offset))
        return out

    def judge(
        self,
        ids: Ints1d,
        gold: Ints1d,
        lengths: Sequence[int],
        spans: Tuple[Ints1d, Ints1d],
    ) -> Tuple[Tuple[Ints1d, Ints1d], Array1d]:
        """Which predicted spans are right. Those that touch a token whose gold tag is not
        known (-1) are left out.

        ids, gold (Ints1d): Predicted and true tags. *Shapes:* ``(N,)``
        spans (Tuple[Ints1d, Ints1d]): Edges of the predicted ones. *Shape:* ``(S,)``
        RETURNS (Tuple[Tuple[Ints1d, Ints1d], Array1d]): Those that are known, and whether each is
            right. *Shapes:* ``(S,)``
        """
        starts, ends = spans
        true = set(zip(*(rows.tolist() for rows in self.edges(gold.clip(0), lengths))))
        places = list(zip(starts.tolist(), ends.tolist()))
        known = numpy.array([bool((gold[i:j] >= 0).all()) for i, j in places], dtype=bool)
        same = [(i, j) in true and bool((gold[i:j] == ids[i:j]).all()) for i, j in places]
        return (starts[known], ends[known]), numpy.array(same, dtype=bool)[known]

    def edges(self, ids: Ints1d, lengths: Sequence[int]) -> Tuple[Ints1d, Ints1d]:
        """The first row of each span and the row behind its last. The rules leave only: a
        token goes on with the span before it when it is inside one and the same document
        began it.

        RETURNS (Tuple[Ints1d, Ints1d]): *Shapes:* ``(S,)``
        """
        in_span, goes_on = ids != 0, self._inside[ids]
        if not in_span.any():  # as in most texts that are read alone
            return numpy.flatnonzero(in_span), numpy.flatnonzero(in_span)
        if self.scheme == "IO":
            goes_on[1:] &= ids[1:] == ids[:-1]
        firsts = numpy.cumsum([0, *lengths[:-1]])
        goes_on[firsts[firsts < len(ids)]] = False
        starts = numpy.flatnonzero(in_span & ~goes_on)
        ends = numpy.flatnonzero(in_span & ~numpy.append(goes_on[1:], False)) + 1
        return starts, ends


def are_met(labels: Sequence[str], unmet: Container[str]) -> Array1d:
    """Which of the labels training has met. *Shape:* ``(K,)``"""
    return numpy.array([label not in unmet for label in labels], dtype=bool)


def same_tokens(example: Example) -> bool:
    """Whether prediction and reference are cut into the same tokens."""
    x, y = example.predicted, example.reference
    return len(x) == len(y) and bool((x.to_array(ORTH) == y.to_array(ORTH)).all())


def count_dropped(example: Example) -> int:
    """Tokens whose annotation cannot be used because the tokens differ."""
    if same_tokens(example):
        return 0
    if not example.reference.has_annotation("ENT_IOB", require_complete=True):
        return 0
    return sum(tag is None for tag in example.get_aligned_ner())
