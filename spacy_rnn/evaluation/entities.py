"""Predicted entities against gold: pairs, kinds of error, scores. Knows nothing of spaCy."""

from bisect import bisect_left, bisect_right
from collections import Counter
from enum import Enum
from functools import partial
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple


class Mention(NamedTuple):
    """An entity where it stands.

    start (int): Its first character.
    end (int): The character after its last.
    label (str): Its type.
    text (str): Its characters.
    confidence (Optional[float]): How sure the model is, 0 to 1; None for gold, or if it
        does not tell.
    """

    start: int
    end: int
    label: str
    text: str
    confidence: Optional[float] = None

    @property
    def form(self) -> Tuple[str, str]:
        """What counts as the same name elsewhere: lower-cased text and label."""
        return self.text.lower(), self.label


class Kind(str, Enum):
    """What a pair of gold and predicted entity is, as written for people."""

    RIGHT = "right"
    BOUNDARY = "wrong boundary"
    TYPE = "wrong type"
    BOTH = "wrong boundary and type"
    MISSED = "missed"
    SPURIOUS = "spurious"


ERRORS = tuple(kind for kind in Kind if kind is not Kind.RIGHT)


class Pair(NamedTuple):
    """A gold entity and the predicted one that was meant to be it; one may be None."""

    gold: Optional[Mention]
    predicted: Optional[Mention]

    @property
    def kind(self) -> Kind:
        if self.gold is None:
            return Kind.SPURIOUS
        if self.predicted is None:
            return Kind.MISSED
        same_label = self.gold.label == self.predicted.label
        if self.gold[:2] == self.predicted[:2]:
            return Kind.RIGHT if same_label else Kind.TYPE
        return Kind.BOUNDARY if same_label else Kind.BOTH


class Score(NamedTuple):
    """Counts of entities. A share of nothing is 0, as in seqeval.

    right (int): Predicted with the boundaries and the type of gold.
    predicted (int): All that were predicted.
    gold (int): All of gold.
    """

    right: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        total = self.predicted + self.gold
        return 2 * self.right / total if total else 0.0


def pair_up(gold: Sequence[Mention], predicted: Sequence[Mention]) -> List[Pair]:
    """Give each entity of a document at most one partner that overlaps it, so that every
    error counts once: false negatives are the wrong pairs and the missed, false
    positives the wrong pairs and the spurious.

    gold (Sequence[Mention]): In order of their starts and of their ends.
    predicted (Sequence[Mention]): The same.
    RETURNS (List[Pair]): In order of the text.
    """
    free = {*enumerate(gold)}, {*enumerate(predicted)}
    pairs = []
    for candidate in sorted(_overlapping(gold, predicted), key=_rank):
        if all(entity in left for entity, left in zip(candidate, free)):
            for entity, left in zip(candidate, free):
                left.remove(entity)
            pairs.append(Pair(candidate[0][1], candidate[1][1]))
    pairs += [Pair(mention, None) for _, mention in free[0]]
    pairs += [Pair(None, mention) for _, mention in free[1]]
    return sorted(pairs, key=lambda pair: min(m.start for m in pair if m is not None))


Numbered = Tuple[int, Mention]


def _overlapping(
    gold: Sequence[Mention], predicted: Sequence[Mention]
) -> Iterator[Tuple[Numbered, Numbered]]:
    starts, ends = [m.start for m in predicted], [m.end for m in predicted]
    for i, mention in enumerate(gold):
        for j in range(bisect_right(ends, mention.start), bisect_left(starts, mention.end)):
            yield (i, mention), (j, predicted[j])


def _rank(candidate: Tuple[Numbered, Numbered]) -> Tuple[bool, bool, int, int, int]:
    """What is right first, then the same type, the largest overlap, the order of the text."""
    (i, gold), (j, predicted) = candidate
    overlap = min(gold.end, predicted.end) - max(gold.start, predicted.start)
    is_wrong = Pair(gold, predicted).kind is not Kind.RIGHT
    return is_wrong, gold.label != predicted.label, -overlap, i, j


def score(pairs: Sequence[Pair], counts: Callable[[Mention], bool] = lambda m: True) -> Score:
    """Count what is right.

    pairs (Sequence[Pair]): Of all documents.
    counts (Callable[[Mention], bool]): Which entities take part.
    """
    gold = [pair.gold for pair in pairs if pair.gold and counts(pair.gold)]
    predicted = [pair.predicted for pair in pairs if pair.predicted and counts(pair.predicted)]
    right = [pair.gold for pair in pairs if pair.gold and pair.kind is Kind.RIGHT]
    return Score(sum(map(counts, right)), len(predicted), len(gold))


def score_types(pairs: Sequence[Pair]) -> Dict[str, Score]:
    """The score of each type that gold or prediction has."""
    labels = {mention.label for pair in pairs for mention in pair if mention is not None}
    return {label: score(pairs, partial(_has_label, label)) for label in sorted(labels)}


def _has_label(label: str, mention: Mention) -> bool:
    return mention.label == label


def score_seen(pairs: Sequence[Pair], known: Set[Tuple[str, str]]) -> Tuple[Score, Score]:
    """The scores of entities that stand in training data and of those that do not.

    known (Set[Tuple[str, str]]): The forms of all entities of the training data.
    """
    return score(pairs, lambda m: m.form in known), score(pairs, lambda m: m.form not in known)


def confusion(pairs: Sequence[Pair]) -> Dict[Tuple[Optional[str], Optional[str]], int]:
    """How often each gold type met each predicted type, whatever the boundaries; None
    stands for no entity.
    """
    types = [[m.label if m is not None else None for m in pair] for pair in pairs]
    return dict(Counter((gold, predicted) for gold, predicted in types))
