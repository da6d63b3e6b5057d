"""ESRGAN's step as a plain training script writes it: float32, eager, one operation after the other.

It is what the engine in `sr.training` is measured against, for speed (`benchmarks.gpu`) and for values
(tests/benchmarks). Nothing here is slowed down on purpose: the frozen discriminator collects no gradients,
nothing is judged twice, and the host does not wait for the device.
"""

import torch
from torch import nn
from torch.nn import functional

from sr.recipes.recipe import Recipe


class EagerESRGAN:
    """Networks, optimisers and one step of the recipe `esrgan/esrgan`, from given weights.

    features: the frozen perceptual network. Images come N x 3 x H x W in [0, 1], on the device.
    """

    def __init__(self, recipe: Recipe, features: torch.nn.Module, seed: int, device: torch.device) -> None:
        assert recipe.discriminator is not None
        assert recipe.losses.perceptual is not None
        torch.manual_seed(seed)
        self.generator = recipe.generator.build().to(device)
        self.discriminator = recipe.discriminator.build(recipe.patch).to(device)
        self.features = features.to(device)
        self.weights = recipe.losses.weights()
        self.factors = list(recipe.losses.perceptual.layers.values())
        rate, betas = recipe.optimiser.learning_rate, recipe.optimiser.betas
        self.optimisers = [
            torch.optim.Adam(network.parameters(), lr=rate, betas=betas)
            for network in (self.generator, self.discriminator)
        ]

    def step(self, lr: torch.Tensor, hr: torch.Tensor) -> dict[str, torch.Tensor]:
        """One update of each network; returns the unweighted terms."""
        first, second = self.optimisers
        self.discriminator.requires_grad_(False)
        first.zero_grad()
        sr = self.generator(lr)
        terms = {
            "l1": functional.l1_loss(sr, hr),
            "perceptual": self._perceptual(sr, hr),
            "relativistic_gan": _game(self.discriminator, truth=sr, other=hr),
        }
        sum(self.weights[name] * term for name, term in terms.items()).backward()
        first.step()
        self.discriminator.requires_grad_(True)
        second.zero_grad()
        judged = _game(self.discriminator, truth=hr, other=sr.detach(), truth_first=True)
        judged.backward()
        second.step()
        return {name: term.detach() for name, term in terms.items()} | {"discriminator": judged.detach()}

    def _perceptual(self, sr: torch.Tensor, hr: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            targets = self.features(hr)
        outputs = self.features(sr)
        distances = map(functional.l1_loss, outputs, targets)
        return sum(factor * distance for factor, distance in zip(self.factors, distances, strict=True))


def _game(
    discriminator: nn.Module, truth: torch.Tensor, other: torch.Tensor, *, truth_first: bool = False
) -> torch.Tensor:
    """ESRGAN, Eq. 1 and 2, by cross-entropy: `truth` should seem real, `other` should not.

    truth_first: judged first; the order decides what batch normalisation remembers, no value of the loss.
    """
    if truth_first:
        for_truth, for_other = discriminator(truth), discriminator(other)
    else:
        for_other, for_truth = discriminator(other), discriminator(truth)
    real, fake = torch.ones_like(for_truth), torch.zeros_like(for_other)
    cross_entropy = functional.binary_cross_entropy_with_logits
    return cross_entropy(for_truth - for_other.mean(), real) + cross_entropy(
        for_other - for_truth.mean(), fake
    )
