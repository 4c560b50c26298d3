"""From a decoder to sequences: the best ones, or a sample.

Every source has a limit of its own to what is written for it, and a source that is done leaves
the batch. So what is found for it does not depend on what stands beside it, and no search goes on
for ever.
"""

from typing import Any, Callable, List, NamedTuple, Optional, Sequence, Tuple

import torch
from torch import Tensor

from .decoder import PAD, START, STOP

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
    """The sequences that are being written: B sources that are not done, W each, t units."""

    source: Tensor  # (B,)
    log_p: Tensor  # (B, W)
    units: Tensor  # (B, W, t)
    attention: Tensor  # (B, W, t, S)


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
    """Beam search. A width of 1 takes the most probable unit at every step.

    state (State): The first state of each source. It knows `select(rows)`.
    limits (Sequence[int]): How many units are written for each source at most.
    n (int): How many sequences are wanted of each; there may be fewer.
    width (int): How many are followed at a time.
    alpha (float): Sequences are compared by log P / length^alpha (Wu et al., 2016, simplified),
        each by its own length; 0 prefers short ones.
    prefixes (Optional[Sequence[Sequence[int]]]): What each sequence has to begin with.
    RETURNS (List[List[Found]]): Of each source, the best first.
    """
    found: List[List[Found]] = [[] for _ in limits]
    beam = _first(limits, width)
    state = state.select(beam.source.repeat_interleave(width))
    while len(beam.source):
        log_p, state, shares = step(_last(beam), state)
        log_p = _allowed(log_p, beam, prefixes)
        beam, rows = _advance(beam, log_p, shares, found, alpha)
        keep = _unfinished(beam, found, limits, n, alpha)
        beam, rows = Beam(*(part[keep] for part in beam)), rows[keep]
        state = state.select(rows.flatten())
    return [sorted(of, key=lambda f: -f.score)[:n] for of in found]


def _first(limits: Sequence[int], width: int) -> Beam:
    """Nothing is written, and all but one of each source's sequences are yet to come."""
    source = torch.tensor([i for i, limit in enumerate(limits) if limit > 0], dtype=torch.int64)
    log_p = torch.full((len(source), width), NEVER)
    log_p[:, 0] = 0.0
    units = torch.zeros(len(source), width, 0, dtype=torch.int64)
    return Beam(source, log_p, units, torch.zeros(len(source), width, 0, 0))


def _last(beam: Beam) -> Tensor:
    """The unit that each sequence ends in. *Shape:* ``(B * W,)``"""
    if not beam.units.shape[2]:
        return torch.full(beam.log_p.shape, START).flatten()
    return beam.units[:, :, -1].flatten()


def _allowed(log_p: Tensor, beam: Beam, prefixes: Optional[Sequence[Sequence[int]]]) -> Tensor:
    """log P of what may come next, -inf for the rest. *Shape:* ``(B, W, V)``"""
    B, W, t = beam.units.shape
    log_p = log_p.cpu().view(B, W, -1).clone()
    log_p[:, :, [PAD, START]] = NEVER
    for row, source in enumerate(beam.source.tolist() if prefixes else ()):
        if prefixes and t < len(prefixes[source]):
            unit = prefixes[source][t]
            kept = log_p[row, :, unit].clone()
            log_p[row] = NEVER
            log_p[row, :, unit] = kept
    return log_p


