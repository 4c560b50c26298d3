"""What a text leaves out of its condition where the value is not copied but told by the wording.

A copied value stands in a text or does not. Whether a text says that children are welcome can only
be weighed: a text x says a part f of its condition c if it is less probable without it,

    log P(x | c) > log P(x | c without f)

which is to say that the pointwise mutual information of x and f is positive (Li et al., 2016,
choose among candidates by it). It costs a second reading of the text for each part.
"""

from typing import List, Optional, Sequence, Tuple

import numpy
from thinc.types import Floats1d

from ..types import GeneratorModel
from .conditions import Condition
from .likelihood import log_p
from .prompts import Vocabulary


def find_untold(
    model: GeneratorModel, vocabulary: Vocabulary, pairs: Sequence[Tuple[Condition, str]]
) -> List[Tuple[str, ...]]:
    """The parts of each condition that its text does not say, of those that no unit stands for.

    pairs (Sequence[Tuple[Condition, str]]): Conditions, each with a text; one at least.
    RETURNS (List[Tuple[str, ...]]): Their names, as in `Conditions.known`.
    """
    copied = set(vocabulary.conditions.says(vocabulary.units.target).tolist())
    told = [[p for p in c.vector.nonzero()[0].tolist() if p not in copied] for c, _ in pairs]
    rows = [(i, place) for i, places in enumerate(told) for place in (None, *places)]
    vectors = numpy.stack([_without(pairs[i][0].vector, place) for i, place in rows])
    targets = vocabulary.targets(pairs)
    size = max(map(len, targets))
    found = log_p(model, vocabulary, vectors, [targets[i] for i, _ in rows], size)
    of = dict(zip(rows, found))
    known = vocabulary.conditions.known
    return [
        tuple(known[place] for place in places if of[i, place] >= of[i, None])
        for i, places in enumerate(told)
    ]


def _without(vector: Floats1d, place: Optional[int]) -> Floats1d:
    """A condition without one of its parts. *Shape:* ``(C,)``"""
    left = vector.copy()
    if place is not None:
        left[place] = 0
    return left
