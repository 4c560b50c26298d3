"""One softmax a token: the labeller without a memory of its own decisions.

    p(y_t) = exp(emissions[t, y_t]) / sum_k exp(emissions[t, k])

With two tags of scores 0 and z this is the sigmoid of the classroom network,
p(inside) = 1 / (1 + exp(-z)).
"""

from torch import Tensor

from .packing import sequence_of_row
from .potentials import Potentials


def negative_log_likelihood(p: Potentials, allowed: Tensor) -> Tensor:
    """-log of the probability that each token's tag is among those allowed, summed
    over the document. A token that may carry every tag costs nothing.

    allowed (Tensor): Boolean. *Shape:* ``(N, K)``
    RETURNS (Tensor): One value a document, by falling length. *Shape:* ``(B,)``
    """
    emissions = p.emissions.double()
    gold = p.allow(allowed).emissions.double()
    nll = emissions.logsumexp(dim=1) - gold.logsumexp(dim=1)
    nll = nll.where(allowed.any(dim=1), 0.0)  # where nothing may stand there is nothing to learn
    documents = nll.new_zeros(int(p.batch_sizes[0]))
    rank = sequence_of_row(p.batch_sizes).to(nll.device)
    return documents.index_add(0, rank, nll)
