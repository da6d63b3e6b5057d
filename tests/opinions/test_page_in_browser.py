"""A whole study in a headless browser: by clicks and keys, on a desktop and a phone, with an interruption."""

import io
import json
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sr.images import read_image
from sr.opinions.collect import check
from sr.opinions.design import Key
from sr.opinions.page import PAGES, page_name
from sr.opinions.serve import Served, server
from tests.opinions.browser import browser
from tests.opinions.small_study import CALIBRATED, RANKING, STUDY, prepared

pytestmark = pytest.mark.slow

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 760, "ratio": 3, "touch": True}
PAIRS = RANKING | {"scale": {"kind": "pairs"}}


def open_page(window: Any, folder: Path, rater: str = "01") -> None:
    window.get((folder / "study" / PAGES / page_name(rater)).resolve().as_uri())


def begin(window: Any) -> None:
    box = window.find_element("id", "agree")
    if not box.is_selected():
        assert not window.find_element("id", "begin").is_enabled()  # nothing without consent
        box.click()
    window.find_element("id", "begin").click()


def until(window: Any, condition: str) -> Any:
    """Wait for a condition of the page's own variables."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if found := window.execute_script(f"return {condition}"):
            return found
        time.sleep(0.02)
    raise AssertionError(f"{condition} did not come true")


def at(window: Any) -> int:
    return int(window.execute_script("return state.at"))


def press(window: Any, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(window).send_keys(*keys).perform()


def answer_by_click(window: Any, number: int) -> None:
    """Score `number`, or an order that begins with picture `number`."""
    until(window, "clock.seen > 0")
    if window.execute_script("return category"):
        window.find_elements("css selector", "#answers button")[number - 1].click()
        return
    pictures = window.find_elements("css selector", "#stage button")
    for place in range(len(pictures) - 1):
        pictures[(number - 1 + place) % len(pictures)].click()
        if window.execute_script("return study.kind === 'pairs'"):
            return
    window.find_elements("css selector", "#answers button")[0].click()


def finished(window: Any) -> str:
    until(window, "view === 'end' && state.result")
    return str(window.execute_script("return state.result"))


def check_result(key: Key, text: str) -> dict[str, Any]:
    assert check(text, key).rater == "01"
    return json.loads(text)


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("study", [STUDY, RANKING, PAIRS], ids=["scores", "orders", "pairs"])
def test_a_whole_study_by_clicks(tmp_path: Path, study: dict[str, Any], screen: dict[str, Any]) -> None:
    key = prepared(tmp_path, study, images=2)
    given = []
    with browser(tmp_path / "profile", **screen) as window:
        open_page(window, tmp_path)
        begin(window)
        for number in range(len(key.raters["01"].trials)):
            until(window, f"view === 'ask' && state.at === {number} && clock.seen > 0")
            given.append(1 + number % (5 if study is STUDY else 2))
            answer_by_click(window, given[-1])
        content = check_result(key, finished(window))
        link = window.find_element("id", "file")
        assert link.get_attribute("download") == f"answers-{key.hash}-01.json"
        assert not [entry for entry in window.get_log("browser") if entry["level"] == "SEVERE"]
    answers = [one["answer"] for one in content["trials"]]
    assert [one if isinstance(one, int) else one[0] + 1 for one in answers] == given


def test_a_study_by_keys_is_stopped_half_way_and_goes_on(tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    pytest.importorskip("skimage")
    key = prepared(tmp_path, CALIBRATED, images=2, embed=True)
    count = len(key.raters["01"].trials)
    with browser(tmp_path / "profile", **DESKTOP) as window:
        open_page(window, tmp_path)
        begin(window)
        for _ in range(2):  # practice: the feedback names the expected score, the wrong one is told so
            until(window, "view === 'ask' && clock.seen > 0")
            press(window, "3")
            text = until(window, "!find('feedback').hidden && find('expected').textContent")
            assert "You gave 3" in text
            press(window, Keys.ENTER)
        until(window, "view === 'rest'")
        window.find_element("id", "resume").click()
        for number in range(3):
            until(window, f"state.at === {number + 2} && clock.seen > 0")
            press(window, "4")
        until(window, "state.at === 5 && clock.seen > 0")
        press(window, Keys.BACKSPACE)  # a slip: back by one, answered anew
        until(window, "state.at === 4 && clock.seen > 0")
        press(window, "2")
        until(window, "state.at === 5 && clock.seen > 0")
        press(window, "p")
        until(window, "view === 'rest'")
    with browser(tmp_path / "profile", **DESKTOP) as window:
        open_page(window, tmp_path)
        assert at(window) == 5
        assert "Go on" in window.find_element("id", "begin").text
        begin(window)
        for number in range(5, count + 2):
            until(window, f"state.at === {number} && clock.seen > 0")
            press(window, "5")
        content = check_result(key, finished(window))
        open_page(window, tmp_path)
        assert finished(window) == json.dumps(
            content, separators=(",", ":")
        )  # opened once more: the same file
    assert [one["answer"] for one in content["trials"]] == [4, 4, 2] + [5] * (count - 3)
    assert [one["answer"] for one in content["calibration"]] == [3, 3]


@pytest.mark.parametrize("ratio", [1, 1.1, 1.25, 1.5, 2, 2.625])
def test_every_pixel_is_shown_as_whole_pixels_of_the_screen(tmp_path: Path, ratio: float) -> None:
    key = prepared(tmp_path, STUDY, images=1)
    with browser(tmp_path / "profile", 900, 700, ratio) as window:
        open_page(window, tmp_path)
        begin(window)
        until(window, "clock.seen > 0")
        factor = window.execute_script("return layout().factor")
        box = window.execute_script(
            "const b = document.querySelector('#stage img').getBoundingClientRect(); return [b.left, b.top]"
        )
        screen = np.array(Image.open(io.BytesIO(window.get_screenshot_as_png())).convert("RGB"))
    assert factor == max(1, int(ratio))
    left, top = (round(value * ratio) for value in box)
    name = key.raters["01"].trials[0].shown[0]
    picture = read_image(tmp_path / "study" / PAGES / "images" / f"{name}.png")
    expected = picture.repeat(factor, axis=0).repeat(factor, axis=1)
    height, width = expected.shape[:2]
    assert np.array_equal(screen[top : top + height, left : left + width], expected)


def test_a_window_that_is_too_small_says_so(tmp_path: Path) -> None:
    prepared(tmp_path, STUDY, images=1, size=600)
    with browser(tmp_path / "profile", 360, 640, touch=True) as window:
        open_page(window, tmp_path)
        assert "too small" in window.find_element("id", "warning").text
        assert "one pixel of your screen" in window.find_element("id", "screen").text


def test_answers_reach_the_laboratorys_server(tmp_path: Path) -> None:
    key = prepared(tmp_path, STUDY, images=1)
    served = Served(tmp_path / "study")
    token = next(token for token, rater in served.tokens.items() if rater == "01")
    with server(served, "127.0.0.1", 0) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        with browser(tmp_path / "profile", **PHONE) as window:
            window.get(f"http://127.0.0.1:{running.server_port}/{token}/")
            begin(window)
            for number in range(len(key.raters["01"].trials)):
                until(window, f"state.at === {number} && clock.seen > 0")
                answer_by_click(window, 3)
            until(window, "find('sent').textContent.includes('arrived')")
        running.shutdown()
        thread.join()
    check_result(key, served.answer_path("01").read_text())
