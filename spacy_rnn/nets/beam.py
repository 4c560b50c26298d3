"""The walk of a search: many sources at once, many sequences of each.

At every step is noted which unit was written after which sequence, and where the decoder looked;
what was found is read off at the end, from the last units back.
"""

from typing import Any, Callable, List, NamedTuple, Tuple

import torch
from torch import Tensor

from .decoder_cell import PAD, START, STOP

# Reads the unit that each row wrote last, (R,), and the state before it; gives log P of every
# unit, (R, V), the state after it, and the attention, (R, S)
Step = Callable[[Tensor, Any], Tuple[Tensor, Any, Tensor]]
NEVER = -torch.inf


class Found(NamedTuple):
    """A sequence that was written for a source."""

    units: List[int]  # without `START` and `STOP`
    log_p: float  # of all of it, `STOP` included unless truncated
    score: float  # log_p by length, what sequences are compared by
    truncated: bool  # whether the limit ended it
    attention: Tensor  # (T, S) one row a step, that of `STOP` included


class Beam(NamedTuple):
    """The sequences that are being written: B sources that are not done, W each, the best first.
    A step reads sequence w of source b in row ``b * W + w``.
    """

    source: Tensor  # (B,)
    log_p: Tensor  # (B, W) -inf for a place that is empty
    units: Tensor  # (B, W) the last of each
    rows: Tensor  # (B, W) the row that it was written after
    length: int

    def select(self, keep: Tensor) -> "Beam":
        """Those sources, in that order."""
        source, log_p, units, rows = (part[keep] for part in self[:4])
        return Beam(source, log_p, units, rows, self.length)

    def take(self, places: Tensor) -> "Beam":
        """Those sequences of each source. *Shape:* ``(B, K)``"""
        log_p, units, rows = (part.gather(1, places) for part in self[1:4])
        return self._replace(log_p=log_p, units=units, rows=rows)

    def without(self, out: Tensor) -> "Beam":
        """Empty some places. *Shape:* ``(B, W)``"""
        return self._replace(log_p=self.log_p.masked_fill(out, NEVER))


class Ended(NamedTuple):
    """The best sequences that came to an end: N sources, n each, the best first."""

    score: Tensor  # (N, n) -inf for a place that is empty
    log_p: Tensor  # (N, n)
    units: Tensor  # (N, n) the last of each
    rows: Tensor  # (N, n) the row that it was written after
    length: Tensor  # (N, n)


class Written(NamedTuple):
    """What a step read, and where the decoder looked. R sequences."""

    units: Tensor  # (R,)
    rows: Tensor  # (R,) of the step before
    shares: Tensor  # (R, S)


class Goal(NamedTuple):
    """What is looked for: see `n_best`."""

    limits: Tensor  # (N,)
    n: int
    width: int
    alpha: float


# The best ways to go on, by log P of every next unit, (B, W, V): log P of each way, and its place
# in W * V. Both are (B, K), the best first
Choose = Callable[[Tensor, Beam], Tuple[Tensor, Tensor]]


def search(step: Step, state: Any, goal: Goal, choose: Choose) -> List[List[Found]]:
    """Write one unit more until every source is done."""
    complete, truncated = (_nothing(len(goal.limits), goal.n) for _ in range(2))
    beam = _first(goal)
    way: List[Written] = []
    state = state.select(beam.source, beam.rows.flatten())
    while len(beam.source):
        log_p, state, shares = step(beam.units.flatten(), state)
        way.append(Written(beam.units.flatten(), beam.rows.flatten(), shares.detach().cpu()))
        stopped, beam = _advance(beam, log_p.detach().cpu(), goal.width, choose)
        complete = _merge(complete, stopped, goal.alpha)
        truncated = _merge(truncated, beam.select(_at_limit(beam, goal)), goal.alpha)
        stay = (~_is_done(beam, complete, goal)).nonzero()[:, 0]
        beam = beam.select(stay)
        state = state.select(stay, beam.rows.flatten())
    return _read_off(way, _complete_first(complete, truncated, goal.n))


def _first(goal: Goal) -> Beam:
    """One sequence for each source, without a unit; its row is that of the source."""
    source = (goal.limits > 0).nonzero()[:, 0]
    rows = source[:, None]
    return Beam(source, torch.zeros(rows.shape), torch.full_like(rows, START), rows, 0)


