"""What the builders build is what tests take it for: valid files, equal for equal arguments."""

import base64
import csv
import hashlib
import io
import tarfile
import zipfile

from packaging.metadata import Metadata
from packaging.utils import parse_sdist_filename, parse_wheel_filename

from tests.builders import make_sdist, make_wheel


def test_equal_builds_are_equal_bytes() -> None:
    assert make_wheel("foo", requires=["bar"]) == make_wheel("foo", requires=["bar"])
    assert make_sdist("foo") == make_sdist("foo")


def test_wheel_is_valid() -> None:
    wheel = make_wheel(
        "Foo.Bar",
        "1.0+x",
        "cp39.cp310-abi3-manylinux_2_17_x86_64",
        build="2b",
        requires=["a>=1; extra=='e'"],
        extras=["e"],
    )
    name, version, build, tags = parse_wheel_filename(wheel.filename)
    assert (name, str(version), build, len(tags)) == ("foo-bar", "1.0+x", (2, "b"), 2)
    with zipfile.ZipFile(io.BytesIO(wheel.body)) as archive:
        assert archive.testzip() is None
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    metadata = Metadata.from_email(members["foo_bar-1.0+x.dist-info/METADATA"])
    assert (metadata.name, [str(each) for each in metadata.requires_dist or ()]) == ("Foo.Bar", ['a>=1; extra == "e"'])
    record = "foo_bar-1.0+x.dist-info/RECORD"
    rows = {path: (digest, size) for path, digest, size in csv.reader(members[record].decode().splitlines())}
    assert rows.pop(record) == ("", "")
    assert rows.keys() == members.keys() - {record}
    for path, (digest, size) in rows.items():
        expected = base64.urlsafe_b64encode(hashlib.sha256(members[path]).digest()).decode().rstrip("=")
        assert (digest, size) == (f"sha256={expected}", str(len(members[path])))


def test_sdist_is_valid() -> None:
    sdist = make_sdist("Foo.Bar", "1.0", requires=["a"], dynamic=["License"])
    name, version = parse_sdist_filename(sdist.filename)
    assert (name, str(version)) == ("foo-bar", "1.0")
    with tarfile.open(fileobj=io.BytesIO(sdist.body)) as archive:
        assert archive.getnames() == ["foo_bar-1.0/PKG-INFO", "foo_bar-1.0/pyproject.toml"]
    assert Metadata.from_email(sdist.metadata).dynamic == ["license"]
