"""A wheel for another platform's name: file, tags and RECORD stay true together."""

import csv
import io
import zipfile
from pathlib import Path

from installer.sources import WheelFile

from tests.builders import make_wheel
from wheelpin.builder.renaming import renamed_for

WHEEL = make_wheel("demo", "1.0", "cp27.cp36-none-linux_x86_64", files={"demo/a b,c.py": "x = 1\n"})


def test_name_tags_and_record_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / WHEEL.filename
    path.write_bytes(WHEEL.body)
    renamed = renamed_for("manylinux2014_x86_64", path)
    assert renamed.name == "demo-1.0-cp27.cp36-none-manylinux2014_x86_64.whl"
    with WheelFile.open(renamed) as source:
        source.validate_record()
        said = source.read_dist_info("WHEEL").splitlines()
    assert [line for line in said if line.startswith("Tag:")] == [
        "Tag: cp27-none-manylinux2014_x86_64",
        "Tag: cp36-none-manylinux2014_x86_64",
    ]


def test_all_else_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / WHEEL.filename
    path.write_bytes(WHEEL.body)
    first = renamed_for("manylinux2014_x86_64", path)
    bytes_once = first.read_bytes()
    assert renamed_for("manylinux2014_x86_64", path).read_bytes() == bytes_once
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(first) as new:
        assert old.namelist() == new.namelist()
        for before, after in zip(old.infolist(), new.infolist(), strict=True):
            facts = (before.date_time, before.external_attr, before.compress_type)
            assert (after.date_time, after.external_attr, after.compress_type) == facts
            if not before.filename.endswith(("/WHEEL", "/RECORD")):
                assert new.read(after) == old.read(before)
        rows = {row[0] for row in csv.reader(io.StringIO(new.read("demo-1.0.dist-info/RECORD").decode()))}
    assert rows == set(new.namelist())


def test_wheel_without_a_record_is_renamed_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-cp39-cp39-linux_x86_64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: cp39-cp39-linux_x86_64\n")
    with zipfile.ZipFile(renamed_for("linux", path)) as archive:
        assert archive.read("demo-1.0.dist-info/WHEEL") == b"Wheel-Version: 1.0\nTag: cp39-cp39-linux\n"
