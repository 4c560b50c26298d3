"""A sequence read into one answer."""

from typing import List, NamedTuple, Optional, Sequence, Tuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .heads import Head, Ladder, n_raw
from .ngrams import Bags, NGrams
from .pooling import Kind, Pooled, Pooling, Segments, concatenate, segments_of


class PartlyRead(NamedTuple):
    """What the pools make of S parts of texts with M tokens, see `Pooling`."""

    pooled: List[Pooled]
    energies: Tensor  # (M,)
    part_of: Tensor  # (S,) the text of each part, its first part first
    token_of: Tensor  # (M,) the text of each token


class Classifier(nn.Module):
    """y = W_hy pool(h_1 ... h_T) + b_y, with a hidden layer in between on request:

        y = W_hy tanh(W pool(h_1 ... h_T) + b) + b_y

    Beside it may stand a branch that knows the text as the set of its n-grams. The answer is
    their mean, or a sum whose weights were fitted. Each learns from a loss of its own: what the
    n-grams know by heart after one epoch would otherwise leave the recurrent net nothing to
    learn.

    nI (int): Width of the states.
    nO (int): Number of labels.
    pooling (List[str]): How states become one vector, see `Pooling`.
    head (str): What the labels are to each other, see `heads`.
    directions (int): 2 if the second half of each state reads from the end.
    hidden (int): Width of the hidden layer, 0 for none.
    n_ngrams (int): Known n-grams, 0 for no such branch.
    """

    def __init__(
        self,
        nI: int,
        nO: int,
        *,
        pooling: List[Kind],
        head: Head = "exclusive",
        directions: int = 2,
        hidden: int = 0,
        n_ngrams: int = 0,
    ):
        super().__init__()
        raw = n_raw(head, nO)
        self.nI, self.nO, self.head = nI, nO, head
        self.pooling = Pooling(nI, pooling, directions=directions)
        self.hidden = nn.Linear(self.pooling.nO, hidden) if hidden else None
        self.output = nn.Linear(hidden or self.pooling.nO, raw)
        self.ngrams = NGrams(n_ngrams, raw) if n_ngrams else None
        self.ladder = Ladder(nO) if head == "ordinal" else None
        self.shift: Tensor  # of numbers that are to be predicted
        self.scale: Tensor
        self.register_buffer("shift", torch.zeros(raw))
        self.register_buffer("scale", torch.ones(raw))
        nn.init.zeros_(self.output.weight)  # an untrained net has no opinion
        nn.init.zeros_(self.output.bias)

    def forward(
        self, X: Tensor, segments: Segments, bags: Optional[Bags] = None, dropout: float = 0.0
    ) -> Tuple[Tensor, Tensor]:
        """Score texts.

        X (Tensor): States of all texts, one after the other. *Shape:* ``(M, nI)``
        segments (Segments): Which states belong to which of the U texts.
        bags (Optional[Bags]): Their n-grams.
        dropout (float): Share of the hidden layer that is dropped.
        RETURNS (Tuple[Tensor, Tensor]): The scores by branch, and the share of each token in
            its text (empty if nothing attends). *Shapes:* ``(R, U, D), (M,)``
        """
        pooled, energies = self.pooling(X, segments)
        shares = self.pooling.shares(energies.detach(), pooled, segments).detach()
        return self.score(pooled, bags, dropout), shares

    def finish(
        self, reads: Sequence[PartlyRead], texts: int, bags: Optional[Bags] = None
    ) -> Tuple[Tensor, Tensor]:
        """What `forward` gives, from texts that were read in parts."""
        pooled_of, energies, part_of, token_of = zip(*reads)
        order, segments = segments_of(torch.cat(part_of), texts)
        pooled = pooled_of[0]
        if len(order) > texts or len(reads) > 1:  # else each text is one part, in order
            pooled = self.pooling.merge(concatenate(pooled_of, order), segments)
        order, segments = segments_of(torch.cat(token_of), texts)
        shares = self.pooling.shares(torch.cat(energies)[order], pooled, segments)
        return self.score(pooled, bags), shares

    def score(
        self, pooled: List[Pooled], bags: Optional[Bags] = None, dropout: float = 0.0
    ) -> Tensor:
        """From pools to scores. *Shape:* ``(R, U, D)``"""
        Y = torch.cat([part.values for part in pooled], dim=1)
        if self.hidden is not None:
            Y = functional.dropout(torch.tanh(self.hidden(Y)), dropout, training=dropout > 0.0)
        branches = [self.output(Y)]
        if self.ngrams is not None and bags is not None:
            branches.append(self.ngrams(bags))
        raw = torch.stack(branches).float() * self.scale + self.shift
        return raw if self.ladder is None else self.ladder(raw)
