"""What auditwheel is asked for, and what its answers mean."""

import pytest

from wheelpin.builder.places import Surroundings
from wheelpin.builder.repair import (
    Auditwheel,
    choose_platform,
    help_command,
    parse_help,
    policy_names,
    read_answer,
    repair_step,
)
from wheelpin.elf import load_policy_tables
from wheelpin.target import Target

OLD_HELP = "usage: auditwheel repair [--plat {linux_x86_64,manylinux1_x86_64,manylinux2010_x86_64}] [-w DIR] WHEEL"
NEW_HELP = """usage: auditwheel repair [--plat PLATFORM] [--only-plat] WHEEL_FILE
PLATFORMS:
- linux_x86_64
- manylinux_2_28_x86_64
- manylinux_2_17_x86_64 (aliased by manylinux2014_x86_64)
"""


@pytest.mark.parametrize(
    ("text", "platforms", "has_only_plat"),
    [
        pytest.param(OLD_HELP, {"manylinux1_x86_64", "manylinux2010_x86_64"}, False, id="of old"),
        pytest.param(
            NEW_HELP, {"manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"}, True, id="of today"
        ),
        pytest.param("", set(), False, id="nothing said"),
    ],
)
def test_help_tells_what_an_auditwheel_can_do(text: str, platforms: set[str], has_only_plat: bool) -> None:
    assert parse_help(text) == Auditwheel(platforms=frozenset(platforms), has_only_plat=has_only_plat)


@pytest.mark.parametrize(
    ("target", "best"),
    [
        pytest.param("cp36-manylinux1_x86_64", "manylinux1_x86_64", id="a legacy name is known to all"),
        pytest.param("cp39-manylinux_2_17_aarch64", "manylinux2014_aarch64", id="its perennial name as well"),
        pytest.param("cp39-manylinux_2_28_x86_64", "manylinux_2_28_x86_64", id="a level with a policy"),
        pytest.param("cp39-manylinux_2_30_x86_64", "manylinux_2_28_x86_64", id="one without gets the next below"),
        pytest.param("cp39-musllinux_1_2_x86_64", "musllinux_1_2_x86_64", id="musl"),
    ],
)
def test_wheel_is_named_for_the_newest_policy_that_the_target_keeps(target: str, best: str) -> None:
    assert policy_names(Target.parse(target), load_policy_tables())[0] == best


@pytest.mark.parametrize("target", ["cp39-win_amd64", "cp39-linux_x86_64"])
def test_target_without_a_libc_has_no_policy(target: str) -> None:
    assert policy_names(Target.parse(target), load_policy_tables()) == ()


def test_best_name_is_the_first_that_auditwheel_takes() -> None:
    names = ("manylinux_2_28_x86_64", "manylinux2014_x86_64")
    assert choose_platform(parse_help(NEW_HELP), names) == "manylinux_2_28_x86_64"
    assert choose_platform(parse_help("manylinux2014_x86_64"), names) == "manylinux2014_x86_64"
    assert choose_platform(parse_help(OLD_HELP), names) is None
    assert choose_platform(parse_help(""), names) == "manylinux_2_28_x86_64"


def test_repair_asks_for_exactly_one_platform() -> None:
    around = Surroundings(python="/p/python")
    assert "--only-plat" in repair_step(around, parse_help(NEW_HELP), "manylinux2014_x86_64", "a.whl").command.argv
    assert "--only-plat" not in repair_step(around, parse_help(OLD_HELP), "manylinux1_x86_64", "a.whl").command.argv
    assert help_command(around).argv[-3:] == ("auditwheel", "repair", "--help")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(
            'auditwheel: error: cannot repair "a.whl" to "manylinux1_x86_64" ABI because of the presence of too-recent '
            "versioned symbols. You'll need to compile the wheel on an older toolchain. GLIBC_2.14",
            "the wheel needs newer symbols than manylinux1_x86_64 promises: GLIBC_2.14 of libc.so.6 (a.so)",
            id="symbols",
        ),
        pytest.param(
            'ValueError: Cannot repair wheel, because required library "libfoo.so.1" could not be located',
            "the wheel is linked to libfoo.so.1, which is not where the loader would find it",
            id="a library",
        ),
        pytest.param("Cannot find required utility `patchelf` in PATH", "the image has no patchelf", id="patchelf"),
        pytest.param(
            "auditwheel repair: error: argument --plat: invalid choice: 'manylinux1_x86_64'",
            "the image's auditwheel does not know manylinux1_x86_64",
            id="another architecture",
        ),
    ],
)
def test_answers_of_auditwheel_are_explained(line: str, reason: str) -> None:
    found = read_answer([line], "manylinux1_x86_64", ["GLIBC_2.14 of libc.so.6 (a.so)"])
    assert found is not None
    assert found.reason == reason
    assert found.hint


def test_answer_that_nobody_knows_is_left_to_others() -> None:
    assert read_answer(["Traceback"], "manylinux1_x86_64") is None
