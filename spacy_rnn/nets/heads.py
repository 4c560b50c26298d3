"""What the scores of a text mean: one class of several, any number of classes, a step on a
ladder, or a number.

A text has R raw scores. They are the D scores that the losses know, but for ``ordinal``: there
one raw score climbs a ladder with K - 1 steps.
"""

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

GAP = 2.0  # between thresholds at first: wide enough for a label in the middle to win
Head = Literal["exclusive", "multilabel", "ordinal", "regression"]


def n_raw(head: Head, labels: int) -> int:
    """R for K labels."""
    return 1 if head == "ordinal" else labels


class Ladder(nn.Module):
    """The thresholds of cumulative logits (McCullagh, 1980): z_k = s - t_k asks whether a text
    is above step k, and t_1 < t_2 < ... because each is the one before and something more.

    labels (int): K, one more than there are thresholds.
    """

    def __init__(self, labels: int):
        super().__init__()
        steps = max(labels - 1, 0)
        self.first = nn.Parameter(torch.full((1,), GAP * (1 - steps) / 2))
        self.gaps = nn.Parameter(torch.full((max(steps - 1, 0),), math.log(GAP)))  # logarithms

    def forward(self, raw: Tensor) -> Tensor:
        """*Shapes:* ``(U, 1)`` to ``(U, K - 1)``"""
        up = torch.cat([self.first.new_zeros(1), self.gaps.exp().cumsum(0)])
        return raw - (self.first + up)


def targets(head: Head, gold: Tensor) -> Tensor:
    """What each score should say. On a ladder score k asks whether the label is above k.
    *Shapes:* ``(U, K)`` to ``(U, D)``
    """
    if head != "ordinal":
        return gold
    return gold.flip(1).cumsum(1).flip(1)[:, 1:]


def probabilities(head: Head, scores: Tensor, temperature: float = 1.0) -> Tensor:
    """The probability of each label; the predicted numbers for ``regression``.

    ``exclusive``: p = softmax(z). ``multilabel``: p_k = sigmoid(z_k). ``ordinal``: the
    cumulative logits of McCullagh (1980), P(y > k) = sigmoid(z_k), whose differences are the
    probabilities.

    scores (Tensor): *Shape:* ``(U, D)``
    temperature (float): The scores are divided by it.
    RETURNS (Tensor): *Shape:* ``(U, K)``
    """
    if head == "regression":
        return scores
    z = scores / temperature
    if head == "exclusive":
        return torch.softmax(z, dim=1)
    if head == "multilabel":
        return torch.sigmoid(z)
    above = functional.pad(torch.sigmoid(z), (1, 0), value=1.0)
    return (above - functional.pad(above[:, 1:], (0, 1))).clamp(min=0.0)


def losses(
    head: Head, scores: Tensor, gold: Tensor, weights: Tensor, smoothing: float = 0.0
) -> Tensor:
    """The loss of each text: cross-entropy, or for ``regression`` half the squared error.

    scores (Tensor): *Shape:* ``(U, D)``
    gold (Tensor): The labels, 0 to 1, or numbers. *Shape:* ``(U, K)``
    weights (Tensor): How much each label of each text counts; 0 where it is not known.
        *Shape:* ``(U, K)``
    smoothing (float): The share of the gold probability that all labels get alike
        (Szegedy et al., 2016).
    RETURNS (Tensor): *Shape:* ``(U,)``
    """
    if head == "regression":
        return (weights * (scores - gold) ** 2).sum(1) / 2
    if head == "exclusive":
        smooth = gold * (1 - smoothing) + gold.sum(1, keepdim=True) * smoothing / gold.shape[1]
        weight = (weights * gold).sum(1)
        return -weight * (smooth * torch.log_softmax(scores, dim=1)).sum(1)
    wanted = targets(head, gold) * (1 - smoothing) + smoothing / 2
    by_score = functional.binary_cross_entropy_with_logits(scores, wanted, reduction="none")
    if head == "ordinal":
        return (weights * gold).sum(1) * by_score.sum(1)
    return (weights * by_score).sum(1)
