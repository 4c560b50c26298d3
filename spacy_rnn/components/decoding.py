"""How `rnn_generator` writes: by drawing or by search, and which of several texts it takes."""

from itertools import chain, islice
from typing import Any, List, NamedTuple, Sequence, Tuple

from spacy.util import minibatch

from ..errors import Errors
from ..models.generator import write
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

    def write(
        self,
        model: GeneratorModel,
        vocabulary: Vocabulary,
        prompts: Sequence[Prompt],
        n: int,
        limit: int,
    ) -> List[List[Generated]]:
        """n texts for each prompt.

        limit (int): How many units each has at most, `STOP` included.
        """
        if n < 1:
            return [[] for _ in prompts]
        if self.temperature:
            return self._draw(model, vocabulary, prompts, n, limit)
        size = max(AT_A_TIME // max(n, self.candidates, self.beam_width), 1)
        parts = minibatch(prompts, size)
        return [of for part in parts for of in self._find(model, vocabulary, part, n, limit)]

    def _draw(
        self, model: GeneratorModel, vocabulary: Vocabulary, prompts: Any, n: int, limit: int
    ) -> List[List[Generated]]:
        """The best of so many candidates, n times."""
        draws = range(n * self.candidates)
        rows = [p._replace(seed=p.seed + i) for p in prompts for i in draws]
        parts = minibatch(rows, AT_A_TIME)
        each = [g for part in parts for g in self._drawn(model, vocabulary, part, limit)]
        each = self._weighed(model, vocabulary, rows, each)
        best = [min(of, key=by_merit) for of in minibatch(each, self.candidates)]
        return list(minibatch(best, n))

    def _drawn(
        self, model: GeneratorModel, vocabulary: Vocabulary, rows: Sequence[Prompt], limit: int
    ) -> List[Generated]:
        """One text for each."""
        how: Any = {"temperature": self.temperature, "top_k": self.top_k, "top_p": self.top_p}
        how["seeds"] = [row.seed for row in rows]
        written = write(model, vocabulary.prompts(rows), [limit] * len(rows), **how)
        return [vocabulary.generated(row, *of[0]) for row, of in zip(rows, written)]

    def _find(
        self, model: GeneratorModel, vocabulary: Vocabulary, prompts: Any, n: int, limit: int
    ) -> List[List[Generated]]:
        """The n best of so many candidates. Those that leave out as much stay in the order of the
        search, which goes by `alpha` and has truncated ones last.
        """
        many = max(n, self.candidates)
        how: Any = {"n": many, "width": max(self.beam_width, many), "alpha": self.alpha}
        written = write(model, vocabulary.prompts(prompts), [limit] * len(prompts), **how)
        rows = [p for p, of in zip(prompts, written) for _ in of]
        each = [vocabulary.generated(p, *w) for p, w in zip(rows, chain(*written))]
        weighed = iter(self._weighed(model, vocabulary, rows, each))
        return [sorted(islice(weighed, len(of)), key=left_out)[:n] for of in written]

    def _weighed(
        self,
        model: GeneratorModel,
        vocabulary: Vocabulary,
        rows: Sequence[Prompt],
        found: List[Generated],
    ) -> List[Generated]:
        """With what the wording leaves out, where there is a choice."""
        if self.candidates == 1 or not vocabulary.conditions.of_slots or not rows:
            return found
        pairs = [(row.condition, of.text) for row, of in zip(rows, found)]
        untold = find_untold(model, vocabulary, pairs)
        return [of._replace(untold=names) for of, names in zip(found, untold)]


def left_out(found: Generated) -> Tuple[int, int]:
    """How many slots a text does not say: those that are certain, then those that seem so."""
    return len(found.missing), len(found.untold)


def by_merit(found: Generated) -> Tuple[Tuple[int, int], bool, float]:
    """What says more comes first, then what is complete, then what is more probable."""
    return left_out(found), found.truncated, -found.score
