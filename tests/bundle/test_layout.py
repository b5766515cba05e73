import csv
import hashlib
import io
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from tests.bundle.laying import LINUX, MACOS, WINDOWS, Files, body_of, laid_out, paths, wheel_of
from wheelpin.bundle.layout import SLIM_PATTERNS, CollisionError, Part
from wheelpin.bundle.tree import Tree
from wheelpin.bundle.wheel import open_wheel
from wheelpin.target import Target

DATA = "demo-1.0.data"
DIST_INFO = "demo-1.0.dist-info"
COMMANDS = f"{DIST_INFO}/entry_points.txt"
NOTHING: frozenset[Part] = frozenset()


@pytest.mark.parametrize(
    ("files", "left_out", "laid"),
    [
        pytest.param({"demo/a.py": ""}, NOTHING, {"demo/a.py"}, id="modules stay where they are"),
        pytest.param({f"{DATA}/purelib/demo/a.py": ""}, NOTHING, {"demo/a.py"}, id="purelib is the root"),
        pytest.param({f"{DATA}/platlib/demo/a.so": ""}, NOTHING, {"demo/a.so"}, id="platlib is the root too"),
        pytest.param({f"{DATA}/scripts/run": ""}, NOTHING, {"bin/run"}, id="scripts go to bin"),
        pytest.param({f"{DATA}/data/share/demo/x": ""}, NOTHING, {"share/demo/x"}, id="data goes to the root"),
        pytest.param({f"{DATA}/headers/x.h": ""}, NOTHING, {"include/demo/x.h"}, id="headers go to include"),
        pytest.param({f"{DATA}/headers/x.h": ""}, frozenset({Part.HEADERS}), set(), id="headers may be left out"),
        pytest.param({f"{DATA}/data/x": ""}, frozenset({Part.DATA}), set(), id="data may be left out"),
        pytest.param(
            {f"{DATA}/scripts/run": "", COMMANDS: "[console_scripts]\nx = demo:x\n"},
            frozenset({Part.SCRIPTS}),
            set(),
            id="scripts may be left out, made ones too",
        ),
        pytest.param(
            {COMMANDS: "[console_scripts]\nb = demo:x\n[gui_scripts]\na = demo:y\n[demo.plugins]\nc = demo:z\n"},
            NOTHING,
            {"bin/a", "bin/b"},
            id="commands become scripts, other entry points do not",
        ),
        pytest.param(
            {
                f"{DATA}/scripts/run": "made for the build machine",
                f"{DATA}/scripts/run-script.py": "",
                f"{DATA}/scripts/run.exe": "",
                COMMANDS: "[console_scripts]\nrun = demo:main\n",
            },
            NOTHING,
            {"bin/run"},
            id="a command's own script wins over one that an old tool packed",
        ),
        pytest.param(
            {"tests/a.py": "", "demo.data": ""}, NOTHING, {"tests/a.py", "demo.data"}, id="a file named .data"
        ),
    ],
)
def test_members_go_where_an_installer_puts_them(
    tmp_path: Path, files: Files, left_out: frozenset[Part], laid: set[str]
) -> None:
    assert paths(laid_out(wheel_of(tmp_path, "demo", files), left_out=left_out)) == laid


@pytest.mark.parametrize(
    ("shipped", "laid"),
    [
        pytest.param("#!python\nx\n", "#!/usr/bin/env python3.12\nx\n", id="any Python becomes the target's"),
        pytest.param("#!pythonw\nx\n", "#!/usr/bin/env python3.12\nx\n", id="windowed Python too"),
        pytest.param("#!python", "#!/usr/bin/env python3.12", id="a first line alone"),
        pytest.param("#!/bin/sh\nx\n", "#!/bin/sh\nx\n", id="another interpreter stays"),
        pytest.param("\x7fELF", "\x7fELF", id="a program stays"),
    ],
)
def test_shipped_script_is_made_to_fit(tmp_path: Path, shipped: str, laid: str) -> None:
    tree = laid_out(wheel_of(tmp_path, "demo", {f"{DATA}/scripts/run": shipped}))
    assert body_of(tree, "bin/run") == laid.encode()
    assert next(file for file in tree.files if file.path == "bin/run").mode == 0o755


