"""Presets: every row makes a target, says where it comes from, and warns when nobody verified it."""

import re

import pytest
from msgspec.structs import replace

from wheelpin.target import Preset, Target, presets
from wheelpin.target.presets import read_presets


@pytest.mark.parametrize("preset", presets().values(), ids=lambda preset: preset.name)
def test_row_is_a_target(preset: Preset) -> None:
    target = Target.parse(preset.name)
    assert target.name == preset.name
    assert re.fullmatch(r"[a-z0-9._-]+", target.name)
    spelled = Target.parse(preset.tags)
    assert target.spelling == spelled.spelling
    assert target.tags == spelled.tags or preset.denied_platforms
    assert target.is_patch_assumed is (preset.python_full_version is None)
    if named := re.search(r"python(\d\.\d+)", preset.name):
        assert target.markers["python_version"] == named[1]
    assert bool(target.warnings) is not preset.is_verified
    assert preset.source
    assert preset.layout in {"aws-lambda", "gcf", "azure", "plain"}


@pytest.mark.parametrize(
    ("name", "spelling", "unzipped_limit_bytes"),
    [
        ("aws-lambda-python2.7", "cp27-manylinux2014_x86_64", 262_144_000),
        ("aws-lambda-python3.6", "cp36-manylinux2014_x86_64", 262_144_000),
        ("aws-lambda-python3.11-arm64", "cp311-manylinux_2_26_aarch64", 262_144_000),
        ("aws-lambda-python3.12", "cp312-manylinux_2_34_x86_64", 262_144_000),
        ("azure-functions-python3.11", "cp311-manylinux_2_31_x86_64", None),
        ("gcf-python3.9", "cp39-manylinux_2_27_x86_64", None),
        ("cloudflare-workers-python3.14", "cp314-pyemscripten_2026_0_wasm32", None),
        ("databricks-serverless-2", "cp311-manylinux_2_35_x86_64", None),
    ],
)
def test_runtime_is_known(name: str, spelling: str, unzipped_limit_bytes: int | None) -> None:
    assert Target.parse(name.upper()).spelling == spelling
    assert presets()[name].unzipped_limit_bytes == unzipped_limit_bytes


def test_bare_name_is_the_first_architecture() -> None:
    bare, full = Target.parse("aws-lambda-python3.12"), Target.parse("aws-lambda-python3.12-x86_64")
    assert replace(bare, name=full.name, preset=full.preset) == full
    assert bare.name == "aws-lambda-python3.12"


def test_said_version_goes_before_the_row() -> None:
    assert str(Target.parse("aws-lambda-python3.6").python_full_version) == "3.6.15"
    assert str(Target.parse("aws-lambda-python3.6", python_full_version="3.6.12").python_full_version) == "3.6.12"


def test_unverified_row_says_so() -> None:
    (warning,) = Target.parse("vercel-python3.13").warnings
    assert "vercel-python3.13 is not verified" in warning
    assert "wheelpin target capture" in warning


ROW = """
[cloud]
checked-on = 2026-11-21
layout = "plain"
is-verified = true
source = "its documentation"
[cloud.runtimes]
"""


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('a = { tags = "cp312-manylinux_2_28" }', "architectures"),
        ('a = { tags = "cp312-manylinux_2_28", architectures = [] }', "out of range"),
        ('a = { architectures = ["x86_64"] }', "tags"),
        ('a = { tags = "cp312-linux", architectures = ["x86_64"], zip-limit-byte = 1 }', "zip-limit-byte"),
        ('a = { tags = "cp312-linux", architectures = ["x86_64"], zip-limit-bytes = "1" }', "int"),
        ('a = { tags = "cp312-linux", architectures = ["x86_64"], checked-on = "today" }', "date"),
    ],
)
def test_wrong_row_is_named(row: str, problem: str) -> None:
    with pytest.raises(ValueError, match=f"preset cloud-a: .*{problem}"):
        read_presets(ROW + row)


def test_denied_platforms_are_no_tags() -> None:
    row = 'a = { tags = "cp36-manylinux2010", architectures = ["i686"], denied-platforms = ["manylinux1_i686"] }'
    preset = read_presets(ROW + row)["cloud-a"]
    target = replace(Target.parse(preset.tags), denied_platforms=frozenset(preset.denied_platforms))
    assert target.rank("cp36-cp36m-manylinux1_i686") is None
    assert target.rank("cp36-cp36m-manylinux_2_5_i686") is not None
    misfit = target.misfit("cp36-cp36m-manylinux1_i686")
    assert misfit is not None
    assert misfit.detail == "all its parts fit, but the target refuses cp36-cp36m-manylinux1_i686"
