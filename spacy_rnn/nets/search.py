"""From a decoder to sequences: the best ones, or a sample.

Every source has a limit of its own to what is written for it, and a source that is done leaves
the batch. So what is found for it does not depend on what stands beside it, and no search goes on
for ever.
"""

from typing import Any, List, Optional, Sequence, Tuple

import torch
from torch import Tensor

from .beam import NEVER, Beam, Found, Goal, Step, search
from .decoder_cell import PAD

COLDEST = 1e-30  # what is divided by less may be infinite


def n_best(
    step: Step,
    state: Any,
    limits: Sequence[int],
    *,
    n: int = 1,
    width: int = 1,
    alpha: float = 0.0,
    prefixes: Optional[Sequence[Sequence[int]]] = None,
) -> List[List[Found]]:
    """Beam search. A width of 1 takes the most probable unit at every step, until that is `STOP`.

    state (State): The first state of each source. It knows `select(sources, rows)`.
    limits (Sequence[int]): How many units are written for each source at most, `STOP` included.
    n (int): How many sequences are wanted of each; there may be fewer.
    width (int): How many are followed at a time.
    alpha (float): Sequences are compared by log P / length^alpha (Wu et al., 2016, simplified),
        each by its own length; 0 prefers short ones.
    prefixes (Optional[Sequence[Sequence[int]]]): What each sequence has to begin with.
    RETURNS (List[List[Found]]): Of each source, the best first, truncated ones last.
    """
    ways = 2 * width if width > 1 else 1  # as many may stop as go on
    forced = _side_by_side(prefixes or [[] for _ in limits])

    def choose(log_p: Tensor, beam: Beam) -> Tuple[Tensor, Tensor]:
        if beam.length < forced.shape[1]:
            log_p = _force(log_p, forced[beam.source, beam.length])
        totals = (beam.log_p[:, :, None] + log_p).flatten(1)
        return totals.topk(min(ways, totals.shape[1]), dim=1)

    return search(step, state, Goal(torch.tensor(limits).long(), n, width, alpha), choose)


def _side_by_side(prefixes: Sequence[Sequence[int]]) -> Tensor:
    """*Shape:* ``(N, P)``, `PAD` after each"""
    longest = max((len(prefix) for prefix in prefixes), default=0)
    rows = [[*prefix, *[PAD] * (longest - len(prefix))] for prefix in prefixes]
    return torch.tensor(rows, dtype=torch.int64).view(len(prefixes), longest)


def _force(log_p: Tensor, units: Tensor) -> Tensor:
    """-inf for all but one unit of each source, unless that is `PAD`. *Shapes:* ``(B, W, V)`` and
    ``(B,)``
    """
    other = torch.arange(log_p.shape[2]) != units[:, None]
    return log_p.masked_fill((other & (units != PAD)[:, None])[:, None], NEVER)


def sample(
    step: Step,
    state: Any,
    limits: Sequence[int],
    seeds: Sequence[int],
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
) -> List[Found]:
    """Draw one sequence for each source, from a generator of its own.

    temperature (float): Below 1 the probable becomes more probable.
    top_k (int): Only so many of the most probable units, 0 for all.
    top_p (float): Only the most probable units that have so much probability together
        (Holtzman et al., 2020).
    """
    draws = [torch.Generator().manual_seed(seed % 2**63) for seed in seeds]

    def choose(log_p: Tensor, beam: Beam) -> Tuple[Tensor, Tensor]:
        picky = _picky((log_p[:, 0] / max(temperature, COLDEST)).log_softmax(1), top_k, top_p)
        chances = [torch.rand(1, generator=draws[i]) for i in beam.source.tolist()]
        units = draw(picky.double().exp(), torch.stack(chances))
        return beam.log_p + log_p[:, 0].gather(1, units), units

    goal = Goal(torch.tensor(limits).long(), 1, 1, 0.0)
    nothing = Found([], 0.0, 0.0, True, torch.zeros(0, 0))
    return [of[0] if of else nothing for of in search(step, state, goal, choose)]


def draw(p: Tensor, chances: Tensor) -> Tensor:
    """A unit each, never one whose p is 0; p need not sum to 1. The last if p is no number.
    *Shapes:* ``(B, V)`` and ``(B, 1)`` to ``(B, 1)``
    """
    up_to = p.cumsum(1)
    found = torch.searchsorted(up_to, chances * up_to[:, -1:], right=True)
    return found.clamp(max=p.shape[1] - 1)


def _picky(log_p: Tensor, top_k: int, top_p: float) -> Tensor:
    """-inf for units that are not probable enough. *Shape:* ``(B, V)``"""
    ordered, places = log_p.sort(dim=1, descending=True, stable=True)
    rank = torch.arange(log_p.shape[1])
    before = ordered.exp().cumsum(1) - ordered.exp()
    out = (before >= top_p) | ((rank >= top_k) if top_k else torch.zeros_like(rank).bool())
    out[:, 0] = False
    return log_p.masked_fill(out.gather(1, places.argsort(dim=1)), NEVER)
