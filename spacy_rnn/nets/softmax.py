"""One softmax a token: the labeller without a memory of its own decisions.

    p(y_t) = exp(emissions[t, y_t]) / sum_k exp(emissions[t, k])

With two tags of scores 0 and z this is the sigmoid of the classroom network,
p(inside) = 1 / (1 + exp(-z)).
"""

from torch import Tensor

from .packing import sequence_of_row
from .potentials import NEVER, Potentials


def negative_log_likelihood(p: Potentials, allowed: Tensor, smoothing: float = 0.0) -> Tensor:
    """-log of the probability that each token's tag is among those allowed, summed
    over the document. A token that may carry every tag costs nothing.

    allowed (Tensor): Boolean. *Shape:* ``(N, K)``
    smoothing (float): Label smoothing: see `smoothing_cost`.
    RETURNS (Tensor): One value a document, by falling length. *Shape:* ``(B,)``
    """
    emissions = p.emissions.double()
    gold = p.allow(allowed).emissions.double()
    nll = emissions.logsumexp(dim=1) - gold.logsumexp(dim=1)
    if smoothing:
        nll = nll + smoothing * smoothing_cost(emissions, allowed)
    nll = nll.where(allowed.any(dim=1), 0.0)  # where nothing may stand there is nothing to learn
    documents = nll.new_zeros(int(p.batch_sizes[0]))
    rank = sequence_of_row(p.batch_sizes).to(nll.device)
    return documents.index_add(0, rank, nll)


def smoothing_cost(emissions: Tensor, allowed: Tensor) -> Tensor:
    """What it costs if the true tag gives a share of its probability to the others, all alike
    (Szegedy et al., 2016): for the share s the targets are 1 - s and s / (K - 1), so the
    cross-entropy is that of the true tag and s times its lead over the others' mean.

    emissions (Tensor): -inf for a tag that is not read. *Shape:* ``(N, K)``
    allowed (Tensor): Boolean; 0 where more than one tag may be true. *Shape:* ``(N, K)``
    RETURNS (Tensor): The lead. *Shape:* ``(N,)``
    """
    others = ~allowed & (emissions != NEVER)
    mean = emissions.masked_fill(~others, 0.0).sum(1) / others.sum(1).clamp(min=1)
    lead = emissions.masked_fill(~allowed, 0.0).sum(1) - mean
    return lead.where((allowed.sum(1) == 1) & others.any(1), 0.0)
