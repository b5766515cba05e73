import pytest

from tests.requirements.texts import Texts
from wheelpin.errors import InputError
from wheelpin.requirements import FormatControl, IndexOptions, Sources, read_inputs
from wheelpin.requirements.inputs import (
    ConstraintError,
    DirectivesDifferError,
    ExtrasWithoutProjectError,
    HashMissingError,
)
from wheelpin.requirements.reader import IncludeCycleError, UnreadableInputError
from wheelpin.requirements.syntax import UnsupportedRequirementError
from wheelpin.values import COMMAND_LINE, Origin

A = "a" * 64
PROJECT = """\
[project]
name = "app"
requires-python = ">=3.8"
dependencies = ["flask"]
[project.optional-dependencies]
web = ["uvicorn"]
fast = ["numpy"]
[dependency-groups]
test = ["pytest"]
"""
PYLOCK = f"""\
lock-version = "1.0"
created-by = "a tool"
requires-python = ">=3.9"
[[packages]]
name = "six"
version = "1.16"
wheels = [{{ path = "wheels/six-1.16-py3-none-any.whl", hashes = {{ sha256 = "{A}" }} }}]
"""


def lines(texts: dict[str, str], **sources: tuple[str, ...]) -> list[str]:
    """Return the requirements, each with its origin."""
    inputs = read_inputs(Sources(**sources), Texts(texts))  # type: ignore[arg-type]  # tuples only in these tests
    return [f"{one}  ({one.origin})" for one in inputs.requirements]


def test_order_and_duplicates_are_kept() -> None:
    texts = {"a.in": "x\n-r sub/b.in\nz", "sub/b.in": "y\n-r ../c.in", "c.in": "x", "-": "w"}
    assert lines(texts, requirements=("v", "x"), requirement_files=("a.in", "-", "c.in")) == [
        "v  (command line)",
        "x  (command line)",
        "x  (a.in, line 1)",
        "y  (sub/b.in, line 1)",
        "x  (c.in, line 1)",
        "z  (a.in, line 3)",
        "w  (standard input, line 1)",
        "x  (c.in, line 1)",
    ]


def test_constraints_are_kept_apart_and_may_include_requirements_as_in_pip() -> None:
    texts = {
        "a.in": "x\n-c limits/c.txt",
        "limits/c.txt": "x<2\n-r more.txt\n-c d.txt",
        "limits/more.txt": "m",
        "limits/d.txt": "d @ https://files.example/d-1.0.zip",
    }
    inputs = read_inputs(Sources(requirement_files=("a.in",), constraint_files=("limits/d.txt",)), Texts(texts))
    assert [str(one) for one in inputs.requirements] == ["x", "m"]
    assert [str(one) for one in inputs.constraints] == [
        "d @ https://files.example/d-1.0.zip",
        "x<2",
        "d @ https://files.example/d-1.0.zip",
    ]
    assert inputs.constraints[1].origin == Origin("limits/c.txt", 1)


def test_a_constraint_has_no_extras() -> None:
    with pytest.raises(ConstraintError, match=r"^c\.txt, line 2: 'x\[a\]<2' is no constraint: it has extras"):
        read_inputs(Sources(constraint_files=("c.txt",)), Texts({"c.txt": "\nx[a]<2"}))


def test_options_of_all_files_are_joined() -> None:
    texts = {
        "a.in": "-i https://one.example/\n-f ./links\n--trusted-host h\n-r b/b.in\n--only-binary=x,Y_z",
        "b/b.in": "--index-url=https://two.example/ --extra-index-url ${URL}\n--no-index --pre -f links",
    }
    environ = {"URL": "https://three.example/"}
    inputs = read_inputs(Sources(requirement_files=("a.in",), environ=environ), Texts(texts))
    assert inputs.options == IndexOptions(
        index_url="https://two.example/",
        extra_index_urls=("https://three.example/",),
        find_links=("./links as seen from a.in", "links as seen from b/b.in"),
        no_index=True,
        trusted_hosts=("h",),
    )
    assert inputs.allow_prereleases
    assert inputs.format_control == FormatControl(only_binary=frozenset({"x", "y-z"}))


@pytest.mark.parametrize(
    ("text", "only_binary", "no_binary"),
    [
        pytest.param("--only-binary a\n--no-binary a", set(), {"a"}, id="the later word counts"),
        pytest.param("--no-binary a\n--only-binary :all:", {":all:"}, set(), id="all replaces what was said"),
        pytest.param("--only-binary :all:\n--no-binary a", {":all:"}, {"a"}, id="an exception from all"),
        pytest.param("--only-binary a,,b", {"a", "b"}, set(), id="nothing between commas"),
        pytest.param("--only-binary a,:none:,b", {"b"}, set(), id="none empties"),
        pytest.param("--only-binary a,:all:", {":all:"}, set(), id="all within a list"),
    ],
)
def test_binary_choices_add_up(text: str, only_binary: set[str], no_binary: set[str]) -> None:
    inputs = read_inputs(Sources(requirement_files=("a.in",)), Texts({"a.in": text}))
    assert inputs.format_control == FormatControl(only_binary=frozenset(only_binary), no_binary=frozenset(no_binary))