@pytest.mark.parametrize(
    ("target", "interpreter", "first_line"),
    [
        pytest.param(LINUX, None, b"#!/usr/bin/env python3.12", id="the target's minor version"),
        pytest.param(Target.parse("cp27-manylinux1_x86_64"), None, b"#!/usr/bin/env python2.7", id="Python 2"),
        pytest.param(Target.parse("pp310-manylinux2014_x86_64"), None, b"#!/usr/bin/env pypy3.10", id="PyPy"),
        pytest.param(LINUX, "/opt/python/bin/python", b"#!/opt/python/bin/python", id="the one that was asked for"),
    ],
)
def test_command_calls_the_interpreter(
    tmp_path: Path, target: Target, interpreter: str | None, first_line: bytes
) -> None:
    wheel = wheel_of(tmp_path, "demo", {COMMANDS: "[console_scripts]\nrun = demo.cli:app.main [fast]\n"})
    body = body_of(laid_out(wheel, target=target, interpreter=interpreter), "bin/run")
    assert body.splitlines()[0] == first_line
    assert b"from demo.cli import app\n" in body
    assert b"sys.exit(app.main())" in body


def test_command_for_windows_is_a_program_with_an_archive(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, "demo", {COMMANDS: "[console_scripts]\nrun = demo:main\n"})
    tree = laid_out(wheel, target=WINDOWS)
    body = body_of(tree, "bin/run.exe")
    assert body.startswith(b"MZ")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert b"from demo import main" in archive.read("__main__.py")
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_record_lists_what_was_laid(tmp_path: Path) -> None:
    files = {
        "demo.py": "",
        "tests/a,b.py": "",
        f"{DATA}/scripts/run": "#!python\n",
        f"{DATA}/headers/x.h": "",
        COMMANDS: "[console_scripts]\ncall = demo:main\n",
        f"{DIST_INFO}/direct_url.json": "{}",
        f"{DIST_INFO}/INSTALLER": "somebody\n",
        f"{DIST_INFO}/RECORD.jws": "{}",
    }
    tree = laid_out(wheel_of(tmp_path, "demo", files))
    record = f"{DIST_INFO}/RECORD"
    rows = list(csv.reader(io.StringIO(body_of(tree, record).decode())))
    assert rows[-1] == [record, "", ""]
    assert {row[0] for row in rows} == {file.path for file in tree.files}
    for path, digest, size in rows[:-1]:
        body = body_of(tree, path)
        expected = urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
        assert (digest, size) == (f"sha256={expected}", str(len(body)))
    assert body_of(tree, f"{DIST_INFO}/INSTALLER") == b"wheelpin\n"
    assert f"{DIST_INFO}/direct_url.json" not in {row[0] for row in rows}


