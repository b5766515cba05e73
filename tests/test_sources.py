import codecs
import io
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn

import pytest

from wheelpin.ports import Request, Response, StreamedResponse
from wheelpin.requirements import Sources, UnreadableInputError, read_inputs
from wheelpin.sources import SourceReader
from wheelpin.values import COMMAND_LINE, Origin

HERE = Origin("a.in", 2)


class Pages(dict[str, bytes]):
    """A `Transport` to addresses in memory."""

    def fetch(self, request: Request) -> Future[Response]:
        future = Future[Response]()
        body = self.get(request.url)
        status = 404 if body is None else 200
        future.set_result(Response(status=status, url=request.url, headers={}, body=body or b""))
        return future

    def expect(self, url: str) -> None:
        raise AssertionError("one address is one request")

    def stream(self, request: Request) -> AbstractContextManager[StreamedResponse]:
        raise AssertionError("inputs are small")


def no_transport() -> NoReturn:
    raise AssertionError("nothing remote was asked for")


def reader(folder: Path, *, standard_input: bytes = b"", pages: Pages | None = None) -> SourceReader:
    return SourceReader(
        folder=folder,
        standard_input=io.BytesIO(standard_input),
        open_transport=no_transport if pages is None else lambda: pages,
    )


def test_files_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.in").write_text("a", encoding="utf-8")
    (tmp_path / "sub" / "b.in").write_text("b", encoding="utf-8")
    texts = reader(tmp_path)
    assert texts.read("./sub/b.in", relative_to=None, asked_by=COMMAND_LINE).text == "b"
    document = texts.read("../a.in", relative_to=str(Path("sub", "b.in")), asked_by=HERE)
    assert (document.location, document.name, document.text) == ("a.in", "a.in", "a")
    assert texts.read("a.in", relative_to="-", asked_by=HERE).text == "a"


def test_absolute_paths_and_file_addresses_are_read_from_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "my file.in"
    path.write_text("x", encoding="utf-8")
    texts = reader(tmp_path / "elsewhere")
    assert texts.read(str(path), relative_to="sub/a.in", asked_by=HERE).text == "x"
    assert texts.read(path.as_uri(), relative_to=None, asked_by=HERE).text == "x"
    assert texts.read("my%20file.in", relative_to=(tmp_path / "b.in").as_uri(), asked_by=HERE).text == "x"


def test_standard_input_is_read_once_and_keeps_its_text(tmp_path: Path) -> None:
    texts = reader(tmp_path, standard_input=b"x\n")
    documents = [texts.read("-", relative_to=None, asked_by=COMMAND_LINE) for _ in range(2)]
    assert [(document.name, document.text) for document in documents] == [("standard input", "x\n")] * 2


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("größe".encode(), id="UTF-8"),
        pytest.param(codecs.BOM_UTF8 + "größe".encode(), id="UTF-8 with a mark"),
        pytest.param(codecs.BOM_UTF16_LE + "größe".encode("utf-16-le"), id="UTF-16, as PowerShell writes"),
        pytest.param(codecs.BOM_UTF16_BE + "größe".encode("utf-16-be"), id="UTF-16, big end first"),
        pytest.param(codecs.BOM_UTF32_LE + "größe".encode("utf-32-le"), id="UTF-32"),
    ],
)
def test_text_is_utf_8_or_has_a_mark(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.in").write_bytes(data)
    assert reader(tmp_path).read("a.in", relative_to=None, asked_by=HERE).text == "größe"


@pytest.mark.parametrize("before", [b"", b"# requirements\n"], ids=["first line", "second line"])
def test_a_comment_in_the_first_two_lines_names_the_encoding(tmp_path: Path, before: bytes) -> None:
    (tmp_path / "a.in").write_bytes(before + b"# -*- coding: latin-1 -*-\n# \xf6")
    assert reader(tmp_path).read("a.in", relative_to=None, asked_by=HERE).text.endswith("ö")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"x\ny\xff", "byte 0xff in line 2 is not utf-8", id="not UTF-8"),
        pytest.param(b"# 1\n# 2\n# coding: latin-1\n\xff", "byte 0xff in line 4", id="a comment in the third line"),
        pytest.param(b"# coding: klingon\n", "'klingon' is no encoding", id="unknown encoding"),
        pytest.param(b"# coding: rot13\n", "'rot13' is no encoding of text", id="an encoding of something else"),
        pytest.param(codecs.BOM_UTF16_LE + b"x", "is not utf-16-le", id="half a character"),
        pytest.param(b"# coding: undefined\n", "it is not undefined", id="an encoding that refuses everything"),
    ],
)
def test_other_bytes_are_refused_with_their_place(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a.in").write_bytes(data)
    with pytest.raises(UnreadableInputError, match=reason) as caught:
        reader(tmp_path).read("a.in", relative_to=None, asked_by=COMMAND_LINE)
    assert str(caught.value).startswith("command line: cannot read a.in: ")


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        pytest.param("b.in", "there is no such file", id="missing"),
        pytest.param(".", "it is a folder", id="folder"),
        pytest.param("a.in/b", "[Nn]ot a directory|no such file", id="file for a folder"),
        pytest.param("a\0b", "no valid path", id="no path"),
        pytest.param("x" * 5000, "[Nn]ame too long|no such file", id="endless"),
    ],
)
def test_what_cannot_be_opened_is_named_with_the_line_that_asks_for_it(
    tmp_path: Path, location: str, reason: str
) -> None:
    (tmp_path / "a.in").write_bytes(b"")
    with pytest.raises(UnreadableInputError, match=reason) as caught:
        reader(tmp_path).read(location, relative_to=None, asked_by=HERE)
    assert str(caught.value).startswith("a.in, line 2: cannot read ")