def _nothing(N: int, n: int) -> Ended:
    never = torch.full((N, n), NEVER, dtype=torch.float64)
    none = torch.zeros(N, n, dtype=torch.int64)
    return Ended(never, never, none, none, none)


def _advance(beam: Beam, log_p: Tensor, width: int, choose: Choose) -> Tuple[Beam, Beam]:
    """Write one unit more.

    log_p (Tensor): *Shape:* ``(B * W, V)``
    RETURNS (Tuple[Beam, Beam]): Those of the best `width` sequences that stop, and the best
        `width` others.
    """
    B, W = beam.units.shape
    log_p = log_p.view(B, W, -1).index_fill(2, torch.tensor([PAD, START]), NEVER)
    best, places = choose(log_p, beam)
    V = log_p.shape[2]
    rows = torch.arange(B)[:, None] * W + places // V
    ways = Beam(beam.source, best, places % V, rows, beam.length + 1)
    stop = ways.units == STOP
    beyond = torch.arange(stop.shape[1]) >= width
    # Those that go on come first; all are in order still
    order = stop.long().argsort(dim=1, stable=True)[:, :width]
    return ways.without(~stop | beyond), ways.without(stop).take(order)


def _merge(ended: Ended, beam: Beam, alpha: float) -> Ended:
    """What came to an end before, and what does now."""
    if not (beam.log_p > NEVER).any():
        return ended
    log_p, length = beam.log_p.double(), torch.full_like(beam.rows, beam.length)
    now = Ended(log_p / beam.length**alpha, log_p, beam.units, beam.rows, length)
    both = [torch.cat([old[beam.source], new], dim=1) for old, new in zip(ended, now)]
    order = both[0].argsort(dim=1, descending=True, stable=True)[:, : ended.score.shape[1]]
    best = (part.gather(1, order) for part in both)
    return Ended(*(old.index_copy(0, beam.source, new) for old, new in zip(ended, best)))


def _at_limit(beam: Beam, goal: Goal) -> Tensor:
    """*Shape:* ``(B,)``"""
    return beam.length >= goal.limits[beam.source]


def _is_done(beam: Beam, complete: Ended, goal: Goal) -> Tensor:
    """Whether nothing better than what was found may come: a sequence only loses probability, and
    gains most from the greatest length. *Shape:* ``(B,)``
    """
    bound = beam.log_p[:, 0] / goal.limits[beam.source] ** goal.alpha
    enough = complete.score[beam.source, -1] >= bound
    return _at_limit(beam, goal) | enough


def _complete_first(complete: Ended, truncated: Ended, n: int) -> Ended:
    """What the limit ended comes last, however good it is."""
    both = [torch.cat(parts, dim=1) for parts in zip(complete, truncated)]
    order = (both[0] == NEVER).long().argsort(dim=1, stable=True)[:, :n]
    return Ended(*(part.gather(1, order) for part in both))


def _read_off(way: List[Written], ended: Ended) -> List[List[Found]]:
    """What each source gets, by the ends of its sequences."""
    found: List[List[Found]] = [[] for _ in ended.score]
    sources, places = (ended.score > NEVER).nonzero(as_tuple=True)
    ended = Ended(*(part[sources, places] for part in ended))
    units, shares = _trace(way, ended) if way else (sources, sources)
    lists = (part.tolist() for part in (sources, units, *ended))
    for source, written, score, log_p, last, _, length, looked in zip(*lists, shares):
        stopped = last == STOP
        text = written[: length - stopped]
        found[source].append(Found(text, log_p, score, not stopped, looked[:length].clone()))
    return found


def _trace(way: List[Written], ended: Ended) -> Tuple[Tensor, Tensor]:
    """Follow F sequences from their ends. *Shapes:* ``(F, T)`` and ``(F, T, S)``"""
    F, T = len(ended.rows), len(way)
    units = ended.units.new_zeros(F, T)
    shares = way[0].shares.new_zeros(F, T, way[0].shares.shape[1])
    unit, row = ended.units.clone(), ended.rows.clone()
    for t in reversed(range(T)):
        of = (ended.length > t).nonzero()[:, 0]
        units[of, t], shares[of, t] = unit[of], way[t].shares[row[of]]
        unit[of], row[of] = way[t].units[row[of]], way[t].rows[row[of]]
    return units, shares
