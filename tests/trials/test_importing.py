"""Imports tried by a real interpreter: all that fails is named, and nothing of this process's own is in the way."""

import sys
from pathlib import Path
from platform import machine

import pytest

from tests.builders import make_wheel
from tests.interpreters import pyenv_interpreters
from tests.reporters import RecordingReporter
from tests.trials.folders import folder_of, own_target, project
from wheelpin.target import Target
from wheelpin.trials import (
    HostPython,
    Imported,
    ImportsFailedError,
    PythonFailedError,
    WrongPythonError,
    compile_folder,
    verify_imports,
)

TARGET = own_target()
HERE = HostPython(sys.executable)


def tried(where: Path, files: dict[str, str], *, place: HostPython = HERE, target: Target = TARGET) -> int:
    tree, folder = folder_of(where, project("thing", files), target=target)
    return verify_imports(tree, folder, place, target, RecordingReporter()).count


def failures(where: Path, files: dict[str, str]) -> list[str]:
    with pytest.raises(ImportsFailedError) as caught:
        tried(where, files)
    assert all(failure.project == "thing" for failure in caught.value.failures)
    return [str(failure) for failure in caught.value.failures]


def test_good_modules_are_counted(tmp_path: Path) -> None:
    assert tried(tmp_path, {"a.py": "import b", "b.py": "print('noise')", "c/__init__.py": ""}) == 3


def test_error_is_told_with_what_lies_under_it(tmp_path: Path) -> None:
    wrapped = "try:\n    import no_such_thing\nexcept ImportError:\n    raise ImportError('install thing[fast]')\n"
    assert failures(tmp_path, {"a.py": wrapped, "b.py": ""}) == [
        "a of thing: ImportError: install thing[fast]; from ModuleNotFoundError: No module named 'no_such_thing'"
    ]


def test_message_that_begins_on_the_next_line_is_told(tmp_path: Path) -> None:
    files = {"a.py": "raise ImportError('\\n\\nIMPORTANT: read this\\nand more')"}
    assert failures(tmp_path, files) == ["a of thing: ImportError: IMPORTANT: read this"]


@pytest.mark.skipif(sys.platform != "linux", reason="the first row needs a Linux of whatever architecture")
@pytest.mark.parametrize(
    ("where", "hint"),
    [
        pytest.param(
            f"manylinux_2_17_{machine()}",
            "a module that nobody needs may be left out: --exclude PATTERN",
            id="one like it",
        ),
        pytest.param(
            "win_arm64", f"{sys.executable} runs on linux {machine()}, and the target is win32 ARM64:", id="another"
        ),
    ],
)
def test_machine_that_is_not_like_the_target_is_told(tmp_path: Path, where: str, hint: str) -> None:
    target = Target.parse(f"{str(TARGET).partition('-')[0]}-{where}")
    with pytest.raises(ImportsFailedError) as caught:
        tried(tmp_path, {"a.py": "1 / 0"}, target=target)
    assert (caught.value.hint or "").partition(" compiled")[0] == hint


def test_every_failure_is_told(tmp_path: Path) -> None:
    files = {"a.py": "1 / 0", "b.py": "import sys\nsys.exit(3)", "c.py": "", "d.py": "raise KeyboardInterrupt"}
    assert failures(tmp_path, files) == [
        "a of thing: ZeroDivisionError: division by zero",
        "b of thing: SystemExit: 3",
        "d of thing: KeyboardInterrupt",
    ]


def test_module_that_kills_the_interpreter_is_named_and_the_others_are_tried(tmp_path: Path) -> None:
    killed = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    assert failures(tmp_path, {"a.py": "", "b.py": killed, "c.py": "import nothing_there", "d.py": ""}) == [
        "b of thing: the interpreter died of SIGKILL",
        "c of thing: ModuleNotFoundError: No module named 'nothing_there'",
    ]


