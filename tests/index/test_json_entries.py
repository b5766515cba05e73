import gzip
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from packaging.utils import NormalizedName

from tests.builders import make_wheel
from tests.index.opening import opened
from tests.index_server import IndexServer
from wheelpin.files import ProjectPage
from wheelpin.index import json_entries
from wheelpin.index.entries import PageAddress
from wheelpin.index.json_entries import JsonEntries, Unpacked
from wheelpin.index.simple_json import parse_json_page
from wheelpin.values import IndexUrl

INDEX = IndexUrl("https://index.example/simple/")
WHEELS = tuple(make_wheel("foo", f"1.{number}") for number in range(20))


@pytest.fixture
def unpackings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note whose body was taken out of its compressed form."""
    noted: list[str] = []
    unpacked = JsonEntries.unpacked

    def noting(page: JsonEntries) -> bytes | memoryview:
        noted.append(page.text.base or "")
        return unpacked(page)

    monkeypatch.setattr(JsonEntries, "unpacked", noting)
    return noted


def entries_of(name: str, unpacked: Unpacked) -> JsonEntries:
    files = [{"filename": f"{name}-{number}-py3-none-any.whl", "url": f"{number}.whl"} for number in range(300)]
    body = json.dumps({"files": files}).encode()
    address = PageAddress(project=NormalizedName(name), index=INDEX, url=f"{INDEX}{name}/")
    page = parse_json_page(body, address, packed=gzip.compress(body), unpacked=unpacked)
    assert isinstance(page.entries, JsonEntries)
    return page.entries


def test_bodies_read_last_stay_at_hand_and_the_others_are_unpacked_again(unpackings: list[str]) -> None:
    unpacked = Unpacked(most_bytes=30_000)
    first, second = (entries_of(name, unpacked) for name in ("first", "second"))
    assert second.read(0).url == f"{INDEX}second/0.whl"
    assert unpackings == []
    assert first.read(1).url == f"{INDEX}first/1.whl"
    assert [first.read(place).url for place in (2, 3)] == [f"{INDEX}first/{place}.whl" for place in (2, 3)]
    assert unpackings == [f"{INDEX}first/"]


def test_so_many_read_entries_are_remembered_and_no_more() -> None:
    entries = entries_of("foo", Unpacked())
    assert len({entries.read(place).filename for place in range(300)}) == 300
    assert len(entries.known) == 256


def page_in(body: bytes) -> ProjectPage:
    return parse_json_page(body, PageAddress(project=NormalizedName("foo"), index=INDEX, url=INDEX))


ODD = [
    {"filename": "foo-1.0.zip", "url": "1", "hashes": {"sha256": "a" * 64}, "core-metadata": {"sha256": "b" * 64}},
    {"hashes": {}, "url": "2}],[{", "filename": "foo-1.1.zip", "yanked": 'it "is" } broken'},
    {"core-metadata": [{"filename": "other.zip"}], "filename": "foo-1.3.zip", "url": "3", "size": "?"},
    {"filename": "foo-1.2.zip", "url": "4", "x": [{}, {"y": {}}]},
    {"filename": "foo-1.4.zip", "url": "5"},
    {"filename": "foo-1.4.zip", "url": "6"},
    {"filename": "foo-\u00e9.zip", "url": "7"},
    {"filename": "foo-1.5.zip", "url": "8", "x": "x" * 9000},
    {"x": "x" * 9000, "filename": "foo-1.6.zip", "url": "9"},
    {"filename": "xfoo-1.6.zip", "url": "10"},
    {"filename": "foo-1.7.zip", "hashes": {"sha256": "no"}, "url": "11"},
    {"filename": "foo-1.7.1.zip", "x": [{}] * 9, "url": "11.1"},
    {"url": "12", "requires-python": None, "filename": "foo-1.8.zip"},
    {"x": {"filename": "foo-2.0.zip"}, "filename": "foo-1.9.zip", "url": "13"},
    {"filename": "foo-2.0.zip", "url": "14"},
]


@pytest.mark.parametrize(
    "spell",
    [
        pytest.param(lambda page: json.dumps(page, separators=(",", ":")), id="as PyPI does"),
        pytest.param(json.dumps, id="with blanks"),
        pytest.param(lambda page: json.dumps(page, indent=2), id="line by line"),
        pytest.param(
            lambda page: json.dumps(page, ensure_ascii=False).replace("foo-1.4", "foo-1\\u002e4"), id="escaped"
        ),
    ],
)
def test_an_entry_alone_is_what_it_is_among_all(spell: Callable[[object], str]) -> None:
    body = spell({"meta": {"api-version": "1.0"}, "files": ODD}).encode()
    for place, filename in enumerate(page_in(body).names()):
        alone, among_all = page_in(body), page_in(body)
        try:
            expected: object = among_all.entries.read(place)
        except ValueError as error:
            with pytest.raises(ValueError, match=re.escape(str(error))):
                alone.entries.read(place, filename)
        else:
            assert alone.entries.read(place, filename) == expected


def test_entries_are_found_wherever_they_stand_on_a_long_page() -> None:
    files = [{"filename": f"foo-{number}.zip", "url": f"{number}{'x' * 100}"} for number in range(3000)]
    body = json.dumps({"files": files}).encode()
    assert len(body) > 1 << 18
    for place in (0, 1500, 2999):
        cut = json_entries.cut_out(body, f"foo-{place}.zip")
        assert cut is not None
        assert json.loads(cut) == files[place]
    assert json_entries.cut_out(body, "foo-3000.zip") is None


def test_the_first_entries_that_are_read_cost_no_look_at_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    told_apart: list[int] = []
    entries, decode = entries_of("foo", Unpacked()), json_entries._decode_body

    def noting(body: bytes) -> object:
        told_apart.append(len(body))
        return decode(body)

    monkeypatch.setattr(json_entries, "_decode_body", noting)
    for place in range(16):
        assert entries.read(place, f"foo-{place}-py3-none-any.whl").url == f"{INDEX}foo/{place}.whl"
    assert told_apart == []
    for place in range(16, 40):
        assert entries.read(place, f"foo-{place}-py3-none-any.whl").url == f"{INDEX}foo/{place}.whl"
    assert len(told_apart) == 1


def test_a_line_break_in_a_name_moves_no_other() -> None:
    body = json.dumps({"files": [{"filename": name, "url": "x"} for name in ("a\nb", "foo-1.0.tar.gz")]}).encode()
    page = parse_json_page(body, PageAddress(project=NormalizedName("foo"), index=INDEX, url=INDEX))
    assert [file.filename for file in page.files] == ["foo-1.0.tar.gz"]
    assert [(entry.entry, entry.reason) for entry in page.skipped] == [("a\0b", "not a plain file name")]


def test_what_one_run_read_the_next_reads_without_the_body(tmp_path: Path, unpackings: list[str]) -> None:
    with IndexServer.json_with_sidecars(*WHEELS) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            first = run.existing_page("foo").entries.read(7)
        assert first.sidecar
        for place, expected in ((7, 0), (8, 1), (8, 0), (7, 0)):
            unpackings.clear()
            with opened(server.url, cache_dir=tmp_path) as run:
                assert run.existing_page("foo").entries.read(place).filename == WHEELS[place].filename
            assert len(unpackings) == expected
        assert len(server.asked("/simple/foo/")) == 1


def test_a_page_that_changed_forgets_what_was_read_of_it(tmp_path: Path) -> None:
    with IndexServer.json_with_sidecars(*WHEELS[:3]) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            assert run.existing_page("foo").entries.read(0).filename == WHEELS[0].filename
        server.add(WHEELS[3])
        with opened(server.url, cache_dir=tmp_path, later=timedelta(days=1)) as run:
            page = run.existing_page("foo")
            assert [page.entries.read(place).filename for place in range(4)] == page.names()