def _advance(
    beam: Beam, log_p: Tensor, shares: Tensor, found: List[List[Found]], alpha: float
) -> Tuple[Beam, Tensor]:
    """Write one unit more. A sequence among the best W that stops is found; the best W others go
    on.

    RETURNS (Tuple[Beam, Tensor]): The beam, and the row that each sequence comes from.
        *Shape:* ``(B, W)``
    """
    B, W, V = log_p.shape
    totals = (beam.log_p[:, :, None] + log_p).flatten(1)
    best, places = totals.topk(min(2 * W, W * V), dim=1)
    parents, units = places // V, places % V
    steps = shares.detach().cpu().view(B, W, 1, -1)
    if not beam.units.shape[2]:
        beam = beam._replace(attention=steps[:, :, :0])
    stops = (units == STOP) & (best > NEVER)
    for b, i in stops[:, :W].nonzero().tolist():
        attention = torch.cat([beam.attention[b, parents[b, i]], steps[b, parents[b, i]]])
        so_far = beam.units[b, parents[b, i]].tolist()
        _keep(found, beam, b, so_far, float(best[b, i]), alpha, False, attention)
    going = best.masked_fill(units == STOP, NEVER).topk(W, dim=1)
    parents, units = parents.gather(1, going.indices), units.gather(1, going.indices)
    of = torch.arange(B)[:, None]
    seen = torch.cat([beam.attention[of, parents], steps[of, parents]], dim=2)
    written = torch.cat([beam.units[of, parents], units[:, :, None]], dim=2)
    return Beam(beam.source, going.values, written, seen), of * W + parents


def _keep(
    found: List[List[Found]],
    beam: Beam,
    b: int,
    units: List[int],
    log_p: float,
    alpha: float,
    truncated: bool,
    attention: Tensor,
) -> None:
    score = log_p / (len(units) + (not truncated)) ** alpha
    found[int(beam.source[b])].append(Found(units, log_p, score, truncated, attention))


def _unfinished(
    beam: Beam, found: List[List[Found]], limits: Sequence[int], n: int, alpha: float
) -> Tensor:
    """Which sources go on: those for which something better than what was found may come. At
    its limit a source that has found too little takes what it has.
    """
    keep = []
    for b, source in enumerate(beam.source.tolist()):
        limit, t = limits[source], beam.units.shape[2]
        # A sequence only loses probability, and gains most from the greatest length
        bound = float(beam.log_p[b, 0]) / (limit + 1) ** alpha
        done = sorted((f.score for f in found[source]), reverse=True)[n - 1 : n]
        if t >= limit and not done:
            for w in (beam.log_p[b] > NEVER).nonzero()[:, 0].tolist():
                parts = beam.units[b, w].tolist(), float(beam.log_p[b, w])
                _keep(found, beam, b, *parts, alpha, True, beam.attention[b, w])
        over = t >= limit or bound == NEVER or (bool(done) and done[0] >= bound)
        keep.append(not over)
    return torch.tensor(keep, dtype=torch.bool)


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
    found: List[List[Found]] = [[] for _ in limits]
    beam = _first(limits, 1)
    state = state.select(beam.source)
    while len(beam.source):
        log_p, state, shares = step(_last(beam), state)
        log_p = _allowed(log_p, beam, None)
        picky = _picky((log_p[:, 0] / temperature).log_softmax(1), top_k, top_p)
        chance = torch.stack([torch.rand((), generator=draws[i]) for i in beam.source.tolist()])
        units = (picky.exp().cumsum(1) < chance[:, None] * picky.exp().sum(1, True)).sum(1)
        drawn = torch.full_like(log_p, NEVER)
        place = units.clamp(max=log_p.shape[2] - 1)[:, None, None]
        drawn.scatter_(2, place, log_p.gather(2, place))
        beam, rows = _advance(beam, drawn, shares, found, 0.0)
        keep = _unfinished(beam, found, limits, 1, 0.0)
        beam, rows = Beam(*(part[keep] for part in beam)), rows[keep]
        state = state.select(rows.flatten())
    return [of[0] if of else Found([], 0.0, 0.0, True, torch.zeros(0, 0)) for of in found]


def _picky(log_p: Tensor, top_k: int, top_p: float) -> Tensor:
    """-inf for units that are not probable enough. *Shape:* ``(B, V)``"""
    ordered, places = log_p.sort(dim=1, descending=True, stable=True)
    rank = torch.arange(log_p.shape[1])
    before = ordered.exp().cumsum(1) - ordered.exp()
    out = (before >= top_p) | ((rank >= top_k) if top_k else torch.zeros_like(rank).bool())
    out[:, 0] = False
    return log_p.masked_fill(out.gather(1, places.argsort(dim=1)), NEVER)
