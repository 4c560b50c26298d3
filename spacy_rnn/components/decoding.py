"""How `rnn_generator` writes: by drawing or by search, and which of several texts it takes."""

from itertools import chain, islice
from typing import Any, List, NamedTuple, Sequence, Tuple

from spacy.util import minibatch

from ..errors import Errors
from ..models.generator import Written, write
from ..models.seq2seq import AT_A_TIME
from ..types import GeneratorModel
from .base import check_range
from .prompts import Generated, Prompt, Vocabulary
from .untold import find_untold


class Decoding(NamedTuple):
    """How texts are written: see `make_rnn_generator`."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    beam_width: int = 1
    alpha: float = 1.0
    candidates: int = 1

    def check(self, name: str) -> None:
        """Refuse what makes no sense.

        RAISES (ValueError): With the name of the component and the setting.
        """
        check_range(name, "temperature", self.temperature, 0)
        check_range(name, "top_k", self.top_k, 0)
        check_range(name, "top_p", self.top_p, 1e-9, 1)
        check_range(name, "alpha", self.alpha, 0)
        check_range(name, "candidates", self.candidates, 1)
        if self.beam_width < 1:
            raise ValueError(Errors.R050.format(name=name, width=self.beam_width))


class Writer(NamedTuple):
    """A model with its vocabulary, and how texts are written with it.

    limit (int): How many units a text has at most, `STOP` included.
    """

    model: GeneratorModel
    vocabulary: Vocabulary
    how: Decoding
    limit: int

    def write(self, prompts: Sequence[Prompt], n: int) -> List[List[Generated]]:
        """n texts for each prompt."""
        if n < 1:
            return [[] for _ in prompts]
        if self.how.temperature:
            return self._draw(prompts, n)
        size = max(AT_A_TIME // max(n, self.how.candidates, self.how.beam_width), 1)
        return [of for part in minibatch(prompts, size) for of in self._find(part, n)]

    def _draw(self, prompts: Sequence[Prompt], n: int) -> List[List[Generated]]:
        """The best of so many candidates, n times."""
        draws = range(n * self.how.candidates)
        rows = [p._replace(seed=p.seed + i) for p in prompts for i in draws]
        each = [g for part in minibatch(rows, AT_A_TIME) for g in self._drawn(part)]
        each = self._weighed(rows, each)
        best = [min(of, key=by_merit) for of in minibatch(each, self.how.candidates)]
        return list(minibatch(best, n))

    def _drawn(self, rows: Sequence[Prompt]) -> List[Generated]:
        """One text for each."""
        picky = {name: getattr(self.how, name) for name in ("temperature", "top_k", "top_p")}
        written = self._written(rows, seeds=[row.seed for row in rows], **picky)
        return [self.vocabulary.generated(row, *of[0]) for row, of in zip(rows, written)]

    def _find(self, prompts: Sequence[Prompt], n: int) -> List[List[Generated]]:
        """The n best of so many candidates. Those that leave out as much stay in the order of the
        search, which goes by `alpha` and has truncated ones last.
        """
        many = max(n, self.how.candidates)
        width = max(self.how.beam_width, many)
        written = self._written(prompts, n=many, width=width, alpha=self.how.alpha)
        rows = [p for p, of in zip(prompts, written) for _ in of]
        each = [self.vocabulary.generated(p, *w) for p, w in zip(rows, chain(*written))]
        weighed = iter(self._weighed(rows, each))
        return [sorted(islice(weighed, len(of)), key=left_out)[:n] for of in written]

    def _written(self, prompts: Sequence[Prompt], **how: Any) -> List[List[Written]]:
        """Sequences of units for each: see `models.generator.write`."""
        limits = [self.limit] * len(prompts)
        return write(self.model, self.vocabulary.prompts(prompts), limits, **how)

    def _weighed(self, rows: Sequence[Prompt], found: List[Generated]) -> List[Generated]:
        """With what the wording leaves out, where there is a choice."""
        if self.how.candidates == 1 or not self.vocabulary.conditions.of_slots or not rows:
            return found
        pairs = [(row.condition, of.text) for row, of in zip(rows, found)]
        untold = find_untold(self.model, self.vocabulary, pairs)
        return [of._replace(untold=names) for of, names in zip(found, untold)]


def left_out(found: Generated) -> Tuple[int, int]:
    """How many slots a text does not say: those that are certain, then those that seem so."""
    return len(found.missing), len(found.untold)


def by_merit(found: Generated) -> Tuple[Tuple[int, int], bool, float]:
    """What says more comes first, then what is complete, then what is more probable."""
    return left_out(found), found.truncated, -found.score
