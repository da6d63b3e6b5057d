"""SRResNet against the paper's description: shapes, sizes, skips."""

import pytest
import torch

from sr.networks.srresnet import SRResNet, SRResNetSettings


def build(**changes: object) -> SRResNet:
    settings = {
        "network": "srresnet",
        "blocks": 2,
        "channels": 8,
        "kernel": 9,
        "long_skip": True,
        "batch_normalisation": True,
        "prelu": "channel",
    }
    return SRResNetSettings.model_validate(settings | changes).build()


def count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(("height", "width"), [(1, 1), (5, 7), (1, 9)])
@pytest.mark.parametrize("normalised", [True, False])
def test_enlarges_by_four(height: int, width: int, normalised: bool) -> None:
    network = build(batch_normalisation=normalised).eval()
    with torch.no_grad():
        assert network(torch.rand(2, 3, height, width)).shape == (2, 3, 4 * height, 4 * width)


@pytest.mark.parametrize(("prelu", "slopes"), [("channel", 64), ("layer", 1)])
def test_parameters_of_the_papers_network(prelu: str, slopes: int) -> None:
    """Counted from Fig. 4: k9n64, 16 x (2 x k3n64 + 2 BN + PReLU), k3n64 + BN, 2 x k3n256, k9n3."""
    head = 3 * 64 * 81 + 64 + slopes
    block = 2 * (64 * 64 * 9 + 2 * 64) + slopes
    after = 64 * 64 * 9 + 2 * 64
    upsampling = 2 * (64 * 256 * 9 + 256 + slopes)
    tail = 64 * 3 * 81 + 3
    network = build(blocks=16, channels=64, prelu=prelu)
    assert count(network) == head + 16 * block + after + upsampling + tail


def test_long_skip_adds_the_shallow_features() -> None:
    torch.manual_seed(0)
    network = build().eval()
    with torch.no_grad():
        for parameter in network.body[-1].parameters():
            parameter.zero_()  # the last normalisation now returns zero: only the skip is left
        lr = torch.rand(1, 3, 6, 6)
        assert torch.allclose(network(lr), (network.tail(network.head(lr)) + 1) / 2)
        network.long_skip = False
        assert torch.allclose(network(lr), (network.tail(torch.zeros(1, 8, 6, 6)) + 1) / 2)


def test_no_bias_before_normalisation() -> None:
    for name, _ in build().body.named_parameters():
        module = build().body.get_submodule(name.rpartition(".")[0])
        assert not (isinstance(module, torch.nn.Conv2d) and name.endswith("bias"))


def test_without_normalisation_convolutions_have_biases() -> None:
    normalised, plain = (build(blocks=16, channels=64, batch_normalisation=on) for on in (True, False))
    # 33 normalisations with two parameters a channel go, 33 biases come.
    assert count(normalised) - count(plain) == 33 * 64
    assert not [m for m in plain.modules() if isinstance(m, torch.nn.BatchNorm2d)]


@pytest.mark.parametrize("kernel", [3, 5, 9])
def test_kernel_keeps_the_size(kernel: int) -> None:
    with torch.no_grad():
        assert build(kernel=kernel)(torch.rand(1, 3, 4, 4)).shape == (1, 3, 16, 16)
