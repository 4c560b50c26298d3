"""The best tags of documents."""

import numpy

from .packing import last_rows
from .potentials import Arrays

Array = numpy.ndarray


def viterbi(a: Arrays) -> Array:
    """The best tag sequence of each document (Viterbi, 1967):

        best_t[j] = emissions_t[j] + max_i (best_{t-1}[i] + transitions[i, j])

    RETURNS (Array): A tag for each packed row, int64. *Shape:* ``(N,)``
    """
    best = numpy.array(a.emissions.T, order="C")  # (K, N), the documents of a step side by side
    ways, before, row = a.transitions[:, :, None], None, 0
    for size in a.batch_sizes.tolist():
        now = best[:, row : row + size]
        now += a.start[:, None] if before is None else (before[:, None, :size] + ways).max(axis=0)
        before, row = now, row + size
    return _trace_back(numpy.ascontiguousarray(best.T), a)


def _trace_back(best: Array, a: Arrays) -> Array:
    """Ask from each document's last tag to its first which tag was best before.

    best (Array): The score of the best path to a tag. *Shape:* ``(N, K)``
    """
    into, path = numpy.ascontiguousarray(a.transitions.T), numpy.empty(len(best), dtype="i8")
    tag = (best[last_rows(a.batch_sizes).numpy()] + a.end).argmax(axis=1)
    sizes, row = a.batch_sizes.tolist(), len(best)
    for size, before in zip(sizes[:0:-1], sizes[-2::-1]):
        row -= size
        path[row : row + size] = alive = tag[:size]
        scores = into[alive]
        scores += best[row - before : row - before + size]
        scores.argmax(axis=1, out=alive)
    path[:row] = tag
    return path
