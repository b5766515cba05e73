"""Ranked tags: frozen lists in ``tests/cases/tags``, and what they promise."""

from pathlib import Path

import pytest
from packaging import tags as library

from wheelpin.target import Target

CASES = Path(__file__).parents[1] / "cases" / "tags"
GOLDEN = sorted(path.stem for path in CASES.glob("*.txt"))


def test_golden_lists_cover_every_kind_of_target() -> None:
    expected = sorted(
        [
            "cp27-manylinux2010_x86_64",
            "cp36-manylinux1_x86_64",
            "cp36-abi3-manylinux1_x86_64",
            "cp311-manylinux_2_26_aarch64",
            "cp312-manylinux_2_28_x86_64",
            "cp312-manylinux_2_28_x86_64-linux",
            "cp312-linux_x86_64",
            "cp312-macosx_10_9_x86_64",
            "cp312-macosx_14_0_arm64",
            "cp312-musllinux_1_2_x86_64",
            "cp312-win_amd64",
            "cp313t-manylinux2014_x86_64",
            "cp314-pyemscripten_2026_0_wasm32",
            "cp314t-macosx_12_0_x86_64",
            "cp315t-manylinux_2_28_x86_64",
            "pp310-manylinux2014_x86_64",
        ]
    )
    assert expected == GOLDEN


