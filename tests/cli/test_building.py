"""What ``wheelpin lock`` and ``wheelpin build`` say and do where no engine is at hand."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_sdist, make_wheel
from tests.cli.running import Wheelpin
from tests.index_server import IndexServer

TARGET = "cp36-manylinux2014_x86_64"
WORLD = (make_sdist("old", "1.0"), make_wheel("app", requires=["old"]))


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave no program on the path, and say nothing of builds."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.delenv("WHEELPIN_BUILD")


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(*WORLD) as running:
        yield running


def test_lock_without_an_engine_says_what_it_would_have_built_and_how_to_get_one(
    wheelpin: Wheelpin, index: IndexServer
) -> None:
    said = wheelpin("lock", "app", "-i", index.url, "-t", TARGET)
    assert said.code == 3
    (hint,) = said.hints
    assert "old-1.0.tar.gz would have to be built for the target; it would be built in quay.io/pypa/manylinux" in hint
    assert "docker is not on the PATH; podman is not on the PATH" in hint
    assert "install docker or podman" in hint


@pytest.mark.parametrize("word", ["never", "other", "other,third"])
def test_what_may_not_be_built_is_not(wheelpin: Wheelpin, index: IndexServer, word: str) -> None:
    said = wheelpin("lock", "app", "-i", index.url, "-t", TARGET, "--build", word)
    assert said.code == 3
    (hint,) = said.hints
    assert "docker" not in hint


def test_names_to_build_are_names(wheelpin: Wheelpin, index: IndexServer) -> None:
    said = wheelpin("lock", "app", "-i", index.url, "-t", TARGET, "--build", "a b")
    assert said.code == 2
    assert "neither never nor missing" in said.errors[0]


def test_build_without_an_engine_is_a_build_that_failed(wheelpin: Wheelpin, index: IndexServer) -> None:
    said = wheelpin("build", "old", "-i", index.url, "-t", TARGET)
    assert said.code == 6
    assert "nothing here runs containers" in said.errors[0]


def test_plan_prints_the_matrix_and_builds_nothing(wheelpin: Wheelpin, index: IndexServer) -> None:
    said = wheelpin("build", "old==1.0", "-i", index.url, "-t", "cp3{6,12}-manylinux_2_28_{x86_64,s390x}", "--plan")
    assert said.code == 0
    rows = json.loads(said.out)["include"]
    assert [(row["target"], row["architecture"]) for row in rows] == [
        ("cp36-manylinux_2_28_x86_64", "x86_64"),
        ("cp36-manylinux_2_28_s390x", "s390x"),
        ("cp312-manylinux_2_28_x86_64", "x86_64"),
        ("cp312-manylinux_2_28_s390x", "s390x"),
    ]
    assert all(row["image"].startswith("quay.io/pypa/manylinux") for row in rows)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        pytest.param("none==1.0", "no index has a project named none", id="no such project"),
        pytest.param("old==2.0", "there is no such sdist (the newest: 1.0)", id="no such version"),
        pytest.param("gone-1.0.tar.gz", "there is no such sdist or folder", id="no such file"),
        pytest.param("==1", "", id="no requirement"),
        pytest.param("old[extra]==1.0", "extras and markers mean nothing", id="extras"),
        pytest.param("old==1.0; python_version < '3'", "extras and markers mean nothing", id="a marker"),
        pytest.param(".", "neither pyproject.toml nor setup.py", id="a folder without a project"),
    ],
)
def test_source_that_is_none_is_an_error_of_input(
    wheelpin: Wheelpin, index: IndexServer, word: str, reason: str
) -> None:
    said = wheelpin("build", word, "-i", index.url, "-t", TARGET, "--plan")
    assert said.code == 2
    assert reason in said.errors[0]


def test_build_needs_a_target(wheelpin: Wheelpin, index: IndexServer) -> None:
    said = wheelpin("build", "old", "-i", index.url)
    assert (said.code, "no target" in said.errors[0]) == (2, True)


def test_plan_names_the_mirror_of_the_images(
    wheelpin: Wheelpin, index: IndexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHEELPIN_IMAGE_REGISTRY", "registry.example/mirror")
    said = wheelpin("build", "old==1.0", "-i", index.url, "-t", TARGET, "--plan")
    (job,) = json.loads(said.out)["include"]
    assert job["image"].startswith("registry.example/mirror/manylinux")


def test_plan_says_where_no_image_serves(wheelpin: Wheelpin, index: IndexServer) -> None:
    said = wheelpin("build", "old", "-i", index.url, "-t", "cp312-win_amd64", "--plan")
    (row,) = json.loads(said.out)["include"]
    assert "win_amd64" in row["impossible"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(("project", "-t", "legacy"), "named by you", id="the file of the folder that is built"),
        pytest.param(("project",), "named by you", id="all of the targets where none is named"),
        pytest.param(("old==1.0",), "is newer and has no cp36-cp36m", id="another project"),
    ],
)
def test_project_file_says_targets_indexes_and_how_its_projects_are_built(
    wheelpin: Wheelpin, index: IndexServer, project: Path, words: tuple[str, ...], why: str
) -> None:
    (project / "wheelpin.toml").write_text(
        f'index-url = "{index.url}"\n[targets]\nlegacy = "cp36-manylinux_2_28_x86_64"\n'
    )
    (project / "project").mkdir()
    (project / "project" / "pyproject.toml").write_text(
        '[project]\nname = "demo"\n[tool.wheelpin.build.demo]\nimage = "images.example/own:1"\n'
    )
    said = wheelpin("build", *words, "--plan")
    assert said.code == 0, said.err
    (row,) = json.loads(said.out)["include"]
    assert row["target"] == "cp36-manylinux_2_28_x86_64"
    assert why in row["why"]
