"""``[tool.wheelpin]`` and wheelpin.toml: what they say, and how they refuse what means nothing."""

import string
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from tests.project.toml_text import to_toml
from wheelpin.errors import InputError
from wheelpin.locks import LockFormat
from wheelpin.project import Project, ProjectTableError, parse_own_file, parse_pyproject
from wheelpin.project.model import ProjectIndexes, ProjectInputs
from wheelpin.project.reading import KEYS, TARGET_KEYS

ROOT = Path(__file__).parents[2]
FILE = "wheelpin.toml"


def read(text: str) -> Project:
    return parse_own_file(text, FILE)


def test_file_says_all_that_options_can_say() -> None:
    found = read("""
        requirements = ["requirements.in"]
        groups = ["test"]
        extras = ["s3"]
        all-extras = true
        constraints = ["limits.txt"]
        overrides = ["overrides.txt"]
        lockfiles = "locks"
        format = ["requirements", "hashes"]
        index-url = "https://index.example/simple/"
        extra-index-urls = ["https://other.example/simple/"]
        find-links = ["wheels"]
        no-index = true
        project-indexes = { Private_Thing = "https://private.example/" }
        exclude-newer = 2026-01-31
        pre-releases = true
        align = true
        only-binary = ":all:"
        no-binary = ["Flask_Login"]
        [targets]
        lambda = "aws-lambda-python3.12-arm64"
        [targets.legacy]
        tags = "cp36-manylinux1_x86_64"
        python-full-version = "3.6.15"
        markers = { platform_release = "5.10" }
        requirements = ["old.in"]
        lockfile = "old/lock.txt"
        format = "hashes"
        [build.numpy]
        network = true
        """)
    inputs = ProjectInputs(
        requirements=("requirements.in",),
        groups=("test",),
        extras=("s3",),
        all_extras=True,
        constraints=("limits.txt",),
        overrides=("overrides.txt",),
    )
    assert found.inputs == inputs
    assert found.indexes == ProjectIndexes(
        index_url="https://index.example/simple/",
        extra_index_urls=("https://other.example/simple/",),
        find_links=("wheels",),
        no_index=True,
        project_indexes={canonicalize_name("private-thing"): "https://private.example/"},
        exclude_newer="2026-01-31",
    )
    assert (found.lockfiles, found.prereleases, found.align) == ("locks", True, True)
    assert found.formats == (LockFormat.REQUIREMENTS, LockFormat.HASHES)
    assert (found.only_binary, found.no_binary) == (frozenset({":all:"}), frozenset({"flask-login"}))
    assert found.recipes.keys() == {"numpy"}
    plain, legacy = found.targets
    assert (plain.name, plain.tags, plain.inputs) == ("lambda", "aws-lambda-python3.12-arm64", inputs)
    assert (legacy.python_full_version, legacy.markers) == ("3.6.15", {"platform_release": "5.10"})
    assert (legacy.inputs.requirements, legacy.inputs.groups) == (("old.in",), ("test",))
    assert (legacy.lockfile, legacy.formats) == ("old/lock.txt", (LockFormat.HASHES,))


def test_file_that_says_nothing_leaves_all_as_it_is_without_one() -> None:
    found = read("")
    assert (found.inputs, found.targets, found.lockfiles) == (ProjectInputs(), (), "lockfiles")
    assert (found.formats, found.indexes) == ((LockFormat.REQUIREMENTS,), ProjectIndexes())


def test_targets_without_names_are_an_array() -> None:
    (only,) = read('targets = ["cp312-manylinux_2_28_x86_64"]').targets
    assert (only.name, only.tags) == (None, "cp312-manylinux_2_28_x86_64")


def test_pyproject_has_the_same_table_under_tool() -> None:
    found = parse_pyproject('[tool.wheelpin]\nlockfiles = "locks"\n', "pyproject.toml")
    assert found is not None
    assert (found.lockfiles, found.file) == ("locks", "pyproject.toml")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[project]\nname = 'other'\n", id="nothing of wheelpin"),
        pytest.param("[project]\nname = 'wheelpin'\n[tool.other]\n", id="wheelpin somewhere else"),
        pytest.param("no toml at all", id="nothing to us what is wrong with it"),
    ],
)
def test_pyproject_without_the_table_is_no_project_file(text: str) -> None:
    assert parse_pyproject(text, "pyproject.toml") is None


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        pytest.param(
            "index_url = 'x'",
            f"{FILE}, line 1: index_url: there is no such key",
            "did you mean index-url? allowed here: requirements, groups",
            id="unknown key",
        ),
        pytest.param(
            "\n[targets.a]\ntags = 'x'\nlock-file = 'y'",
            f"{FILE}, line 4: targets.a.lock-file: there is no such key",
            "did you mean lockfile?",
            id="unknown key of a target",
        ),
        pytest.param("[targets.a]\nformat = 'hashes'", "line 1: targets.a: has no tags", "preset", id="no tags"),
        pytest.param(
            "targets.a = 3",
            "line 1: targets.a: is the number 3, and must be a string of tags or a table",
            "",
            id="target that is a number",
        ),
        pytest.param("targets = 'a'", "targets: is the string 'a', and must be a table", "", id="targets as a string"),
        pytest.param(
            "targets.'../a' = 'x'", 'targets."../a": is no name for a target', "letters", id="name that is a path"
        ),
        pytest.param("targets.a = 'x'\ntargets.A = 'y'", "line 2: targets.A: is the same name as a", "", id="case"),
        pytest.param(
            "format = 'poetry'", "line 1: format: 'poetry' is no form of a lock", "requirements, hashes", id="no form"
        ),
        pytest.param(
            "[targets.a]\ntags='x'\nlockfile='l'\nformat=['hashes','requirements']",
            "line 3: targets.a.lockfile: names one file, and there are several forms",
            "",
            id="two forms in one file",
        ),
        pytest.param("targets.a = {tags='x', lockfile='-'}", "must name a file", "-o - prints", id="no file"),
        pytest.param(
            "[targets.a]\ntags='x'\npython-full-version = 3.12",
            "line 3: targets.a.python-full-version: is the number 3.12, and must be a string",
            "",
            id="version as a number",
        ),
        pytest.param("exclude-newer = 3", "exclude-newer: is the number 3, and must be a string", "", id="no time"),
        pytest.param("no-binary = ['no no']", "line 1: no-binary: 'no no' is no project's name", "", id="no project"),
        pytest.param("[build.numpy]\nx = 1", "line 2: build.numpy.x: there is no such key", "", id="in a recipe"),
    ],
)
def test_what_means_nothing_is_refused_at_its_place(text: str, said: str, hint: str) -> None:
    with pytest.raises(ProjectTableError) as caught:
        read(text)
    assert said in str(caught.value)
    assert hint in (caught.value.hint or "")


