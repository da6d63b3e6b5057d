"""The `lpips` package's own forward pass, with given weights of the backbone."""

import re
import warnings
from collections.abc import Mapping

import torch

from sr.images import Pixels


def package(backbone: str, version: str, weights: Mapping[str, torch.Tensor]) -> torch.nn.Module:
    """The package's network. weights: by torchvision's names; its own are others (net.slice2.5.weight)."""
    import lpips

    with warnings.catch_warnings():
        # It still calls torchvision by its old argument names.
        warnings.filterwarnings("ignore", category=UserWarning, module="torchvision.models")
        network: torch.nn.Module = lpips.LPIPS(net=backbone, version=version, pnet_rand=True, verbose=False)
    named = {key: re.sub(r"slice\d", "features", key) for key in network.net.state_dict()}
    network.net.load_state_dict({key: weights[name] for key, name in named.items()})
    return network


def package_score(network: torch.nn.Module, sr: Pixels, hr: Pixels) -> float:
    """LPIPS of two RGB images."""

    def scaled(pixels: Pixels) -> torch.Tensor:
        return torch.from_numpy(pixels / 127.5 - 1.0).float().permute(2, 0, 1)[None]

    with torch.no_grad():
        return network(scaled(sr), scaled(hr)).item()
