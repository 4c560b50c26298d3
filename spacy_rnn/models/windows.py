"""Long documents in windows.

A net that walks 100,000 steps one by one takes long and keeps all of them in memory. At
prediction a document of more than `WINDOW` tokens is read in windows side by side. Each begins
`CONTEXT` tokens before the first token that is asked of it and ends as many after the last, so
that the states of both directions have forgotten by then that they started at zero.
"""

from typing import Callable, Iterable, Iterator, List, NamedTuple, Tuple, TypeVar

import numpy
from thinc.types import Array1d, Ints1d

WINDOW, CONTEXT = 2000, 100  # tokens; the context is part of the window
AT_A_TIME = 16_000  # tokens: bounds the memory

T = TypeVar("T")


class Windows(NamedTuple):
    """Some windows of a batch of N tokens. M tokens, those of the context twice."""

    rows: Ints1d  # (M,) of the batch
    lengths: List[int]  # of each window
    keep: Array1d  # (M,) whether a row belongs to its window, not to its context


def read_in_windows(lengths: List[int]) -> Iterator[Windows]:
    """Cut a batch into windows that cover each token once, in the order of the text. A short
    document is a window; which ones go side by side does not change what is read.

    lengths (List[int]): Tokens in each document.
    """
    for some in together(windows_of(lengths), lambda window: window[1] - window[0]):
        yield _side_by_side(some)


def together(parts: Iterable[T], tokens: Callable[[T], int]) -> Iterator[List[T]]:
    """As many at a time as memory is meant for.

    tokens (Callable): How many tokens a part has.
    """
    some: List[T] = []
    size = 0
    for part in parts:
        some.append(part)
        size += tokens(part)
        if size >= AT_A_TIME:
            yield some
            some, size = [], 0
    if some:
        yield some


def _side_by_side(windows: List[Tuple[int, int, int, int]]) -> Windows:
    rows = [numpy.arange(start, end) for start, end, _, _ in windows]
    keep = [(r >= first) & (r < last) for r, (_, _, first, last) in zip(rows, windows)]
    return Windows(numpy.concatenate(rows), [len(r) for r in rows], numpy.concatenate(keep))


def windows_of(lengths: List[int]) -> Iterator[Tuple[int, int, int, int]]:
    """Where each window starts and ends with its context and without."""
    stride, offset = WINDOW - 2 * CONTEXT, 0
    for length in lengths:
        end = offset + length
        size = length if length <= WINDOW else stride
        for first in range(offset, end, max(size, 1)):
            last = min(first + size, end)
            yield max(first - CONTEXT, offset), min(last + CONTEXT, end), first, last
        offset = end
