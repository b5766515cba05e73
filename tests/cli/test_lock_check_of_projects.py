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
