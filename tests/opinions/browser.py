"""A headless Chromium that does what a rater does; tests are skipped where there is none."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


@contextmanager
def browser(profile: Path, width: int, height: int, ratio: float = 1, touch: bool = False) -> Iterator[Any]:
    """A browser with a window of width x height page pixels, each of `ratio` screen pixels.

    profile: folder for what it keeps between two visits. Skips the test without Chromium and its driver.
    """
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    binary, driver = (shutil.which(name) for name in ("chromium", "chromedriver"))
    if not binary or not driver:
        pytest.skip("no Chromium here: install the packages chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    # A real screen's scale: an emulated one is laid out in other, coarser units.
    scale = [] if touch else [f"--force-device-scale-factor={ratio}", f"--window-size={width},{height}"]
    for flag in (*FLAGS, *scale, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        window.set_script_timeout(20)
        if touch:
            metrics = {"width": width, "height": height, "deviceScaleFactor": ratio, "mobile": True}
            window.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            window.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
        yield window
    finally:
        window.quit()
