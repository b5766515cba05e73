"""``exact`` in a target: wheels of the named libc level, and of no older one."""

import pytest

from wheelpin.target import Target, TargetSyntaxError

FLOOR, EXACT = "cp312-manylinux_2_28_x86_64", "cp312-manylinux_2_28_x86_64-exact"


@pytest.mark.parametrize(
    ("tag_set", "fits_floor", "fits_exact"),
    [
        pytest.param("cp312-cp312-manylinux_2_28_x86_64", True, True, id="the level itself"),
        pytest.param("cp312-cp312-manylinux_2_17_x86_64", True, False, id="an older level"),
        pytest.param("cp312-cp312-manylinux2014_x86_64", True, False, id="an older level's legacy name"),
        pytest.param("cp312-cp312-manylinux2014_x86_64.manylinux_2_28_x86_64", True, True, id="both in one name"),
        pytest.param("cp312-cp312-manylinux_2_34_x86_64", False, False, id="a newer level"),
        pytest.param("py3-none-any", True, True, id="no platform at all"),
    ],
)
def test_exact_level_leaves_out_what_a_floor_takes(tag_set: str, fits_floor: bool, fits_exact: bool) -> None:
    assert (Target.parse(FLOOR).rank(tag_set) is not None) is fits_floor
    assert (Target.parse(EXACT).rank(tag_set) is not None) is fits_exact


@pytest.mark.parametrize(
    "tag_set",
    [f"cp312-cp312-{name}_x86_64" for name in ("manylinux_2_17", "manylinux2014", "manylinux2010", "manylinux1")],
)
def test_floor_of_2_17_takes_every_older_level_under_either_name(tag_set: str) -> None:
    assert Target.parse("cp312-manylinux_2_17_x86_64").rank(tag_set) is not None


def test_exact_legacy_level_has_both_its_names() -> None:
    target = Target.parse("manylinux1-exact-cp36-x86_64")
    assert target.rank("cp36-cp36m-manylinux1_x86_64") is not None
    assert target.rank("cp36-cp36m-manylinux_2_5_x86_64") is not None


@pytest.mark.parametrize("text", [EXACT, "cp36-manylinux1_x86_64-exact", "cp313t-musllinux_1_2_aarch64-exact"])
def test_exact_target_is_spelt_as_it_is_read(text: str) -> None:
    assert Target.parse(text).name == text
    assert Target.parse(Target.parse(text).spelling) == Target.parse(text)


def test_refused_file_is_told_that_the_level_is_exact() -> None:
    misfit = Target.parse(EXACT).misfit("cp312-cp312-manylinux2014_x86_64")
    assert misfit is not None
    assert misfit.detail == "is for glibc 2.17, the target takes exactly 2.28"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("cp312-win_amd64-exact", "the target has none", id="no libc"),
        pytest.param(f"exact-{EXACT}", "'exact' is given twice", id="twice"),
    ],
)
def test_exact_where_it_means_nothing_is_refused(text: str, problem: str) -> None:
    with pytest.raises(TargetSyntaxError, match=problem):
        Target.parse(text)
