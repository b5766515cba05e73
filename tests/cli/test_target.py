"""``wheelpin target``: presets listed, a target shown whole, an interpreter captured and the file read back."""

import json
import sys
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.golden_text import assert_golden
from tests.cli.running import Wheelpin
from tests.index_server import IndexServer
from wheelpin.target import presets

BOX = {
    "wheelpin-target": 1,
    "tags": "cp312-manylinux_2_31_x86_64",
    "python-full-version": "3.12.3",
    "denied-platforms": ["manylinux1_x86_64"],
    "markers": {"implementation_version": "3.12.3", "platform_machine": "x86_64"},
    "captured-on": {"platform_release": "5.10.104-linuxkit"},
}


@pytest.fixture
def box(project: Path) -> Path:
    """Return the path of a captured target, as a user names it."""
    (project / "targets").mkdir()
    (project / "targets" / "box.json").write_text(json.dumps(BOX), encoding="utf-8")
    return Path("targets", "box.json")


def test_list_tells_what_is_known_of_each_preset(wheelpin: Wheelpin) -> None:
    said = wheelpin("target", "list")
    assert said.code == 0
    assert_golden("target-list.txt", said.out)
    assert "Besides these names, any tags" in said.err


def test_list_as_json_has_every_preset(wheelpin: Wheelpin) -> None:
    said = wheelpin("target", "list", "--json")
    rows = json.loads(said.out)
    assert said.err == ""
    assert [row["name"] for row in rows] == list(presets())
    assert {tuple(row) for row in rows} == {
        ("name", "tags", "python_full_version", "is_verified", "source", "checked_on")
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("target-show-windows.txt", ("cp312-win_amd64",), id="tags, the patch assumed"),
        pytest.param(
            "target-show-old-linux.txt",
            (
                *("manylinux1-CP36-x86_64", "--python-full-version", "3.6.8"),
                *("--marker", "platform_release=4.14.0", "--marker", "platform_version=#1 SMP"),
            ),
            id="tags in another order, with all that is said beside them",
        ),
    ],
)
def test_show_prints_markers_and_tags(wheelpin: Wheelpin, name: str, words: tuple[str, ...]) -> None:
    said = wheelpin("target", "show", *words)
    assert (said.code, said.err) == (0, "")
    assert_golden(name, said.out)


def test_show_as_json_has_all_eleven_markers(wheelpin: Wheelpin) -> None:
    said = wheelpin("target", "show", "cp312-win_amd64", "--marker", "platform_release=11", "--json")
    assert (said.code, said.err) == (0, "")
    assert_golden("target-show.json", said.out)


def test_show_warns_of_a_preset_that_nobody_verified(wheelpin: Wheelpin) -> None:
    unverified = next(preset for preset in presets().values() if not preset.is_verified)
    said = wheelpin("target", "show", unverified.name)
    assert said.code == 0
    assert said.out.startswith(f"{unverified.name}: {unverified.tags}, Python ")
    assert any(unverified.name in warning for warning in said.warnings)


def test_captured_target_has_the_name_of_its_file(wheelpin: Wheelpin, box: Path) -> None:
    said = wheelpin("target", "show", box)
    assert said.code == 0
    assert said.out.splitlines()[0] == "box: cp312-manylinux_2_31_x86_64, Python 3.12.3"
    assert "  platform_release = unknown until --marker says it\n" in said.out
    assert "manylinux1_x86_64" not in said.out


def test_options_go_before_what_a_target_file_says(wheelpin: Wheelpin, box: Path) -> None:
    words = ("--python-full-version", "3.12.9", "--marker", "platform_release=5.10", "--json")
    shown = json.loads(wheelpin("target", "show", box, *words).out)
    assert shown["python_full_version"] == "3.12.9"
    assert shown["is_patch_assumed"] is False
    assert shown["markers"]["python_full_version"] == "3.12.9"
    assert shown["markers"]["implementation_version"] == "3.12.9"
    assert shown["markers"]["platform_release"] == "5.10"


