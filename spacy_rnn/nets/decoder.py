"""The decoder: a recurrent net that writes one unit after another."""

import math
from typing import List

import torch
from torch import Tensor
from torch.nn import functional

from .decoder_cell import PAD, START, STOP, DecoderCell, Seen, Source, State
from .packing import make_packing
from .scan import scan


class Decoder(DecoderCell):
    """A `DecoderCell` that takes a whole target at once, as in training."""

    def forward(
        self,
        targets: Tensor,
        state: State,
        source: Source,
        dropout: float = 0.0,
        teacher_forcing: float = 1.0,
    ) -> Tensor:
        """log P of each unit of known targets, given those before it, and the mean of log P
        over the vocabulary, which label smoothing wants.

        targets (Tensor): Without `START`, with `STOP`, then `PAD`. *Shape:* ``(B, T)``
        teacher_forcing (float): How often the unit before is the right one; else it is what
            the net itself would have written there (scheduled sampling; Bengio et al., 2015),
            drawn for each target and step.
        RETURNS (Tensor): 0 at padding. *Shape:* ``(B, T, 2)``
        """
        if teacher_forcing < 1.0:
            log_p = self._step_by_step(targets, state, source, dropout, teacher_forcing)
        else:
            log_p = self._at_once(targets, state, source, dropout)
        return log_p.masked_fill((targets == PAD)[..., None], 0.0)

    def _step_by_step(
        self, targets: Tensor, state: State, source: Source, dropout: float, teacher_forcing: float
    ) -> Tensor:
        """What is read at a step may have to be written at the one before."""
        found: List[Tensor] = []
        units = targets.new_full((len(targets),), START)
        for t in range(targets.shape[1]):
            log_p, state, _ = self.step(units, state, source, dropout)
            own = log_p.detach().argmax(dim=1)
            forced = torch.rand(own.shape, device=own.device) < teacher_forcing
            units = torch.where(forced, targets[:, t], own)
            found.append(pick(log_p, targets[:, t], self.nO))
        return torch.stack(found, dim=1)

    def _at_once(self, targets: Tensor, state: State, source: Source, dropout: float) -> Tensor:
        """All is known that is read, so units are chosen for all steps together, and not for
        padding.
        """
        before = functional.pad(targets[:, :-1], (1, 0), value=START)
        real, lengths = targets != PAD, (targets != PAD).sum(1)
        see = self._see_at_once if self.feeding == "none" else self._see_one_by_one
        seen = see(self._embed(before, dropout), real, state, source)
        log_p = self._choose(seen, source.copies.repeat_interleave(lengths, dim=0), dropout)
        found = log_p.new_zeros(*targets.shape, 2)
        found[real] = pick(log_p, targets[real], self.nO)
        return found

    def _see_one_by_one(self, y: Tensor, real: Tensor, state: State, source: Source) -> Seen:
        """What is fed has to be known. *Shapes:* ``(B, T, E), (B, T)``"""
        steps: List[Seen] = []
        for y_t in y.unbind(1):
            state, seen = self._see(y_t, state, source)
            steps.append(seen)
        return Seen(*(torch.stack(part, dim=1)[real] for part in zip(*steps)))

    def _see_at_once(self, y: Tensor, real: Tensor, state: State, source: Source) -> Seen:
        """Without feeding only the recurrent part walks. *Shapes:* ``(B, T, E), (B, T)``"""
        states = self._walk(y, real, state)
        contexts, shares = self.attention(states, source.memory)
        seen = Seen(states, contexts, shares, y)
        return Seen(*(part[real] for part in seen))

    def _walk(self, y: Tensor, real: Tensor, state: State) -> Tensor:
        """The states of all steps, zeros at padding. *Shapes:* ``(B, T, E), (B, T)`` to
        ``(B, T, H)``
        """
        packing, device = make_packing(real.sum(1).tolist()), y.device
        # Put in order before the product, which is many times as wide
        flat = self.input(y[real].index_select(0, packing.to_packed.to(device)))[None]
        order = packing.order.to(device)
        first = state.h.index_select(0, order)[None], state.c.index_select(0, order)[None]
        W, b = self.recurrent.weight.T[None], self.recurrent.bias[None, None]
        packed = scan(self.cell, flat, first, W, b, packing.batch_sizes)[0]
        states = packed.new_zeros(*y.shape[:2], self.width)
        states[real] = packed.index_select(0, packing.to_flat.to(device))
        return states


def pick(log_p: Tensor, units: Tensor, nO: int) -> Tensor:
    """log P of one unit each, and the mean over the vocabulary but for `PAD` and `START`, which
    nobody should learn to write; a unit that cannot be said at all gets the least that there
    is. *Shapes:* ``(B, V + X), (B,)`` to ``(B, 2)``
    """
    least = math.log(torch.finfo(log_p.dtype).tiny)
    log_p = log_p.clamp(min=least)
    sayable = units < log_p.shape[1]
    found = log_p.gather(1, (units * sayable)[:, None])[:, 0].masked_fill(~sayable, least)
    return torch.stack([found, log_p[:, STOP:nO].mean(1)], dim=1)
