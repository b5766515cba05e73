from textwrap import dedent

import pytest
from packaging.utils import NormalizedName

from wheelpin.errors import InputError
from wheelpin.requirements.project_file import ProjectFile, ProjectFileError

EXAMPLE = """\
[project]
name = "My.App"
requires-python = ">=3.8"
dependencies = [
    "flask>=2",
    'tomli; python_version < "3.11"',
]

[project.optional-dependencies]
Fast_Path = ["numpy"]
web = ["uvicorn", "flask>=2"]
all = ["my-app[fast.path]", "my_app[web]; os_name == 'posix'", "flask"]
loop = ["my-app[pool]", "a"]
pool = ["my-app[loop]", "b; os_name == 'posix'"]

[dependency-groups]
test = ["pytest", {include-group = "Type_Check"}]
type-check = ["mypy"]
self = ["my-app[web]", "x"]
circle = [{include-group = "round"}]
round = [{include-group = "circle"}]
"""


def project(text: str = EXAMPLE) -> ProjectFile:
    return ProjectFile.parse(dedent(text), "pyproject.toml")


def test_dependencies_have_their_lines() -> None:
    assert [(str(needed), str(needed.origin)) for needed in project().iter_dependencies()] == [
        ("flask>=2", "pyproject.toml, [project] dependencies, line 5"),
        ('tomli; python_version < "3.11"', "pyproject.toml, [project] dependencies, line 6"),
    ]


@pytest.mark.parametrize(
    ("extra", "needed"),
    [
        pytest.param("fast-path", ["numpy"], id="by its normalised name"),
        pytest.param(
            "all",
            ["numpy", 'uvicorn; os_name == "posix"', 'flask>=2; os_name == "posix"', "flask"],
            id="extras of the project itself in place, under their marker",
        ),
        pytest.param("loop", ['b; os_name == "posix"', "a"], id="extras that name each other, each once"),
    ],
)
def test_an_extra_needs(extra: str, needed: list[str]) -> None:
    assert [str(requirement) for requirement in project().iter_extra(NormalizedName(extra))] == needed


def test_an_extra_has_its_own_line_although_another_has_the_same_text() -> None:
    assert [needed.origin.line for needed in project().iter_extra(NormalizedName("web"))] == [11, 11]


@pytest.mark.parametrize(
    ("group", "needed"),
    [
        pytest.param("Test", ["pytest", "mypy"], id="included groups in place"),
        pytest.param(
            "self",
            ["flask>=2", 'tomli; python_version < "3.11"', "uvicorn", "flask>=2", "x"],
            id="the project itself stands for what it needs",
        ),
    ],
)
def test_a_group_needs(group: str, needed: list[str]) -> None:
    assert [str(requirement) for requirement in project().iter_group(group)] == needed


def test_requires_python_is_told() -> None:
    demand = project().python_demand()
    assert demand is not None
    assert (str(demand.specifier), str(demand.origin)) == (">=3.8", "pyproject.toml, [project] requires-python")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param("[project", "pyproject.toml: no valid TOML", None, id="no TOML"),
        pytest.param("a = " + "[" * 5000, "pyproject.toml: no valid TOML", None, id="nested without end"),
        pytest.param("[tool.x]", "pyproject.toml: has no [project] table", None, id="no project"),
        pytest.param(
            "[tool.poetry.dependencies]\nx = '^1'", "has no [project] table", "poetry", id="poetry's own table"
        ),
        pytest.param("project = 1", "pyproject.toml, [project]: must be a table", None, id="no table"),
        pytest.param(
            "[project]\ndynamic = ['dependencies']",
            "pyproject.toml, [project]: its dependencies are dynamic",
            "requirements file",
            id="dynamic dependencies",
        ),
        pytest.param(
            "[project]\ndependencies = 'x'",
            "pyproject.toml, [project] dependencies: must be an array of strings",
            None,
            id="no array",
        ),
        pytest.param(
            "[project]\ndependencies = [1]", "[project] dependencies: must be an array of strings", None, id="no text"
        ),
        pytest.param(
            "[project]\ndependencies = [\n'x=1']",
            "pyproject.toml, [project] dependencies, line 3: 'x=1' is no requirement",
            "write ==",
            id="no requirement",
        ),
    ],
)
def test_broken_dependencies_are_named(text: str, message: str, hint: str | None) -> None:
    with pytest.raises(InputError) as caught:
        list(project(text).iter_dependencies())
    assert message in str(caught.value)
    assert (hint or "") in (getattr(caught.value, "hint", None) or "")


@pytest.mark.parametrize(
    ("text", "extra", "message", "hint"),
    [
        pytest.param(EXAMPLE, "gui", "has no extra 'gui'", "all, fast-path, loop", id="unknown extra"),
        pytest.param("[project]", "gui", "has no extra 'gui'", "it has no extras", id="no extras"),
        pytest.param(
            "[project]\nname='x'\noptional-dependencies = {a = ['x[b]']}",
            "a",
            "has no extra 'b'",
            "its extras are: a",
            id="an extra that names an unknown one",
        ),
        pytest.param(
            "[project.optional-dependencies]\na_b = []\na-B = []", "a-b", "are the same name", "", id="one extra twice"
        ),
        pytest.param(
            "[project]\ndynamic = ['optional-dependencies']", "a", "optional-dependencies are dynamic", "", id="dynamic"
        ),
    ],
)
def test_broken_extras_are_named(text: str, extra: str, message: str, hint: str) -> None:
    with pytest.raises(ProjectFileError) as caught:
        list(project(text).iter_extra(NormalizedName(extra)))
    assert message in str(caught.value)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "group", "message"),
    [
        pytest.param(EXAMPLE, "docs", "has no group 'docs'", id="unknown group"),
        pytest.param(EXAMPLE, "circle", "a group includes itself: circle → round → circle", id="circle"),
        pytest.param(
            "[dependency-groups]\na = [{include-group='b'}]",
            "a",
            "pyproject.toml, [dependency-groups] a: has no group 'b'",
            id="unknown included group",
        ),
        pytest.param("[dependency-groups]\na = 'x'", "a", "must be an array", id="no array"),
        pytest.param("[dependency-groups]\na = [1]", "a", "neither a requirement nor an include-group", id="a number"),
        pytest.param(
            "[dependency-groups]\na = [{include-group='a', x=1}]",
            "a",
            "neither a requirement nor an include-group",
            id="an include with more in it",
        ),
        pytest.param("[dependency-groups]\na_b = []\nA-b = []", "a-b", "are the same name", id="one group twice"),
    ],
)
def test_broken_groups_are_named(text: str, group: str, message: str) -> None:
    with pytest.raises(ProjectFileError) as caught:
        list(project(text).iter_group(group))
    assert message in str(caught.value)


def test_requires_python_may_be_absent() -> None:
    assert project("[project]").python_demand() is None


@pytest.mark.parametrize("value", ["'three'", "3"])
def test_a_broken_requires_python_is_named(value: str) -> None:
    with pytest.raises(ProjectFileError, match=r"^pyproject\.toml, \[project\] requires-python: "):
        project(f"[project]\nrequires-python = {value}").python_demand()
