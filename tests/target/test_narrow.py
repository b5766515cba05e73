"""Inline tags: they narrow the run's target and never leave it."""

import pytest

from wheelpin.target import NarrowingError, Target, TargetSyntaxError
from wheelpin.values import Origin

HERE = Origin("requirements.in", 3)

NARROWED = [
    ("cp36-manylinux2014_x86_64", ("manylinux1", "cp36", "x86_64"), "cp36-manylinux1_x86_64"),
    ("cp36-manylinux2014_x86_64", ("manylinux1",), "cp36-manylinux1_x86_64"),
    ("cp36-manylinux2014_x86_64", ("manylinux_2_12_x86_64",), "cp36-manylinux2010_x86_64"),
    ("cp36-manylinux2014_x86_64", ("abi3",), "cp36-abi3-manylinux2014_x86_64"),
    ("cp36-manylinux2014_x86_64", ("x86_64", "cp36m"), "cp36-manylinux2014_x86_64"),
    ("cp36-manylinux2014_x86_64", ("amd64",), "cp36-manylinux2014_x86_64"),
    ("cp312-musllinux_1_2_aarch64", ("musllinux_1_1", "arm64"), "cp312-musllinux_1_1_aarch64"),
    ("cp312-macosx_14_0_arm64", ("macosx_12_0",), "cp312-macosx_12_0_arm64"),
    ("cp27m-manylinux2010_i686", ("manylinux1", "cp27"), "cp27m-manylinux1_i686"),
    ("cp312-manylinux_2_28_x86_64-linux", ("manylinux_2_28",), "cp312-manylinux_2_28_x86_64"),
    ("aws-lambda-python3.12-arm64", ("manylinux2014",), "cp312-manylinux2014_aarch64"),
]


@pytest.mark.parametrize(("spelling", "parts", "narrowed"), NARROWED)
def test_parts_narrow_the_target(spelling: str, parts: tuple[str, ...], narrowed: str) -> None:
    target = Target.parse(spelling)
    inside = target.narrow(parts, HERE)
    assert inside.spelling == narrowed
    assert set(inside.tags) <= set(target.tags)
    assert inside.python_full_version == target.python_full_version


def test_parts_that_change_nothing_keep_the_name() -> None:
    target = Target.parse("aws-lambda-python3.12-arm64")
    assert target.narrow(("cp312", "aarch64"), HERE) is target


OUTSIDE = [
    ("cp36-manylinux1_x86_64", ("manylinux2014",), "cp36-manylinux2014_x86_64"),
    ("cp36-manylinux1_x86_64", ("cp37",), "cp37-manylinux1_x86_64"),
    ("cp36-manylinux1_x86_64", ("cp35",), "cp35-manylinux1_x86_64"),
    ("cp27-manylinux1_x86_64", ("cp27m",), "cp27m-manylinux1_x86_64"),
    ("cp312-manylinux2014_x86_64", ("musllinux_1_1",), "cp312-musllinux_1_1_x86_64"),
    ("cp312-manylinux2014_x86_64", ("manylinux2014", "aarch64"), "cp312-manylinux2014_aarch64"),
    ("cp312-manylinux2014_x86_64", ("linux",), "cp312-linux_x86_64"),
]


@pytest.mark.parametrize(("spelling", "parts", "outside"), OUTSIDE)
def test_parts_that_lead_outside_are_refused(spelling: str, parts: tuple[str, ...], outside: str) -> None:
    with pytest.raises(NarrowingError) as caught:
        Target.parse(spelling).narrow(parts, HERE)
    assert str(caught.value) == (
        f"[{','.join(parts)}] (requirements.in, line 3): {outside} is not within target {spelling}"
    )


@pytest.mark.parametrize(("parts", "problem"), [(("aarch64",), "not the architecture"), (("cp99",), "no interpreter")])
def test_wrong_part_is_told(parts: tuple[str, ...], problem: str) -> None:
    with pytest.raises(TargetSyntaxError, match=problem):
        Target.parse("cp36-manylinux1_x86_64").narrow(parts, HERE)
