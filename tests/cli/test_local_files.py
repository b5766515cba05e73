"""Files of this machine: nobody listed their hashes or uploads, so they are read themselves."""

from pathlib import Path

import pytest

from tests.builders import BuiltFile, make_wheel
from tests.cli.running import LINUX, LOCK, Wheelpin, lines_of_pins
from tests.index_server import IndexServer

OLD, NEW = make_wheel("alpha", "1.0"), make_wheel("alpha", "2.0")
OTHER_DIGEST = "0" * 64
OFFLINE = ("--no-index", "-f", "wheels")


@pytest.fixture(autouse=True)
def _wheels(project: Path) -> None:
    (project / "wheels").mkdir()
    for file in (OLD, NEW):
        (project / "wheels" / file.filename).write_bytes(file.body)


@pytest.mark.parametrize(
    ("line", "chosen"),
    [
        pytest.param(f"alpha==1.0 --hash=sha256:{OLD.sha256}", OLD, id="one"),
        pytest.param(f"alpha==1.0 --hash=sha256:{OTHER_DIGEST} --hash=sha256:{OLD.sha256}", OLD, id="one of several"),
        pytest.param(f"alpha --hash=sha256:{OLD.sha256}", OLD, id="that of an older version"),
        pytest.param(f"./wheels/{NEW.filename} --hash=sha256:{NEW.sha256}", NEW, id="a path's"),
        pytest.param(
            f"./wheels/{NEW.filename} --hash=sha256:{OTHER_DIGEST} --hash=sha256:{NEW.sha256}",
            NEW,
            id="one of a path's",
        ),
    ],
)
def test_hashes_that_are_asked_for_are_those_of_the_files(wheelpin: Wheelpin, line: str, chosen: BuiltFile) -> None:
    Path("in.txt").write_text(f"{line}\n", encoding="utf-8")
    wheelpin.lock("-r", "in.txt", *OFFLINE)
    locked = LOCK.read_text(encoding="utf-8")
    assert lines_of_pins(locked) == [f"./wheels/{chosen.filename} --hash=sha256:{chosen.sha256}"]
    assert wheelpin("lock", "-r", "in.txt", *OFFLINE, "-t", LINUX, "--check").code == 0


def test_hash_that_no_file_has_is_told(wheelpin: Wheelpin) -> None:
    Path("in.txt").write_text(f"alpha==1.0 --hash=sha256:{OTHER_DIGEST}\n", encoding="utf-8")
    said = wheelpin("lock", "-r", "in.txt", *OFFLINE, "-t", LINUX)
    assert said.code == 3
    assert f"  {OLD.filename}: its sha256 is none of those that the requirement allows" in said.err


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"./wheels/{OLD.filename} --hash=sha256:{OTHER_DIGEST}", id="beside a path"),
        pytest.param(f"alpha @ {{}}/wheels/{OLD.filename}#sha256={OTHER_DIGEST}", id="in an address"),
    ],
)
def test_wrong_hash_of_a_named_file_is_never_locked(wheelpin: Wheelpin, project: Path, line: str) -> None:
    Path("in.txt").write_text(f"{line.format(project.as_uri())}\n", encoding="utf-8")
    said = wheelpin("lock", "-r", "in.txt", "--no-index", "-t", LINUX)
    assert said.code == 4
    assert said.errors[0].endswith(f"{OLD.filename} has the sha256 {OLD.sha256}, and {OTHER_DIGEST} is asked for")
    assert said.hints == ["restore the file, or name the hash that it has"]
    assert not LOCK.exists()


def test_what_was_read_here_needs_no_note(wheelpin: Wheelpin) -> None:
    assert "# note" not in wheelpin.text("alpha", *OFFLINE)


def test_exclude_newer_is_of_uploads_and_nobody_uploaded_these(wheelpin: Wheelpin) -> None:
    assert wheelpin.pins("alpha", *OFFLINE, "--exclude-newer", "2020-01-01") == ["alpha==2.0"]


def test_address_of_a_server_may_have_several_hashes(wheelpin: Wheelpin) -> None:
    with IndexServer(OLD) as index:
        address = index.file_url(OLD.filename)
        hashes = f"--hash=sha256:{OTHER_DIGEST} --hash=sha256:{OLD.sha256}"
        Path("in.txt").write_text(f"alpha @ {address} {hashes}\n", encoding="utf-8")
        assert lines_of_pins(wheelpin.text("-r", "in.txt", "--no-index")) == [f"alpha @ {address}#sha256={OLD.sha256}"]


@pytest.mark.parametrize("form", ["requirements", "hashes", "pylock"])
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("download", "pylock.toml", "-d", "out"), id="download"),
        pytest.param(("vendor", "pylock.toml", "-t", "out"), id="vendor"),
        pytest.param(("bundle", "pylock.toml", "-o", "out.zip"), id="bundle"),
    ],
)
def test_lock_of_any_form_is_delivered_from_the_folder(wheelpin: Wheelpin, form: str, words: tuple[str, ...]) -> None:
    wheelpin.lock("alpha", *OFFLINE, "--format", form, "-o", "pylock.toml")
    said = wheelpin(*words, *OFFLINE)
    assert said.code == 0, said.err


def test_file_of_the_right_name_with_other_bytes_is_refused(wheelpin: Wheelpin, project: Path) -> None:
    wheelpin.lock("alpha", *OFFLINE, "--format", "hashes", "-o", "lock.txt")
    (project / "wheels" / NEW.filename).write_bytes(OLD.body)
    said = wheelpin("download", "lock.txt", "-d", "out", *OFFLINE)
    assert said.code == 4
    assert f"has sha256 {OLD.sha256}, and {NEW.sha256} was locked" in said.err


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("download", "../lockfiles/lock.txt", "-d", "out"), id="download"),
        pytest.param(("vendor", "../lockfiles/lock.txt", "-t", "out"), id="vendor"),
        pytest.param(("bundle", "../lockfiles/lock.txt", "-o", "out.zip"), id="bundle"),
    ],
)
def test_paths_of_a_lock_start_where_it_was_made(
    wheelpin: Wheelpin, project: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    wheelpin.lock("alpha", *OFFLINE, "-o", "lockfiles/lock.txt")
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    said = wheelpin(*words, "--no-index")
    assert said.code == 0, said.err


def test_paths_of_an_exported_lock_are_right_from_anywhere(
    wheelpin: Wheelpin, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheelpin.lock("alpha", *OFFLINE, "-o", "lockfiles/lock.txt")
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    assert wheelpin("export", "../lockfiles/lock.txt", "--format", "pylock", "-o", "pylock.toml").code == 0
    assert f'path = "../wheels/{NEW.filename}"\n' in Path("pylock.toml").read_text(encoding="utf-8")


def test_lost_wheel_is_told_with_where_paths_start(wheelpin: Wheelpin, project: Path) -> None:
    wheelpin.lock("alpha", *OFFLINE, "-o", "lock.txt")
    (project / "wheels" / NEW.filename).unlink()
    said = wheelpin("vendor", "lock.txt", "-t", "out", "--no-index")
    assert said.code == 2
    assert said.errors[0].endswith(f"there is no file {project}/wheels/{NEW.filename}")
    assert said.hints == ["bring it back, or lock anew; the paths in a lock start at the folder where it was made"]
