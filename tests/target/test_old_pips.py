"""``pip18.1`` in a target: the pip that installs there passes over names that it does not know (E4)."""

import pytest

from wheelpin.target import Target, TargetSyntaxError

OLD = "cp36-manylinux2014_x86_64-pip18.1"


@pytest.mark.parametrize(
    ("pip", "known"),
    [
        pytest.param("8.0", [], id="8.0 knows no manylinux"),
        pytest.param("18.1", ["manylinux1"], id="18.1 knows manylinux1"),
        pytest.param("19.0", ["manylinux1", "manylinux2010"], id="19.0 knows manylinux2010"),
        pytest.param("19.3", ["manylinux1", "manylinux2010", "manylinux2014"], id="19.3 knows manylinux2014"),
        pytest.param(
            "20.3",
            ["manylinux1", "manylinux2010", "manylinux2014", "manylinux_2_5", "manylinux_2_17"],
            id="20.3 knows all",
        ),
    ],
)
def test_pip_knows_names_since_its_time(pip: str, known: list[str]) -> None:
    target = Target.parse(f"cp36-manylinux2014_x86_64-pip{pip}")
    names = ("manylinux1", "manylinux2010", "manylinux2014", "manylinux_2_5", "manylinux_2_17")
    assert [name for name in names if target.rank(f"cp36-cp36m-{name}_x86_64") is not None] == known
    assert target.rank("py3-none-any") is not None


def test_file_with_an_old_and_a_new_name_is_taken() -> None:
    assert Target.parse(OLD).rank("cp36-cp36m-manylinux_2_5_x86_64.manylinux1_x86_64") is not None


def test_refused_file_is_told_that_its_name_is_unknown() -> None:
    misfit = Target.parse(OLD).misfit("cp36-cp36m-manylinux_2_5_x86_64")
    assert misfit is not None
    assert misfit.detail == "is named manylinux_2_5, which pip 18.1 does not know"


def test_too_new_a_libc_is_told_first() -> None:
    misfit = Target.parse(OLD).misfit("cp36-cp36m-manylinux_2_28_x86_64")
    assert misfit is not None
    assert misfit.detail == "needs glibc 2.28, the target has 2.17"


@pytest.mark.parametrize("text", [OLD, "cp37-manylinux1_x86_64-exact-pip9.0", "cp39-musllinux_1_1_x86_64-pip21.2"])
def test_target_with_a_pip_is_spelt_as_it_is_read(text: str) -> None:
    assert Target.parse(text).name == text
    assert Target.parse(Target.parse(text).spelling) == Target.parse(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("cp312-win_amd64-pip18.1", "the target has none", id="no libc"),
        pytest.param(f"{OLD}-pip9.0", "names two pips", id="twice"),
    ],
)
def test_pip_where_it_means_nothing_is_refused(text: str, problem: str) -> None:
    with pytest.raises(TargetSyntaxError, match=problem):
        Target.parse(text)
