"""Schedules: numbers that change from one update to the next."""

import math
from typing import Any, Dict, Iterable, Iterator, Optional, Union

from spacy.util import registry

from .errors import Errors


@registry.schedules("spacy_rnn.inverse_sigmoid.v1")
def inverse_sigmoid(k: float = 500.0) -> Iterable[float]:
    """Inverse sigmoid decay, for scheduled sampling (Bengio et al., 2015):

        k / (k + exp(i / k))    at update i

    so it begins near 1, is one half at update k log k, and goes to 0.

    k (float): How slowly, at least 1.
    RAISES (ValueError): If k is less.
    """
    if k < 1:
        raise ValueError(Errors.R165.format(k=k))
    i = 0
    while True:
        # exp(700) is near the largest number there is
        yield k / (k + math.exp(i / k)) if i < 700 * k else 0.0
        i += 1


class Rate:
    """A share that is fixed, or changes with each step of a schedule.

    name (str): That of the component, for messages.
    setting (str): That of the setting.
    schedule (Union[float, Iterable[float]]): The share, or a schedule of Thinc's registry. When
        it ends its last value stays.
    RAISES (ValueError): If a value is no share.
    """

    def __init__(self, name: str, setting: str, schedule: Union[float, Iterable[float]]):
        self.name, self.setting = name, setting
        self.steps: Optional[Iterator[float]] = None
        self.value = 1.0
        if isinstance(schedule, (int, float)):
            self._take(schedule)
        else:
            self.steps = iter(schedule)

    def step(self) -> float:
        """The value for the next update."""
        if self.steps is not None:
            self._take(next(self.steps, self.value))
        return self.value

    def _take(self, value: float) -> None:
        if not 0.0 <= value <= 1.0:
            text = Errors.R166.format(name=self.name, setting=self.setting, value=value)
            raise ValueError(text)
        self.value = float(value)

    def __getstate__(self) -> Dict[str, Any]:
        """A schedule cannot be copied: a copy keeps the value that was reached."""
        return {**self.__dict__, "steps": None}
