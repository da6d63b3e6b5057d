import re

import pytest
import yaml

from sr.errors import InputError
from sr.metrics.views import View
from sr.scoring.protocol import Protocol, load_protocol, protocol_file, sources

PAPERS = ("beby", "esrgan", "gmgan", "ldl", "srgan")


def leaves(value, prefix=""):
    """Dotted keys of all scalars of a YAML value; items of a list by their own name."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, f"{prefix}{key}.")]
    if isinstance(value, list):
        return [prefix + str(item) for item in value]
    return [prefix.rstrip(".")]


@pytest.mark.parametrize("paper", PAPERS)
def test_every_value_names_its_source(paper):
    settings = yaml.safe_load(protocol_file(paper).read_text())
    values = leaves({key: settings[key] for key in settings if key not in ("assumptions", "variants")})
    found = sources(paper)
    assert sorted(found) == sorted(values)
    for key, source in found.items():
        # A section, table, figure or page of the paper, its code, or an open choice with its reason.
        place = r"sec\. \d|Table \d|Fig\. \d|supplement|released code"
        reason = r"(unstated|not reported)[,;] \w+"
        assert re.match(f"({place}|{reason})", source), f"{paper}: {key} is sourced by '{source}'"


def test_a_value_without_a_comment_has_no_source(tmp_path, monkeypatch):
    path = tmp_path / "protocol.yaml"
    path.write_text('lpips:\n  backbone: alex   # sec. 1\n  version: "0.1"\n')
    monkeypatch.setattr("sr.scoring.protocol.protocol_file", lambda _paper: path)
    assert sources("any") == {"lpips.backbone": "sec. 1", "lpips.version": ""}


@pytest.mark.parametrize(
    ("paper", "reported"),
    [
        ("srgan", {"PSNR", "SSIM"}),
        ("esrgan", {"PI", "RMSE", "PSNR"}),
        ("beby", {"PSNR", "SSIM", "LPIPS", "PI", "NIQE"}),
        ("ldl", {"LPIPS", "DISTS", "FID", "PSNR", "SSIM"}),
        ("gmgan", {"PI", "SSIM", "PSNR"}),
    ],
)
def test_each_paper_reports_what_it_prints(paper, reported):
    assert set(load_protocol(paper).metrics) == reported


def test_what_was_settled_by_calibration():
    srgan, gmgan = load_protocol("srgan"), load_protocol("gmgan")
    assert (srgan.view, srgan.ssim) == (View("Y", True, 4, "as_stored"), "daala")
    assert (gmgan.view, gmgan.ssim) == (View("Y", False, 4, "as_rgb"), "wang")


def test_lpips_backbones():
    assert load_protocol("ldl").lpips.backbone == "alex"
    assert load_protocol("beby").lpips.backbone == "vgg"


def test_an_unknown_metric_is_refused_with_the_nearest_name(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"'DIST' is no metric; did you mean 'DISTS'"):
        faulty(tmp_path, monkeypatch, "  - DISTS", "  - DIST")


def faulty(tmp_path, monkeypatch, old, new):
    text = protocol_file("ldl").read_text()
    assert old in text
    path = tmp_path / "protocol.yaml"
    path.write_text(text.replace(old, new))
    monkeypatch.setattr("sr.scoring.protocol.protocol_file", lambda _paper: path)
    return load_protocol("ldl")


def test_a_typo_is_refused_with_the_nearest_key(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"protocol\.yaml: unknown key 'bordr'; did you mean 'border'"):
        faulty(tmp_path, monkeypatch, "border: 4", "bordr: 4")


def test_an_unknown_backbone_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"lpips\.backbone"):
        faulty(tmp_path, monkeypatch, "backbone: alex", "backbone: squeeze")


def test_a_metric_listed_twice_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="'metrics': a name appears twice"):
        faulty(tmp_path, monkeypatch, "  - DISTS", "  - LPIPS")


def test_an_unknown_paper_is_refused():
    with pytest.raises(InputError, match="did you mean 'srgan'"):
        load_protocol("srgn")


def test_protocols_are_immutable():
    with pytest.raises(Exception, match="frozen"):
        load_protocol("ldl").border = 0
    assert isinstance(load_protocol("ldl"), Protocol)
