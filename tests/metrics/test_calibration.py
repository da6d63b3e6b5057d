"""The 26 printed cells that need no training: nearest and bicubic in SRGAN and GMGAN.

They prove that degradation, colour, border, grey images and SSIM are the papers'.
"""

import numpy as np
import pytest

from sr.degradation import downscale, upscale
from sr.images import crop_to_multiple, image_files, read_image
from sr.metrics.known import metric
from sr.scoring.protocol import load_protocol

FOLDERS = {
    "Set5": "benchmark/Set5/HR",
    "Set14": "benchmark/Set14/HR",
    "BSD100": "BSDS500/data/images/val",
}
BASELINES = {
    "nearest": lambda lr: lr.repeat(4, axis=0).repeat(4, axis=1),
    "bicubic": lambda lr: upscale(lr, 4),
}
PSNR_TOLERANCE, SSIM_TOLERANCE = 0.02, 0.0015

SRGAN_TABLE_2 = [  # method, PSNR, SSIM on Set5, Set14, BSD100
    ("nearest", {"Set5": (26.26, 0.7552), "Set14": (24.64, 0.7100), "BSD100": (25.02, 0.6606)}),
    ("bicubic", {"Set5": (28.43, 0.8211), "Set14": (25.99, 0.7486), "BSD100": (25.94, 0.6935)}),
]
# Set14's printed SSIM, 0.7163, comes out under no convention; every other paper prints about 0.703.
GMGAN_TABLE_1 = {"Set5": (28.42, 0.8111), "Set14": (26.10, None), "BSD100": (25.96, 0.6681)}
GMGAN_FIGURE_5 = {
    "219090": (25.26, 0.7005),
    "8023": (28.50, 0.8291),
    "296059": (29.45, 0.7398),
    "101087": (27.10, 0.7608),
}


def scores(mirror, paper, baseline, dataset, only=None):
    """PSNR and SSIM of each image of a baseline under a paper's protocol."""
    protocol = load_protocol(paper)
    metrics = [metric(name).build(protocol, None) for name in ("PSNR", "SSIM")]
    rows = []
    for path in image_files(mirror / FOLDERS[dataset]):
        if only is None or path.stem in only:
            hr = crop_to_multiple(read_image(path), 4)
            sr = BASELINES[baseline](downscale(hr, 4))
            rows.append([one.score(sr, one.reference(hr)) for one in metrics])
    return np.array(rows)


def check(found, printed):
    psnr, ssim = printed
    assert found[0] == pytest.approx(psnr, abs=PSNR_TOLERANCE)
    if ssim is not None:
        assert found[1] == pytest.approx(ssim, abs=SSIM_TOLERANCE)


DATASETS = ["Set5", "Set14", pytest.param("BSD100", marks=pytest.mark.slow)]


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize(("baseline", "printed"), SRGAN_TABLE_2)
def test_srgan_table_2(mirror, baseline, printed, dataset):
    check(scores(mirror, "srgan", baseline, dataset).mean(axis=0), printed[dataset])


@pytest.mark.parametrize("dataset", DATASETS)
def test_gmgan_table_1(mirror, dataset):
    check(scores(mirror, "gmgan", "bicubic", dataset).mean(axis=0), GMGAN_TABLE_1[dataset])


def test_gmgan_set14_ssim_is_the_fields_and_not_the_printed_one(mirror):
    ssim = scores(mirror, "gmgan", "bicubic", "Set14")[:, 1].mean()
    assert ssim == pytest.approx(0.703, abs=0.003)
    assert abs(ssim - 0.7163) > 0.01


@pytest.mark.parametrize("image", GMGAN_FIGURE_5)
def test_gmgan_figure_5(mirror, image):
    (found,) = scores(mirror, "gmgan", "bicubic", "BSD100", only=[image])
    check(found, GMGAN_FIGURE_5[image])