NAMES = st.text(string.ascii_letters, min_size=1, max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    lambda text: text.strip()
)
LISTS = st.lists(TEXTS, max_size=3)
FORMATS = st.sampled_from([form.value for form in LockFormat])
INPUTS: dict[str, st.SearchStrategy[Any]] = {
    "requirements": LISTS,
    "groups": LISTS,
    "extras": LISTS,
    "all-extras": st.booleans(),
    "constraints": LISTS,
    "overrides": LISTS,
}
TARGETS = st.dictionaries(
    NAMES.map(str.lower),
    st.fixed_dictionaries(
        {"tags": TEXTS},
        optional={
            **INPUTS,
            "python-full-version": TEXTS,
            "markers": st.dictionaries(NAMES, TEXTS),
            "lockfile": TEXTS,
            "format": FORMATS,
        },
    ),
    max_size=3,
)
TABLES = st.fixed_dictionaries(
    {},
    optional={
        **INPUTS,
        "targets": TARGETS,
        "lockfiles": TEXTS,
        "index-url": TEXTS,
        "extra-index-urls": LISTS,
        "find-links": LISTS,
        "no-index": st.booleans(),
        "project-indexes": st.dictionaries(NAMES, TEXTS, max_size=2),
        "exclude-newer": st.dates(),
        "pre-releases": st.booleans(),
        "align": st.booleans(),
        "only-binary": st.lists(NAMES, max_size=2),
        "no-binary": st.just(":all:"),
        "build": st.dictionaries(NAMES.map(str.lower), st.fixed_dictionaries({}, optional={"network": st.booleans()})),
    },
)


@given(TABLES)
def test_every_table_of_known_keys_is_read_as_it_was_written(said: dict[str, Any]) -> None:
    found = read(to_toml(said))
    inputs = found.inputs
    assert inputs.requirements == (tuple(said["requirements"]) if "requirements" in said else None)
    assert [*inputs.groups] == said.get("groups", [])
    assert {target.name: target.tags for target in found.targets} == {
        name: target["tags"] for name, target in said.get("targets", {}).items()
    }
    assert found.lockfiles == said.get("lockfiles", "lockfiles")
    assert found.indexes.index_url == said.get("index-url")
    assert found.indexes.exclude_newer == (said["exclude-newer"].isoformat() if "exclude-newer" in said else None)
    assert found.align == said.get("align", False)


def _in_targets(said: dict[str, Any], key: str) -> None:
    said["targets"] = {**said.get("targets", {}), "odd": {"tags": "x", key: "y"}}


def _in_build(said: dict[str, Any], key: str) -> None:
    said["build"] = {**said.get("build", {}), "odd": {key: "y"}}


def _at_top(said: dict[str, Any], key: str) -> None:
    said[key] = "y"


def last_key(toml: str) -> str:
    """Return the innermost key of a text that has one of each."""
    key, found = "", cast(object, tomllib.loads(toml))
    while isinstance(found, dict):
        ((key, found),) = found.items()
    return key


@given(
    TABLES,
    TEXTS.filter(lambda text: text not in {*KEYS, *TARGET_KEYS}),
    st.sampled_from([_at_top, _in_targets, _in_build]),
)
def test_every_unknown_key_is_refused_by_its_name(
    said: dict[str, Any], key: str, put: Callable[[dict[str, Any], str], None]
) -> None:
    put(said, key)
    with pytest.raises(InputError) as caught:
        read(to_toml(said))
    assert isinstance(caught.value, ProjectTableError)
    assert "there is no such key" in caught.value.problem
    assert last_key(f"{caught.value.key} = 1") == key


def test_own_file_names_the_locks_that_lie_there() -> None:
    found = parse_pyproject((ROOT / "pyproject.toml").read_text(encoding="utf-8"), "pyproject.toml")
    assert found is not None
    assert {f"{target.tags}.txt" for target in found.targets} == {path.name for path in ROOT.glob("lockfiles/*")}
