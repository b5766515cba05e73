import pytest

from tests.builders import core_metadata
from wheelpin.files import CoreMetadata
from wheelpin.index.metadata import MAX_METADATA_BYTES, parse_metadata
from wheelpin.ports import MetadataUnusableError

WHEEL = "foo_bar-1.0-py3-none-any.whl"
HEAD = "Metadata-Version: 2.1\nName: Foo.Bar\nVersion: 1.0\n"


def parsed(lines: str) -> CoreMetadata:
    return parse_metadata((HEAD + lines).encode(), WHEEL)


def test_what_a_resolver_needs_is_read() -> None:
    body = core_metadata(
        "Foo.Bar",
        "1.0",
        requires=["baz >= 1 ; extra == 'Old_Name'", "qux[a,b]"],
        requires_python=">=3.8",
        extras=["Old_Name", "other"],
    )
    assert parse_metadata(body, WHEEL) == CoreMetadata(
        name="Foo.Bar",
        version="1.0",
        requires_python=">=3.8",
        requires_dist=("baz >= 1 ; extra == 'Old_Name'", "qux[a,b]"),
        provides_extra=("old-name", "other"),
    )


@pytest.mark.parametrize(
    ("lines", "requires"),
    [
        pytest.param("Requires-Dist: a\nRequires-Dist: b\n", ("a", "b"), id="in their order"),
        pytest.param("REQUIRES-DIST: a\nrequires-dist:b\n", ("a", "b"), id="any case, no space"),
        pytest.param("Requires-Dist: a>=1,\n        <2\n", ("a>=1, <2",), id="continued"),
        pytest.param("Requires-Dist: a>=1,\n\t<2\nRequires-Dist: b\n", ("a>=1, <2", "b"), id="continued by a tab"),
        pytest.param("Requires-Dist: a\n\nRequires-Dist: b\n", ("a",), id="only before the blank line"),
        pytest.param("Requires-Dist: a\n \nRequires-Dist: b\n", ("a", "b"), id="a line of spaces ends nothing"),
        pytest.param("License: MIT\n\n  more\nRequires-Dist: a\n", (), id="a blank line inside a header ends it"),
        pytest.param("License: x\nno header here\nRequires-Dist: a\n", ("a",), id="lines that are no headers"),
        pytest.param("Requires-Dist: a; x == ':'\n", ("a; x == ':'",), id="more colons"),
        pytest.param("Requires-Dist:\nRequires-Dist: a", ("a",), id="empty value, no last line end"),
        pytest.param("Requires: old\nRequires-External: C\n", (), id="fields of similar names"),
        pytest.param("Summary: x\x0b\x0c\x85\u2028Requires-Dist: a\n", (), id="only line ends end lines"),
    ],
)
def test_requirements(lines: str, requires: tuple[str, ...]) -> None:
    assert parsed(lines).requires_dist == requires


@pytest.mark.parametrize(
    "body",
    [
        pytest.param((HEAD + "Requires-Dist: a\n\ntext").replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(b"\xef\xbb\xbf" + (HEAD + "Requires-Dist: a\n\n").encode(), id="byte order mark"),
        pytest.param((HEAD + "Author: José\nRequires-Dist: a\n").encode("latin-1"), id="an old encoding"),
        pytest.param((HEAD + "Requires-Dist: a\n\n").encode() + b"\xff\xfe", id="a description that is no text"),
    ],
)
def test_form_of_the_file(body: bytes) -> None:
    metadata = parse_metadata(body, WHEEL)
    assert (metadata.name, metadata.requires_dist) == ("Foo.Bar", ("a",))


@pytest.mark.parametrize(
    ("name", "version", "filename"),
    [
        pytest.param("Foo.Bar", "1.0", WHEEL, id="normalised"),
        pytest.param("foo-bar", "1.0.0", WHEEL, id="an equal version"),
        pytest.param("foo", "1.0+cpu.1", "foo-1.0+cpu.1-py3-none-any.whl", id="local version"),
        pytest.param("foo", "1.0+cpu.1", "foo-1.0_cpu.1-py3-none-any.whl", id="local version with an underscore"),
        pytest.param("foo", "odd", "foo-odd-py3-none-any.whl", id="a version of no standard, spelled the same"),
    ],
)
def test_own_metadata(name: str, version: str, filename: str) -> None:
    metadata = parse_metadata(core_metadata(name, version), filename)
    assert (metadata.name, metadata.version) == (name, version)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(core_metadata("other", "1.0"), "it is the metadata of 'other'", id="another project's"),
        pytest.param(core_metadata("foo-bar", "2.0"), "it is the metadata of version '2.0'", id="another version's"),
        pytest.param(core_metadata("foo-bar", "x"), "it is the metadata of version 'x'", id="no version"),
        pytest.param(core_metadata("foo-bar", "1" * 9000), "it is the metadata of version '1111", id="a long version"),
        pytest.param(b"", "it names no project and version", id="nothing"),
        pytest.param(b"\x00\xff\n\x01", "it names no project and version", id="garbage"),
        pytest.param(b"<html>404</html>", "it names no project and version", id="an error page"),
        pytest.param(
            core_metadata("foo-bar", "1.0", metadata_version="3.0"), "its Metadata-Version is '3.0'", id="too new"
        ),
        pytest.param(b"\n" * (MAX_METADATA_BYTES + 1), "it is larger than", id="too long"),
        pytest.param(
            (HEAD + "Requires-Dist: a\n" * 20_001).encode(), "it has more than 20000 requirements", id="too much"
        ),
    ],
)
def test_unusable_metadata(body: bytes, reason: str) -> None:
    with pytest.raises(MetadataUnusableError) as caught:
        parse_metadata(body, WHEEL)
    assert caught.value.filename == WHEEL
    assert caught.value.reason.startswith(reason)


def test_first_of_a_repeated_header_counts() -> None:
    assert parsed("Name: other\nVersion: 2\nRequires-Python: >=3\nRequires-Python: >=4\n").requires_python == ">=3"


def test_metadata_without_a_version_is_of_the_first() -> None:
    assert parse_metadata(b"Name: foo-bar\nVersion: 1.0\n", WHEEL).version == "1.0"


def test_extras_are_normalised_and_told_once() -> None:
    extras = parsed("Provides-Extra: A_b\nProvides-Extra: a.B\nProvides-Extra: c\n").provides_extra
    assert extras == ("a-b", "c")
