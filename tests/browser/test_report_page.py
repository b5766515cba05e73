"""The page of sizes in a real browser: what it shows, what it asks for, and who can use it."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.browser.bundles import data_function
from tests.browser.chromium import Tab
from wheelpin.bundle import report_json, report_page

MOST_BYTES = 2_621_440
TITLE = "Sizes of <script>console.error('ran')</script> function.zip"
TABLE = "[...document.querySelectorAll('tbody tr')].map(row => [...row.cells].map(cell => cell.innerText))"
BOXES = (
    "[...document.querySelectorAll('.map a')].map(part => part.getBoundingClientRect())"
    ".map(box => [box.left, box.top, box.right, box.bottom])"
)
IS_SEEN = (
    "(box => box.top >= 0 && box.bottom <= innerHeight)(document.querySelector(':target').getBoundingClientRect())"
)


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Write the page, and return it with the same as data."""
    folder = tmp_path_factory.mktemp("report")
    tree = data_function(folder)
    page = folder / "sizes.html"
    page.write_text(report_page(tree, title=TITLE, most_bytes=MOST_BYTES), encoding="utf-8")
    return page, json.loads(report_json(tree, most_bytes=MOST_BYTES))


@pytest.fixture
def page(tab: Tab, report: tuple[Path, dict[str, Any]]) -> Tab:
    """Open the page."""
    tab.open(report[0])
    return tab


@pytest.fixture
def data(report: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    """Return what the page is to show."""
    return report[1]


def with_commas(*numbers: int) -> list[str]:
    return [f"{number:,}" for number in numbers]


def test_browser_tells_of_pages_that_ask_and_complain(tab: Tab, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<img src="https://files.example/x.png"><script>console.error("no")</script>', encoding="utf-8")
    tab.open(page)
    assert tab.requested == [page.as_uri(), "https://files.example/x.png"]
    assert "no" in tab.complaints


def test_page_asks_for_nothing_and_the_browser_holds_nothing_against_it(
    page: Tab, report: tuple[Path, dict[str, Any]]
) -> None:
    assert page.evaluate("document.readyState") == "complete"
    assert page.requested == [report[0].as_uri()]
    assert page.complaints == []
    assert page.evaluate("document.compatMode") == "CSS1Compat"
    assert page.evaluate("document.title") == TITLE


def test_table_shows_the_numbers_of_the_data(page: Tab, data: dict[str, Any]) -> None:
    rows: list[list[str]] = []
    for project in data["projects"]:
        sizes = (project["files"], project["size_bytes"], project["packed_bytes"], project["slim_bytes"])
        rows.append([project["name"], *with_commas(*sizes)])
        rows += ([each["name"], *with_commas(each["files"], each["size_bytes"]), "", ""] for each in project["folders"])
    assert len(data["projects"]) == 13
    assert page.evaluate(TABLE) == rows


def test_summary_shows_the_sums(page: Tab, data: dict[str, Any]) -> None:
    text = page.evaluate("document.querySelector('main').innerText")
    left = data["most_bytes"] - data["size_bytes"]
    for number in with_commas(data["files"], data["size_bytes"], data["packed_bytes"], data["slim_bytes"], left):
        assert number in text


def test_parts_of_the_map_fill_it_and_do_not_overlap(page: Tab) -> None:
    left, top, right, bottom = page.evaluate(
        "(box => [box.left, box.top, box.right, box.bottom])(document.querySelector('.map').getBoundingClientRect())"
    )
    boxes = page.evaluate(BOXES)
    assert sum((box[2] - box[0]) * (box[3] - box[1]) for box in boxes) == pytest.approx(
        (right - left) * (bottom - top), rel=0.01
    )
    for one, other in combinations(boxes, 2):
        width = min(one[2], other[2]) - max(one[0], other[0])
        height = min(one[3], other[3]) - max(one[1], other[1])
        assert min(width, height) < 0.5


@pytest.mark.parametrize("width", [320, 768, 1920])
def test_page_fits_windows_from_phones_to_walls(page: Tab, width: int) -> None:
    page.resize(width, 800)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_screen_reader_meets_headings_landmarks_and_a_whole_table(page: Tab, data: dict[str, Any]) -> None:
    assert [(each["name"], each["level"]) for each in page.accessible("heading")] == [(TITLE, 1)]
    assert len(page.accessible("main")) == 1
    assert [each["name"] for each in page.accessible("navigation")] == [
        "Map of sizes; each part leads to its project in the table"
    ]
    assert [each["name"] for each in page.accessible("table")] == ["Bytes by project and folder, the largest first"]
    assert len(page.accessible("columnheader")) == 5
    names = [project["name"] for project in data["projects"]]
    folders = [each["name"] for project in data["projects"] for each in project["folders"]]
    assert sorted(each["name"] for each in page.accessible("rowheader")) == sorted([*names, *folders])
    assert page.evaluate("document.documentElement.lang") == "en"


def test_screen_reader_is_told_how_full_the_platform_is(page: Tab, data: dict[str, Any]) -> None:
    (meter,) = page.accessible("meter")
    assert meter["name"].startswith("Of the 2,621,440 bytes that the platform takes, ")
    assert float(meter["value"]) == data["size_bytes"]
    assert float(meter["valuemax"]) == MOST_BYTES


def test_every_part_of_the_map_is_a_link_that_names_project_folder_and_size(page: Tab, data: dict[str, Any]) -> None:
    names = [each["name"] for each in page.accessible("link")]
    for project in data["projects"][:3]:
        first = project["folders"][0]
        assert f"{project['name']}: {first['name']}, {first['size_bytes']:,} bytes" in names
    assert all(names)


def test_keyboard_goes_through_the_map_and_to_the_row(page: Tab, data: dict[str, Any]) -> None:
    seen = []
    for _ in range(3):
        page.press("Tab")
        seen.append(
            page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText")
        )
    largest = data["projects"][0]["name"]
    assert seen[0] == "The same as a table"
    assert seen[1].startswith(f"{largest}: ")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.press("Enter")
    assert page.evaluate("document.querySelector(':target th').innerText") == largest
    assert page.evaluate(IS_SEEN)
