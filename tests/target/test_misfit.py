"""Why a wheel does not fit: the part that fails, the nearest alternative, and words that name both sides."""

import pytest

from wheelpin.target import Part, Target

X86 = "cp312-manylinux2014_x86_64"
MISFITS = [
    ("cp312-cp312-manylinux_2_28_x86_64", X86, Part.LIBC, "needs glibc 2.28, the target has 2.17"),
    ("cp36-cp36m-manylinux2010_x86_64", "cp36-manylinux1_x86_64", Part.LIBC, "needs glibc 2.12, the target has 2.5"),
    ("py3-none-manylinux_2_28_x86_64", X86, Part.LIBC, "needs glibc 2.28, the target has 2.17"),
    (
        "cp312-cp312-manylinux_2_34_x86_64.manylinux_2_28_x86_64",
        X86,
        Part.LIBC,
        "needs glibc 2.34, the target has 2.17",
    ),
    ("cp312-cp312-musllinux_1_2_x86_64", "cp312-musllinux_1_1_x86_64", Part.LIBC, "needs musl 1.2, the target has 1.1"),
    ("cp312-cp312-manylinux1_x86_64", "cp312-linux_x86_64", Part.LIBC, "needs glibc 2.5, the target names no libc"),
    (
        "cp312-cp312-linux_x86_64",
        X86,
        Part.LIBC,
        "promises nothing about its libc (linux_x86_64), the target has glibc 2.17",
    ),
    ("cp312-cp312-macosx_13_0_arm64", "cp312-macosx_12_0_arm64", Part.LIBC, "needs macOS 13.0, the target has 12.0"),
    (
        "cp313-cp313-pyemscripten_2025_0_wasm32",
        "cp313-pyemscripten_2026_0_wasm32",
        Part.LIBC,
        "is for pyemscripten_2025_0_wasm32, the target is pyemscripten_2026_0_wasm32",
    ),
    ("cp312-cp312-musllinux_1_2_x86_64", X86, Part.PLATFORM, "needs musl 1.2, the target has glibc 2.17"),
    (
        "cp312-cp312-manylinux2014_x86_64",
        "cp312-musllinux_1_2_x86_64",
        Part.PLATFORM,
        "needs glibc 2.17, the target has musl 1.2",
    ),
    ("cp312-cp312-macosx_11_0_arm64", X86, Part.PLATFORM, "is for macOS, the target is Linux (glibc 2.17)"),
    ("cp312-cp312-win_amd64", X86, Part.PLATFORM, "is for Windows, the target is Linux (glibc 2.17)"),
    ("cp312-cp312-win_amd64", "cp312-linux_x86_64", Part.PLATFORM, "is for Windows, the target is Linux"),
    ("cp312-cp312-manylinux2014_x86_64", "cp312-win_amd64", Part.PLATFORM, "is for Linux, the target is Windows"),
    ("cp312-cp312-linux_x86_64", "cp312-macosx_14_0_arm64", Part.PLATFORM, "is for Linux, the target is macOS"),
    ("cp312-cp312-ios_13_0_arm64_iphoneos", X86, Part.PLATFORM, "is for iOS, the target is Linux (glibc 2.17)"),
    (
        "cp314-cp314-linux_x86_64",
        "cp314-pyemscripten_2026_0_wasm32",
        Part.PLATFORM,
        "is for Linux, the target is Emscripten",
    ),
    ("cp312-cp312-freebsd_14", X86, Part.PLATFORM, "is for 'freebsd_14', the target is Linux (glibc 2.17)"),
    ("cp312-cp312-manylinux2014_aarch64", X86, Part.ARCHITECTURE, "is for aarch64, the target is x86_64"),
    ("cp312-cp312-linux_aarch64", X86, Part.ARCHITECTURE, "is for aarch64, the target is x86_64"),
    ("cp312-cp312-win32", "cp312-win_amd64", Part.ARCHITECTURE, "is for win32, the target is win_amd64"),
    (
        "cp312-cp312-macosx_11_0_x86_64",
        "cp312-macosx_14_0_arm64",
        Part.ARCHITECTURE,
        "is for x86_64, the target is arm64",
    ),
    (
        "cp27-cp27m-manylinux1_x86_64",
        "cp27-manylinux1_x86_64",
        Part.ABI,
        "is built for cp27m (narrow Unicode), the target is cp27mu (wide Unicode)",
    ),
    (
        "cp313-cp313t-manylinux2014_x86_64",
        "cp313-manylinux2014_x86_64",
        Part.ABI,
        "is built for cp313t (free-threaded), the target is cp313",
    ),
    (
        "cp39-abi3-manylinux2014_x86_64",
        "cp314t-manylinux2014_x86_64",
        Part.ABI,
        "abi3 does not load on free-threaded builds",
    ),
    (
        "cp315-abi3t-manylinux2014_x86_64",
        "cp315-manylinux2014_x86_64",
        Part.ABI,
        "abi3t is for free-threaded builds, the target is cp315",
    ),
    (
        "cp314-abi3t-manylinux2014_x86_64",
        "cp314t-manylinux2014_x86_64",
        Part.ABI,
        "abi3t loads from CPython 3.15 on, the target is 3.14",
    ),
    (
        "cp36-abi3-manylinux2014_x86_64",
        "pp310-manylinux2014_x86_64",
        Part.INTERPRETER,
        "is built for CPython 3.6, the target is PyPy 3.10",
    ),
    (
        "cp36-cp36m-manylinux1_x86_64",
        "cp36-abi3-manylinux1_x86_64",
        Part.ABI,
        "is built for cp36m, the target takes abi3 only",
    ),
    ("py3-cp312-any", X86, Part.ABI, "has the ABI cp312 without an interpreter, which nothing loads"),
    (
        "cp312-abi3-manylinux2014_x86_64",
        "cp39-manylinux2014_x86_64",
        Part.INTERPRETER,
        "needs CPython 3.12 or later (abi3), the target is 3.9",
    ),
    ("cp313-cp313-manylinux2014_x86_64", X86, Part.INTERPRETER, "is built for CPython 3.13, the target is 3.12"),
    ("cp3-cp3-manylinux2014_x86_64", X86, Part.INTERPRETER, "is built for CPython 3, the target is 3.12"),
    (
        "pp310-pypy310_pp73-manylinux2014_x86_64",
        X86,
        Part.INTERPRETER,
        "is built for PyPy 3.10, the target is CPython 3.12",
    ),
    (
        "graalpy311-graalpy240_311_native-manylinux2014_x86_64",
        X86,
        Part.INTERPRETER,
        "is built for GraalPy 3.11, the target is CPython 3.12",
    ),
    ("rust-none-any", X86, Part.INTERPRETER, "is built for 'rust', the target is CPython 3.12"),
    ("py2-none-any", X86, Part.INTERPRETER, "needs Python 2, the target is 3.12"),
    ("py3-none-any", "cp27-manylinux1_x86_64", Part.INTERPRETER, "needs Python 3, the target is 2.7"),
    ("py313-none-any", X86, Part.INTERPRETER, "needs Python 3.13 or later, the target is 3.12"),
    (
        "cp312-cp312-macosx_12_3_arm64",
        "cp312-macosx_14_0_arm64",
        Part.LIBC,
        "names macOS 12.3, which installers do not look for",
    ),
    # The interpreter keeps all away, whatever their platform.
    ("cp313-cp313-win_amd64", "cp312-win_amd64", Part.INTERPRETER, "is built for CPython 3.13, the target is 3.12"),
    (
        "cp313-cp313-linux_x86_64",
        "cp312-linux_x86_64",
        Part.INTERPRETER,
        "is built for CPython 3.13, the target is 3.12",
    ),
    (
        "cp313-cp313-macosx_11_0_arm64",
        "cp312-macosx_14_0_arm64",
        Part.INTERPRETER,
        "is built for CPython 3.13, the target is 3.12",
    ),
    ("cp313-cp313-manylinux1_x86_64", X86, Part.INTERPRETER, "is built for CPython 3.13, the target is 3.12"),
    ("cp313-cp313-manylinux_2_28_x86_64", X86, Part.INTERPRETER, "is built for CPython 3.13, the target is 3.12"),
    # Of a set, the member that comes nearest.
    ("py2.cp313.py313-none-any", "cp312-win32", Part.INTERPRETER, "needs Python 2, the target is 3.12"),
    (
        "cp312-cp312-win_amd64.manylinux_2_28_x86_64.macosx_11_0_arm64",
        X86,
        Part.LIBC,
        "needs glibc 2.28, the target has 2.17",
    ),
    (
        "cp27.cp27-cp27m.none-win32",
        "cp27-manylinux1_x86_64",
        Part.PLATFORM,
        "is for Windows, the target is Linux (glibc 2.5)",
    ),
    ("py3-any", X86, Part.SHAPE, "'py3-any' is not of the form interpreter-ABI-platform"),
    ("py3--any", X86, Part.SHAPE, "'py3--any' is not of the form interpreter-ABI-platform"),
    (
        "cp312-cp312-linux_x86_64-x86_64_v3",
        X86,
        Part.SHAPE,
        "'cp312-cp312-linux_x86_64-x86_64_v3' is not of the form interpreter-ABI-platform",
    ),
]


