"""From states to the scores of tags."""

from typing import Literal, Tuple

import torch
from torch import Tensor, nn

Decoding = Literal["crf", "softmax", "sigmoid"]


class Labeler(nn.Module):
    """y_t = W_hy h_t + b_y, and for a CRF the scores of one tag after another.

    Everything starts at zero, so that an untrained labeller has no opinion; the first
    tag, O, wins all ties.

    nI (int): Width of the states.
    nO (int): Number of tags, O first.
    decoding (str): ``crf`` learns transitions; ``softmax`` scores each token alone;
        ``sigmoid`` has one output, the score of the second of two tags.
    """

    def __init__(self, nI: int, nO: int, *, decoding: Decoding = "crf"):
        super().__init__()
        self.nI = nI
        self.nO = nO
        self.decoding = decoding
        self.output = nn.Linear(nI, 1 if decoding == "sigmoid" else nO)
        self.transitions = nn.Parameter(torch.zeros(nO, nO))
        self.start = nn.Parameter(torch.zeros(nO))
        self.end = nn.Parameter(torch.zeros(nO))
        for weights in (self.transitions, self.start, self.end):
            weights.requires_grad_(decoding == "crf")
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, X: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
        """Score the tags.

        X (Tensor): States, one row a token. *Shape:* ``(N, nI)``
        RETURNS (Tuple[Tensor, Tensor, Tensor, Tensor]): Emissions, transitions, start
            and end. *Shapes:* ``(N, nO), (nO, nO), (nO,), (nO,)``
        """
        emissions = self.output(X).float()
        if self.decoding == "sigmoid":
            emissions = torch.cat([torch.zeros_like(emissions), emissions], dim=1)
        # Times 1: numbers of their own, and not the weights, which the next step moves
        return emissions, self.transitions * 1, self.start * 1, self.end * 1
