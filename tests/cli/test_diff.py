"""``wheelpin diff``: files, folders and git revisions of locks in; words, JSON and Markdown out."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.golden_text import assert_golden
from tests.cli.running import Wheelpin
from tests.lock.examples import file, lock, pin, sha256
from wheelpin.locks import Lock, LockFormat, to_text
from wheelpin.values import PYPI

WHEEL = "lxml-5.0-py3-none-any.whl"

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is missing")


def write(name: str, a_lock: Lock, form: LockFormat = LockFormat.REQUIREMENTS) -> None:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(to_text(a_lock, form), encoding="utf-8")


def from_pypi(project: str, version: str) -> Lock:
    filename = f"{project}-{version}-py3-none-any.whl"
    return lock(pin(project, version, a_file=file(filename, index=PYPI)), indexes=(PYPI,))


@pytest.fixture
def both(project: Path) -> None:
    """Two locks that differ in every way."""
    write(
        "a.txt",
        lock(
            pin("cffi", "1.16.0", a_file=file("cffi-1.16.0-py3-none-any.whl", index=PYPI)),
            pin("cryptography", "3.3.1", a_file=file("cryptography-3.3.1-py3-none-any.whl", index=PYPI)),
            pin("lxml", "5.0", a_file=file(WHEEL, index=PYPI)),
            pin("six", "1.16.0"),
            inputs=("-r a.in",),
            indexes=(PYPI,),
        ),
    )
    write(
        "b.txt",
        lock(
            pin("cffi", "1.15.1", a_file=file("cffi-1.15.1-py3-none-any.whl", index=PYPI)),
            pin("cryptography", "3.3.2", a_file=file("cryptography-3.3.2-py3-none-any.whl", index=PYPI)),
            pin("idna", "3.7+local.1"),
            pin("lxml", "5.0", a_file=file(WHEEL, digest=sha256("b"), index=PYPI)),
            inputs=("-r a.in", "-c b|`c`.txt"),
            indexes=(PYPI,),
        ),
    )


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize(
    ("words", "golden"),
    [
        pytest.param((), "diff.txt", id="text"),
        pytest.param(("--format", "markdown"), "diff.md", id="markdown"),
        pytest.param(("--json",), "diff.json", id="JSON"),
    ],
)
def test_all_ways_to_differ_are_told(wheelpin: Wheelpin, words: tuple[str, ...], golden: str) -> None:
    said = wheelpin("diff", "a.txt", "b.txt", *words)
    assert said.code == 1
    assert_golden(golden, said.out.replace(PYPI.removesuffix("simple/"), "https://index.example/"))
    assert said.warnings == ["b.txt: lxml 5.0 is another file than before at the same version"]


def test_locks_that_say_the_same_are_told_apart_by_the_exit_code(wheelpin: Wheelpin) -> None:
    write("a.txt", from_pypi("six", "1.0"))
    write("b.txt", from_pypi("six", "1.0"), LockFormat.HASHES)
    said = wheelpin("diff", "a.txt", "b.txt")
    assert (said.code, said.out, said.err) == (0, "", "a.txt and b.txt say the same\n")
    assert json.loads(wheelpin("diff", "a.txt", "b.txt", "--json").out) == {"is_equal": True, "locks": []}


def test_same_file_from_elsewhere_is_told_without_secrets(wheelpin: Wheelpin) -> None:
    write("a.txt", lock(pin("alpha")))
    Path("b.txt").write_text(Path("a.txt").read_text("utf-8").replace("https://files", "https://me:pw@mirror"), "utf-8")
    said = wheelpin("diff", "a.txt", "b.txt")
    assert said.code == 1
    place = "mirror.example/alpha-1.0-py3-none-any.whl"
    assert f"moved         alpha 1.0: https://files.example/alpha-1.0-py3-none-any.whl → https://{place}" in said.out


def test_digests_alone_are_told_apart(wheelpin: Wheelpin) -> None:
    for name, digest in (("a.txt", "a"), ("b.txt", "b")):
        Path(name).write_text(f"six==1.0 --hash=sha256:{sha256(digest)}\n", encoding="utf-8")
    said = wheelpin("diff", "a.txt", "b.txt")
    assert said.code == 1
    assert "FILE CHANGED  six 1.0: sha256 aaaaaaaaaaaa… → sha256 bbbbbbbbbbbb…" in said.out
    assert "| six | **file changed** | 1.0 | 1.0 |" in wheelpin("diff", "a.txt", "b.txt", "--format", "markdown").out


def test_lock_without_a_difference_in_pins_has_no_table_of_them(wheelpin: Wheelpin) -> None:
    write("a.txt", lock(pin("alpha"), inputs=("-r a.in",)))
    write("b.txt", lock(pin("alpha"), inputs=("-r b.in",)))
    assert wheelpin("diff", "a.txt", "b.txt", "--format", "markdown").out == (
        "### `b.txt`\n\n| | before | after |\n|---|---|---|\n| inputs | `-r a.in` | `-r b.in` |\n"
    )


def test_other_tools_lock_is_compared_for_a_target(wheelpin: Wheelpin) -> None:
    write("a.txt", from_pypi("six", "1.0"))
    digest, url = sha256("a"), "https://files.example/six-2.0-py3-none-any.whl"
    Path("pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "a test"\n[[packages]]\nname = "six"\nversion = "2.0"\n'
        f'[[packages.wheels]]\nurl = "{url}"\nhashes = {{sha256 = "{digest}"}}\n',
        encoding="utf-8",
    )
    said = wheelpin("diff", "a.txt", "pylock.toml")
    assert (said.code, said.errors) == (2, ["error: pylock.toml does not say which target it is for"])
    said = wheelpin("diff", "a.txt", "pylock.toml", "--target", "cp36-manylinux1_x86_64")
    assert said.code == 1
    assert "six 1.0 → 2.0" in said.out


def test_folders_are_compared_lock_by_lock(wheelpin: Wheelpin) -> None:
    for folder, version in (("old", "1.0"), ("new", "2.0")):
        write(f"{folder}/same.txt", from_pypi("six", "1.0"))
        write(f"{folder}/other.txt", from_pypi("six", version))
        write(f"{folder}/only-in-{folder}.txt", from_pypi("six", version))
        Path(folder, "README.md").write_text("no lock", encoding="utf-8")
    said = wheelpin("diff", "old", "new/", "--json")
    found = {each["file"]: (each["presence"], len(each["pins"])) for each in json.loads(said.out)["locks"]}
    assert found == {
        "only-in-new.txt": ("added", 1),
        "only-in-old.txt": ("removed", 1),
        "other.txt": ("both", 1),
    }
    assert wheelpin("diff", "old", "old").code == 0


def git(*words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *words], check=True, capture_output=True
    )


@pytest.fixture
def repository(project: Path) -> Path:
    git("init", "-q")
    write("locks/a.txt", from_pypi("six", "1.0"))
    write("locks/b.txt", from_pypi("six", "1.0"))
    git("add", ".")
    git("commit", "-qm", "first")
    write("locks/a.txt", from_pypi("six", "2.0"))
    return project


@needs_git
@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        pytest.param("HEAD:locks/a.txt", "locks/a.txt", 1, id="a file"),
        pytest.param("HEAD:./locks/b.txt", "locks/b.txt", 0, id="a file from here"),
        pytest.param(":locks/a.txt", "HEAD:locks/a.txt", 0, id="what is staged"),
        pytest.param("HEAD:locks", "locks", 1, id="a folder"),
        pytest.param("HEAD:locks/", "HEAD:locks", 0, id="a folder twice"),
    ],
)
def test_sides_may_be_in_git(wheelpin: Wheelpin, before: str, after: str, code: int) -> None:
    said = wheelpin("diff", before, after)
    assert said.code == code, said.err
    assert ("six 1.0 → 2.0" in said.out) is (code == 1)


@needs_git
@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("side", "problem"),
    [
        pytest.param("HEAD:locks/none.txt", "path 'locks/none.txt' does not exist", id="no such file"),
        pytest.param("nowhere:locks/a.txt", "nvalid object name 'nowhere'", id="no such revision"),
        pytest.param("--output=x:locks/a.txt", "", id="an option for git"),
        pytest.param("-x:a", "", id="a short option for git"),
    ],
)
def test_what_git_does_not_have_is_an_error(wheelpin: Wheelpin, side: str, problem: str) -> None:
    said = wheelpin("diff", "--", side, "locks/a.txt")
    assert said.code == 2
    assert problem in said.err
    assert len(said.errors) == 1
    assert not Path("x:locks").exists()


@needs_git
def test_outside_of_a_repository_git_is_quoted(wheelpin: Wheelpin) -> None:
    write("a.txt", from_pypi("six", "1.0"))
    said = wheelpin("diff", "HEAD:a.txt", "a.txt")
    assert said.code == 2
    assert "not a git repository" in said.err
    assert said.hints == ["run it within the repository"]


def test_without_git_it_is_said(wheelpin: Wheelpin, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.txt", from_pypi("six", "1.0"))
    monkeypatch.setenv("PATH", "")
    said = wheelpin("diff", "HEAD:a.txt", "a.txt")
    assert said.errors == ["error: cannot read HEAD:a.txt from git: there is no git on this machine"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(("a.txt", "none.txt"), "there is no file and no folder none.txt", id="nothing there"),
        pytest.param(("a.txt", "C:\\none.txt"), "there is no file and no folder", id="nothing on a drive"),
        pytest.param(("a.txt", "folder"), "folder is a folder and a.txt is not", id="two kinds"),
        pytest.param(("a.txt", "b.in"), "b.in, line 1: 'six>=1' does not pin one file", id="no lock"),
    ],
)
def test_wrong_sides_are_input_errors(wheelpin: Wheelpin, words: tuple[str, ...], error: str) -> None:
    write("a.txt", from_pypi("six", "1.0"))
    Path("b.in").write_text("six>=1\n", encoding="utf-8")
    Path("folder").mkdir()
    said = wheelpin("diff", *words)
    assert said.code == 2
    assert error in said.errors[0]
