"""How many of torch's threads a batch takes."""

from contextlib import contextmanager
from typing import Iterator

from thinc.compat import torch

FEW_TOKENS = 500  # that are read, or units: about 30 sentences
FEW_SEQUENCES = 16  # that are written side by side, one unit of each at a time


@contextmanager
def threads_for(rows: int, few: int = FEW_TOKENS) -> Iterator[None]:
    """One of torch's threads for a few rows, all of them for more. What is shared out is done
    when the last thread is. That gains nothing on so little work, and where other programs
    take the cores the last thread comes late, again and again (`benchmarks/busy.py`). The setting
    holds for the calling thread of the program; one that meets torch for the first time just then
    begins with one thread as well, and says `torch.set_num_threads` if it wants more.

    rows (int): How many there are.
    few (int): So many go to one thread.
    """
    threads = torch.get_num_threads()
    if rows > few or threads == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
