"""SwinIR against naive attention, its description and another project's reader of public weights."""

from math import exp, nan, sqrt
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from sr.networks.swinir import SwinIR, SwinIRSettings, SwinLayer, WindowAttention, shift_mask


def settings(**changes: int) -> SwinIRSettings:
    shape = {
        "groups": 2,
        "blocks": 2,
        "channels": 12,
        "heads": 2,
        "window": 4,
        "mlp_ratio": 2,
        "tail_channels": 64,
    }
    return SwinIRSettings.model_validate({"network": "swinir"} | shape | changes)


def random(network: torch.nn.Module, deviation: float = 0.1) -> Any:
    """Weights large enough for every layer to matter."""
    draws = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(deviation * torch.randn(parameter.shape, generator=draws))
    return network.eval()


def test_parameters_of_the_public_network() -> None:
    """The paper's 11.9 million."""
    with torch.device("meta"):
        network = settings(groups=6, blocks=6, channels=180, heads=6, window=8, tail_channels=64).build()
    assert sum(parameter.numel() for parameter in network.parameters()) == 11_900_199


def test_keys_of_the_public_network() -> None:
    """Without the two tables that follow from the settings."""
    layer = ["norm1.weight", "norm1.bias", "attn.relative_position_bias_table"]
    layer += [f"{name}.{part}" for name in ("attn.qkv", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2")
              for part in ("weight", "bias")]  # fmt: skip
    expected = {f"layers.{g}.residual_group.blocks.{b}.{k}" for g in (0, 1) for b in (0, 1) for k in layer}
    modules = ["layers.0.conv", "layers.1.conv", "conv_first", "patch_embed.norm", "norm", "conv_after_body"]
    modules += ["conv_before_upsample.0", "upsample.0", "upsample.2", "conv_last"]
    expected |= {f"{module}.{part}" for module in modules for part in ("weight", "bias")}
    assert settings().build().state_dict().keys() == expected


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 9), (8, 4), (13, 18)])
def test_enlarges_by_four(height: int, width: int) -> None:
    network = random(settings().build())
    lr = torch.rand(2, 3, height, width)
    with torch.no_grad():
        sr = network(lr)
        assert sr.shape == (2, 3, 4 * height, 4 * width)
        features = network.deep_features(lr)
        assert features.shape[:2] == (2, 12)
        assert torch.equal(network.reconstruct(features)[:, :, : 4 * height, : 4 * width], sr)


def attended(attention: WindowAttention, tokens: list[Any], heads: int, side: int) -> torch.Tensor:
    """Softmax attention with a bias for each relative position, number by number."""
    channels = len(tokens[0])
    width = channels // heads
    weight, bias = attention.qkv.weight, attention.qkv.bias
    projected = [[float(weight[row] @ token + bias[row]) for row in range(3 * channels)] for token in tokens]
    table = attention.relative_position_bias_table
    result = torch.zeros(len(tokens), channels)
    for head in range(heads):
        first = head * width
        for i, here in enumerate(projected):
            scores = []
            for j, there in enumerate(projected):
                product = sum(here[first + c] * there[channels + first + c] for c in range(width))
                down, right = i // side - j // side, i % side - j % side
                place = (down + side - 1) * (2 * side - 1) + right + side - 1
                scores.append(exp(product / sqrt(width) + float(table[place, head])))
            for c in range(width):
                values = (there[2 * channels + first + c] for there in projected)
                result[i, first + c] = sum(s * v for s, v in zip(scores, values, strict=True)) / sum(scores)
    return result @ attention.proj.weight.T + attention.proj.bias