@pytest.mark.parametrize(("tag_set", "target", "part", "detail"), MISFITS)
def test_nearest_miss_is_told(tag_set: str, target: str, part: Part, detail: str) -> None:
    parsed = Target.parse(target)
    misfit = parsed.misfit(tag_set)
    assert misfit is not None
    assert (misfit.part, misfit.detail) == (part, detail)
    assert parsed.misfit(tag_set) is misfit


def test_nearness_orders_the_parts() -> None:
    assert sorted(Part, reverse=True) == [
        Part.LIBC,
        Part.ABI,
        Part.ARCHITECTURE,
        Part.PLATFORM,
        Part.INTERPRETER,
        Part.SHAPE,
    ]


LOWEST = [
    pytest.param("cp312-cp312-manylinux_2_28_x86_64", X86, "cp312-manylinux_2_28_x86_64", id="a higher glibc"),
    pytest.param(
        "cp312-cp312-manylinux_2_34_x86_64.manylinux_2_28_x86_64",
        X86,
        "cp312-manylinux_2_28_x86_64",
        id="the lower of two",
    ),
    pytest.param(
        "cp36-cp36m-manylinux2010_x86_64", "cp36-manylinux1_x86_64", "cp36-manylinux2010_x86_64", id="legacy name"
    ),
    pytest.param(
        "cp39-abi3-musllinux_1_2_x86_64", "cp312-musllinux_1_1_x86_64", "cp312-musllinux_1_2_x86_64", id="musl"
    ),
    pytest.param("cp312-cp312-manylinux1_x86_64", "cp312-linux_x86_64", "cp312-manylinux1_x86_64", id="names a libc"),
    pytest.param(
        "cp312-cp312-manylinux_2_28_x86_64", f"{X86}-linux", "cp312-manylinux_2_28_x86_64-linux", id="keeps plain linux"
    ),
    pytest.param("cp312-cp312-manylinux_2_17_x86_64", X86, None, id="fits already"),
    pytest.param("cp313-cp313-manylinux_2_28_x86_64", X86, None, id="other interpreter"),
    pytest.param("cp312-cp312-manylinux_2_28_aarch64", X86, None, id="other architecture"),
    pytest.param("cp312-cp312-musllinux_1_2_x86_64", X86, None, id="other libc"),
    pytest.param("cp312-cp312-linux_x86_64", X86, None, id="no libc"),
    pytest.param("cp312-cp312-macosx_14_0_arm64", "cp312-macosx_12_0_arm64", None, id="no Linux"),
    pytest.param("py3-any", X86, None, id="no tag"),
]


@pytest.mark.parametrize(("tag_set", "target", "lowest"), LOWEST)
def test_lowest_target_that_would_take_it(tag_set: str, target: str, lowest: str | None) -> None:
    assert Target.parse(target).lowest_for(tag_set) == lowest
    if lowest is not None:
        assert Target.parse(lowest).rank(tag_set) is not None
