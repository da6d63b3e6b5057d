"""Public names, against the key lists of the public repositories."""

import pytest
import torch

from sr.errors import InputError
from sr.weights.naming import NAMINGS, naming, to_ours
from tests.weights.small_generators import SETTINGS, small

# One key of each kind, as SOURCES and the repositories' code give them, for a network of two blocks.
EXAMPLES = {
    ("esrgan", "rrdb"): {
        "conv_first.weight": "conv_first.weight",
        "body.1.rdb3.conv5.bias": "RRDB_trunk.1.RDB3.conv5.bias",
        "conv_body.weight": "trunk_conv.weight",
        "conv_up2.bias": "upconv2.bias",
        "conv_hr.weight": "HRconv.weight",
        "conv_last.bias": "conv_last.bias",
    },
    ("oldest", "rrdb"): {
        "conv_first.weight": "model.0.weight",
        "body.1.rdb3.conv5.bias": "model.1.sub.1.RDB3.conv5.0.bias",
        "conv_body.weight": "model.1.sub.2.weight",
        "conv_up1.bias": "model.3.bias",
        "conv_up2.bias": "model.6.bias",
        "conv_hr.weight": "model.8.weight",
        "conv_last.bias": "model.10.bias",
    },
    ("mmagic", "rrdb"): {"body.1.rdb3.conv5.bias": "generator.body.1.rdb3.conv5.bias"},
    ("mmsr", "msrresnet"): {
        "body.1.conv2.weight": "recon_trunk.1.conv2.weight",
        "upconv1.bias": "upconv1.bias",
        "conv_hr.weight": "HRconv.weight",
    },
    ("mmagic", "msrresnet"): {
        "body.1.conv2.weight": "generator.trunk_net.1.conv2.weight",
        "upconv2.bias": "generator.upsample2.upsample_conv.bias",
        "conv_hr.weight": "generator.conv_hr.weight",
    },
    ("basicsr", "rrdb"): {"body.1.rdb3.conv5.bias": "body.1.rdb3.conv5.bias"},
    ("basicsr", "msrresnet"): {"upconv2.bias": "upconv2.bias"},
    ("basicsr", "swinir"): {
        "layers.1.residual_group.blocks.0.attn.qkv.weight": "layers.1.residual_group.blocks.0.attn.qkv.weight"
    },
    ("mmagic", "swinir"): {"conv_after_body.bias": "generator.conv_after_body.bias"},
}
WRAPPERS = {"basicsr": "params", "mmagic": "state_dict"}


def test_every_naming_has_its_example() -> None:
    assert {(n.name, n.network) for n in NAMINGS} == EXAMPLES.keys()


@pytest.mark.parametrize(("name", "network"), EXAMPLES)
def test_names_are_those_of_the_public_files(name: str, network: str) -> None:
    weights = small(network).state_dict()
    written = naming(name, network).to_public(weights, 2)
    if name in WRAPPERS:
        assert written.keys() == {WRAPPERS[name]}
        written = written[WRAPPERS[name]]
    for ours, theirs in EXAMPLES[name, network].items():
        assert torch.equal(written[theirs], weights[ours])
    assert len(written) == len(weights)


@pytest.mark.parametrize(("name", "network"), EXAMPLES)
def test_every_naming_comes_back(name: str, network: str) -> None:
    weights = small(network).state_dict()
    style = naming(name, network)
    written = style.to_public(weights, SETTINGS[network].blocks)
    written = written[style.wrapper] if style.wrapper else written
    back = to_ours({key.removeprefix(style.prefix): value for key, value in written.items()})
    assert back.keys() == weights.keys()
    assert all(torch.equal(back[key], weights[key]) for key in weights)


def test_derived_tables_go() -> None:
    tables = {"layers.0.residual_group.blocks.1.attn_mask": torch.zeros(1)}
    assert to_ours({"conv_first.bias": torch.zeros(1), **tables}).keys() == {"conv_first.bias"}


def test_only_swinirs_own_table_of_positions_goes() -> None:
    key = "layers.0.residual_group.blocks.0.attn.relative_position_index"
    # A window of 2 x 2: the offset (down, right) between two pixels is row 3 (down + 1) + right + 1.
    swinir = torch.tensor([[4, 3, 1, 0], [5, 4, 2, 1], [7, 6, 4, 3], [8, 7, 5, 4]])
    assert to_ours({key: swinir}) == {}
    with pytest.raises(InputError, match=f"{key}: orders relative positions otherwise"):
        to_ours({key: swinir.T})


def test_unknown_namings_are_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'oldest'"):
        naming("oldst", "rrdb")
    with pytest.raises(InputError, match="no public weights of srresnet"):
        naming("basicsr", "srresnet")
