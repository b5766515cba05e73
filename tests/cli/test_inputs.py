"""Where requirements come from, and what a file may say beside them."""

import io
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, Process, Wheelpin, pins_of
from tests.index_server import IndexServer

PROJECT = """
[project]
name = "shop"
dependencies = ["alpha>=1", "beta; sys_platform == 'win32'"]

[project.optional-dependencies]
web = ["beta", "gamma"]

[dependency-groups]
test = [{include-group = "lint"}, "delta"]
lint = ["gamma<2"]
"""


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[IndexServer]:
    """Configure an index with some projects that need nothing."""
    with IndexServer.json_with_sidecars(
        *(make_wheel(name, version) for name in ("alpha", "beta", "gamma", "delta") for version in ("1.0", "2.0")),
        make_wheel("pip", "1.3.1", "py2.py3-none-any"),
        make_wheel("pip", "2.0", "cp36-cp36m-manylinux2010_x86_64"),
        make_wheel("pip", "1.9", "cp36-cp36m-manylinux1_x86_64"),
    ) as running:
        monkeypatch.setenv("PIP_INDEX_URL", running.url)
        yield running


def write(name: str, text: str) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")
    return name


def vias(lock: str) -> dict[str, str]:
    """Return who asked for each project, as the lock says it."""
    lines = lock.splitlines()
    return {
        line.partition(" @ ")[0]: following.removeprefix("    # via ")
        for line, following in pairwise(lines)
        if " @ " in line
    }


@pytest.mark.usefixtures("index")
class TestFiles:
    def test_files_include_files_and_everybody_is_named(self, wheelpin: Wheelpin) -> None:
        write("requirements.in", "alpha  # the first\n-r more/web.in\n-c limits.txt\n")
        write("more/web.in", "beta\\\n  >=1\n-r ../base.in\n")
        write("base.in", "gamma\n")
        write("limits.txt", "beta<2\n")
        text = wheelpin.text("-r", "requirements.in", "delta==1.0")
        assert vias(text) == {
            "alpha": "-r requirements.in",
            "beta": "-r more/web.in",
            "delta": "command line",
            "gamma": "-r base.in",
        }
        assert "/beta-1.0-" in text
        assert "# input: delta==1.0\n# input: -r requirements.in\n" in text

    def test_variables_of_the_environment_stand_in_files(
        self, wheelpin: Wheelpin, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WANTED", "1.0")
        write("requirements.in", "alpha==${WANTED}\n")
        assert wheelpin.pins("-r", "requirements.in") == ["alpha==1.0"]

    def test_standard_input_is_a_file_too(self, wheelpin: Wheelpin, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"alpha\nbeta<2\n")))
        text = wheelpin.text("-r", "-")
        assert vias(text) == {"alpha": "standard input", "beta": "standard input"}
        assert "/beta-1.0-" in text

    def test_pipe_gives_requirements(self, process: Process, index: IndexServer) -> None:
        words = ("lock", "-r", "-", "-t", LINUX, "-o", "-", "--format", "hashes")
        said = process(*words, stdin="alpha\n", more={"PIP_INDEX_URL": index.url})
        assert said.code == 0, said.err
        assert pins_of(said.out) == ["alpha==2.0"]

    def test_lock_is_an_input_whose_target_and_pins_hold(self, wheelpin: Wheelpin) -> None:
        wheelpin.lock("alpha<2", "beta", "-o", "old.txt")
        said = wheelpin("lock", "-r", "old.txt", "gamma", "--format", "hashes")
        assert said.code == 0
        assert pins_of(LOCK.read_text(encoding="utf-8")) == ["alpha==1.0", "beta==2.0", "gamma==2.0"]