def test_remote_files_include_their_neighbours(tmp_path: Path) -> None:
    pages = Pages(
        {
            "https://u:hunter2@files.example/r/a.in?s=hunter2": b"x\n-r ../b.in",
            "https://u:hunter2@files.example/b.in": b"y",
        }
    )
    sources = Sources(requirement_files=("https://u:hunter2@files.example/r/a.in?s=hunter2",))
    inputs = read_inputs(sources, reader(tmp_path, pages=pages))
    assert [(one.name, str(one.origin)) for one in inputs.requirements] == [
        ("x", "https://files.example/r/a.in, line 1"),
        ("y", "https://files.example/b.in, line 1"),
    ]


def test_a_remote_file_that_is_not_there_is_named_without_secrets(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match="the server answers 404") as caught:
        reader(tmp_path, pages=Pages()).read("https://u:hunter2@h.example/a", relative_to=None, asked_by=HERE)
    assert "hunter2" not in f"{caught.value} {caught.value!r}"


def test_addresses_of_paths_are_absolute(tmp_path: Path) -> None:
    texts = reader(tmp_path)
    assert texts.address_of("./d/x 1.whl", relative_to=None) == (tmp_path / "d" / "x 1.whl").as_uri()
    assert texts.address_of("../x.whl", relative_to="locks/pylock.toml") == (tmp_path / "x.whl").as_uri()
    assert texts.address_of("x.whl", relative_to="https://h.example/l/pylock.toml") == "https://h.example/l/x.whl"


@pytest.mark.parametrize(
    ("value", "relative_to", "found"),
    [
        pytest.param("links", "sub/a.in", str(Path("sub", "links")), id="beside the file if it is there"),
        pytest.param("other", "sub/a.in", "other", id="else as it is written"),
        pytest.param("https://h.example/links", "sub/a.in", "https://h.example/links", id="an address as it is"),
        pytest.param("links", "-", "links", id="nothing is beside standard input"),
        pytest.param("links", "https://h.example/a.in", "links", id="nor beside a remote file"),
    ],
)
def test_find_links_are_looked_for_as_pip_does(tmp_path: Path, value: str, relative_to: str, found: str) -> None:
    (tmp_path / "sub" / "links").mkdir(parents=True)
    assert reader(tmp_path).find_links(value, relative_to=relative_to) == found


def test_folder_of_a_project_has_a_digest_and_others_have_none(tmp_path: Path) -> None:
    texts = reader(tmp_path)
    folder = tmp_path / "my project"
    folder.mkdir()
    assert texts.digest_of_folder(folder.as_uri()) is None
    assert texts.digest_of_folder((tmp_path / "nowhere").as_uri()) is None
    (folder / "setup.py").write_text("one")
    first = texts.digest_of_folder(folder.as_uri())
    (folder / "build" / "lib").mkdir(parents=True)
    (folder / "build" / "lib" / "a.py").write_text("a leftover")
    assert first is not None
    assert texts.digest_of_folder(folder.as_uri()) == first
    (folder / "setup.py").write_text("two")
    assert texts.digest_of_folder(folder.as_uri()) != first


def test_project_in_a_folder_tells_its_name(tmp_path: Path) -> None:
    texts = reader(tmp_path)
    assert texts.project_in("./mine") is None
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pyproject.toml").write_text("[project]\nname = 'My.Project'\n")
    assert texts.project_in("./mine") == "my-project"
    (tmp_path / "mine" / "pyproject.toml").write_bytes(b"\xff")
    assert texts.project_in("./mine") is None
