"""What is right and what is wrong, and some of both to show."""

from typing import List, Optional, Protocol, Sequence, TypeVar

MARKS = {True: "✓", False: "✗", None: "·"}
NAMES = {True: "right", False: "wrong", None: "unknown"}


class Outcome(Protocol):
    """What is right, wrong, or not known to be either."""

    @property
    def is_right(self) -> Optional[bool]: ...


AnyOutcome = TypeVar("AnyOutcome", bound=Outcome)


def choose(judged: Sequence[AnyOutcome], n: int) -> List[AnyOutcome]:
    """So many texts from all over a file, which may go class by class; half of them wrong if
    there are enough.
    """
    wrong = [i for i, j in enumerate(judged) if j.is_right is False]
    others = [i for i, j in enumerate(judged) if j.is_right is not False]
    few = spread(wrong, max(n // 2, n - len(others)))
    return [judged[i] for i in sorted([*few, *spread(others, n - len(few))])]


def spread(places: List[int], n: int) -> List[int]:
    """At most so many of them, evenly spaced."""
    n = min(n, len(places))
    return [places[(2 * i + 1) * len(places) // (2 * n)] for i in range(n)]
