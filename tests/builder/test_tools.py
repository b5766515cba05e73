"""Build requirements without wheels: built first, for the image's own Python."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from packaging.utils import NormalizedName

from tests.builder.fake_engine import FakeEngine, Script
from tests.builder.test_build import built
from tests.builder.workshops import SDIST, request, workshop
from tests.builders import BuiltFile, make_sdist, make_wheel
from wheelpin.builder import BuildRequirementsError, StepFailedError
from wheelpin.builder.recipes import Recipes
from wheelpin.project import Recipe

PURE = make_wheel("demo", "1.0")
BACKEND = "[build-system]\nrequires = [{}]\nbuild-backend = 'backend'\n"


def sdist_needing(name: str, *requires: str, version: str = "1.0") -> BuiltFile:
    """Make an sdist whose build needs *requires*."""
    named = ", ".join(map(repr, requires))
    return make_sdist(name, version, files={"pyproject.toml": BACKEND.format(named)}, dynamic=["Requires-Dist"])


DEMO = sdist_needing("demo", "old-tool")
OLD_TOOL = make_sdist("old-tool", "2.0", dynamic=["Requires-Dist"])
OLD_TOOL_WHEEL = make_wheel("old-tool", "2.0", "cp39-cp39-linux_x86_64")


def script(**more: object) -> Script:
    return Script(built=[PURE], built_of={OLD_TOOL.filename: OLD_TOOL_WHEEL}, **more)  # type: ignore[arg-type]


def test_requirement_that_has_no_wheel_is_built_and_laid_in(tmp_path: Path) -> None:
    engine = FakeEngine(script())
    done = built(request(tmp_path, sdist=DEMO), workshop(engine, tmp_path, OLD_TOOL), tmp_path)
    assert done.record.requirements == (
        f"old-tool@{OLD_TOOL.filename}#sha256={OLD_TOOL.sha256}",
        "pip==25.0",
    )
    laid_in = [names for folder, names in engine.copied if folder.endswith("/dependencies")]
    assert laid_in[-1] == [OLD_TOOL_WHEEL.filename, "pip-25.0-py3-none-any.whl"]
    installed = [command.argv for command in engine.commands if "install" in command.argv]
    assert "old-tool==2.0" in installed[-1]
    assert not any("repair" in command.argv for command in engine.commands)


def test_what_was_built_to_build_with_is_kept(tmp_path: Path) -> None:
    engine = FakeEngine(script())
    built(request(tmp_path, sdist=DEMO), workshop(engine, tmp_path, OLD_TOOL), tmp_path)
    engine.opened.clear()
    assert built(request(tmp_path, sdist=DEMO), workshop(engine, tmp_path, OLD_TOOL), tmp_path).is_kept
    assert engine.opened == []
    recipe = Recipe(environment={"CFLAGS": "-O1"})
    engine.copied.clear()
    built(request(tmp_path, sdist=DEMO, recipe=recipe), workshop(engine, tmp_path, OLD_TOOL), tmp_path)
    assert [names for folder, names in engine.copied if folder.endswith("/source")] == [[DEMO.filename]]


def test_requirements_of_requirements_are_built_too(tmp_path: Path) -> None:
    tool, below = sdist_needing("tool", "below"), sdist_needing("below")
    engine = FakeEngine(
        Script(
            built=[PURE],
            built_of={
                tool.filename: make_wheel("tool", "1.0"),
                below.filename: make_wheel("below", "1.0"),
            },
        )
    )
    demo = sdist_needing("demo", "tool")
    done = built(request(tmp_path, sdist=demo), workshop(engine, tmp_path, tool, below), tmp_path)
    assert [text.partition("@")[0] for text in done.record.requirements] == ["pip==25.0", "tool"]


def test_recipe_holds_for_requirements_too(tmp_path: Path) -> None:
    engine = FakeEngine(script())
    recipes = Recipes(by_project={NormalizedName("old-tool"): Recipe(before_build=("make old",), image="elsewhere")})
    made_in = replace(workshop(engine, tmp_path, OLD_TOOL), recipes=recipes)
    built(request(tmp_path, sdist=DEMO), made_in, tmp_path)
    assert "sh -c make old" in [" ".join(command.argv) for command in engine.commands]
    assert {options.image for options in engine.opened} == {"stand-in"}


@pytest.mark.parametrize(
    ("sdists", "told"),
    [
        pytest.param([sdist_needing("tool", "tool")], "needed for its own build", id="itself"),
        pytest.param(
            [sdist_needing("tool", "other"), sdist_needing("other", "tool")],
            "tool-1.0.tar.gz → other-1.0.tar.gz → tool-1.0.tar.gz",
            id="each other",
        ),
        pytest.param(
            [sdist_needing("tool", "tool1"), *(sdist_needing(f"tool{n}", f"tool{n + 1}") for n in range(1, 9))],
            "8 builds would wait for each other",
            id="a deep chain",
        ),
    ],
)
def test_requirements_without_end_are_refused(tmp_path: Path, sdists: list[BuiltFile], told: str) -> None:
    engine = FakeEngine(Script(built=[PURE]))
    demo = sdist_needing("demo", "tool")
    with pytest.raises(BuildRequirementsError) as caught:
        built(request(tmp_path, sdist=demo), workshop(engine, tmp_path, *sdists), tmp_path)
    assert told in str(caught.value)
    assert engine.open_now == 0


def test_pip_itself_has_to_be_a_wheel(tmp_path: Path) -> None:
    recipe = Recipe(build_requires=("pip>=26",))
    made_in = workshop(FakeEngine(Script(built=[PURE])), tmp_path, make_sdist("pip", "26"))
    with pytest.raises(BuildRequirementsError, match="has to be a wheel"):
        built(request(tmp_path, recipe=recipe), made_in, tmp_path)


def test_failure_of_a_requirement_tells_what_it_was_for(tmp_path: Path) -> None:
    failing = script(failures={'"build_wheel"': (1, "a.c:1: error: expected")})
    with pytest.raises(StepFailedError) as caught:
        built(request(tmp_path, sdist=DEMO), workshop(FakeEngine(failing), tmp_path, OLD_TOOL), tmp_path)
    assert str(caught.value).startswith("old_tool-2.0.tar.gz (to build demo-1.0.tar.gz with) for cp39")
    assert list((tmp_path / "wheels").glob("*")) == []


def test_tests_may_want_what_has_no_wheel(tmp_path: Path) -> None:
    pure_tool = make_wheel("old-tool", "2.0")
    engine = FakeEngine(Script(built=[PURE], built_of={OLD_TOOL.filename: pure_tool}))
    recipe = Recipe(test_command=("true",), test_requires=("old-tool",))
    built(request(tmp_path, sdist=SDIST, recipe=recipe), workshop(engine, tmp_path, OLD_TOOL), tmp_path)
    assert any("true" in command.argv for command in engine.commands)