def test_module_that_ends_the_interpreter_is_named(tmp_path: Path) -> None:
    files = {"a.py": "import os, sys\nsys.stderr.write('so long\\n')\nsys.stderr.flush()\nos._exit(7)\n"}
    assert failures(tmp_path, files) == ["a of thing: the interpreter ended with exit code 7: so long"]


def test_what_is_installed_beside_the_interpreter_does_not_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "own_module.py").write_text("", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "own"))
    assert failures(tmp_path, {"a.py": "import pytest", "b.py": "import own_module"}) == [
        "a of thing: ModuleNotFoundError: No module named 'pytest'",
        "b of thing: ModuleNotFoundError: No module named 'own_module'",
    ]


def test_library_that_the_loader_misses_is_named(tmp_path: Path) -> None:
    code = "import ctypes\nctypes.CDLL('libno-such-thing.so.9')\n"
    (said,) = failures(tmp_path, {"a.py": code})
    assert "libno-such-thing.so.9" in said


def test_nothing_is_written_into_the_folder(tmp_path: Path) -> None:
    tried(tmp_path, {"a.py": ""})
    assert list((tmp_path / "vendored").rglob("*.pyc")) == []


@pytest.mark.parametrize("act", [verify_imports, compile_folder])
def test_interpreter_of_another_version_is_refused(tmp_path: Path, act: type) -> None:
    target = Target.parse("cp27-manylinux1_x86_64")
    tree, folder = folder_of(tmp_path, make_wheel("a"), target=target)
    with pytest.raises(WrongPythonError) as caught:
        act(tree, folder, HERE, target, RecordingReporter())
    assert caught.value.wanted == "CPython 2.7"
    assert caught.value.hint == "name a CPython 2.7 with --python"


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        pytest.param("/no/such/python", "there is no such program", id="not there"),
        pytest.param("false", "it ended with exit code 1", id="no Python"),
    ],
)
def test_program_that_is_no_interpreter_is_refused(tmp_path: Path, program: str, reason: str) -> None:
    with pytest.raises(PythonFailedError, match=reason):
        tried(tmp_path, {"a.py": ""}, place=HostPython(program))


def test_interpreter_is_found_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "python").symlink_to(sys.executable)
    monkeypatch.chdir(tmp_path)
    assert tried(tmp_path, {"a.py": ""}, place=HostPython("env/python")) == 1


def test_compiled_modules_run_without_their_sources_being_read_again(tmp_path: Path) -> None:
    tree, folder = folder_of(
        tmp_path,
        project("thing", {"a/__init__.py": "", "a/b.py": "answer = 1\n", "a/python2.py": "print 'x'\n"}),
        target=TARGET,
    )
    reporter = RecordingReporter()
    assert compile_folder(tree, folder, HERE, TARGET, reporter) == 2
    assert reporter.details == [f"a/python2.py is not compiled: it is no module of {TARGET.interpreter}"]
    assert len(list(folder.rglob("*.pyc"))) == 2
    (folder / "a" / "b.py").write_text("raise SystemError\n", encoding="utf-8")
    assert verify_imports(tree, folder, HERE, TARGET, reporter).count == 1


def test_bytecode_knows_no_folder(tmp_path: Path) -> None:
    bodies = []
    for name in ("one", "another"):
        (tmp_path / name).mkdir()
        tree, folder = folder_of(tmp_path / name, project("thing", {"a/b.py": "def f(): pass\n"}), target=TARGET)
        compile_folder(tree, folder, HERE, TARGET, RecordingReporter())
        bodies.append([path.read_bytes() for path in folder.rglob("*.pyc")])
    assert bodies[0] == bodies[1]
    assert b"a/b.py" in bodies[0][0]
    assert str(tmp_path).encode() not in bodies[0][0]


INTERPRETERS = pyenv_interpreters()


