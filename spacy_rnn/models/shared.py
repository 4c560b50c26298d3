"""What several threads share, and what becomes of it in a forked process."""

import os
import threading
import weakref
from typing import Any, Tuple


class Shared:
    """A memory behind a lock, safe to share between threads; never copied or saved."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _every.add(self)

    def __deepcopy__(self, memo: Any) -> "Shared":
        return type(self)()

    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), ()


_every: "weakref.WeakSet[Shared]" = weakref.WeakSet()


def _begin_anew() -> None:
    """Of all threads only the one that forks lives on in the new process
    (`nlp.pipe(n_process=2)`): what another has locked would stay locked, half written.
    """
    for shared in list(_every):
        # `locked()` says no of one that a thread was just given and has not seen yet
        if shared._lock.acquire(blocking=False):
            shared._lock.release()
        else:
            vars(shared).update(vars(type(shared)()))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
