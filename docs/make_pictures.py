"""Draws the pictures of README.md from a finished run: `python docs/make_pictures.py [RESULTS]`.

page.png and viewer.png are photographs of the report in Chromium (packages chromium and chromium-driver),
demo.png is one detail from several sources.
"""

import base64
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from selenium import webdriver

from sr.files import write_bytes
from sr.images import read_image
from sr.project import root

WIDTH, HEIGHT = 1200, 760
# What the viewer shows: an image that comes with scikit-image.
SHOWN = (
    "#viewer?benchmark=embedded&image=astronaut&left=baseline/bicubic&right=released/krasserm_srgan&zoom=3"
)
# One detail of astronaut.png that shows edges and texture: top, left, side in HR pixels.
TOP, LEFT, SIDE = 20, 150, 160
RUNS = "trained/demo/embedded_train/srgan"
SOURCES = {
    "nearest": "baseline/nearest",
    "bicubic": "baseline/bicubic",
    "SRResNet (demo)": f"{RUNS}/srresnet_mse/seed0",
    "SRGAN-VGG54 (demo)": f"{RUNS}/srgan_vgg54/seed0",
}


def main(results: Path) -> None:
    """Write docs/images/page.png, the report's first screen, viewer.png and demo.png."""
    images = Path(__file__).parent / "images"
    _detail(results, images / "demo.png")
    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--hide-scrollbars", f"--window-size={WIDTH},{HEIGHT}"):
        options.add_argument(flag)
    window = webdriver.Chrome(options=options)
    try:
        page = (results / "report" / "index.html").resolve().as_uri()
        window.get(page)
        write_bytes(images / "page.png", _picture(window, "window.scrollTo(0, 0)", None))
        window.get("about:blank")
        window.get(page + SHOWN)
        write_bytes(images / "viewer.png", _picture(window, "", "app"))
    finally:
        window.quit()


def _picture(window: webdriver.Chrome, before: str, element: str | None) -> bytes:
    """The first screen, or an element of the page, as PNG."""
    window.execute_script(before)
    shown = {}
    if element:
        box = "const b = document.getElementById(arguments[0]).getBoundingClientRect();"
        x, y, width, height = window.execute_script(
            f"{box} return [b.x + scrollX, b.y + scrollY, b.width, b.height]", element
        )
        clip = {"x": x, "y": y, "width": min(width, WIDTH), "height": height, "scale": 1}
        shown = {"clip": clip, "captureBeyondViewport": True}
    return base64.b64decode(window.execute_cdp_cmd("Page.captureScreenshot", shown)["data"])


def _detail(results: Path, path: Path) -> None:
    """The same detail from every source of the demo run, and the original."""
    folders = {name: results / "reconstructions" / source / "embedded" for name, source in SOURCES.items()}
    folders["original"] = results.parent / "data" / "benchmarks" / "embedded" / "HR"
    figure, axes = plt.subplots(1, len(folders), figsize=(12, 2.7))
    for axis, (name, folder) in zip(axes, folders.items(), strict=True):
        detail = read_image(folder / "astronaut.png")[TOP : TOP + SIDE, LEFT : LEFT + SIDE]
        axis.imshow(detail, interpolation="nearest")
        axis.set_title(name, fontsize=10)
        axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else root() / "results")
