"""White space at the ends of an entity is not written: no rule on single tags can say that the
last one is not white space. So several spans of tags may be one entity, which is as probable as
all of them together.
"""

from itertools import takewhile
from typing import List, NamedTuple, Optional, Sequence, Tuple

import numpy
from thinc.types import Array1d, Array2d, Floats1d, Ints1d

from ..tags import TagSet

Edges = Tuple[Ints1d, Ints1d]  # the first row of each span, the row behind its last (S,)


def trimmed(spans: Edges, space: Optional[Array1d]) -> Edges:
    """Spans without white space at their ends; of white space alone nothing is left."""
    if space is None:
        return spans
    words = numpy.flatnonzero(~space)
    first, behind = (numpy.searchsorted(words, edges) for edges in spans)
    keep = first < behind
    return words[first[keep]], words[behind[keep] - 1] + 1


class Ways(NamedTuple):
    """The spans of tags that are written as some entities: W of E."""

    ids: Ints1d  # (N,) the tag of each token, also where a span is longer than its entity
    spans: Edges  # (W,)
    entity: Ints1d  # (W,) which of them each is written as
    entities: int

    def total(self, probabilities: Floats1d) -> Floats1d:
        """How probable each entity is. *Shapes:* ``(W,)`` to ``(E,)``"""
        return numpy.bincount(self.entity, probabilities, self.entities).clip(max=1.0)


def ways_to_tag(
    entities: Edges,
    ids: Ints1d,
    tags: TagSet,
    lengths: Sequence[int],
    space: Optional[Array1d],
    allowed: Optional[Array2d],
) -> Ways:
    """All spans that are one of these entities and white space at its ends.

    ids (Ints1d): A legal tag of each token. *Shape:* ``(N,)``
    space (Optional[Array1d]): Which tokens are white space. *Shape:* ``(N,)``
    allowed (Optional[Array2d]): Tags that each token may carry. *Shape:* ``(N, K)``
    """
    numbers = numpy.arange(len(entities[0]))
    if space is None or allowed is None:
        return Ways(ids, entities, numbers, len(numbers))
    free, ids = space[:, None] & allowed, ids.copy()
    found: List[Tuple[int, int, int]] = []
    edges = *entities, *_documents(entities, lengths)
    for i, (start, end, first, last) in enumerate(zip(*(rows.tolist() for rows in edges))):
        inside = tags.ids["I", tags.label_of[ids[start]]]
        before = _run(free[first:start, inside][::-1]) if tags.start[inside] else 0
        behind = _run(free[end:last, inside]) if tags.end[inside] else 0
        ids[start - before : start] = ids[end : end + behind] = inside
        starts, ends = range(start - before, start + 1), range(end, end + behind + 1)
        found += [(s, e, i) for s in starts for e in ends]
    spans = numpy.array(found, dtype="i8").reshape(-1, 3).T
    return Ways(ids, (spans[0], spans[1]), spans[2], len(numbers))


def _documents(entities: Edges, lengths: Sequence[int]) -> Edges:
    """The edges of the document that each entity stands in. *Shape:* ``(E,)``"""
    ends = numpy.cumsum(lengths)
    of = numpy.searchsorted(ends, entities[0], side="right")
    return (ends - lengths)[of], ends[of]


def _run(free: Array1d) -> int:
    """How many are free before the first that is not."""
    return sum(1 for _ in takewhile(bool, free))


def unread(n: int, space: Optional[Array1d], allowed: Optional[Array2d]) -> Array1d:
    """Which tokens of a document are white space whose tags say nothing that those beside it do
    not; not what an entity that stands there has settled. *Shape:* ``(n,)``
    """
    if space is None or allowed is None:
        return numpy.zeros(n, dtype=bool)
    return space & (allowed.sum(axis=1) > 1)


def filled_in(ids: Ints1d, missing: Array1d, tags: TagSet) -> Ints1d:
    """The tags of a document, with those of white space that was left out: inside of an entity
    if it goes on behind, or else O.

    ids (Ints1d): Of the other tokens. *Shape:* ``(M,)``
    missing (Array1d): Boolean. *Shape:* ``(N,)``
    RETURNS (Ints1d): *Shape:* ``(N,)``
    """
    if not missing.any():
        return ids
    inside = numpy.array([tags.ids["I", label] if label else 0 for label in tags.label_of])
    goes_on = numpy.append(tags.continues[ids[:-1], ids[1:]], False)
    gaps = numpy.append(0, numpy.where(goes_on, inside[ids], 0))  # behind how many tokens
    out = gaps[numpy.cumsum(~missing)]
    out[~missing] = ids
    return out
