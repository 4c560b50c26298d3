"""A text as the set of its n-grams: what a recurrent net has to do better than."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

SPREAD = 2.0  # probabilities of 0.02 to 0.98 or so
SLOW = 0.25  # Adam moves every weight by the learning rate, whatever its gradient


class Bags(NamedTuple):
    """The distinct n-grams of each text, as rows of a table. U texts, G n-grams in all."""

    rows: Tensor  # (G,)
    starts: Tensor  # (U,) where each text begins


class NGrams(nn.Module):
    """A linear model over n-grams, z = sum of w_g over the distinct n-grams g of the text. Its
    weights move more slowly than those of a net: most n-grams stand in a text or two, and
    have little to say beyond that.

    rows (int): Rows of the table; n-grams whose hashes agree share one.
    nO (int): Raw scores.
    """

    def __init__(self, rows: int, nO: int):
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(rows, nO))
        self.register_buffer("keys", torch.zeros(rows, dtype=torch.int64))  # sorted

    def forward(self, bags: Bags) -> Tensor:
        """*Shape:* ``(U, nO)``"""
        return SLOW * functional.embedding_bag(bags.rows, self.weights, bags.starts, mode="sum")

    def start_from_counts(self, bags: Bags, wanted: Tensor, known: Tensor) -> Tensor:
        """Begin with what counting says (naive Bayes; Wang and Manning, 2012):

            w_gk = s r_gk,    r_gk = log((p_gk / sum_g p_gk) / (q_gk / sum_g q_gk))

        with p_gk the texts of class k that have the n-gram, q_gk those of the others that
        have it, and 1 added to both. As naive Bayes is far too sure, s gives the scores of
        these texts the standard deviation `SPREAD`.

        wanted (Tensor): How much each text belongs to each class, 0 to 1. *Shape:* ``(U, nO)``
        known (Tensor): 1 where that is known, and 0 where it is not. *Shape:* ``(U, nO)``
        RETURNS (Tensor): r. *Shape:* ``(rows, nO)``
        """
        sizes = bags.starts.diff(append=bags.starts.new_tensor([len(bags.rows)]))
        owner = torch.arange(len(sizes), device=sizes.device).repeat_interleave(sizes)
        yes, no = (known * wanted)[owner], (known * (1 - wanted))[owner]
        inside = torch.ones_like(self.weights).index_add(0, bags.rows, yes).detach()
        outside = torch.ones_like(inside).index_add(0, bags.rows, no)
        ratio = (inside / inside.sum(0)).log() - (outside / outside.sum(0)).log()
        self.weights.data.copy_(ratio)
        spread = float(self(bags).detach().std(correction=0))
        self.weights.data.mul_(SPREAD / max(spread, SPREAD * SLOW))
        return ratio
