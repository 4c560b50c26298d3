"""What is made of the scores of classes: probabilities, losses, a temperature."""

import math
from functools import partial
from typing import Any, List, Sequence, Tuple

from thinc.types import Floats2d
from thinc.util import to_numpy

from ..types import ClassifierModel, ClassScores
from .arrays import to_floats, to_torch, to_xp
from .threads import threads_for

PULL = 1.0  # as strong as one text
PRIOR = math.log(2.0)  # the standard deviation of the logarithm of all weights together
LOWEST, HIGHEST = 1e-3, 10.0  # weights of a branch


def probabilities(
    model: ClassifierModel, scores: ClassScores, weights: Sequence[float] = ()
) -> Floats2d:
    """The probability of each label, or for regression the numbers.

    weights (Sequence[float]): What each branch counts, see `fit_weights`; their mean without.
    RETURNS (Floats2d): *Shape:* ``(U, K)``
    """
    from ..nets import heads

    Z = to_torch(scores.branches)
    with threads_for(Z.shape[1]):
        mixed = weighted_sum(Z, weights) if len(weights) == len(Z) else Z.mean(0)
        return to_numpy(to_xp(heads.probabilities(model.attrs["head"], mixed)))


def weighted_sum(Z: Any, weights: Any) -> Any:
    """The weighted sum of branches. *Shapes:* ``(R, U, D)`` to ``(U, D)``"""
    return sum(weight * branch for weight, branch in zip(weights, Z))


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
    smoothing (float): Label smoothing of the net, 0 to 1. The n-grams, which learn little by
        heart, do better without.
    """
    from ..nets import heads

    texts = max(int(weights.any(axis=1).sum()), 1)
    Z = to_torch(scores.branches, requires_grad=True)
    Y, W = (to_floats(model.ops, x) for x in (gold, weights))
    losses = partial(heads.losses, model.attrs["head"], gold=Y, weights=W)
    total = losses(Z[0], smoothing=smoothing).sum()
    mean = (total + sum(losses(branch).sum() for branch in Z[1:])) / texts
    if bool(mean.isfinite()):
        mean.backward()
    gradient = to_xp(Z.grad if Z.grad is not None else Z.new_zeros(Z.shape))
    return float(mean.detach()) / len(Z), scores._replace(branches=gradient)


def rehearsal_loss(scores: ClassScores, target: ClassScores) -> Tuple[float, ClassScores]:
    """Mean over the texts of half the squared difference of the scores, and its gradient. Scores
    that the target does not have are left alone.
    """
    d = scores.branches * 0.0
    known = tuple(slice(n) for n in target.branches.shape)
    d[known] = scores.branches[known] - target.branches
    texts = max(d.shape[1], 1)
    return float((d**2).sum()) / (2 * texts), scores._replace(branches=d / texts)


def fit_weights(
    model: ClassifierModel, scores: ClassScores, gold: Floats2d, weights: Floats2d
) -> List[float]:
    """How much each branch should count, so that texts which training has not seen are the
    most probable. With one branch this is temperature scaling (Guo et al., 2017): its weight
    is 1 over the temperature. With several it also says whom to trust. A slight pull towards
    equal weights keeps a handful of texts from deciding that, and another towards what training
    left, give or take a factor of 2, from making the model certain.

    gold, weights (Floats2d): As in `loss`. *Shape:* ``(U, K)``
    RETURNS (List[float]): One weight for each branch.
    """
    import torch

    from ..nets import heads

    Z = to_torch(scores.branches)
    Y, W = (to_floats(model.ops, x) for x in (gold, weights))
    logs = torch.full((len(Z),), -math.log(len(Z)), requires_grad=True, device=Z.device)
    optimizer = torch.optim.LBFGS([logs], max_iter=50, line_search_fn="strong_wolfe")

    def log_loss() -> Any:
        optimizer.zero_grad()
        mixed = weighted_sum(Z, logs.exp())
        of_texts = heads.losses(model.attrs["head"], mixed, Y, W).sum()
        apart = PULL * (logs - logs.mean()).square().sum()
        scale = (logs.mean() + math.log(len(Z))) / PRIOR
        value = (of_texts + apart + scale.square() / 2) / len(Y)
        value.backward()
        return value

    optimizer.step(log_loss)
    return [float(weight) for weight in logs.detach().exp().clamp(LOWEST, HIGHEST)]


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
