"""Draws the pictures of README.md from a finished run: `python docs/make_pictures.py [RESULTS]`.

page.png and viewer.png are photographs of the report in Chromium (packages chromium and chromium-driver).
"""

import base64
import sys
from pathlib import Path

from selenium import webdriver

from sr.files import write_bytes
from sr.project import root

WIDTH, HEIGHT = 1200, 760
# What the viewer shows: an image that comes with scikit-image.
SHOWN = (
    "#viewer?benchmark=embedded&image=astronaut&left=baseline/bicubic&right=released/krasserm_srgan&zoom=3"
)


def main(results: Path) -> None:
    """Write docs/images/page.png, the report's first screen, and viewer.png."""
    images = Path(__file__).parent / "images"
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


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else root() / "results")