def test_attention_within_one_window_is_the_naive_one() -> None:
    attention = random(WindowAttention(settings(window=3)), 0.5)
    tokens = torch.randn(1, 3, 3, 12, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = attended(attention, list(tokens.view(9, 12)), heads=2, side=3)
        torch.testing.assert_close(attention(tokens, None).view(9, 12), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("shift", "together"),
    [
        (0, [(0, 0), (3, 3)]),
        # Windows begin at 2: a pixel at 3 sees 2 to 5, and one at the border its own corner alone.
        (2, [(2, 2), (5, 5)]),
    ],
)
def test_a_pixel_sees_its_window_alone(shift: int, together: list[tuple[int, int]]) -> None:
    layer = random(SwinLayer(settings(), shift), 0.3)
    tokens = torch.randn(1, 8, 8, 12, generator=torch.Generator().manual_seed(2))
    changed = tokens.clone()
    changed[0, 3, 3, 0] += 1.0
    mask = shift_mask(8, 8, 4, tokens.device)
    with torch.no_grad():
        touched = ((layer(changed, mask) - layer(tokens, mask)).abs().amax(dim=-1)[0] > 1e-6).nonzero()
    corners = [tuple(touched.min(dim=0).values.tolist()), tuple(touched.max(dim=0).values.tolist())]
    assert corners == together


@pytest.mark.parametrize(("size", "visible"), [(8, 2), (4, 2)])
def test_a_shift_does_not_join_opposite_borders(size: int, visible: int) -> None:
    """Also in an image of one window, as in networks built for larger images."""
    layer = random(SwinLayer(settings(), 2), 0.3)
    tokens = torch.randn(1, size, size, 12, generator=torch.Generator().manual_seed(3))
    changed = tokens.clone()
    changed[0, 0, 0, 0] += 1.0
    mask = shift_mask(size, size, 4, tokens.device)
    with torch.no_grad():
        touched = ((layer(changed, mask) - layer(tokens, mask)).abs().amax(dim=-1)[0] > 1e-6).nonzero()
    assert touched.max().item() == visible - 1
    assert len(touched) == visible**2


@pytest.fixture
def pair() -> tuple[SwinIR, torch.nn.Module]:
    """One of ours, and what another project reads from its weights as a file would hold them."""
    spandrel = pytest.importorskip("spandrel")
    network = random(settings().build())
    tables = {
        f"{name}.relative_position_index": module.relative_position_index
        for name, module in network.named_modules()
        if isinstance(module, WindowAttention)
    }
    # Its masks for images of 16 x 16 stand in the file; for any other size it computes them itself.
    masks = {f"layers.{g}.residual_group.blocks.1.attn_mask": torch.full((16, 16, 16), nan) for g in (0, 1)}
    public = {"params": dict(network.state_dict()) | tables | masks}
    other = spandrel.ModelLoader().load_from_state_dict(public)
    assert (other.architecture.id, other.scale) == ("SwinIR", 4)
    return network, other.model.eval()


# The last three are mirrored to a multiple of the window, as the public network's own forward does.
@pytest.mark.parametrize("size", [(4, 4), (4, 12), (8, 12), (24, 20), (9, 12), (6, 15), (4, 7)])
def test_another_project_reads_the_same_network(
    pair: tuple[SwinIR, torch.nn.Module], size: tuple[int, int]
) -> None:
    ours, theirs = pair
    lr = torch.rand(1, 3, *size)
    with torch.no_grad():
        torch.testing.assert_close(ours(lr), theirs(lr), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("size", "indices"), [(1, [0, 0, 0, 0]), (2, [0, 1, 0, 1]), (3, [0, 1, 2, 1])])
def test_tiny_images_are_mirrored_as_often_as_it_takes(size: int, indices: list[int]) -> None:
    network = random(settings().build())
    lr = torch.rand(1, 3, size, 4)
    with torch.no_grad():
        expected = network(lr[:, :, indices])[:, :, : 4 * size]
        torch.testing.assert_close(network(lr), expected, rtol=1e-5, atol=1e-5)


def test_heads_share_the_channels() -> None:
    with pytest.raises(ValidationError, match=r"channels \(12\) must be a multiple of heads \(5\)"):
        settings(heads=5)