@pytest.mark.usefixtures("index")
class TestProjectFiles:
    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            pytest.param((), ["alpha==2.0"], id="dependencies"),
            pytest.param(("--extra", "web"), ["alpha==2.0", "beta==2.0", "gamma==2.0"], id="an extra"),
            pytest.param(("--all-extras",), ["alpha==2.0", "beta==2.0", "gamma==2.0"], id="all extras"),
            pytest.param(("--group", "lint"), ["alpha==2.0", "gamma==1.0"], id="a group"),
            pytest.param(("--group", "test"), ["alpha==2.0", "delta==2.0", "gamma==1.0"], id="a group in a group"),
            pytest.param(("delta",), ["alpha==2.0", "delta==2.0"], id="a requirement beside it"),
        ],
    )
    def test_project_file_gives_what_is_asked_of_it(
        self, wheelpin: Wheelpin, words: tuple[str, ...], expected: list[str]
    ) -> None:
        write("pyproject.toml", PROJECT)
        assert wheelpin.pins("-r", "pyproject.toml", *words) == expected

    def test_project_file_of_the_folder_serves_where_nothing_is_named(self, wheelpin: Wheelpin) -> None:
        write("pyproject.toml", PROJECT)
        assert wheelpin.pins() == ["alpha==2.0"]
        assert wheelpin.pins("--extra", "web") == ["alpha==2.0", "beta==2.0", "gamma==2.0"]
        assert wheelpin.pins(target="cp312-win32") == ["alpha==2.0", "beta==2.0"]

    def test_group_alone_leaves_the_dependencies_out(self, wheelpin: Wheelpin) -> None:
        write("pyproject.toml", PROJECT)
        assert wheelpin.pins("--group", "lint") == ["gamma==1.0"]

    def test_python_that_the_project_refuses_ends_the_run(self, wheelpin: Wheelpin) -> None:
        text = PROJECT.replace('name = "shop"', 'name = "shop"\nrequires-python = ">=3.13"')
        write("pyproject.toml", text)
        said = wheelpin("lock", "-t", LINUX)
        assert said.code == 2
        (error,) = said.errors
        assert "pyproject.toml" in error
        assert f"requires-python is >=3.13, and {LINUX} has Python 3.12." in error

    @pytest.mark.parametrize(
        ("words", "error"),
        [
            pytest.param(("--extra", "wbe"), "no extra 'wbe'", id="an extra that is none"),
            pytest.param(("--group", "tset"), "no group 'tset'", id="a group that is none"),
        ],
    )
    def test_unknown_part_of_a_project_file_is_an_error(
        self, wheelpin: Wheelpin, words: tuple[str, ...], error: str
    ) -> None:
        write("pyproject.toml", PROJECT)
        said = wheelpin("lock", "-r", "pyproject.toml", "-t", LINUX, *words)
        assert said.code == 2
        (line,) = said.errors
        assert "pyproject.toml" in line
        assert error in line


@pytest.mark.usefixtures("index")
class TestTargetsInFiles:
    def test_directive_names_the_target_and_its_python(self, wheelpin: Wheelpin) -> None:
        write("old.in", "# wheelpin: target=manylinux1-cp36-x86_64 python-full-version=3.6.8\npip\n")
        said = wheelpin("lock", "-r", "old.in")
        assert said.code == 0
        text = Path("lockfiles", "cp36-manylinux1_x86_64.txt").read_text(encoding="utf-8")
        assert "# wheelpin: target=cp36-manylinux1_x86_64 python-full-version=3.6.8\n" in text
        assert "/pip-1.9-cp36-cp36m-manylinux1_x86_64.whl" in text
        assert "# refresh: wheelpin lock -r old.in\n" in text

    def test_option_goes_before_the_directive(self, wheelpin: Wheelpin) -> None:
        write("old.in", "# wheelpin: target=cp36-manylinux1_x86_64\npip\n")
        assert wheelpin.pins("-r", "old.in") == ["pip==1.3.1"]

    def test_tags_beside_a_requirement_narrow_its_target(self, wheelpin: Wheelpin) -> None:
        target = "cp36-manylinux2010_x86_64"
        assert wheelpin.pins("pip", target=target) == ["pip==2.0"]
        assert wheelpin.pins("pip>=1[manylinux1,cp36,x86_64]", target=target) == ["pip==1.9"]
        text = wheelpin.text("pip==1.3.1[manylinux1,cp36,x86_64]", "alpha", target=target)
        assert "/pip-1.3.1-py2.py3-none-any.whl" in text
        assert "/alpha-2.0-" in text

    def test_tags_beside_every_requirement_are_the_target(self, wheelpin: Wheelpin) -> None:
        write("tagged.txt", "pip==1.3.1[manylinux1,cp36,x86_64]\nalpha>=1[x86_64,cp36,manylinux1]\n")
        assert wheelpin("lock", "-r", "tagged.txt").code == 0
        text = Path("lockfiles", "cp36-manylinux1_x86_64.txt").read_text(encoding="utf-8")
        assert "# refresh: wheelpin lock -r tagged.txt\n" in text

    def test_tags_that_lead_out_of_the_target_are_an_error(self, wheelpin: Wheelpin) -> None:
        write("tagged.txt", "alpha\npip>1[cp36,manylinux2014,x86_64]\n")
        said = wheelpin("lock", "-r", "tagged.txt", "-t", "cp36-manylinux1_x86_64")
        assert said.code == 2
        assert said.errors == [
            "error: [cp36,manylinux2014,x86_64] (tagged.txt, line 2): "
            "cp36-manylinux2014_x86_64 is not within target cp36-manylinux1_x86_64"
        ]

    def test_no_target_is_an_error_and_never_the_host(self, wheelpin: Wheelpin) -> None:
        said = wheelpin("lock", "alpha")
        assert said.code == 2
        assert said.errors == ["error: no target: the machine that wheelpin runs on is never taken for one"]
        assert "`wheelpin target list` has names" in said.hints[0]
        assert not Path("lockfiles").exists()
