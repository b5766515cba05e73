"""Full Python versions: the last known patch stands in for an unsaid one, and what hinges on it is said."""

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from wheelpin.target import Target
from wheelpin.target.python import known_pythons, read_pythons

LAST_3_12 = f"{known_pythons()['cp312'].full_version}"


def test_every_known_python_has_its_last_patch() -> None:
    assert all(len(known.full_version.release) == 3 for known in known_pythons().values())
    assert str(known_pythons()["cp36"].full_version) == "3.6.15"
    assert known_pythons()["cp36"].is_final
    assert not known_pythons()["cp315"].is_final


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("cp36 3.7.1", "cp36 cannot be 3.7.1"),
        ("cp36 3.6", "cp36 cannot be 3.6"),
        ("cp36 3.6.15 - ended", "cp36 has more than its versions"),
        ("cp36 3.6.15 - final again", "cp36 has more than its versions"),
        ("pp36 3.6.12 final", "Invalid version: 'final'"),
    ],
)
def test_wrong_row_is_named(row: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_pythons(row)


def test_row_may_leave_out_what_is_usual() -> None:
    known = read_pythons("# tag\ncp36 3.6.15 - final\ncp314 3.14.9  # the newest\npp311 3.11.15 7.3.23\n")
    assert [(each.implementation_version, each.is_final) for each in known.values()] == [
        ("3.6.15", True),
        ("3.14.9", False),
        ("7.3.23", False),
    ]


def test_bare_minor_means_the_last_known_patch() -> None:
    target = Target.parse("cp36-manylinux1_x86_64")
    assert str(target.python_full_version) == "3.6.15"
    assert target.is_patch_assumed
    assert not Target.parse("cp36-manylinux1_x86_64", python_full_version="3.6.15").is_patch_assumed


MARKERS = [
    ('python_full_version >= "3.12.4"', "cp312", None, True, True),
    ('python_full_version >= "3.12.4"', "cp312", "3.12.0", False, False),
    ('python_full_version >= "3.12.4"', "cp312", "3.12.4", True, False),
    ('python_full_version < "3.13"', "cp312", None, True, False),
    ('python_full_version >= "3.12.0"', "cp312", None, True, False),
    ('python_full_version != "3.12.3"', "cp312", None, True, True),
    ('"3.12.3" == python_full_version', "cp312", None, False, True),
    ('python_full_version < "3.12.500"', "cp312", None, True, True),
    ('implementation_version >= "3.12.4"', "cp312", None, True, True),
    ('python_version >= "3.12"', "cp312", None, True, False),
    ('python_full_version >= "3.12.4" and os_name == "nt"', "cp312", None, False, False),
    ('python_full_version < "3.12.4" and platform_release > "5"', "cp312", None, False, True),
    ('python_full_version < "3.6.16"', "cp36", None, True, False),
    ('python_full_version < "3.6.15"', "cp36", None, False, True),
    ('python_full_version in "3.6.14 3.6.15"', "cp36", None, True, True),
    ('implementation_version >= "3.10.4"', "pp310", None, True, False),
]


@pytest.mark.parametrize(("text", "interpreter", "version", "holds", "hinges"), MARKERS)
def test_marker_that_hinges_on_the_assumed_patch(
    text: str, interpreter: str, version: str | None, holds: bool, hinges: bool
) -> None:
    target = Target.parse(f"{interpreter}-manylinux2014_x86_64", python_full_version=version)
    verdict = target.applies(Marker(text))
    assert (verdict.holds, verdict.hinges_on_patch) == (holds, hinges)


SPECIFIERS = [
    (">=3.6", "cp36", None, True, False),
    (">=3.6.1", "cp36", None, True, True),
    (">=3.6.1", "cp36", "3.6.0", False, False),
    (">=3.6.1", "cp36", "3.6.1", True, False),
    (">=3.6.1", "cp37", None, True, False),
    ("!=3.9.0", "cp39", "3.9.0", False, False),
    ("!=3.9.0", "cp39", None, True, True),
    ("!=3.9.7,>=3.8", "cp39", None, True, True),
    ("<=3.14", "cp314", "3.14.6", False, False),
    ("<=3.14", "cp314", "3.14.0", True, False),
    ("<=3.14", "cp314", None, False, True),
    (">3.6", "cp36", None, True, True),
    ("==3.6.*", "cp36", None, True, False),
    ("~=3.6", "cp36", None, True, False),
    ("<4", "cp312", None, True, False),
    (">=2.7, !=3.0.*, !=3.1.*, <4", "cp36", None, True, False),
    ("<3.12", "cp312", None, False, False),
    (f">={LAST_3_12}", "cp312", None, True, True),
    ("", "cp312", None, True, False),
    (">=3.15.0", "cp315", "3.15.0rc1", False, False),
    (">=3.15", "cp315", None, True, False),
    (f">=3.12.{'9' * 5000}", "cp312", None, False, False),
]


@pytest.mark.parametrize(("specifier", "interpreter", "version", "holds", "hinges"), SPECIFIERS)
def test_requires_python_is_judged_by_the_full_version(
    specifier: str, interpreter: str, version: str | None, holds: bool, hinges: bool
) -> None:
    target = Target.parse(f"{interpreter}-manylinux2014_x86_64", python_full_version=version)
    verdict = target.accepts_python(SpecifierSet(specifier))
    assert (verdict.holds, verdict.hinges_on_patch) == (holds, hinges)