@pytest.mark.skipif(not INTERPRETERS, reason="pyenv is not there, or has no CPythons")
@pytest.mark.parametrize("minor", INTERPRETERS)
def test_every_python_runs_the_scripts(tmp_path: Path, minor: str) -> None:
    target = Target.parse(f"cp{minor.replace('.', '')}-manylinux1_x86_64")
    place = HostPython(str(INTERPRETERS[minor]))
    files = {"a/__init__.py": "", "b.py": "import a\n", "c.py": "import nothing_there\n", "d.py": "def (\n"}
    tree, folder = folder_of(tmp_path, project("thing", files), target=target)
    reporter = RecordingReporter()
    assert compile_folder(tree, folder, place, target, reporter) == 3
    with pytest.raises(ImportsFailedError) as caught:
        verify_imports(tree, folder, place, target, reporter)
    assert [failure.module for failure in caught.value.failures] == ["c", "d"]
    assert "nothing_there" in str(caught.value.failures[0])
    assert {path.stem.partition(".")[0] for path in folder.rglob("*.pyc")} == {"__init__", "b", "c"}


WANTS = "import grpc\n"
LACKING = ['grpcio; extra == "grpc"', "broken requirement of nobody"]


def namesakes(where: Path, files: dict[str, str], requires: list[str]) -> Imported:
    """Import a wheel in a namespace beside another project's."""
    wheels = (make_wheel("thing", requires=requires, files=files), make_wheel("other", files={"other.py": ""}))
    tree, folder = folder_of(where, *wheels, target=TARGET)
    return verify_imports(tree, folder, HERE, TARGET, RecordingReporter())


def test_modules_of_a_namespace_for_extras_that_nobody_asked_for_are_passed_over(tmp_path: Path) -> None:
    files = {"ns/a.py": "", "ns/b_grpc.py": WANTS, "ns/c_grpc.py": "import ns.b_grpc\n", "ns/d.py": "import boto\n"}
    found = namesakes(tmp_path, files, LACKING)
    assert found.count == 2  # ns.a and other
    assert [str(each) for each in found.passed_over] == [
        "passed over ns.b_grpc and 1 more module of thing: they need grpc, which nothing here provides",
        "passed over ns.d of thing: it needs boto, which nothing here provides",
    ]


WRAPPED = "try:\n    import grpc\nexcept ImportError as error:\n    raise ImportError('install it') from error\n"


def test_error_that_stands_for_a_missing_module_is_taken_as_that(tmp_path: Path) -> None:
    found = namesakes(tmp_path, {"ns/a.py": "", "ns/b.py": WRAPPED}, LACKING)
    assert [each.missing for each in found.passed_over] == ["grpc"]


@pytest.mark.parametrize(
    ("files", "requires"),
    [
        pytest.param({"ns/a.py": "", "ns/b.py": WANTS}, [], id="no extra at all"),
        pytest.param({"ns/a.py": "", "ns/b.py": WANTS}, ["grpcio"], id="a requirement that is no extra's"),
        pytest.param({"ns/a.py": "", "ns/b.py": WANTS}, ['other; extra == "x"'], id="an extra that is here"),
        pytest.param({"ns/a.py": WANTS}, LACKING, id="all that the project has"),
        pytest.param({"a.py": "", "b.py": WANTS}, LACKING, id="no namespace"),
        pytest.param({"a.py": "", "b/__init__.py": WANTS}, LACKING, id="a package"),
        pytest.param({"ns/a.py": "", "ns/b.py": "import other.missing\n"}, LACKING, id="a part of what is here"),
        pytest.param({"ns/a.py": "", "ns/b.py": "import ns.c\n"}, LACKING, id="a part of its own namespace"),
        pytest.param({"ns/a.py": "", "ns/b.py": "1 / 0\n"}, LACKING, id="another error"),
        pytest.param(
            {"ns/a.py": "", "ns/b.py": "try:\n    import grpc\nexcept ImportError:\n    grpc.x\n"},
            LACKING,
            id="an error that follows from it",
        ),
    ],
)
def test_any_other_failure_of_a_module_counts(tmp_path: Path, files: dict[str, str], requires: list[str]) -> None:
    with pytest.raises(ImportsFailedError):
        namesakes(tmp_path, files, requires)