def test_what_changes_nothing_is_warned_of_with_its_line() -> None:
    texts = Texts({"a.in": "x --config-settings a=b\n--use-feature fast-deps"})
    assert read_inputs(Sources(requirement_files=("a.in",)), texts).warnings == (
        "a.in, line 1: --config-settings changes nothing here",
        "a.in, line 2: --use-feature changes nothing here",
    )


def test_relative_paths_start_in_the_working_folder_as_in_pip() -> None:
    texts = {"sub/a.in": f"./dist/x-1.0-py3-none-any.whl\ny @ file:y-1.0.zip#sha256={A}"}
    inputs = read_inputs(Sources(requirement_files=("sub/a.in",)), Texts(texts))
    assert [one.url for one in inputs.requirements] == [
        "file:///srv/dist/x-1.0-py3-none-any.whl",
        f"file:///srv/y-1.0.zip#sha256={A}",
    ]


def test_hashes_belong_to_their_requirement() -> None:
    inputs = read_inputs(Sources(requirement_files=("a",)), Texts({"a": f"x==1 \\\n --hash=sha256:{A}\ny"}))
    assert [one.hashes for one in inputs.requirements] == [{A}, frozenset()]


def test_require_hashes_wants_one_for_each() -> None:
    text = f"--require-hashes\nx --hash=sha256:{A}\ny @ https://files.example/y-1.0.zip#sha256={A}\n"
    read_inputs(Sources(requirement_files=("a",)), Texts({"a": text}))
    with pytest.raises(HashMissingError, match=r"^a, line 4: 'z' has no --hash"):
        read_inputs(Sources(requirement_files=("a",)), Texts({"a": f"{text}z"}))


def test_the_directive_at_the_top_gives_the_target() -> None:
    texts = Texts({"a": "# wheelpin: target=cp36-manylinux1_x86_64 python-full-version=3.6.15\nx", "b": "y"})
    inputs = read_inputs(Sources(requirement_files=("a", "b", "a")), texts)
    assert (inputs.target, inputs.python_full_version) == ("cp36-manylinux1_x86_64", "3.6.15")
    assert inputs.directive_origin == Origin("a", 1)


def test_two_files_for_two_targets_cannot_be_joined() -> None:
    texts = Texts({"a": "# wheelpin: target=cp36-win32", "b": "\n# wheelpin: target=cp37-win32"})
    with pytest.raises(DirectivesDifferError, match=r"^b, line 2 asks for another target than a, line 1"):
        read_inputs(Sources(requirement_files=("a", "b")), texts)
    assert read_inputs(Sources(requirement_files=("a",), constraint_files=("b",)), texts).target == "cp36-win32"


@pytest.mark.parametrize(
    ("texts", "chain"),
    [
        pytest.param({"a": "x\n-r a"}, "a → a", id="itself"),
        pytest.param({"a": "x\n-r s/b", "s/b": "\n-c ../a"}, "a → s/b → a", id="by way of another"),
        pytest.param({"a": "-r -", "-": "\n-r a"}, "a → standard input → a", id="by way of standard input"),
    ],
)
def test_a_circle_of_files_is_named(texts: dict[str, str], chain: str) -> None:
    with pytest.raises(IncludeCycleError, match=f"line [12]: a file includes itself: {chain}$"):
        read_inputs(Sources(requirement_files=("a",)), Texts(texts))


def test_a_missing_file_is_named_with_the_line_that_asks_for_it() -> None:
    with pytest.raises(UnreadableInputError, match=r"^sub/a, line 2: cannot read sub/b: there is no such file"):
        read_inputs(Sources(requirement_files=("sub/a",)), Texts({"sub/a": "x\n-r b"}))


@pytest.mark.parametrize("name", ["uv.lock", "sub/poetry.lock", "Pipfile"])
def test_a_lock_in_a_form_of_its_own_is_refused_with_the_way_out(name: str) -> None:
    with pytest.raises(UnreadableInputError) as caught:
        read_inputs(Sources(requirement_files=(name,)), Texts({name: "version = 1"}))
    assert "export it first" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        pytest.param(Sources(requirement_files=("pyproject.toml",)), ["flask"], id="dependencies"),
        pytest.param(
            Sources(requirement_files=("pyproject.toml",), extras=("Web",)), ["flask", "uvicorn"], id="and an extra"
        ),
        pytest.param(
            Sources(requirement_files=("pyproject.toml",), all_extras=True),
            ["flask", "uvicorn", "numpy"],
            id="and all extras",
        ),
        pytest.param(
            Sources(requirement_files=("pyproject.toml",), groups=("test",)), ["flask", "pytest"], id="and a group"
        ),
        pytest.param(Sources(groups=("test",)), ["pytest"], id="a group of the project in the working folder"),
        pytest.param(Sources(groups=("sub/pyproject.toml:docs",)), ["sphinx"], id="a group of a project named"),
        pytest.param(Sources(requirement_files=("a.in",), extras=("web",)), ["flask", "uvicorn"], id="included by -r"),
    ],
)
def test_a_project_file_gives(sources: Sources, names: list[str]) -> None:
    sub = '[dependency-groups]\ndocs = ["sphinx"]'
    texts = Texts({"pyproject.toml": PROJECT, "sub/pyproject.toml": sub, "a.in": "-r pyproject.toml"})
    assert [one.name for one in read_inputs(sources, texts).requirements] == names