def test_option_beside_a_target_file_is_checked(wheelpin: Wheelpin, box: Path) -> None:
    said = wheelpin("target", "show", box, "--python-full-version", "3.11.2")
    assert said.code == 2
    assert said.errors == [
        "error: Python version '3.11.2' for target cp312-manylinux_2_31_x86_64 (command line): the target is 3.12"
    ]


def test_lock_for_a_captured_target_is_refreshed_from_its_file(wheelpin: Wheelpin, project: Path, box: Path) -> None:
    with IndexServer(make_wheel("alpha")) as index:
        words = ("alpha", "-i", index.url, "-t", box, "-t", "manylinux1-cp36-x86_64")
        assert wheelpin("lock", *words).code == 0
    lock = (project / "lockfiles" / "box.txt").read_text(encoding="utf-8")
    assert "# target-name: box\n" in lock
    assert f"# refresh: wheelpin lock alpha --target targets/box.json -i {index.url}\n" in lock
    other = (project / "lockfiles" / "cp36-manylinux1_x86_64.txt").read_text(encoding="utf-8")
    assert f"# refresh: wheelpin lock alpha --target cp36-manylinux1_x86_64 -i {index.url}\n" in other


def test_captured_interpreter_reads_back_as_a_target(wheelpin: Wheelpin) -> None:
    said = wheelpin("target", "capture", "--python", sys.executable, "-o", "here.json")
    assert said.err.startswith(f"here.json: cp3{sys.version_info[1]}")
    assert (said.code, said.out) == (0, "")
    shown = json.loads(wheelpin("target", "show", "here.json", "--json").out)
    assert shown["name"] == "here"
    assert shown["python_full_version"] == ".".join(map(str, sys.version_info[:3]))
    assert shown["markers"]["platform_release"] is None


def test_capture_prints_the_target_file_unless_told_where(wheelpin: Wheelpin) -> None:
    said = wheelpin("target", "capture", "--python", sys.executable)
    assert json.loads(said.out)["wheelpin-target"] == 1


@pytest.mark.parametrize(
    ("python", "reason"),
    [
        pytest.param("./no-such-python", "there is no such program", id="a program that is not there"),
        pytest.param("/bin/false", "it ended with exit code 1", id="a program that is no Python"),
        pytest.param("/bin/true", "it says nothing, and so is no Python", id="one that is silent"),
        pytest.param("/", "Permission denied", id="a folder"),
    ],
)
def test_capture_says_which_interpreter_did_not_answer(wheelpin: Wheelpin, python: str, reason: str) -> None:
    said = wheelpin("target", "capture", "--python", python)
    assert said.code == 2
    assert said.errors == [f"error: cannot capture a target from {python}: {reason}"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(None, "cannot read box.json: No such file or directory", id="a file that is not there"),
        pytest.param(b"\xff\xfe", "cannot read box.json: byte 0 is not UTF-8", id="a file that is no text"),
        pytest.param(b"{}", "target file box.json: it has none of wheelpin-target", id="some other JSON"),
        pytest.param(b"cp312", "target file box.json: ", id="no JSON"),
        pytest.param(
            b'{"wheelpin-target": 1, "tags": "cp312-x", "python-full-version": "3.12.1"}',
            "target 'cp312-x' (box.json): 'x' is no interpreter, ABI, platform or architecture",
            id="tags that are none",
        ),
    ],
)
def test_bad_target_file_is_named(wheelpin: Wheelpin, project: Path, content: bytes | None, error: str) -> None:
    if content is not None:
        (project / "box.json").write_bytes(content)
    said = wheelpin("target", "show", "box.json")
    assert said.code == 2
    (line,) = said.errors
    assert error in line


def test_interpreter_is_found_from_the_working_folder(wheelpin: Wheelpin, project: Path) -> None:
    (project / "env").mkdir()
    (project / "env" / "python").symlink_to(sys.executable)
    said = wheelpin("target", "capture", "--python", "env/python")
    assert said.code == 0, said.err
