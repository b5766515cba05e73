"""``wheelpin audit``: what binaries need, in words and as JSON, and one exit code for all that is wrong."""

import json
from pathlib import Path

import pytest

from tests.builders import BuiltFile, make_wheel
from tests.cli.golden_text import assert_golden
from tests.cli.running import Wheelpin
from tests.elf_builders import Elf, make_elf, make_extension, make_pe

SUFFIX = ".cpython-312-x86_64-linux-gnu.so"
TRUE = make_wheel("true", "1.0", "cp312-cp312-manylinux_2_17_x86_64", files={f"_true{SUFFIX}": make_extension("_true")})
LYING = make_wheel(
    "lying",
    "1.0",
    "cp312-cp312-manylinux_2_17_x86_64",
    files={
        f"_lying{SUFFIX}": make_elf(
            Elf(
                needed=["libc.so.6", "libcrypto.so.3"],
                versions={"libc.so.6": {"GLIBC_2.34": ["pthread_create"]}},
                undefined=["dlopen"],
                defined=["PyInit__lying"],
            )
        )
    },
)
WINDOWS = make_wheel("windows", "1.0", "cp312-cp312-win_amd64", files={"_w.cp312-win_amd64.pyd": make_pe(0x8664)})
PURE = make_wheel("pure")


def laid(*wheels: BuiltFile) -> list[str]:
    for wheel in wheels:
        Path(wheel.filename).write_bytes(wheel.body)
    return [wheel.filename for wheel in wheels]


def test_findings_are_told_wheel_by_wheel(wheelpin: Wheelpin) -> None:
    said = wheelpin("audit", *laid(TRUE, LYING, WINDOWS, PURE))
    assert (said.code, said.err) == (1, "")
    assert_golden("audit.txt", said.out)


def test_findings_for_a_target_are_told_too(wheelpin: Wheelpin) -> None:
    said = wheelpin("audit", *laid(TRUE, PURE, WINDOWS), "--target", "cp312-manylinux_2_17_x86_64")
    assert (said.code, said.err) == (1, "")
    assert_golden("audit-for-target.txt", said.out)


@pytest.mark.parametrize(
    ("wheel", "target", "code"),
    [
        pytest.param(TRUE, None, 0, id="true tags"),
        pytest.param(LYING, None, 1, id="untrue tags"),
        pytest.param(TRUE, "cp312-manylinux_2_28_x86_64", 0, id="true tags that the target takes"),
        pytest.param(TRUE, "cp311-manylinux_2_28_x86_64", 1, id="true tags that the target does not take"),
        pytest.param(PURE, "cp27-win32", 1, id="another Python's"),
        pytest.param(WINDOWS, "cp312-win_amd64", 0, id="of Windows"),
    ],
)
def test_exit_code_tells_whether_all_is_sound(
    wheelpin: Wheelpin, wheel: BuiltFile, target: str | None, code: int
) -> None:
    words = () if target is None else ("--target", target)
    said = wheelpin("audit", *laid(wheel), *words, "--json")
    assert (said.code, said.err) == (code, "")
    (found,) = json.loads(said.out)
    assert (found["wheel"], found["sound"], found["target"]) == (wheel.filename, code == 0, target)


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        pytest.param((), 2, "Missing argument 'WHEEL...'", id="nothing named"),
        pytest.param(("none-1-py3-none-any.whl",), 2, "cannot read none-1-py3-none-any.whl", id="no such file"),
        pytest.param((".",), 2, "cannot read .", id="a folder"),
        pytest.param(("notes.txt",), 2, "notes.txt is not the name of a wheel", id="no wheel's name"),
        pytest.param(("x-1-py3-none-any.whl",), 4, "x-1-py3-none-any.whl cannot be read as a wheel", id="no archive"),
    ],
)
def test_what_cannot_be_audited_is_an_error(wheelpin: Wheelpin, words: tuple[str, ...], code: int, error: str) -> None:
    for name in ("notes.txt", "x-1-py3-none-any.whl"):
        Path(name).write_bytes(b"words")
    said = wheelpin("audit", *words)
    assert (said.code, said.out) == (code, "")
    (line,) = said.errors
    assert error in line


def test_folder_is_answered_with_how_to_name_its_wheels(wheelpin: Wheelpin) -> None:
    assert wheelpin("audit", ".").hints == ["name the wheels in it: ./*.whl"]
    assert wheelpin("audit", "none-1-py3-none-any.whl").hints == []


def test_wheel_that_cannot_be_audited_keeps_no_other_from_it(wheelpin: Wheelpin) -> None:
    Path("x-1-py3-none-any.whl").write_bytes(b"words")
    words = ("audit", "x-1-py3-none-any.whl", "none-1-py3-none-any.whl", *laid(TRUE))
    said = wheelpin(*words)
    assert said.code == 4
    assert f"{TRUE.filename}: its tags are true" in said.out
    assert [line.partition(": ")[2].split()[0] for line in said.errors] == ["x-1-py3-none-any.whl", "cannot"]
    broken, gone, sound = json.loads(wheelpin(*words, "--json").out)
    assert broken == {
        "wheel": "x-1-py3-none-any.whl",
        "error": "x-1-py3-none-any.whl cannot be read as a wheel: File is not a zip file",
    }
    assert gone["error"].startswith("cannot read none-1-py3-none-any.whl")
    assert sound["sound"]


def test_second_target_is_not_dropped_in_silence(wheelpin: Wheelpin) -> None:
    target = "cp312-manylinux_2_17_x86_64"
    said = wheelpin("audit", *laid(TRUE), "--target", target, "--target", target)
    assert said.code == 2
    assert "it may be given once here" in said.errors[0]