@pytest.mark.parametrize(
    ("first", "second", "target", "collisions"),
    [
        pytest.param({"a/x.py": "1"}, {"a/y.py": "2"}, LINUX, [], id="a namespace package is shared"),
        pytest.param({"a/__init__.py": "1"}, {"a/__init__.py": "1"}, LINUX, [], id="equal files are one"),
        pytest.param(
            {"tests/a.py": "1"}, {"tests/a.py": "2"}, LINUX, [("tests/a.py", "tests/a.py")], id="different files"
        ),
        pytest.param({"a": "1"}, {"a/b": "2"}, LINUX, [("a", "a/b")], id="a file and a folder"),
        pytest.param({"a/b": "1"}, {"a": "2"}, LINUX, [("a", "a/b")], id="a folder and a file"),
        pytest.param({"A.py": "1"}, {"a.py": "2"}, LINUX, [], id="names that differ in case, where case counts"),
        pytest.param(
            {"A.py": "1"}, {"a.py": "2"}, WINDOWS, [("A.py", "a.py")], id="names that differ in case, on Windows"
        ),
        pytest.param({"A.py": "1"}, {"a.py": "1"}, MACOS, [("A.py", "a.py")], id="names that differ in case, on macOS"),
        pytest.param(
            {"\u00e4.py": "1"}, {"a\u0308.py": "2"}, MACOS, [("\u00e4.py", "a\u0308.py")], id="names that look the same"
        ),
        pytest.param(
            {f"{DATA}/scripts/run": "1"},
            {"other-1.0.data/scripts/run": "2"},
            LINUX,
            [("bin/run", "bin/run")],
            id="scripts of one name",
        ),
    ],
)
def test_wheels_may_share_equal_files_only(
    tmp_path: Path, first: Files, second: Files, target: Target, collisions: list[tuple[str, str]]
) -> None:
    wheels = wheel_of(tmp_path, "demo", first), wheel_of(tmp_path, "other", second)
    if not collisions:
        assert len(paths(laid_out(*wheels, target=target))) == len({**first, **second})
        return
    with pytest.raises(CollisionError) as caught:
        laid_out(*wheels, target=target)
    assert [(each.path, each.other_path) for each in caught.value.collisions] == collisions
    assert {owner for each in caught.value.collisions for owner in (each.first, each.second)} == {"demo", "other"}


def test_all_collisions_are_told_at_once(tmp_path: Path) -> None:
    files = {f"m{number}.py": "1" for number in range(5)}
    with pytest.raises(CollisionError) as caught:
        laid_out(wheel_of(tmp_path, "demo", files), wheel_of(tmp_path, "other", dict.fromkeys(files, "2")))
    assert len(caught.value.collisions) == 5
    assert "and 4 more" in str(caught.value)


def test_wheel_that_collides_with_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CollisionError):
        laid_out(wheel_of(tmp_path, "demo", {"a.py": "1", f"{DATA}/purelib/a.py": "2"}))


def test_excluding_the_file_ends_a_collision(tmp_path: Path) -> None:
    wheels = wheel_of(tmp_path, "demo", {"t/a.py": "1"}), wheel_of(tmp_path, "other", {"t/a.py": "2", "t/b.py": ""})
    assert paths(laid_out(*wheels, exclude=["t/a.py"])) == {"t/b.py"}


def test_file_of_several_owners_is_executable_if_any_says_so(tmp_path: Path) -> None:
    wheels = (
        wheel_of(tmp_path, "demo", {"bin/run": "1"}),
        wheel_of(tmp_path, "other", {"other-1.0.data/scripts/run": "1"}),
    )
    (file,) = (file for file in laid_out(*wheels).files if file.path == "bin/run")
    assert (file.owner, file.mode) == ("demo", 0o755)


def test_slim_leaves_what_runs(tmp_path: Path) -> None:
    files = ("demo/a.py", "demo/a.so", "demo/test/a.py", "demo/data.json", "demo/py.typed")
    dropped = ("demo/tests/a.py", "tests/a.py", "demo/a.pyi", "demo/a.c", "demo/__pycache__/a.cpython-312.pyc")
    wheel = wheel_of(tmp_path, "demo", dict.fromkeys((*files, *dropped), ""))
    tree = laid_out(wheel, exclude=SLIM_PATTERNS)
    assert paths(tree) == set(files)
    assert f"{DIST_INFO}/METADATA" in {file.path for file in tree.files}


def modes(tree: Tree) -> dict[str, int]:
    return {file.path: file.mode for file in tree.files}


def test_modes_are_readable_for_all(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    source = wheel_of(tmp_path, "demo", {"private.py": "", "program": "", "none.py": ""})
    with zipfile.ZipFile(source.path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    stored = {"private.py": 0o100600, "program": 0o100711, "none.py": 0}
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = stored.get(name, 0o100644) << 16
            archive.writestr(info, body)
    tree = laid_out(open_wheel(path))
    assert {path: modes(tree)[path] for path in stored} == {"private.py": 0o644, "program": 0o755, "none.py": 0o644}
