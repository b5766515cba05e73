"""The tables ``build.NAME``: what they say, and how they refuse what means nothing."""

from collections.abc import Mapping

import pytest
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.errors import InputError
from wheelpin.project import ProjectTableError, Recipe, Table, read_recipes


def recipes(text: str) -> Mapping[NormalizedName, Recipe]:
    return read_recipes(Table.parse(text, "wheelpin.toml"))


def test_recipe_says_all_that_a_build_can_be_given() -> None:
    text = """
        [build.numpy]
        system-packages = ["blas-devel", "lapack-devel"]
        environment = { NPY_NUM_BUILD_JOBS = "4", EMPTY = "" }
        before-build = "sed -i s/a/b/ setup.py"
        patches = ["patches/numpy.patch"]
        config-settings = { "setup-args" = ["-Dblas=blas", "-Dlapack=lapack"], builddir = "b" }
        build-requires = ["cython<3"]
        network = true
        image = "images.example/builder@sha256:0"
        test-command = ["pytest -q", "python -c 'import numpy'"]
        test-requires = ["pytest"]
        optional-extensions = ["numpy.random._fast"]
        """
    assert recipes(text) == {
        canonicalize_name("numpy"): Recipe(
            system_packages=("blas-devel", "lapack-devel"),
            environment={"NPY_NUM_BUILD_JOBS": "4", "EMPTY": ""},
            before_build=("sed -i s/a/b/ setup.py",),
            patches=("patches/numpy.patch",),
            config_settings={"setup-args": ("-Dblas=blas", "-Dlapack=lapack"), "builddir": "b"},
            build_requires=("cython<3",),
            network=True,
            image="images.example/builder@sha256:0",
            test_command=("pytest -q", "python -c 'import numpy'"),
            test_requires=("pytest",),
            optional_extensions=("numpy.random._fast",),
        )
    }


def test_empty_table_is_an_empty_recipe_under_the_normalised_name() -> None:
    assert recipes("[build.Flask_SQLAlchemy]") == {canonicalize_name("flask-sqlalchemy"): Recipe()}


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        pytest.param(
            "[build.numpy]\nnetwork = true\nsystem_packages = []",
            "wheelpin.toml, line 3: build.numpy.system_packages: there is no such key",
            "did you mean system-packages?",
            id="unknown key, near a known one",
        ),
        pytest.param(
            "[build.numpy]\nx = 1",
            "wheelpin.toml, line 2: build.numpy.x: there is no such key",
            "allowed here: system-pa",
            id="unknown key",
        ),
        pytest.param(
            "build = 3",
            "wheelpin.toml, line 1: build: is the number 3, and must be a table",
            "",
            id="no table of tables",
        ),
        pytest.param(
            "[build]\nnumpy = 'x'",
            "wheelpin.toml, line 2: build.numpy: is the string 'x', and must be a table",
            "",
            id="no table",
        ),
        pytest.param(
            "[build.numpy]\nsystem-packages = [\n  'a',\n  7,\n]",
            "wheelpin.toml, line 2: build.numpy.system-packages: holds the number 7, and must be an array of strings",
            "",
            id="odd entry of an array",
        ),
        pytest.param(
            "[build.numpy]\npatches = 'a.patch'",
            "wheelpin.toml, line 2: build.numpy.patches: is the string 'a.patch', and must be an array of strings",
            "",
            id="string for an array",
        ),
        pytest.param(
            "[build.numpy]\npatches = ['']",
            "wheelpin.toml, line 2: build.numpy.patches: holds an empty string",
            "leave it out",
            id="empty string",
        ),
        pytest.param(
            "[build.numpy]\nnetwork = 'yes'",
            "wheelpin.toml, line 2: build.numpy.network: is the string 'yes', and must be true or false",
            "",
            id="no truth value",
        ),
        pytest.param(
            "[build.numpy]\nimage = 2024-01-01",
            "wheelpin.toml, line 2: build.numpy.image: is a date or time, and must be a string",
            "",
            id="date for a string",
        ),
        pytest.param(
            "[build.numpy]\ntest-command = [['a']]",
            "wheelpin.toml, line 2: build.numpy.test-command: holds an array, and must be a string or an array",
            "",
            id="array of arrays",
        ),
        pytest.param(
            "[build.numpy]\nbefore-build = { a = 'b' }",
            "wheelpin.toml, line 2: build.numpy.before-build: is a table, and must be a string or an array",
            "",
            id="table of commands",
        ),
        pytest.param(
            "[build.numpy]\nenvironment.A = true",
            "wheelpin.toml, line 2: build.numpy.environment.A: is true, and must be a string",
            "",
            id="variable that is no string",
        ),
        pytest.param(
            "[build.numpy]\nenvironment = { 'A=B' = 'c' }",
            'wheelpin.toml, line 2: build.numpy.environment."A=B": is no name of a variable',
            "",
            id="variable whose name is none",
        ),
        pytest.param(
            "[build.numpy]\nbuild-requires = ['cython', 'no no']",
            "wheelpin.toml, line 2: 'no no'",
            "",
            id="requirement that is none",
        ),
        pytest.param(
            "[build.'no no']", 'wheelpin.toml, line 1: build."no no": is no project\'s name', "", id="no project's name"
        ),
        pytest.param(
            "[build.Numpy]\n[build.numpy]\n",
            "wheelpin.toml, line 2: build.numpy: is the second table for numpy",
            "",
            id="one project twice",
        ),
    ],
)
def test_what_means_nothing_is_refused_at_its_place(text: str, said: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        recipes(text)
    assert said in str(caught.value)
    assert hint in (getattr(caught.value, "hint", None) or "")


def test_broken_toml_names_the_file() -> None:
    with pytest.raises(ProjectTableError, match=r"^wheelpin.toml: no valid TOML: .*line 1"):
        recipes("build = \n")


def test_line_of_a_key_that_is_spelled_with_escapes_is_not_guessed() -> None:
    with pytest.raises(ProjectTableError, match=r"^wheelpin.toml: build.numpy.yes: "):
        recipes('[build.numpy]\n"y\\u0065s" = 1')


def test_text_that_looks_like_a_key_is_not_taken_for_it() -> None:
    text = 'note = """\n[build.numpy]\nnetwork = 1\n"""\n# network = 1\n[build.numpy]\nnetwork = 1\n'
    with pytest.raises(ProjectTableError, match="line 7"):
        recipes(text)
