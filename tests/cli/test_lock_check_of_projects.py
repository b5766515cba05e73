"""``wheelpin lock --check`` with a project's file: every target in every form, one project or many."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import Wheelpin
from tests.index_server import IndexServer, Shown

FILE = """
requirements = ["requirements.in"]
constraints = ["limits.txt"]
format = ["requirements", "hashes"]
{more}

[targets]
lambda = "aws-lambda-python3.12-arm64"
old = {{ tags = "cp36-manylinux1_x86_64", python-full-version = "{patch}" }}
"""


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[IndexServer]:
    files = (make_wheel("alpha", "1.0", requires=["beta"]), make_wheel("beta", "1.0"), make_wheel("gamma", "1.0"))
    with IndexServer.json_with_sidecars(*files) as running:
        running.cache_control = "no-cache"
        monkeypatch.setenv("PIP_INDEX_URL", running.url)
        yield running


def lay(folder: Path, *, more: str = "", patch: str = "3.6.8") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "wheelpin.toml").write_text(FILE.format(more=more, patch=patch), encoding="utf-8")
    (folder / "requirements.in").write_text("alpha\n", encoding="utf-8")
    (folder / "limits.txt").write_text("beta<2\n", encoding="utf-8")


@pytest.fixture
def locked(wheelpin: Wheelpin, index: IndexServer, project: Path) -> Path:
    lay(project)
    assert wheelpin("lock").code == 0
    index.forget_requests()
    return project


def test_every_lock_in_every_form_is_checked(wheelpin: Wheelpin, locked: Path, index: IndexServer) -> None:
    said = wheelpin("lock", "--check")
    assert (said.code, said.out) == (0, "")
    assert sorted(line.partition(":")[0] for line in said.err.splitlines()) == sorted(
        path.relative_to(locked).as_posix() for path in (locked / "lockfiles").iterdir()
    )
    assert index.asked() == []
    assert len(said.err.splitlines()) == 4
    assert wheelpin("lock", "--check", "--index").code == 0


def test_one_target_is_checked_by_its_name(wheelpin: Wheelpin, locked: Path) -> None:
    assert len(wheelpin("lock", "--check", "--target", "old").err.splitlines()) == 2


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        pytest.param({"more": 'exclude-newer = "2030-01-01"'}, "its exclude-newer: none; now: 2030", id="a cut-off"),
        pytest.param({"more": 'find-links = ["wheels"]'}, "the inputs name other indexes", id="a folder of wheels"),
        pytest.param({"patch": "3.6.9"}, "it is for Python 3.6.8, and 3.6.9 is asked for", id="a target's Python"),
        pytest.param({"more": 'no-binary = ["beta"]'}, "--no-binary asks for a build of beta", id="a rule"),
    ],
)
def test_edit_of_the_projects_file_is_told(wheelpin: Wheelpin, locked: Path, edit: dict[str, str], told: str) -> None:
    lay(locked, **edit)
    said = wheelpin("lock", "--check")
    assert said.code == 1
    assert told in said.out


@pytest.mark.parametrize(
    ("age", "told"),
    [
        pytest.param("1 week", [], id="the same in other words"),
        pytest.param("8 days", ["its exclude-newer: P7D; now: P8D"], id="another"),
    ],
)
def test_age_of_uploads_is_held_against_the_lock_as_an_age(
    wheelpin: Wheelpin, index: IndexServer, project: Path, age: str, told: list[str]
) -> None:
    index.add(Shown(file=make_wheel("delta"), uploaded_at="2024-05-01T00:00:00Z"))
    lay(project, more='exclude-newer = "7 days"')
    (project / "requirements.in").write_text("delta\n", encoding="utf-8")
    (project / "limits.txt").write_text("", encoding="utf-8")
    assert wheelpin("lock", "--target", "lambda").code == 0
    (project / "wheelpin.toml").write_text(
        (project / "wheelpin.toml").read_text(encoding="utf-8").replace("7 days", age), encoding="utf-8"
    )
    said = wheelpin("lock", "--check", "--target", "lambda", "--json")
    found = [each["message"] for lock in json.loads(said.out)["locks"] for each in lock["findings"]]
    assert sorted(set(found)) == told


@pytest.mark.parametrize("more", ["# a remark", "pre-releases = true"])
def test_edit_of_the_projects_file_without_a_consequence_is_none(wheelpin: Wheelpin, locked: Path, more: str) -> None:
    before = {path: path.read_bytes() for path in (locked / "lockfiles").iterdir()}
    lay(locked, more=more)
    assert wheelpin("lock", "--check").code == 0
    assert wheelpin("lock").code == 0
    assert {path: path.read_bytes() for path in (locked / "lockfiles").iterdir()} == before


def drop(folder: Path, line: str) -> None:
    file = folder / "wheelpin.toml"
    kept = [each for each in file.read_text(encoding="utf-8").splitlines() if not each.startswith(line)]
    file.write_text("\n".join(kept), encoding="utf-8")


LEFT = "no target of wheelpin.toml has its lock there: it was for old, and is not checked"


def test_lock_of_a_target_that_left_the_file_is_told_of(wheelpin: Wheelpin, locked: Path) -> None:
    drop(locked, "old")
    said = wheelpin("lock", "--check")
    assert (said.code, said.out) == (0, "")
    assert said.warnings == [f"lockfiles/old.hashes.txt: {LEFT}", f"lockfiles/old.txt: {LEFT}"]
    assert said.hints == ["delete what nobody needs, or name its target in wheelpin.toml again"]
    said = wheelpin("lock", "--check", "--json")
    assert json.loads(said.out)["leftovers"] == [
        {"file": f"lockfiles/{name}", "target": "old", "project": "wheelpin.toml"}
        for name in ("old.hashes.txt", "old.txt")
    ]
    said = wheelpin("lock", "--check", "--format", "github")
    assert said.code == 0
    assert f"::warning file=lockfiles/old.txt,title=old.txt%3A leftover::{LEFT}" in said.out.splitlines()


def test_lock_in_a_form_that_left_the_file_is_told_of(wheelpin: Wheelpin, index: IndexServer, project: Path) -> None:
    lay(project)
    file = project / "wheelpin.toml"
    plain = file.read_text(encoding="utf-8")
    file.write_text(plain.replace('"hashes"]', '"hashes", "pylock"]'), encoding="utf-8")
    assert wheelpin("lock").code == 0
    file.write_text(plain, encoding="utf-8")
    said = wheelpin("lock", "--check")
    assert [line.partition(":")[0] for line in said.warnings] == [
        "lockfiles/pylock.lambda.toml",
        "lockfiles/pylock.old.toml",
    ]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(("--target", "lambda"), id="one target is checked"),
        pytest.param(("--format", "hashes"), id="one form is checked"),
        pytest.param(("-r", "requirements.in", "-o", "mine.txt", "-t", "lambda"), id="other requirements are checked"),
    ],
)
def test_leftovers_are_told_of_where_the_whole_project_is_checked(
    wheelpin: Wheelpin, locked: Path, more: tuple[str, ...]
) -> None:
    assert wheelpin("lock", "-r", "requirements.in", "-o", "mine.txt", "-t", "lambda").code == 0
    drop(locked, "old")
    assert wheelpin("lock", "--check", *more).warnings == []


OTHERS = {
    "notes": "nothing of a lock\n",
    "no text": "\0\ud800",
    "another tool's": "alpha==1.0 --hash=sha256:" + "0" * 64 + "\n",
    "another tool's pylock": 'lock-version = "1.0"\ncreated-by = "x"\n',
    "one whose command cannot be read": "# wheelpin: target=cp312-win_amd64\n# refresh: wheelpin lock 'x\n",
    "one without a command": "# wheelpin: target=cp312-win_amd64\n",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in OTHERS.items()])
def test_what_is_nobodys_leftover_is_not_told_of(wheelpin: Wheelpin, locked: Path, text: str) -> None:
    for name in ("theirs.txt", "pylock.theirs.toml"):
        (locked / "lockfiles" / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    assert wheelpin("lock", "--check").warnings == []


@pytest.mark.parametrize(
    "more", [("beta", "-t", "cp312-win_amd64"), ("-r", "requirements.in", "-t", "cp312-win_amd64")]
)
def test_lock_of_other_requirements_is_nobodys_leftover(
    wheelpin: Wheelpin, locked: Path, more: tuple[str, ...]
) -> None:
    assert wheelpin("lock", *more).code == 0
    assert (locked / "lockfiles" / "cp312-win_amd64.txt").is_file()
    assert wheelpin("lock", "--check").warnings == []


def test_folder_of_locks_outside_of_the_project_may_be_others_too(
    wheelpin: Wheelpin, index: IndexServer, project: Path
) -> None:
    for name in ("one", "two"):
        lay(project / name, more='lockfiles = "../locks"')
        file = project / name / "wheelpin.toml"
        file.write_text(file.read_text(encoding="utf-8").replace("\nold =", f"\n{name} ="), encoding="utf-8")
        drop(project / name, "lambda")
    assert wheelpin("lock", "--recursive", ".").code == 0
    said = wheelpin("lock", "--check", "--recursive", ".")
    assert (said.code, said.warnings) == (0, []), said.err


def test_leftovers_of_every_project_are_told_of(wheelpin: Wheelpin, index: IndexServer, project: Path) -> None:
    for name in ("one", "two"):
        lay(project / name)
    assert wheelpin("lock", "--recursive", ".").code == 0
    drop(project / "two", "old")
    said = wheelpin("lock", "--check", "--recursive", ".")
    assert said.code == 0
    assert [line.partition(":")[0] for line in said.warnings] == [
        "two/lockfiles/old.hashes.txt",
        "two/lockfiles/old.txt",
    ]


def test_lock_checks_from_any_folder_of_the_project(
    wheelpin: Wheelpin, locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (locked / "src").mkdir()
    (locked / "limits.txt").write_text("beta<1\n", encoding="utf-8")
    monkeypatch.chdir(locked / "src")
    said = wheelpin("lock", "--check", "--format", "github", "--target", "old")
    assert said.code == 1
    assert said.out.splitlines()[0].startswith("::error file=../limits.txt,line=1,title=old.txt%3A unmet::beta<1 is")


def test_projects_below_a_folder_are_checked_in_one_run(wheelpin: Wheelpin, index: IndexServer, project: Path) -> None:
    for name in ("one", "two"):
        lay(project / "services" / name)
    assert wheelpin("lock", "--recursive", "services").code == 0
    assert wheelpin("lock", "--recursive", "services", "--check").code == 0
    (project / "services/two/requirements.in").write_text("alpha\n\ngamma\n", encoding="utf-8")
    said = wheelpin("lock", "--recursive", "services", "--check", "--json", "--target", "old")
    assert said.code == 1
    found = {each["file"]: [finding["kind"] for finding in each["findings"]] for each in json.loads(said.out)["locks"]}
    assert {name for name, kinds in found.items() if kinds} == {name for name in found if "/two/" in name}
    assert all(kinds == ["not-pinned"] for kinds in found.values() if kinds)
    said = wheelpin("lock", "--recursive", "services", "--check", "--format", "github", "--target", "old")
    assert said.out.startswith("::error file=services/two/requirements.in,line=3,title=")


@pytest.mark.parametrize("line", ["alpha ==", "alpha; platform_release > '5'"], ids=["no requirement", "undecided"])
def test_project_that_cannot_be_read_does_not_stop_the_others(
    wheelpin: Wheelpin, index: IndexServer, project: Path, line: str
) -> None:
    for name in ("one", "two"):
        lay(project / "services" / name)
    assert wheelpin("lock", "--recursive", "services").code == 0
    (project / "services/one/requirements.in").write_text(f"{line}\n", encoding="utf-8")
    said = wheelpin("lock", "--recursive", "services", "--check")
    assert said.code == 2
    assert "services/one/wheelpin.toml: not checked" in said.err
    assert sum("as locked for" in line for line in said.err.splitlines()) == 4
