import pytest
from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

from wheelpin.candidates.newest_first import NewestFirst

VERSIONS = (
    *("1!1.0", "2.0", "2.0rc1", "2.0.dev1", "1.2", "1.1.post1", "1.1", "1.1rc1", "1.0+local", "1.0", "0.9", "0.9a1"),
    "0.1",
)


@pytest.mark.parametrize(
    "text",
    [
        *("", "<1.1", "<=1.1", ">1.1", ">=1.1", ">1.0", "<2.0", "<2.0rc1", ">=0.9a1,<2", ">2,<1", "~=1.0", "==1.*"),
        *("!=1.1", "===1.0", "==1.0", ">=1.0,!=1.2,<1!0", ">=1.1rc1,<=1.1.post1", "<0.1", ">1!1.0"),
    ],
)
def test_bounds_and_all_else_take_what_the_specifier_takes(text: str) -> None:
    specifier = SpecifierSet(text)
    versions = NewestFirst(map(Version, VERSIONS))
    expected = [version for version in map(Version, VERSIONS) if specifier.contains(version, prereleases=True)]
    for _ in range(2):
        assert list(versions.in_range(specifier)) == expected


def test_versions_beyond_a_bound_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[Version] = []
    versions = NewestFirst(Version(f"1.{number}") for number in reversed(range(1000)))
    specifier = SpecifierSet(">=1.500,<1.510,!=1.505")
    original = Specifier.contains

    def noting(self: Specifier, item: Version, prereleases: bool | None = None) -> bool:
        looked_at.append(item)
        return original(self, item, prereleases)

    monkeypatch.setattr(Specifier, "contains", noting)
    assert len(list(versions.in_range(specifier))) == 9
    assert len(looked_at) < 50
