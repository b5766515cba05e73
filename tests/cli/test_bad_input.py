"""What users write wrongly: one message that names the thing and where it was said, exit code 2, nothing written."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, Wheelpin
from tests.index_server import IndexServer

NOWHERE = "http://127.0.0.1:9/simple/"
"""An index that must not be asked, because the run ends before."""
INDEX = ("-i", NOWHERE)


def everything_in(folder: Path) -> Mapping[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def refused(wheelpin: Wheelpin, project: Path) -> Callable[..., tuple[str, list[str]]]:
    """Return a runner that expects an input error and an untouched folder, and returns the message and the hints."""

    def run(*words: str, code: int = 2) -> tuple[str, list[str]]:
        before = everything_in(project)
        said = wheelpin(*words)
        assert (said.code, said.out) == (code, ""), said.err
        assert "Traceback" not in said.err
        (error,) = said.errors
        assert everything_in(project) == before
        return error.removeprefix("error: "), said.hints

    return run


Refused = Callable[..., tuple[str, list[str]]]


@pytest.mark.parametrize(
    ("target", "message", "hint"),
    [
        pytest.param(
            "cp312-foo_x86_64",
            "'foo_x86_64' is no interpreter, ABI, platform or architecture",
            "x86_64",
            id="unknown platform",
        ),
        pytest.param("cp399-manylinux2014_x86_64", "cp399", None, id="unknown interpreter"),
        pytest.param("cp312-manylinx_2_28_x86_64", "manylinx_2_28_x86_64", "manylinux_2_28_x86_64", id="a letter lost"),
        pytest.param("cp312-cp311-win32", "cp311", None, id="an ABI of another interpreter"),
        pytest.param("cp312", "platform", None, id="no platform"),
        pytest.param("win_amd64", "interpreter", None, id="no interpreter"),
        pytest.param("cp312-win32-win_amd64", "win_amd64", None, id="two platforms"),
        pytest.param("aws-lambda-python3.99", "no such preset", "aws-lambda-python3.", id="a preset that is none"),
        pytest.param("", "''", None, id="nothing"),
    ],
)
def test_wrong_target(refused: Refused, target: str, message: str, hint: str | None) -> None:
    error, hints = refused("lock", "alpha", *INDEX, "-t", target)
    assert error.startswith(f"target {target!r} (command line): ")
    assert message in error
    if hint is not None:
        assert any(hint in each for each in hints)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(
            ("--python-full-version", "3.12"),
            f"Python version '3.12' for target {LINUX} (command line): it has 2 numbers instead of 3",
            id="two numbers for a full version",
        ),
        pytest.param(
            ("--python-full-version", "new"),
            f"Python version 'new' for target {LINUX} (command line): this is no version",
            id="no version",
        ),
        pytest.param(
            ("--marker", "platform_relase=5"),
            "marker value 'platform_relase' (command line): there is no such variable",
            id="a marker that is none",
        ),
        pytest.param(
            ("--marker", "python_version=3.9"),
            "marker value 'python_version' (command line): the target says that itself",
            id="a marker that the target settles",
        ),
        pytest.param(("-t", "box.json"), "cannot read box.json: No such file or directory", id="no target file"),
    ],
)
def test_wrong_word_beside_a_target(refused: Refused, words: tuple[str, ...], message: str) -> None:
    assert refused("lock", "alpha", *INDEX, "-t", LINUX, *words)[0] == message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("alpha beta", "in.txt, line 2: 'alpha beta' is no requirement", id="two words"),
        pytest.param("alpha==", "in.txt, line 2: 'alpha==' is no requirement", id="an operator without a version"),
        pytest.param("alpha>=1.x", "in.txt, line 2: 'alpha>=1.x' is no requirement", id="a version that is none"),
        pytest.param("alpha; os = 'nt'", "in.txt, line 2: ", id="a marker that is none"),
        pytest.param("alpha[", "in.txt, line 2: 'alpha[' is no requirement", id="a bracket left open"),
        pytest.param("alpha==1[cp36,foo]", "target 'cp36-foo' (in.txt, line 2): 'foo' is no", id="tags that are none"),
        pytest.param("-e .", "in.txt, line 2: ", id="an editable project"),
        pytest.param("--no-such-option x", "in.txt, line 2: ", id="an option that is none"),
        pytest.param("-r other.txt", "in.txt, line 2: cannot read other.txt: there is no such file", id="no such file"),
        pytest.param("alpha --hash=md5:abc", "in.txt, line 2: ", id="a hash that is too weak"),
        pytest.param("alpha @ ftp://x/y.whl", "in.txt, line 2: ", id="an address of a kind that is not fetched"),
        pytest.param("git+https://host.example/r.git", "in.txt, line 2: ", id="a repository"),
        pytest.param("<<<<<<< HEAD", "in.txt, line 2: '<<<<<<< HEAD' is no requirement", id="a merge conflict"),
    ],
)
def test_wrong_line_of_a_file(refused: Refused, project: Path, line: str, message: str) -> None:
    (project / "in.txt").write_text(f"# what we need\n{line}\n", encoding="utf-8")
    assert refused("lock", "-r", "in.txt", *INDEX, "-t", LINUX)[0].startswith(message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(("-r", "no.in"), "command line: cannot read no.in: there is no such file", id="requirements"),
        pytest.param(("a", "-c", "no.in"), "command line: cannot read no.in: there is no such file", id="constraints"),
        pytest.param(
            ("a", "--override", "no.in"), "command line: cannot read no.in: there is no such file", id="overrides"
        ),
        pytest.param(("-r", "."), "command line: cannot read .: it is a folder", id="a folder"),
        pytest.param(("-r", "a\0b"), "command line: cannot read", id="a name that no file can have"),
        pytest.param(
            ("a", "-i", "localhost/simple"),
            "--index-url: 'localhost/simple' is not an absolute address",
            id="an index without a scheme",
        ),
        pytest.param(
            ("a", "-i", "ftp://h/"),
            "--index-url: 'ftp://h/' is not an absolute address",
            id="an index of a kind that is none",
        ),
        pytest.param(("a", "--timeout", "0"), "--timeout: '0.0' is not a number of seconds above 0", id="no time"),
        pytest.param(
            ("a", "--exclude-newer", "last week"), "--exclude-newer: 'last week' is not a date or time", id="no date"
        ),
        pytest.param(
            ("a", "--keyring-provider", "vault"),
            "--keyring-provider: 'vault' is not one of auto,",
            id="no keyring provider",
        ),
        pytest.param(("a", "--cert", "no.pem"), "no.pem", id="no certificates"),
        pytest.param(("a", "--proxy", "gopher://h"), "--proxy: ", id="no proxy"),
        pytest.param(("a", "-f", "no-folder"), "no-folder", id="no find-links folder"),
        pytest.param(("a b",), "command line: 'a b' is no requirement", id="no requirement"),
    ],
)
def test_wrong_word_of_a_command(refused: Refused, words: tuple[str, ...], message: str) -> None:
    index = () if "-i" in words else ("-i", "https://127.0.0.1:9/simple/") if "--cert" in words else INDEX
    error, _ = refused("lock", *words, *index, "-t", LINUX)
    assert message in error


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("-r", "caf\udce9.txt"), id="a file"),
        pytest.param(("a", "-o", "caf\udce9.txt"), id="a lock"),
        pytest.param(("a\udce9",), id="a requirement"),
        pytest.param(("a", "-i", "https://a:s3cret@index.example/\udce9"), id="an address"),
    ],
)
def test_word_that_is_no_text(refused: Refused, words: tuple[str, ...]) -> None:
    error, hints = refused("lock", *words, "-t", LINUX)
    assert error.startswith("command line: '")
    assert "s3cret" not in error
    assert error.endswith("\\udce9.txt' is not UTF-8") or error.endswith("\\udce9' is not UTF-8")
    assert hints == ["spell it in UTF-8: rename the file, or run under a UTF-8 locale"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PIP_INDEX_URL", "nonsense", "PIP_INDEX_URL: 'nonsense' is not an absolute address"),
        ("PIP_INDEX_URL", "https://index.example/\udce9", "PIP_INDEX_URL: is not a valid address"),
        ("PIP_TIMEOUT", "soon", "PIP_TIMEOUT: 'soon' is not a number of seconds above 0"),
        ("PIP_NO_INDEX", "perhaps", "PIP_NO_INDEX: 'perhaps' is neither yes nor no"),
        ("WHEELPIN_RETRIES", "-1", "WHEELPIN_RETRIES: '-1' is not a whole number"),
        ("WHEELPIN_EXCLUDE_NEWER", "soon", "WHEELPIN_EXCLUDE_NEWER: 'soon' is not a date or time"),
    ],
)
def test_wrong_variable(refused: Refused, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str) -> None:
    monkeypatch.setenv(name, value)
    assert message in refused("lock", "alpha", "-t", LINUX)[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[global\nindex-url = x\n", "pip.conf", id="no section"),
        pytest.param("[global]\ntimeout = soon\n", "pip.conf, [global] timeout: 'soon' is not", id="a wrong value"),
        pytest.param("[global]\nindex-url = x\nindex-url = y\n", "pip.conf", id="a key twice"),
    ],
)
def test_wrong_configuration_of_pip(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    (tmp_path / "pip.conf").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    assert message in refused("lock", "alpha", "-t", LINUX)[0]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param(
            "in.txt", b"alpha\ncaf\xe9\n", "cannot read in.txt: byte 0xe9 in line 2 is not utf-8", id="Latin-1"
        ),
        pytest.param(
            "in.txt", b"# coding: klingon\n", "cannot read in.txt: 'klingon' is no encoding", id="no encoding"
        ),
        pytest.param("pyproject.toml", b"[project\n", "pyproject.toml", id="no TOML"),
        pytest.param("pyproject.toml", b"[tool.x]\n", "pyproject.toml", id="no project"),
        pytest.param(
            "pyproject.toml", b"[project]\nname='x'\ndynamic=['dependencies']\n", "pyproject.toml", id="dynamic"
        ),
        pytest.param("pyproject.toml", b"[project]\nname='x'\ndependencies='a'\n", "pyproject.toml", id="no list"),
        pytest.param(
            "pyproject.toml",
            b"[project]\nname='x'\ndependencies=['a b']\n",
            "'a b' is no requirement",
            id="no requirement",
        ),
        pytest.param("pylock.toml", b"lock-version='9.0'\n", "pylock.toml", id="a pylock of the future"),
        pytest.param("pylock.toml", b"packages=3\n", "pylock.toml", id="no pylock"),
    ],
)
def test_file_that_cannot_be_read(refused: Refused, project: Path, name: str, content: bytes, message: str) -> None:
    (project / name).write_bytes(content)
    error, _ = refused("lock", "-r", name, *INDEX, "-t", LINUX)
    assert name in error
    assert message in error


def test_files_that_include_each_other(refused: Refused, project: Path) -> None:
    (project / "a.txt").write_text("-r b.txt\n", encoding="utf-8")
    (project / "b.txt").write_text("-r a.txt\n", encoding="utf-8")
    error, _ = refused("lock", "-r", "a.txt", *INDEX, "-t", LINUX)
    assert "a.txt" in error
    assert "b.txt" in error


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "<<<<<<< ours\nalpha==1.0\n=======\nalpha==2.0\n>>>>>>> theirs\n", f"{LOCK}, line 2", id="sides of a merge"
        ),
        pytest.param("alpha==1.0 --hash=sha256:abc\n", f"{LOCK}, line 1", id="a hash that is too short"),
        pytest.param("alpha>=1.0\n", f"{LOCK}, line 1", id="no pin"),
        pytest.param("# lock-version: 9\n", f"{LOCK}, line 1: this lock has version 9", id="a lock of the future"),
        pytest.param("alpha @ https://h/alpha-1.0-py3-none-any.whl\n", f"{LOCK}, line 1", id="no hash"),
    ],
)
def test_lock_that_stands_there_and_cannot_be_read(refused: Refused, project: Path, text: str, message: str) -> None:
    LOCK.parent.mkdir()
    LOCK.write_text(text, encoding="utf-8")
    error, hints = refused("lock", "alpha", *INDEX, "-t", LINUX)
    assert message in error
    assert hints


def test_lock_that_is_no_text(refused: Refused) -> None:
    LOCK.parent.mkdir()
    LOCK.write_bytes(b"\xff\xfe\x00")
    assert refused("lock", "alpha", *INDEX, "-t", LINUX)[0] == f"cannot read {LOCK}: byte 0 is not UTF-8"


def test_unreadable_lock_may_be_replaced_on_request(wheelpin: Wheelpin) -> None:
    LOCK.parent.mkdir()
    LOCK.write_text("<<<<<<< ours\n", encoding="utf-8")
    with IndexServer(make_wheel("alpha")) as index:
        wheelpin.lock("alpha", "-i", index.url, "--upgrade")
    assert "alpha @ " in LOCK.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        pytest.param(("-r", "in.txt", "-o", "in.txt"), "in.txt", id="requirements"),
        pytest.param(("-r", "in.txt", "-o", "sub/../in.txt"), "sub/../in.txt", id="by another path"),
        pytest.param(("alpha", "-c", "in.txt", "-o", "in.txt"), "in.txt", id="constraints"),
        pytest.param(("-r", "all.txt", "-o", "in.txt"), "in.txt", id="a file in a file"),
    ],
)
def test_lock_never_overwrites_what_it_is_made_of(
    refused: Refused, project: Path, words: tuple[str, ...], name: str
) -> None:
    (project / "in.txt").write_text("alpha\n", encoding="utf-8")
    (project / "all.txt").write_text("-r in.txt\n", encoding="utf-8")
    error, hints = refused("lock", *words, *INDEX, "-t", LINUX, "--upgrade")
    assert error == f"{name} is one of the files that the lock is made of, and would be overwritten"
    assert hints == ["name another file for the lock"]
    assert (project / "in.txt").read_text(encoding="utf-8") == "alpha\n"


@pytest.mark.parametrize(
    ("obstacle", "message"),
    [
        pytest.param("folder in place of the lock", f"cannot write {LOCK}: Is a directory", id="folder"),
        pytest.param("file in place of the folder", f"cannot write {LOCK}: ", id="file"),
    ],
)
def test_place_of_a_lock_that_is_taken(refused: Refused, obstacle: str, message: str) -> None:
    if obstacle.startswith("folder"):
        LOCK.mkdir(parents=True)
    else:
        LOCK.parent.write_text("a file", encoding="utf-8")
    with IndexServer(make_wheel("alpha")) as index:
        assert refused("lock", "alpha", "-i", index.url, "-t", LINUX)[0].startswith(message)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no file system here refuses root's files, as /proc does")
def test_folder_that_may_not_be_written(refused: Refused) -> None:
    with IndexServer(make_wheel("alpha")) as index:
        error, _ = refused("lock", "alpha", "-i", index.url, "-t", LINUX, "-o", "/proc/self/lock.txt")
    assert error.startswith("cannot write /proc/self/lock.txt: ")


def test_lock_keeps_its_mode(wheelpin: Wheelpin) -> None:
    with IndexServer(make_wheel("alpha")) as index:
        wheelpin.lock("alpha", "-i", index.url)
        LOCK.chmod(0o640)
        wheelpin.lock("alpha", "-i", index.url, "--pre")
    assert LOCK.stat().st_mode & 0o777 == 0o640
