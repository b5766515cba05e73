import json
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from wheelpin.bundle.layout import made_file
from wheelpin.bundle.report import report_json, report_page
from wheelpin.bundle.tree import Tree, TreeFile
from wheelpin.bundle.treemap import Rectangle, divide

EVIL = '"><script>alert(1)</script>'


def sized(owner: str, path: str, size_bytes: int) -> TreeFile:
    return replace(made_file(path, owner, b""), size_bytes=size_bytes)


TREE = Tree(
    files=(
        sized("numpy", "numpy/_core/a.so", 6_000),
        sized("numpy", "numpy/linalg/b.so", 3_000),
        sized("numpy", "numpy.libs/c.so", 500),
        sized("six", "six.py", 400),
        sized("six", "python/lib/python3.12/site-packages/six/deep/er/x.py", 1),
        sized("your files", f"{EVIL}/main.py", 99),
        sized("empty", "empty.py", 0),
    ),
    wheels=(),
)


class Page(HTMLParser):
    """What a browser and a screen reader make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def page() -> Page:
    return Page(report_page(TREE, title=f"Sizes {EVIL}", most_bytes=12_000))


def test_page_needs_nothing_but_itself(page: Page) -> None:
    assert page.all("script") == page.all("img") == page.all("link") == page.all("iframe") == []
    assert {str(link["href"])[0] for link in page.all("a")} == {"#"}
    assert "url(" not in report_page(TREE, title="", most_bytes=None)


def test_every_part_of_the_map_has_a_name_and_leads_to_a_row(page: Page) -> None:
    ids = {str(attributes["id"]) for _, attributes in page.tags if "id" in attributes}
    cells = [link for link in page.all("a") if "style" in link]
    assert {str(link["href"]).removeprefix("#") for link in page.all("a")} <= ids
    assert "numpy: numpy/_core/, 6,000 bytes" in {link["aria-label"] for link in cells}
    assert len(cells) == 6


def test_table_holds_every_owner_and_number(page: Page) -> None:
    for text in ("numpy", "six", "your files", "empty", "9,500", "six/deep/", f"{EVIL}/"):
        assert text in page.text
    assert "2,000 bytes are left" in page.text


def test_page_without_a_limit_has_no_meter() -> None:
    assert Page(report_page(TREE, title="", most_bytes=None)).all("meter") == []


def test_bundle_that_is_too_large_says_by_how_much() -> None:
    assert "1 bytes too many" in Page(report_page(TREE, title="", most_bytes=9_999)).text


def test_empty_bundle_has_a_page() -> None:
    assert Page(report_page(Tree(files=(), wheels=()), title="", most_bytes=1)).all("table")


def test_data_say_the_same() -> None:
    value = json.loads(report_json(TREE, most_bytes=12_000))
    assert (value["size_bytes"], value["most_bytes"], value["files"]) == (10_000, 12_000, 7)
    assert [project["name"] for project in value["projects"]] == ["numpy", "six", "your files", "empty"]
    assert value["projects"][0]["folders"] == [
        {"name": "numpy/_core/", "files": 1, "size_bytes": 6_000},
        {"name": "numpy/linalg/", "files": 1, "size_bytes": 3_000},
        {"name": "numpy.libs/", "files": 1, "size_bytes": 500},
    ]


@pytest.mark.parametrize(
    "amounts",
    [
        pytest.param([1], id="one"),
        pytest.param([6, 6, 4, 3, 2, 2, 1], id="several"),
        pytest.param([10**9, 1, 1], id="one far larger than the others"),
        pytest.param([1] * 300, id="many equal ones"),
        pytest.param([], id="none"),
    ],
)
def test_parts_fill_the_whole_in_proportion(amounts: list[int]) -> None:
    whole = Rectangle(10, 20, 100, 56)
    parts = divide(whole, amounts)
    assert len(parts) == len(amounts)
    for amount, part in zip(amounts, parts, strict=True):
        assert part.width * part.height == pytest.approx(5600 * amount / sum(amounts), rel=1e-6)
        assert part.left >= 10 - 1e-6
        assert part.left + part.width <= 110 + 1e-6
        assert part.top >= 20 - 1e-6
        assert part.top + part.height <= 76 + 1e-6
