"""VGG features (Simonyan and Zisserman 2015) named as the papers name them: conv5_4 is phi_5,4."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from sr.errors import InputError

# Convolutions in each of the five blocks; a 2x2 max pooling follows every block.
BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
_CHANNELS = (64, 128, 256, 512, 512)
_MEAN = (0.485, 0.456, 0.406)
_STANDARD_DEVIATION = (0.229, 0.224, 0.225)


class VGGFeatures(nn.Module):
    """Images N x 3 x H x W in [0, 1] to a list of feature maps, one for each of `layers`, in their order.

    network: `vgg16` or `vgg19`. layers: names such as `conv5_4`, the fourth convolution of block 5.
    before_activation: features before (ESRGAN) or after (SRGAN) the rectifier.
    Weights carry torchvision's names (`features.N.weight`) and expect ImageNet's mean and deviation.
    Raises InputError for a layer the network has not.
    """

    mean: torch.Tensor
    standard_deviation: torch.Tensor

    def __init__(self, network: str, layers: Sequence[str], *, before_activation: bool) -> None:
        super().__init__()
        positions = convolution_positions(network)
        for layer in layers:
            if layer not in positions:
                raise InputError(f"layers: {network} has no {layer}; it has {', '.join(positions)}.")
        # After the activation means one position further: each convolution is followed by its ReLU.
        wanted = [positions[layer] + (0 if before_activation else 1) for layer in layers]
        self.wanted = wanted
        self.features = _layers(network)[: max(wanted) + 1]
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer(
            "standard_deviation", torch.tensor(_STANDARD_DEVIATION).view(1, 3, 1, 1), persistent=False
        )

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        features = (images - self.mean) / self.standard_deviation
        collected: dict[int, torch.Tensor] = {}
        for position, layer in enumerate(self.features):
            features = layer(features)
            if position in self.wanted:
                collected[position] = features
        return [collected[position] for position in self.wanted]

    def load(self, weights: Mapping[str, torch.Tensor]) -> "VGGFeatures":
        """Take pretrained convolution weights, freeze the network and return it."""
        names = self.state_dict().keys()
        missing = [name for name in names if name not in weights]
        if missing:
            raise InputError(f"VGG weights lack {missing[0]}; fetch them again with `sr assets fetch`.")
        self.load_state_dict({name: weights[name] for name in names})
        return self.requires_grad_(False).eval()


def convolution_positions(network: str) -> dict[str, int]:
    """Position of every convolution in torchvision's `features`, by the papers' names."""
    positions, position = {}, 0
    for block, count in enumerate(BLOCKS[network], start=1):
        for number in range(1, count + 1):
            positions[f"conv{block}_{number}"] = position
            position += 2
        position += 1
    return positions


def _layers(network: str) -> nn.Sequential:
    layers: list[nn.Module] = []
    inputs = 3
    for count, channels in zip(BLOCKS[network], _CHANNELS, strict=True):
        for _ in range(count):
            layers += [nn.Conv2d(inputs, channels, 3, padding=1), nn.ReLU()]
            inputs = channels
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)
