"""What was written for a source, by whom, and where the decoder looked."""

import math
from typing import Dict, List, NamedTuple, Optional

from thinc.types import Floats2d


class Look(NamedTuple):
    """Where the decoder looked while it wrote.

    source (List[str]): What it read: features, units, and the end of it.
    written (List[str]): What it wrote, and the end of it unless it was cut short.
    shares (Floats2d): The attention, one row for each that was written, one column for each
        that was read. *Shape:* ``(T, S)``
    """

    source: List[str]
    written: List[str]
    shares: Floats2d

    def as_dict(self) -> Dict[str, List]:
        """The same without arrays, as it stands in an extension."""
        return {**self._asdict(), "shares": self.shares.tolist()}


class Transduced(NamedTuple):
    """What was written for a source."""

    text: str
    score: float  # log P by length, 0 for certainty and for the dictionary
    truncated: bool  # whether the guard of its length ended it
    by: str = ""  # who knew: a name of `strategy`; "" if nobody did
    look: Optional[Look] = None  # if the attention is kept and the decoder was asked


class Hypothesis(NamedTuple):
    """One of several that the decoder might write for a source."""

    text: str
    score: float  # log P / length^alpha, what they are compared by
    probability: float  # of all of it; of so much if it is truncated
    truncated: bool
    look: Optional[Look] = None


NOTHING = Transduced("", 0.0, False)
UNREAD = Transduced("", -math.inf, True)  # longer than `max_source`
EMPTY = Hypothesis("", 0.0, 1.0, False)  # what there is to be written for an empty source
