"""Draws the pictures of README.md from a finished demo run: `python docs/make_pictures.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from sr.images import read_image
from sr.project import root

# One detail of astronaut.png that shows edges and texture: top, left, side in HR pixels.
TOP, LEFT, SIDE = 20, 150, 160
IMAGE = "astronaut"
RUNS = "trained/demo/embedded_train/srgan"


def main() -> None:
    """Write docs/images/demo.png: the same detail from every source of the demo run."""
    results = root() / "results" / "reconstructions"
    panels = {
        "nearest": results / "baseline/nearest/embedded",
        "bicubic": results / "baseline/bicubic/embedded",
        "SRResNet (demo)": results / RUNS / "srresnet_mse/seed0/embedded",
        "SRGAN-VGG54 (demo)": results / RUNS / "srgan_vgg54/seed0/embedded",
        "original": root() / "data/benchmarks/embedded/HR",
    }
    figure, axes = plt.subplots(1, len(panels), figsize=(12, 2.7))
    for axis, (name, folder) in zip(axes, panels.items(), strict=True):
        detail = read_image(folder / f"{IMAGE}.png")[TOP : TOP + SIDE, LEFT : LEFT + SIDE]
        axis.imshow(detail, interpolation="nearest")
        axis.set_title(name, fontsize=10)
        axis.axis("off")
    figure.tight_layout()
    path = Path(__file__).parent / "images" / "demo.png"
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
