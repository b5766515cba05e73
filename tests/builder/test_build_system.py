import pytest

from wheelpin.builder import SourceRefusedError
from wheelpin.builder.build_system import BuildSystem, parse_build_system


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(None, BuildSystem(), id="no pyproject.toml is setuptools"),
        pytest.param("[project]\nname = 'a'\n", BuildSystem(), id="neither a table"),
        pytest.param(
            "[build-system]\nrequires = ['setuptools', 'cython<3']\n",
            BuildSystem(requires=("setuptools", "cython<3")),
            id="requirements without a backend",
        ),
        pytest.param(
            "[build-system]\nrequires = ['flit_core>=3']\nbuild-backend = 'flit_core.buildapi'\nbackend-path = ['b']\n",
            BuildSystem(requires=("flit_core>=3",), backend="flit_core.buildapi", backend_path=("b",)),
            id="a backend of its own",
        ),
    ],
)
def test_build_system_is_read(text: str | None, found: BuildSystem) -> None:
    assert parse_build_system(text, "a-1.0.tar.gz") == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("[build-system", "no TOML", id="broken"),
        pytest.param("build-system = 1", "is no table", id="a number"),
        pytest.param("[build-system]\nrequires = 'a'", "requires in its pyproject.toml is no array", id="a string"),
        pytest.param("[build-system]\nbuild-backend = 1", "is no string", id="a backend that is none"),
        pytest.param("[build-system]\nrequires = ['a b']", "'a b' cannot be read", id="no requirement"),
    ],
)
def test_broken_build_system_names_the_source(text: str, reason: str) -> None:
    with pytest.raises(SourceRefusedError, match=reason) as caught:
        parse_build_system(text, "a-1.0.tar.gz")
    assert caught.value.source == "a-1.0.tar.gz"