def test_project_files_and_locks_say_which_pythons_they_are_for() -> None:
    texts = Texts({"pyproject.toml": PROJECT, "pylock.toml": PYLOCK})
    inputs = read_inputs(Sources(requirement_files=("pyproject.toml", "pylock.toml")), texts)
    assert [str(demand.specifier) for demand in inputs.python_demands] == [">=3.8", ">=3.9"]


def test_extras_without_a_project_are_an_error() -> None:
    with pytest.raises(ExtrasWithoutProjectError, match="extras are asked for, but of no project"):
        read_inputs(Sources(requirements=("x",), extras=("web",)), Texts())


@pytest.mark.parametrize(
    ("name", "is_lock"),
    [("pylock.toml", True), ("sub/pylock.lambda.toml", True), ("pylock.a.b.toml", False), ("my-pylock.toml", False)],
)
def test_the_name_tells_a_lock_from_a_project_file(name: str, is_lock: bool) -> None:
    texts = Texts({name: f"{PYLOCK}\n[project]\ndependencies = ['flask']"})
    [requirement] = read_inputs(Sources(requirement_files=(name,)), texts).requirements
    assert requirement.name == ("six" if is_lock else "flask")


def test_paths_in_a_pylock_start_beside_it() -> None:
    inputs = read_inputs(Sources(requirement_files=("locks/pylock.toml",)), Texts({"locks/pylock.toml": PYLOCK}))
    [six] = inputs.requirements
    assert six.url == f"file:///srv/locks/wheels/six-1.16-py3-none-any.whl#sha256={A}"


def test_a_project_file_can_be_a_constraint_and_then_has_no_extras_to_choose() -> None:
    sources = Sources(constraint_files=("pyproject.toml",))
    inputs = read_inputs(sources, Texts({"pyproject.toml": PROJECT}))
    assert ([one.name for one in inputs.constraints], inputs.requirements) == (["flask"], ())


def test_a_lock_in_either_form_is_an_input_like_any_other() -> None:
    lock = f"""\
# wheelpin: target=cp36-manylinux1_x86_64
x @ https://files.example/x-1.0-py3-none-any.whl#sha256={A}
    # via -r a.in
y==1.0 \\
    --hash=sha256:{A}
    # via x
"""
    inputs = read_inputs(Sources(requirement_files=("lock.txt",)), Texts({"lock.txt": lock}))
    assert [(str(one), set(one.hashes), one.origin.line) for one in inputs.requirements] == [
        ("x @ https://files.example/x-1.0-py3-none-any.whl", set(), 2),
        ("y==1.0", {A}, 4),
    ]


def test_errors_of_positional_requirements_name_the_command_line() -> None:
    with pytest.raises(InputError, match=f"^{COMMAND_LINE}: "):
        read_inputs(Sources(requirements=("x=1",)), Texts())


def test_folder_of_a_project_is_known_by_its_digest() -> None:
    texts = Texts({"lib/a.in": "demo @ ./project\nother @ file:///x/project ; os_name == 'posix'"})
    found = read_inputs(Sources(requirement_files=("lib/a.in",)), texts).requirements
    assert [asked.url for asked in found] == [
        f"file:///srv/project#sha256={'f' * 64}",
        f"file:///x/project#sha256={'f' * 64}",
    ]


def test_path_that_leads_nowhere_is_refused_with_its_line() -> None:
    with pytest.raises(UnsupportedRequirementError, match=r"^a\.in, line 1: .* leads neither to a wheel"):
        lines({"a.in": "demo @ ./nowhere"}, requirement_files=("a.in",))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("./project", "demo @ file:///srv/project", id="a path"),
        pytest.param("./project[a,b]", "demo[a,b] @ file:///srv/project", id="extras"),
        pytest.param("./project ; os_name == 'nt'", "demo @ file:///srv/project", id="a marker"),
        pytest.param("project", "project", id="a name"),
    ],
)
def test_folder_of_a_project_needs_no_name(text: str, told: str) -> None:
    for sources, texts in (({"requirements": (text,)}, {}), ({"requirement_files": ("a.in",)}, {"a.in": text})):
        (said,) = lines(texts, **sources)
        assert said.startswith(told)
        assert ('os_name == "nt"' in said) is ("nt" in text)


def test_folder_that_does_not_tell_its_name_is_refused() -> None:
    with pytest.raises(UnsupportedRequirementError, match="does not tell which project it is of"):
        lines({}, requirements=("./nameless",))
