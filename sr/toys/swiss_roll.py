"""Super-resolution of two numbers: MAE, MSE and the best-buddy loss on a Swiss roll (Beby-GAN, Fig. 2).

HR data are points y = (y1, y2) on a Swiss roll, the LR datum is x = (y1 + y2) / 2. Several arms of the roll
share an x, so an average of them lies between the arms. The paper gives the task and the test inputs
x = -7, ..., 7; the size of the roll, the network, its training and the loss's alpha and beta are unstated
and chosen here.

What comes out depends on beta. With beta = alpha, the paper's choice for images, the best-buddy loss is
no nearer to the roll than MAE, whose median lies on the middle arm where their number is odd. The larger
beta, the more often an estimate may settle on an arm; with beta = 5 alpha it comes out as in the figure.
"""

import math
from typing import Literal

import torch
from torch import nn
from torch.nn import functional

from sr.losses.best_buddy import best_buddies

LossName = Literal["mae", "mse", "best_buddy"]
INPUTS = torch.arange(-7.0, 8.0)

# Radius t at angle t: one and a half turns, whose x includes all test inputs.
_FIRST, _LAST = 1.5 * math.pi, 4.5 * math.pi
_BATCH, _HIDDEN, _LEARNING_RATE = 512, 128, 1e-3


def swiss_roll(loss: LossName, seed: int, steps: int, beta: float = 5.0) -> torch.Tensor:
    """Train a small network with `loss` for `steps` batches; its estimates (15 x 2) for x = -7, ..., 7.

    beta: that of the best-buddy loss, whose alpha is 1; the other losses have none.
    """
    random = torch.Generator().manual_seed(seed)
    network = _network(random)
    optimiser = torch.optim.Adam(network.parameters(), lr=_LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        truths = roll(_FIRST + (_LAST - _FIRST) * torch.rand(_BATCH, generator=random))
        estimates = network(truths.mean(dim=1, keepdim=True))
        optimiser.zero_grad()
        _loss(loss, estimates, truths, beta).backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        return network(INPUTS[:, None])


def curve(points: int) -> torch.Tensor:
    """The roll itself as that many points, from its inner end to its outer one (points x 2)."""
    return roll(torch.linspace(_FIRST, _LAST, points))


def roll(angles: torch.Tensor) -> torch.Tensor:
    """The points (t cos t, t sin t) for N angles t, N x 2."""
    return torch.stack([angles * angles.cos(), angles * angles.sin()], dim=1)


def distance_to_roll(points: torch.Tensor) -> torch.Tensor:
    """Distance of each of N x 2 points to the nearest point of the roll."""
    # By differences: cdist's product of many rows would round small distances away.
    distances = torch.cdist(points, curve(50_000), compute_mode="donot_use_mm_for_euclid_dist")
    return distances.amin(dim=1)


def _loss(name: LossName, estimates: torch.Tensor, truths: torch.Tensor, beta: float) -> torch.Tensor:
    if name == "mae":
        return functional.l1_loss(estimates, truths)
    if name == "mse":
        return functional.mse_loss(estimates, truths)
    # The batch stands for the image: its points are the candidates, each a patch of two values.
    buddies = best_buddies(estimates[None], truths[None], truths[None], alpha=1.0, beta=beta)
    return functional.l1_loss(estimates, buddies[0])


def _network(random: torch.Generator) -> nn.Sequential:
    """x to (y1, y2), with torch's usual initialisation drawn from `random`."""
    layers = [nn.Linear(1, _HIDDEN), nn.Linear(_HIDDEN, _HIDDEN), nn.Linear(_HIDDEN, 2)]
    for layer in layers:
        bound = 1 / math.sqrt(layer.in_features)
        nn.init.uniform_(layer.weight, -bound, bound, generator=random)
        nn.init.uniform_(layer.bias, -bound, bound, generator=random)
    return nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
