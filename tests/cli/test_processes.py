"""wheelpin as a process: no traceback whatever happens to it, and a prompt end when it is told to stop."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, Process, Wheelpin, command_line
from tests.index_server import IndexServer, Shown

needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(make_wheel("alpha", "1.0")) as running:
        yield running


@contextmanager
def started(process: Process, *words: str | Path, **streams: object) -> Iterator["subprocess.Popen[str]"]:
    """Start wheelpin in a process that is waited for in any case."""
    chosen = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    with subprocess.Popen(
        command_line(*words),
        cwd=process.folder,
        env=process.variables(),
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        **chosen,  # type: ignore[call-overload]
    ) as running:
        try:
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("lock", "alpha", "-o", "-"), 0, id="done"),
        pytest.param(("lock", "alpha==", "-o", "-"), 2, id="the input is wrong"),
        pytest.param(("lock", "alpha>1", "-o", "-"), 3, id="nothing fits"),
        pytest.param(("explain", "alpha>1"), 3, id="nothing fits, explained"),
        pytest.param(("lock", "forged", "-o", "-"), 4, id="wrong bytes"),
        pytest.param(("lock", "alpha", "-i", "http://127.0.0.1:9/"), 5, id="nobody answers"),
    ],
)
def test_exit_code_of_the_process_is_that_of_the_command(
    process: Process, index: IndexServer, words: tuple[str, ...], code: int
) -> None:
    index.add(Shown(file=make_wheel("forged"), listed_changes={"hashes": {"md5": "0" * 32}}))
    said = process(words[0], *words[1:], "-t", LINUX, more={"PIP_INDEX_URL": index.url})
    assert said.code == code, said.err
    assert "Traceback" not in said.err
    assert len(said.errors) == (0 if words[0] == "explain" or code == 0 else 1)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process alone")
def test_interrupt_ends_the_wait_for_a_silent_server(process: Process, project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        words = (
            "lock",
            "alpha",
            "-t",
            LINUX,
            "-i",
            f"http://127.0.0.1:{silent.getsockname()[1]}/",
            "--timeout",
            "3600",
        )
        with started(process, *words) as running:
            connection, _ = silent.accept()
            with connection:
                running.send_signal(signal.SIGINT)
                out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert out == ""
    assert err.split() == ["interrupted"]
    assert list(project.iterdir()) == []


def test_interrupt_while_modules_load_is_none_for_a_traceback(
    wheelpin: Wheelpin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(name: str) -> object:
        raise KeyboardInterrupt

    half_loaded = ModuleType("wheelpin.cli.main")
    half_loaded.__getattr__ = interrupted  # type: ignore[method-assign]
    monkeypatch.setitem(sys.modules, half_loaded.__name__, half_loaded)
    said = wheelpin("target", "list")
    assert (said.code, said.out, said.err) == (130, "", "interrupted\n")
    monkeypatch.setattr(sys, "stderr", None)
    assert wheelpin("target", "list").code == 130


@needs_dev_full
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("lock", "alpha", "-o", "-", "-t", LINUX), id="a lock"),
        pytest.param(("lock", "alpha", "--json", "-t", LINUX), id="a report"),
        pytest.param(("explain", "alpha", "-t", LINUX), id="an explanation"),
        pytest.param(("target", "show", LINUX), id="a target"),
        pytest.param(("target", "list"), id="the presets"),
        pytest.param(("cache", "dir"), id="a path"),
        pytest.param(("--help",), id="help"),
        pytest.param(("--version",), id="the version"),
    ],
)
def test_full_standard_output_is_an_error(process: Process, index: IndexServer, words: tuple[str, ...]) -> None:
    index_words = ("-i", index.url) if words[0] in ("lock", "explain") else ()
    for _ in range(2 if words[0] == "lock" else 1):  # the second run of a lock remembers its answer
        with Path("/dev/full").open("w") as full, started(process, *words, *index_words, stdout=full) as running:
            _, err = running.communicate(timeout=60)
        assert running.returncode == 2
        assert err.splitlines()[-1] == "error: cannot write standard output: No space left on device"
        assert "Traceback" not in err


@pytest.mark.parametrize("words", [("target", "show"), ("lock", "alpha", "-o", "-", "-t")], ids=["target", "lock"])
def test_reader_that_goes_away_is_no_error(process: Process, index: IndexServer, words: tuple[str, ...]) -> None:
    index_words = ("-i", index.url) if words[0] == "lock" else ()
    for _ in range(2 if words[0] == "lock" else 1):
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe, started(process, *words, LINUX, *index_words, stdout=pipe) as running:
            _, err = running.communicate(timeout=60)
        assert (running.returncode, err) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="a shell is needed that closes streams")
@pytest.mark.parametrize("stream", [1, 2], ids=["standard output", "standard error"])
def test_closed_stream_is_no_error(process: Process, index: IndexServer, stream: int) -> None:
    words = ("lock", "alpha", "-t", LINUX, "-i", index.url, "--json")
    for _ in range(2):
        said = process.run(["sh", "-c", f'exec "$@" {stream}>&-', "sh", *command_line(*words)])
        assert said.code == 0
        assert "Traceback" not in said.err
    assert (process.folder / LOCK).is_file()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps working folders from being removed")
def test_working_folder_that_is_gone(process: Process) -> None:
    line = ["sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && "$@"', "sh", *command_line("lock", "a", "-t", LINUX)]
    said = process.run(line)
    assert said.code == 2
    assert said.err == "error: the working folder is not there any more\n"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system with room for very little."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small file system needs root and mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)


def fill(place: Path) -> None:
    with (place / "rest").open("wb", buffering=0) as rest:
        try:
            while True:
                rest.write(b"\0" * 4096)
        except OSError:
            return


def test_full_disk_leaves_the_old_lock(process: Process, index: IndexServer, small_disk: Path) -> None:
    lock = small_disk / "lock.txt"
    words = ("lock", "alpha", "-t", LINUX, "-i", index.url, "-o", lock)
    assert process(*words).code == 0
    old = lock.read_bytes()
    index.add(make_wheel("alpha", "2.0"))
    fill(small_disk)
    said = process(*words, "--upgrade", "--refresh")
    assert said.code == 2
    assert said.errors == [f"error: cannot write {lock}: No space left on device"]
    assert lock.read_bytes() == old
    assert sorted(path.name for path in small_disk.iterdir()) == ["lock.txt", "rest"]


def test_full_disk_under_the_cache_is_a_warning(process: Process, index: IndexServer, small_disk: Path) -> None:
    fill(small_disk)
    said = process("lock", "alpha", "-t", LINUX, "-i", index.url, "--cache-dir", small_disk)
    assert said.code == 0
    (warning,) = said.warnings
    assert str(small_disk) in warning
    assert (process.folder / LOCK).is_file()


LARGE = make_wheel("large", "1.0", files={"large.py": os.urandom(200_000), "other.py": "x = 1\n"})
DELIVERIES = [
    pytest.param(("vendor", "-t", "out"), "out/large.py", id="vendor"),
    pytest.param(("bundle", "-o", "out.zip"), "out.zip", id="bundle"),
]


@pytest.mark.parametrize(("words", "made"), DELIVERIES)
def test_cache_without_room_for_wheels_costs_a_warning(
    process: Process, index: IndexServer, small_disk: Path, words: tuple[str, ...], made: str
) -> None:
    index.add(LARGE)
    lock = process.folder / "lock.txt"
    assert process("lock", "large", "alpha", "-t", LINUX, "-i", index.url, "-o", lock).code == 0
    said = process(words[0], lock, *words[1:], "--cache-dir", small_disk)
    assert said.code == 0, said.err
    first = f"{small_disk} cannot be written, so wheels lie in {process.folder} meanwhile: No space left on device"
    assert said.warnings[:1] == [first]
    assert all(str(small_disk) in warning for warning in said.warnings)
    assert (process.folder / made).is_file()
    assert sorted(path.name for path in process.folder.iterdir()) == sorted(["lock.txt", made.partition("/")[0]])
    again = process(words[0], lock, *words[1:], "--check", "--cache-dir", small_disk)
    assert again.code == 0, again.err


@pytest.mark.parametrize("cache", ["/proc/none", "/dev/null", "file"])
def test_cache_that_cannot_be_is_a_warning(process: Process, index: IndexServer, tmp_path: Path, cache: str) -> None:
    (tmp_path / "file").write_text("a file", encoding="utf-8")
    place = str(tmp_path / "file") if cache == "file" else cache
    said = process("lock", "alpha", "-t", LINUX, "-i", index.url, more={"WHEELPIN_CACHE_DIR": place})
    assert said.code == 0
    assert len(said.warnings) == 1
    assert place in said.warnings[0]


def test_read_only_folder(process: Process, index: IndexServer, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True, capture_output=True)
    said = process("lock", "alpha", "-t", LINUX, "-i", index.url, "--output-dir", small_disk)
    assert said.code == 2
    assert said.errors == [f"error: cannot write {small_disk / LINUX}.txt: Read-only file system"]
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        pytest.param({}, False, id="not where nobody watches"),
        pytest.param({"FORCE_COLOR": "1"}, True, id="on request"),
        pytest.param({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="never with NO_COLOR"),
    ],
)
def test_colour(process: Process, variables: dict[str, str], coloured: bool) -> None:
    said = process("lock", "alpha", more=variables)
    assert said.code == 2
    assert ("\x1b[31m" in said.err) is coloured


def test_module_and_script_are_the_same_program(process: Process) -> None:
    script = Path(sys.executable).with_name("wheelpin")
    if not script.exists():
        pytest.skip("wheelpin is not installed in this environment, so it has no script")
    assert process.run([str(script), "--version"]) == process("--version")


def test_nothing_is_looked_for_in_what_a_run_leaves(process: Process) -> None:
    script = """
import atexit, gc
from wheelpin.entry import main
atexit.register(lambda: print(gc.get_freeze_count() > 1000, [gc.get_count()[1:]]))
main(["--version"])
"""
    said = process.run([sys.executable, "-c", script])
    assert said.out.splitlines()[-1] == "True [(0, 0)]"
