"""What `initialize` takes from pairs before a net learns: vocabularies, lengths, a dictionary."""

from collections import Counter
from typing import Dict, Iterable, List, Sequence, Tuple

import numpy

from ..units import SPECIAL, Source, Units

DEVIATIONS = 3.0  # beyond the mean, that a target may be long


def vocabulary(sequences: Iterable[Sequence[str]]) -> List[str]:
    """All units, the most frequent first, behind those that every vocabulary has."""
    counts = Counter(unit for sequence in sequences for unit in sequence)
    for special in SPECIAL:  # a text that has such a word does not mean ours
        counts.pop(special, None)
    return [*SPECIAL, *sorted(counts, key=lambda unit: (-counts[unit], unit))]


def length_guard(sources: Sequence[int], targets: Sequence[int]) -> List[float]:
    """Mean and standard deviation of the length of targets by that of their sources, and the
    length of the longest target.
    """
    ratios = numpy.array(targets) / numpy.maximum(sources, 1)
    return [float(ratios.mean()), float(ratios.std()), float(max(targets))]


def entry(source: Source, units: Units) -> str:
    """How the dictionary knows a source."""
    return "\t".join([*source.features, units.join_source(source.units)])


def dictionary_of(pairs: Sequence[Tuple[Source, str]], units: Units) -> Dict[str, str]:
    """What each source of the training data most often becomes, with its features, and
    without any.
    """
    counts: Dict[str, Counter[str]] = {}
    for source, text in pairs:
        for key in {entry(source, units), entry(Source((), source.units), units)}:
            counts.setdefault(key, Counter())[text] += 1
    return {key: of_source.most_common(1)[0][0] for key, of_source in counts.items()}


def count_unknown(pairs: Iterable[Tuple[Source, str]], units: Units, copy: bool) -> int:
    """Units of targets that can be neither written nor, if that is allowed, copied."""
    known = set(units.target[len(SPECIAL) :])
    return sum(
        unit not in known and not (copy and unit in source.units)
        for source, text in pairs
        for unit in units.split_target(text)
    )
