"""What is made of the scores of classes: probabilities, losses, a temperature."""

import math
from functools import partial
from typing import List, Tuple

from thinc.types import Floats2d
from thinc.util import to_numpy

from ..types import ClassifierModel, ClassScores
from .posterior import LOG_T, minimize
from .shim import to_torch, to_xp


def probabilities(
    model: ClassifierModel, scores: ClassScores, temperature: float = 1.0
) -> Floats2d:
    """The probability of each label, or for regression the numbers. *Shape:* ``(U, K)``"""
    from ..nets import heads

    mean = to_torch(scores.branches).mean(0)
    return to_numpy(to_xp(heads.probabilities(model.attrs["head"], mean, temperature)))


def loss(
    model: ClassifierModel,
    scores: ClassScores,
    gold: Floats2d,
    weights: Floats2d,
    smoothing: float = 0.0,
) -> Tuple[float, ClassScores]:
    """Mean loss of the texts that are annotated, each branch for itself, and its gradient. If
    it is NaN or infinite, the gradient is zero, so that no layer below learns from it.

    gold (Floats2d): The labels, 0 to 1, or numbers. *Shape:* ``(U, K)``
    weights (Floats2d): How much each counts, 0 where it is not known. *Shape:* ``(U, K)``
    smoothing (float): Label smoothing, 0 to 1.
    """
    from ..nets import heads

    texts = max(int(weights.any(axis=1).sum()), 1)
    Z = to_torch(scores.branches, requires_grad=True)
    Y, W = (to_torch(model.ops.asarray(x, dtype="f")) for x in (gold, weights))
    of_branch = partial(heads.losses, model.attrs["head"], gold=Y, weights=W, smoothing=smoothing)
    mean = sum(of_branch(branch).sum() for branch in Z) / texts
    if bool(mean.isfinite()):
        mean.backward()
    gradient = to_xp(Z.grad if Z.grad is not None else Z.new_zeros(Z.shape))
    return float(mean.detach()) / len(Z), scores._replace(branches=gradient)


def rehearsal_loss(scores: ClassScores, target: ClassScores) -> Tuple[float, ClassScores]:
    """Mean over the texts of the squared difference of the scores, and its gradient. Scores
    that the target does not have are left alone.
    """
    d = scores.branches * 0.0
    known = tuple(slice(n) for n in target.branches.shape)
    d[known] = scores.branches[known] - target.branches
    texts = max(d.shape[1], 1)
    return float((d**2).sum()) / texts, scores._replace(branches=d / texts)


def fit_temperature(
    model: ClassifierModel, scores: ClassScores, gold: Floats2d, weights: Floats2d
) -> float:
    """The temperature with which texts that training has not seen are the most probable (Guo
    et al., 2017). Which label comes first stays the same.

    gold, weights (Floats2d): As in `loss`. *Shape:* ``(U, K)``
    """
    from ..nets import heads

    mean = to_torch(scores.branches).mean(0)
    Y, W = (to_torch(model.ops.asarray(x, dtype="f")) for x in (gold, weights))

    def log_loss(log_t: float) -> float:
        of_text = heads.losses(model.attrs["head"], mean / math.exp(log_t), Y, W)
        return float(of_text.double().mean())

    return math.exp(minimize(log_loss, -LOG_T, LOG_T))


def set_numbers(model: ClassifierModel, gold: Floats2d, known: Floats2d) -> List[float]:
    """Let the net begin with the mean of the numbers that it will predict, and learn on their
    scale.

    RETURNS (List[float]): The lowest and the highest number of the first label.
    """
    net = model.shims[0].module
    for k in range(gold.shape[1]):
        numbers = gold[known[:, k] > 0, k]
        if len(numbers):
            net.shift[k], net.scale[k] = float(numbers.mean()), float(numbers.std()) or 1.0
    numbers = gold[known[:, 0] > 0, 0]
    return [float(numbers.min()), float(numbers.max())] if len(numbers) else [0.0, 0.0]
