import pytest

from tests.builders import core_metadata
from wheelpin.builder.static_metadata import read_static_metadata
from wheelpin.ports import MetadataUnusableError

NAME = "demo-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("version", "dynamic", "is_trusted"),
    [
        pytest.param("2.2", [], True, id="the first that can be trusted"),
        pytest.param("2.4", ["License-File"], True, id="what is dynamic does not matter"),
        pytest.param("2.1", [], False, id="older"),
        pytest.param("2.2", ["Requires-Dist"], False, id="dynamic requirements"),
        pytest.param("2.2", ["requires-python"], False, id="dynamic Requires-Python"),
        pytest.param("two", [], False, id="no version"),
    ],
)
def test_metadata_of_an_sdist_is_trusted_when_it_says_so(version: str, dynamic: list[str], is_trusted: bool) -> None:
    text = core_metadata(
        "demo", "1.0", requires=["six"], lines=[f"Dynamic: {each}" for each in dynamic], metadata_version=version
    )
    found = read_static_metadata(text, NAME)
    assert (found is not None) is is_trusted
    assert found is None or found.requires_dist == ("six",)


def test_metadata_of_another_project_is_refused() -> None:
    with pytest.raises(MetadataUnusableError):
        read_static_metadata(core_metadata("other", "1.0", metadata_version="2.2"), NAME)
