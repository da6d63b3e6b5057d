"""VGG features carry the papers' names and torchvision's positions."""

import pytest
import torch

from sr.errors import InputError
from sr.networks.vgg import VGGFeatures, convolution_positions

# From torchvision's configurations D and E: position of the convolution in `features`.
KNOWN = {
    "vgg16": {"conv1_1": 0, "conv2_2": 7, "conv3_3": 14, "conv5_3": 28},
    "vgg19": {"conv1_2": 2, "conv2_2": 7, "conv3_4": 16, "conv4_4": 25, "conv5_4": 34},
}


@pytest.mark.parametrize("network", ["vgg16", "vgg19"])
def test_positions(network: str) -> None:
    positions = convolution_positions(network)
    assert {name: positions[name] for name in KNOWN[network]} == KNOWN[network]
    assert len(positions) == int(network.removeprefix("vgg")) - 3


@pytest.mark.parametrize("network", ["vgg16", "vgg19"])
def test_equals_torchvision(network: str) -> None:
    models = pytest.importorskip("torchvision.models")
    torch.manual_seed(0)
    reference = getattr(models, network)(weights=None).eval()
    last = "conv5_3" if network == "vgg16" else "conv5_4"
    weights = reference.state_dict()
    images = torch.rand(1, 3, 64, 48)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    with torch.no_grad():
        for before in (True, False):
            network_here = VGGFeatures(network, ["conv2_2", last], before_activation=before).load(weights)
            position = KNOWN[network][last] + (1 if before else 2)
            wanted = reference.features[:position]((images - mean) / deviation)
            shallow, deep = network_here(images)
            assert torch.allclose(deep, wanted, atol=1e-6)
            assert shallow.shape == (1, 128, 32, 24)
            # An activation done in place would change the features that were asked for.
            assert (shallow.min() < 0) == before


def test_order_follows_the_request_and_weights_are_frozen() -> None:
    models = pytest.importorskip("torchvision.models")
    weights = models.vgg16(weights=None).state_dict()
    features = VGGFeatures("vgg16", ["conv3_1", "conv1_1"], before_activation=False).load(weights)
    with torch.no_grad():
        assert [maps.shape[1] for maps in features(torch.rand(1, 3, 32, 32))] == [256, 64]
    assert not any(parameter.requires_grad for parameter in features.parameters())


def test_refuses_unknown_layers_and_missing_weights() -> None:
    with pytest.raises(InputError, match="vgg16 has no conv5_4"):
        VGGFeatures("vgg16", ["conv5_4"], before_activation=False)
    with pytest.raises(InputError, match=r"lack features.0.weight"):
        VGGFeatures("vgg16", ["conv1_1"], before_activation=False).load({})
