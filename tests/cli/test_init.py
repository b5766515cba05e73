"""``wheelpin init``: a project's file from what lies in a folder, which `wheelpin lock` then works with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, Wheelpin
from tests.index_server import IndexServer
from tests.project.test_functions import SAM, SERVERLESS


@pytest.fixture(autouse=True)
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(make_wheel("alpha", "1.0"), make_wheel("beta", "1.0")) as running:
        monkeypatch.setenv("PIP_INDEX_URL", running.url)
        yield running


def locks() -> set[str]:
    return {path.name for path in Path("lockfiles").iterdir()}


def test_template_and_requirements_become_a_file_that_locks(wheelpin: Wheelpin, project: Path) -> None:
    (project / "template.yaml").write_text(SAM)
    (project / "requirements.txt").write_text("alpha\n")
    (project / "requirements-dev.txt").write_text("beta\n")
    (project / "src" / "plain").mkdir(parents=True)
    (project / "src" / "plain" / "requirements.txt").write_text("beta\n")
    said = wheelpin("init")
    assert said.code == 0, said.err
    assert said.err.splitlines()[:5] == [
        "requirements.txt: requirements",
        "requirements-dev.txt: left alone",
        "template.yaml: Plain runs on aws-lambda-python3.12-arm64 with src/plain/requirements.txt",
        "template.yaml: Old runs on aws-lambda-python3.11-x86_64",
        "template.yaml: Classic runs on aws-lambda-python3.9-x86_64",
    ]
    assert "template.yaml: no target for Image: it is a container image" in said.warnings
    assert said.err.endswith("wheelpin.toml: 3 targets; next: wheelpin lock\n")
    assert wheelpin("lock").code == 0
    assert locks() == {"Plain.txt", "aws-lambda-python3.11-x86_64.txt", "aws-lambda-python3.9-x86_64.txt"}
    assert "beta @ " in Path("lockfiles/Plain.txt").read_text()
    assert "alpha @ " not in Path("lockfiles/Plain.txt").read_text()


def test_serverless_and_the_project_s_dependencies(wheelpin: Wheelpin, project: Path) -> None:
    (project / "serverless.yml").write_text(SERVERLESS)
    (project / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\ndependencies = ["alpha"]\n')
    said = wheelpin("init")
    assert said.code == 0, said.err
    assert "pyproject.toml: the project's dependencies" in said.err
    assert "requirements" not in Path("wheelpin.toml").read_text()
    assert wheelpin("lock").code == 0
    assert locks() == {"aws-lambda-python3.10-x86_64.txt", "aws-lambda-python3.13-arm64.txt"}


def test_targets_may_be_named(wheelpin: Wheelpin, project: Path) -> None:
    (project / "requirements.in").write_text("alpha\n")
    assert wheelpin("init", "-t", LINUX, "-t", "aws-lambda-python3.12").code == 0
    assert wheelpin("lock").code == 0
    assert locks() == {f"{LINUX}.txt", "aws-lambda-python3.12.txt"}


def test_file_is_shown_and_not_written(wheelpin: Wheelpin, project: Path) -> None:
    (project / "requirements.in").write_text("alpha\n")
    said = wheelpin("init", "-t", LINUX, "--print")
    assert said.code == 0
    assert f'{LINUX} = "{LINUX}"' in said.out
    assert not Path("wheelpin.toml").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("wheelpin.toml", "", id="its own"),
        pytest.param("pyproject.toml", "[tool.wheelpin]\n", id="pyproject.toml"),
    ],
)
def test_file_that_is_there_is_never_overwritten(wheelpin: Wheelpin, project: Path, name: str, text: str) -> None:
    (project / name).write_text(text)
    (project / "requirements.in").write_text("alpha\n")
    said = wheelpin("init", "-t", LINUX)
    assert said.code == 2
    assert f"error: {name} says already what to lock" in said.err
    assert said.hints == ["wheelpin init --print shows what it would write"]
    assert Path(name).read_text() == text
    assert wheelpin("init", "-t", LINUX, "--print").code == 0


@pytest.mark.parametrize(
    ("files", "words", "said"),
    [
        pytest.param({}, [], "nothing in this folder says what to lock", id="nothing"),
        pytest.param({}, ["-t", LINUX], "nothing in this folder says what to lock", id="no requirements"),
        pytest.param({"requirements.in": "alpha"}, [], "says where the wheels will run", id="no target"),
        pytest.param({"serverless.yml": SERVERLESS}, [], "says what to lock", id="functions without requirements"),
        pytest.param({"requirements.in": "a"}, ["-t", "cp12"], "target 'cp12'", id="no target of that name"),
        pytest.param({"template.yml": "a: ["}, [], "template.yml, line 1: no valid YAML", id="broken template"),
    ],
)
def test_folder_that_does_not_tell_enough_is_answered_with_what_is_missing(
    wheelpin: Wheelpin, project: Path, files: dict[str, str], words: list[str], said: str
) -> None:
    for name, text in files.items():
        (project / name).write_text(text)
    outcome = wheelpin("init", *words)
    assert outcome.code == 2
    assert said in outcome.err
    assert not Path("wheelpin.toml").exists()
