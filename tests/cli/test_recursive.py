"""``wheelpin lock --recursive``: every project below a folder, in one run over one session and one cache."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, Wheelpin, lines_of_pins
from tests.index_server import IndexServer
from wheelpin.cli.recall import recall

WORLD = (
    make_wheel("alpha", "1.0", requires=["beta"]),
    make_wheel("beta", "1.0"),
    make_wheel("gamma", "1.0", requires=["beta"]),
)
TARGETS = {"lambda": "aws-lambda-python3.12-arm64", "linux": LINUX, "old": "cp36-manylinux1_x86_64"}


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(*WORLD) as running:
        monkeypatch.setenv("PIP_INDEX_URL", running.url)
        yield running


def lay(folder: Path, requirement: str, more: str = "") -> Path:
    """Lay out a project with three targets."""
    folder.mkdir(parents=True)
    (folder / "requirements.in").write_text(f"{requirement}\n")
    targets = "".join(f'{name} = "{tags}"\n' for name, tags in TARGETS.items())
    (folder / "wheelpin.toml").write_text(f'requirements = ["requirements.in"]\n{more}\n[targets]\n{targets}')
    return folder


def locks_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("lockfiles/*.txt")}


@pytest.fixture
def services(index: IndexServer, project: Path) -> Path:
    lay(project / "services" / "a", "alpha")
    lay(project / "services" / "b" / "deep", "gamma")
    return project / "services"


def test_every_project_below_is_locked_with_a_line_for_each_lock(wheelpin: Wheelpin, services: Path) -> None:
    said = wheelpin("lock", "--recursive", "services")
    assert said.code == 0, said.err
    assert said.err.splitlines() == [
        *(f"services/a/lockfiles/{name}.txt: 2 pins for {name}" for name in TARGETS),
        *(f"services/b/deep/lockfiles/{name}.txt: 2 pins for {name}" for name in TARGETS),
    ]
    assert "# refresh: wheelpin lock --target lambda\n" in (services / "a/lockfiles/lambda.txt").read_text()


def test_locks_are_those_of_single_runs(wheelpin: Wheelpin, services: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wheelpin("lock", "--recursive", services).code == 0
    together = locks_below(services)
    for folder in ("a", "b/deep"):
        monkeypatch.chdir(services / folder)
        assert wheelpin("lock", "--refresh").code == 0
    assert locks_below(services) == together


def test_second_run_changes_no_byte_and_asks_for_no_page(
    wheelpin: Wheelpin, services: Path, index: IndexServer
) -> None:
    for number in range(20):
        lay(services / f"more-{number:02}", "alpha" if number % 2 else "gamma")
    assert wheelpin("lock", "--recursive", ".").code == 0
    asked = index.asked("/simple/")
    assert len(asked) == 3, "one page a project on the index, however many locks need it"
    before = locks_below(services)
    assert len(before) == 22 * 3
    index.forget_requests()
    again = wheelpin("lock", "--recursive", ".")
    assert again.code == 0
    assert again.err.count("(unchanged)") == 22 * 3
    assert locks_below(services) == before
    assert index.asked() == []


def test_failure_of_one_project_does_not_stop_the_others(wheelpin: Wheelpin, services: Path) -> None:
    lay(services / "0-broken", "alpha").joinpath("wheelpin.toml").write_text("lockfile = 3\n")
    lay(services / "aa", "nothing-has-this")
    lay(services / "ab", "alpha", more='constraints = ["no.txt"]')
    said = wheelpin("lock", "--recursive", "services")
    assert said.code == 2
    assert len(locks_below(services)) == 2 * 3
    assert "services/0-broken: not locked\nerror: services/0-broken/wheelpin.toml, line 1: lockfile: " in said.err
    assert "services/aa/wheelpin.toml: not locked\nerror: 3 of 3 targets have no answer: " in said.err
    assert "services/ab/wheelpin.toml: not locked\nerror: services/ab/wheelpin.toml: cannot read no.txt: " in said.err
    assert said.err.endswith("error: 3 of 5 projects not locked\n")


def test_each_project_has_its_own_index_and_rules(wheelpin: Wheelpin, services: Path) -> None:
    with IndexServer.json_with_sidecars(make_wheel("alpha", "7.0"), make_wheel("alpha", "8.0a1")) as private:
        lay(services / "c", "alpha", more=f'index-url = "{private.url}"')
        lay(services / "d", "alpha", more=f'index-url = "{private.url}"\npre-releases = true')
        assert wheelpin("lock", "--recursive", "services").code == 0
        assert len(private.asked("/simple/")) == 1
    versions = {
        folder: next(iter(lines_of_pins((services / folder / "lockfiles/linux.txt").read_text()))).split("/alpha-")[1]
        for folder in ("a", "c", "d")
    }
    assert [text.partition("-")[0] for text in versions.values()] == ["1.0", "7.0", "8.0a1"]


def test_folders_that_are_not_the_user_s_own_are_passed_over(wheelpin: Wheelpin, services: Path) -> None:
    for name in (".hidden", "node_modules/x", "__pycache__", "ignored/x", "build"):
        lay(services / name, "alpha")
    venv = lay(services / "env", "alpha")
    (venv / "pyvenv.cfg").write_text("home = /\n")
    (services / ".gitignore").write_text("ignored/\n")
    (services.parent / ".git").mkdir()
    (services.parent / ".gitignore").write_text("/services/build\n")
    said = wheelpin("lock", "--recursive", "services")
    assert said.code == 0, said.err
    assert {path.split("/lockfiles")[0] for path in locks_below(services)} == {"a", "b/deep"}


def test_link_to_a_folder_is_not_followed(wheelpin: Wheelpin, services: Path) -> None:
    (services / "loop").symlink_to(services, target_is_directory=True)
    assert wheelpin("lock", "--recursive", "services").code == 0
    assert len(locks_below(services / "a")) == 3


def test_targets_are_chosen_by_name_where_a_project_has_them(wheelpin: Wheelpin, services: Path) -> None:
    lay(services / "other", "alpha").joinpath("wheelpin.toml").write_text(
        f'requirements = ["requirements.in"]\ntargets.only = "{LINUX}"\n'
    )
    assert wheelpin("lock", "--recursive", "services", "-t", "only", "-t", "old").code == 0
    assert sorted(locks_below(services)) == [
        *("a/lockfiles/old.txt", "b/deep/lockfiles/old.txt", "other/lockfiles/only.txt")
    ]


def test_all_locks_are_told_as_json(wheelpin: Wheelpin, services: Path) -> None:
    said = wheelpin("lock", "--recursive", "services", "--json")
    files = [lock["file"] for lock in json.loads(said.out)["locks"]]
    assert len(files) == 6
    assert files[0] == "services/a/lockfiles/lambda.txt"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["alpha"], "takes no other requirements", id="requirements"),
        pytest.param(["-o", "x"], "without -o and --output-dir", id="one file"),
        pytest.param(["--output-dir", "x"], "without -o and --output-dir", id="one folder"),
        pytest.param(["-t", "nobody"], "no project below services has a target named nobody", id="unknown name"),
    ],
)
def test_words_that_many_projects_cannot_share_are_refused(
    wheelpin: Wheelpin, services: Path, words: list[str], said: str
) -> None:
    outcome = wheelpin("lock", "--recursive", "services", *words)
    assert outcome.code == 2
    assert said in outcome.err
    assert locks_below(services) == {}


def test_folder_without_projects_or_without_existence_is_said(wheelpin: Wheelpin, project: Path) -> None:
    (project / "empty").mkdir()
    (project / "empty" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert "no project's file below empty" in wheelpin("lock", "--recursive", "empty").err
    said = wheelpin("lock", "--recursive", "gone")
    assert said.code == 2
    assert "cannot look for project files in " in said.err


@pytest.fixture
def words(wheelpin: Wheelpin, services: Path) -> list[str]:
    """A command whose answer is in memory."""
    found = ["lock", "--recursive", "services"]
    wheelpin(*found)
    wheelpin(*found)
    assert recall(found)
    return found


def test_new_project_ends_what_is_remembered(words: list[str], services: Path) -> None:
    lay(services / "new", "alpha")
    assert not recall(words)


def test_new_file_of_another_kind_does_not(words: list[str], services: Path) -> None:
    (services / "a" / "handler.py").write_text("pass\n")
    assert recall(words)


@pytest.mark.parametrize("name", ["a/wheelpin.toml", "b/deep/requirements.in"])
def test_changed_file_of_one_project_ends_what_is_remembered(words: list[str], services: Path, name: str) -> None:
    path = services / name
    path.write_text(path.read_text() + "# changed\n")
    assert not recall(words)


def test_project_that_is_ignored_from_now_on_ends_what_is_remembered(words: list[str], services: Path) -> None:
    (services / ".gitignore").write_text("a/\n")
    assert not recall(words)


def test_failure_is_not_remembered(wheelpin: Wheelpin, services: Path) -> None:
    (services / "a" / "wheelpin.toml").write_text("x = 1\n")
    words = ["lock", "--recursive", "services"]
    wheelpin(*words)
    assert wheelpin(*words).code == 2
    assert not recall(words)