@pytest.mark.parametrize("name", GOLDEN)
def test_tags_and_their_order_never_change(name: str) -> None:
    golden = CASES.joinpath(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert list(Target.parse(name).tags) == golden
    assert len(set(golden)) == len(golden)


@pytest.mark.parametrize("name", GOLDEN)
def test_accepts_what_the_packaging_library_accepts(name: str) -> None:
    target = Target.parse(name)
    interpreter = target.interpreter
    platforms = list(dict.fromkeys(tag.split("-")[2] for tag in target.tags if not tag.endswith("-any")))
    if interpreter.tag.startswith("cp"):
        known = set(library.cpython_tags(interpreter.version, abis=[interpreter.abi], platforms=platforms))
        known |= set(library.compatible_tags(interpreter.version, interpreter=interpreter.tag, platforms=platforms))
    else:
        known = set(library.generic_tags(interpreter.tag, abis=[interpreter.abi], platforms=platforms))
        known |= set(library.compatible_tags(interpreter.version, interpreter="pp3", platforms=platforms))
    # PEP 803 begins with 3.15; the library offers it to every free-threaded build.
    allowed = {tag for tag in map(str, known) if "-abi3t-" not in tag or interpreter.version >= (3, 15)}
    assert set(target.tags) == allowed


@pytest.mark.parametrize(
    ("spelling", "version", "arch"),
    [
        ("cp312-macosx_14_0_arm64", (14, 0), "arm64"),
        ("cp312-macosx_26_0_arm64", (26, 0), "arm64"),
        ("cp312-macosx_12_0_x86_64", (12, 0), "x86_64"),
        ("cp312-macosx_10_9_x86_64", (10, 9), "x86_64"),
    ],
)
def test_macos_platforms_are_those_of_the_packaging_library(spelling: str, version: tuple[int, int], arch: str) -> None:
    platforms = dict.fromkeys(tag.split("-")[2] for tag in Target.parse(spelling).tags if not tag.endswith("-any"))
    assert list(platforms) == list(library.mac_platforms(version, arch))


FITS = [
    pytest.param("cp312-cp312-manylinux_2_17_x86_64", "cp312-manylinux_2_28_x86_64", True, id="older floor"),
    pytest.param("cp312-cp312-manylinux_2_34_x86_64", "cp312-manylinux_2_28_x86_64", False, id="newer floor"),
    pytest.param("cp39-abi3-manylinux2014_aarch64", "cp312-manylinux_2_28_aarch64", True, id="abi3, legacy alias"),
    pytest.param("cp36-cp36m-manylinux2014_x86_64", "cp36-manylinux_2_17_x86_64", True, id="2014 is 2.17"),
    pytest.param("cp36-cp36m-manylinux1_x86_64", "cp36-manylinux_2_17_x86_64", True, id="1 is older than 2.17"),
    pytest.param("cp36-cp36m-manylinux_2_12_x86_64", "cp36-manylinux_2_17_x86_64", True, id="2.12 is older than 2.17"),
    pytest.param("cp36-cp36m-manylinux_2_5_x86_64", "cp36-manylinux1_x86_64", True, id="manylinux1 is 2.5"),
    pytest.param("cp36-cp36m-manylinux2010_x86_64", "cp36-manylinux1_x86_64", False, id="2010 is newer than 1"),
    pytest.param("cp312-abi3-manylinux2014_x86_64", "cp39-manylinux2014_x86_64", False, id="abi3 of a later Python"),
    pytest.param("cp36-abi3-manylinux2014_x86_64", "cp39-manylinux2014_x86_64", True, id="abi3 of an earlier Python"),
    pytest.param("cp36-abi3-manylinux2014_x86_64", "cp314t-manylinux2014_x86_64", False, id="abi3, free-threaded"),
    pytest.param("cp315-abi3.abi3t-manylinux2014_x86_64", "cp315t-manylinux2014_x86_64", True, id="abi3t from 3.15t"),
    pytest.param("cp315-abi3.abi3t-manylinux2014_x86_64", "cp315-manylinux2014_x86_64", True, id="abi3 of both"),
    pytest.param("cp314-abi3t-manylinux2014_x86_64", "cp314t-manylinux2014_x86_64", False, id="no abi3t before 3.15"),
    pytest.param("cp27-cp27m-manylinux1_x86_64", "cp27mu-manylinux1_x86_64", False, id="narrow on wide"),
    pytest.param("cp27-cp27mu-manylinux1_x86_64", "cp27-manylinux1_x86_64", True, id="wide is the default"),
    pytest.param("cp27-none-any", "cp27-manylinux1_x86_64", True, id="interpreter without ABI"),
    pytest.param("py36-none-any", "cp39-win_amd64", True, id="py36 and later"),
    pytest.param("py310-none-any", "cp39-win_amd64", False, id="py310 on 3.9"),
    pytest.param("py2.py3-none-any", "cp39-win_amd64", True, id="one member of a set is enough"),
    pytest.param("py2-none-any", "cp39-win_amd64", False, id="Python 2 only"),
    pytest.param("py3-none-manylinux_2_28_x86_64", "cp312-manylinux_2_17_x86_64", False, id="no ABI is libc-bound"),
    pytest.param("py3-none-musllinux_1_1_x86_64", "cp312-musllinux_1_2_x86_64", True, id="older musl"),
    pytest.param("py3-none-musllinux_1_1_x86_64", "cp312-manylinux_2_28_x86_64", False, id="musl on glibc"),
    pytest.param("cp312-cp312-manylinux2014_x86_64", "cp312-musllinux_1_2_x86_64", False, id="glibc on musl"),
    pytest.param("cp312-cp312-linux_x86_64", "cp312-manylinux_2_28_x86_64", False, id="plain linux promises nothing"),
    pytest.param("cp312-cp312-linux_x86_64", "cp312-manylinux_2_28_x86_64-linux", True, id="plain linux on request"),
    pytest.param("cp312-cp312-linux_x86_64", "cp312-linux_x86_64", True, id="plain target"),
    pytest.param("cp312-cp312-manylinux1_x86_64", "cp312-linux_x86_64", False, id="a plain target names no libc"),
    pytest.param(
        "cp39-cp39-macosx_10_9_universal2", "cp39-macosx_11_0_arm64", True, id="universal2 of an older system"
    ),
    pytest.param("cp39-cp39-macosx_10_9_x86_64", "cp39-macosx_11_0_arm64", False, id="Intel on ARM"),
    pytest.param("cp313-cp313-pyodide_2025_0_wasm32", "cp313-pyemscripten_2025_0_wasm32", True, id="older series name"),
    pytest.param("pp310-pypy310_pp73-manylinux2014_x86_64", "pp310-manylinux2014_x86_64", True, id="PyPy"),
    pytest.param("cp310-cp310-manylinux2014_x86_64", "pp310-manylinux2014_x86_64", False, id="CPython on PyPy"),
    pytest.param("CP36-CP36m-Manylinux1_x86_64", "cp36-manylinux1_x86_64", True, id="any case"),
    pytest.param("cp36-cp36m-manylinux1_x86_64", "cp36-abi3-manylinux1_x86_64", False, id="stable ABI only"),
    pytest.param("cp36-abi3-manylinux1_x86_64", "cp36-abi3-manylinux1_x86_64", True, id="stable ABI itself"),
    pytest.param("py3-any", "cp36-manylinux1_x86_64", False, id="no tag"),
    pytest.param("", "cp36-manylinux1_x86_64", False, id="nothing"),
]


@pytest.mark.parametrize(("tag_set", "target", "fits"), FITS)
def test_wheel_fits_target(tag_set: str, target: str, fits: bool) -> None:
    assert (Target.parse(target).rank(tag_set) is not None) is fits
    assert (Target.parse(target).misfit(tag_set) is None) is fits


ORDER = [
    "cp312-cp312-manylinux_2_28_x86_64",
    "cp312-cp312-manylinux_2_17_x86_64",
    "cp312-cp312-manylinux2014_x86_64",
    "cp312-cp312-manylinux1_x86_64",
    "cp312-abi3-manylinux_2_28_x86_64",
    "cp312-none-manylinux_2_28_x86_64",
    "cp311-abi3-manylinux_2_28_x86_64",
    "cp32-abi3-manylinux1_x86_64",
    "py312-none-manylinux_2_28_x86_64",
    "py3-none-manylinux_2_28_x86_64",
    "py311-none-manylinux1_x86_64",
    "cp312-none-any",
    "py312-none-any",
    "py3-none-any",
    "py311-none-any",
    "py30-none-any",
]


def test_nearer_to_the_target_ranks_better() -> None:
    target = Target.parse("cp312-manylinux_2_28_x86_64")
    assert sorted(ORDER, key=lambda tag: target.rank(tag) or 0) == ORDER
    assert target.rank(ORDER[0]) == 0
    assert target.rank(ORDER[-1]) == len(target.tags) - 1


def test_a_set_has_the_rank_of_its_best_member() -> None:
    target = Target.parse("cp312-manylinux_2_28_x86_64")
    double = "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64"
    assert target.rank(double) == target.rank("cp312-cp312-manylinux_2_17_x86_64")
    assert target.rank("py2.py3-none-any") == target.rank("py3-none-any")


@pytest.mark.parametrize("tag_set", ["cp312-cp312-manylinux_2_{}_x86_64", "cp3{}-none-any", "py3{}-none-any"])
def test_a_number_of_thousands_of_digits_is_no_version(tag_set: str) -> None:
    target = Target.parse("cp312-manylinux_2_28_x86_64")
    assert target.misfit(tag_set.format("9" * 5000)) is not None
    assert target.lowest_for(tag_set.format("9" * 5000)) is None


def test_a_tag_bomb_costs_nothing() -> None:
    # A product of 8 * 10**9 tags: whoever expands it never returns.
    bomb = "-".join(".".join(f"{part}{number}" for number in range(2000)) for part in ("cp", "abi", "linux_"))
    target = Target.parse("cp312-manylinux_2_28_x86_64")
    assert target.rank(bomb) is None
    assert target.misfit(bomb) is not None
    assert target.lowest_for(bomb) is None
