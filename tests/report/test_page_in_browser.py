"""The page in a headless browser: viewer, keys and address, and that nothing moves while it loads."""

from collections.abc import Iterator
from typing import Any

import pytest

from sr.report.gather import gather
from sr.report.page import write_page
from tests.opinions.browser import browser
from tests.report.results_tree import RUN, make_results

pytestmark = pytest.mark.slow

WATCH = """window.moved = 0; new PerformanceObserver(found => { for (const one of found.getEntries())
window.moved += one.value; }).observe({type: "layout-shift", buffered: true});"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("page")
    make_results(folder / "results", folder / "benchmarks")
    write_page(gather(folder / "results", folder / "benchmarks", folder / "images", 9), folder / "index.html")
    return (folder / "index.html").as_uri()


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile"), 1280, 800) as window:
        window.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        yield window


def visit(window: Any, address: str) -> None:
    window.get("about:blank")
    window.get(address)


def press(window: Any, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(window).send_keys(*keys).perform()


def shown(window: Any, name: str) -> str:
    return str(window.find_element("id", name).get_attribute("textContent"))


def test_an_address_opens_the_viewer_at_what_it_names(window: Any, page: str) -> None:
    visit(
        window, f"{page}#viewer?benchmark=embedded&image=two&left=trained/{RUN}/seed0&right=original&zoom=5"
    )
    assert window.find_element("id", "image").get_property("selectedOptions")[0].text == "two"
    assert "srgan/srresnet_mse" in shown(window, "left-name")
    assert shown(window, "right-name") == "original (HR)"
    # True zoom: the images are 60 x 40 pixels.
    assert (
        window.execute_script("return document.getElementById('sheet').getBoundingClientRect().width") == 300
    )
    press_on_stage(window, "d")
    assert "difference=1" in window.current_url
    press_on_stage(window, "+")
    assert "zoom=6" in window.current_url


def press_on_stage(window: Any, key: str) -> None:
    window.execute_script("document.getElementById('stage').focus()")
    press(window, key)


@pytest.mark.parametrize("way", ["#stage", "#viewer"], ids=["skip link", "visible link"])
def test_the_viewer_is_ten_tabs_away_at_most(way: str, window: Any, page: str) -> None:
    """By the link that only the keyboard finds, and by that of the sections, which all see."""
    from selenium.webdriver.common.keys import Keys

    visit(window, page)
    for _ in range(10):
        press(window, Keys.TAB)
        if way == window.execute_script("return document.activeElement.getAttribute('href')"):
            press(window, Keys.ENTER)
        if window.execute_script("return !!document.activeElement.closest('#app')"):
            break
    assert window.execute_script("return !!document.activeElement.closest('#app')")


def test_a_count_sets_the_filter_and_leaves_it_in_sight(window: Any, page: str) -> None:
    visit(window, page)
    link = window.find_element("css selector", "a[data-verdict='match']")
    window.execute_script("arguments[0].click()", link)
    form = window.find_element("id", "filter")
    assert form.find_element("name", "verdict").get_property("value") == "match"
    top = window.execute_script("return arguments[0].getBoundingClientRect().top", form)
    assert 0 <= top < 800
    assert "1 of" in form.text


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_while_the_page_is_read(window: Any, page: str, width: int) -> None:
    window.set_window_size(width, 800)
    visit(window, page)
    height = window.execute_script("return document.documentElement.scrollHeight")
    for place in range(0, height, 400):
        window.execute_script(f"window.scrollTo(0, {place})")
    assert window.execute_async_script("setTimeout(() => arguments[0](window.moved), 300)") < 0.02
