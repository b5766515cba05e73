"""The grammar of targets: one meaning, one spelling; a slip is told by part and with a way out."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheelpin.target import Emscripten, Libc, Linux, MacOS, Target, TargetSyntaxError, Windows
from wheelpin.target.platforms import LINUX_ARCHS, NEWEST_MINOR, oldest_glibc_minor
from wheelpin.target.python import Implementation, Interpreter, known_pythons, version_of
from wheelpin.target.syntax import Spelling, default_abi, parse_spelling
from wheelpin.values import COMMAND_LINE, Origin

SAME = {
    "cp36-manylinux1_x86_64": [
        "manylinux1-cp36-x86_64",
        "manylinux1_x86_64-cp36-cp36m",
        "x86_64-manylinux1-cp36",
        "CP36-Manylinux1_X86_64",
        "cp36m-manylinux_2_5_x86_64",
        "cp36-manylinux1_amd64",
        " cp36-manylinux1_x86_64\n",
    ],
    "cp27-manylinux2010_i686": ["cp27mu-manylinux_2_12_i686", "cp27-cp27mu-manylinux2010-i686"],
    "cp27m-manylinux1_x86_64": ["cp27-cp27m-manylinux1_x86_64"],
    "cp27-win_amd64": ["cp27-cp27m-win-x86_64"],
    "cp27-macosx_10_9_x86_64": ["cp27m-macosx_10_9-x86_64"],
    "cp312-manylinux2014_aarch64": ["cp312-cp312-manylinux_2_17_arm64", "manylinux2014-arm64-cp312"],
    "cp312-manylinux_2_28_x86_64": ["manylinux_2_28-x86_64-cp312-cp312"],
    "cp312-manylinux_2_28_x86_64-linux": [
        "cp312-manylinux_2_28_x86_64-linux_x86_64",
        "linux-cp312-manylinux_2_28-amd64",
    ],
    "cp312-manylinux_2_17_riscv64": ["riscv64-manylinux_2_17-cp312"],
    "cp314t-musllinux_1_2_aarch64": ["cp314-cp314t-musllinux_1_2_arm64"],
    "cp315-abi3t-manylinux_2_28_x86_64": ["abi3t-cp315-manylinux_2_28-x86_64"],
    "cp36-abi3-manylinux1_x86_64": ["manylinux1-abi3-cp36-x86_64"],
    "pp310-manylinux2014_x86_64": ["pp310-pypy310_pp73-manylinux2014_x86_64", "pypy310_pp73-manylinux_2_17_x86_64"],
    "pp27-manylinux2010_x86_64": ["pypy_73-manylinux2010_x86_64"],
    "cp312-macosx_14_0_arm64": ["cp312-macosx_14_5-aarch64", "macosx_14_0_arm64-cp312"],
    "cp312-win_arm64": ["cp312-win-aarch64"],
    "cp312-win32": ["win32-cp312"],
    "cp313-pyemscripten_2025_0_wasm32": ["cp313-pyodide_2025_0_wasm32", "wasm32-cp313-pyemscripten_2025_0"],
    "cp311-emscripten_3_1_46_wasm32": ["cp311-emscripten_3_1_46"],
    "cp312-linux_loongarch64": ["loongarch64-linux-cp312"],
}


@pytest.mark.parametrize(
    ("text", "canonical"), [(text, canonical) for canonical, texts in SAME.items() for text in [canonical, *texts]]
)
def test_same_target_has_one_spelling(text: str, canonical: str) -> None:
    target = Target.parse(text)
    assert target.spelling == target.name == str(target) == canonical
    assert target == Target.parse(canonical)


WRONG = [
    ("", "a part is empty", "cp36-manylinux1_x86_64"),
    ("cp312--linux_x86_64", "a part is empty", "single hyphens"),
    ("cp36", "no part names a platform", "manylinux_2_28_x86_64"),
    ("manylinux1_x86_64", "no part names an interpreter", "cp36"),
    ("cp312-manylinux_2_28", "manylinux_2_28 needs an architecture", "x86_64"),
    ("cp36-manylnux1_x86_64", "'manylnux1_x86_64' is no interpreter, ABI, platform or arch", "mean manylinux1_x86_64?"),
    ("3.12-manylinux_2_28_x86_64", "'3.12' is no interpreter", "did you mean cp312?"),
    ("py36-manylinux1_x86_64", "'py36' is no interpreter", "did you mean cp36?"),
    ("cp312-any", "'any' is no interpreter", "`wheelpin target list`"),
    ("azure", "'azure' is no interpreter", "`wheelpin target list`"),
    ("cp312-win64", "'win64' is no interpreter", "did you mean win_amd64?"),
    ("cp312-darwin-arm64", "'darwin' is no interpreter", "did you mean macosx_14_0_arm64?"),
    ("cp316-linux_x86_64", "cp316 is no interpreter that wheelpin knows", "cp315"),
    ("pypy399_pp73-linux_x86_64", "pp399 is no interpreter that wheelpin knows", "pp310"),
    ("cp36-cp37-manylinux1_x86_64", "names two interpreters: cp36 and cp37", "repeat --target"),
    ("cp36-cp37m-manylinux1_x86_64", "names two interpreters: cp36 and cp37", "repeat --target"),
    ("cp36-cp36-manylinux1_x86_64", "'cp36' is given twice", None),
    ("cp312-cp312-cp312-win32", "'cp312' is given twice", None),
    ("cp27-cp27m-cp27mu-linux_x86_64", "names two ABIs: cp27m and cp27mu", None),
    ("cp36d-linux_x86_64", "'cp36d' is no ABI of cp36", "it has cp36m"),
    ("cp312t-linux_x86_64", "'cp312t' is no ABI of cp312", "it has cp312"),
    ("cp314-cp314t-abi3-linux_x86_64", "names two ABIs", None),
    ("cp27-abi3-linux_x86_64", "CPython 2.7 does not load abi3", None),
    ("cp314-abi3t-linux_x86_64", "CPython 3.14 does not load abi3t", None),
    ("pp310-abi3-linux_x86_64", "PyPy 3.10 does not load abi3", None),
    ("cp36-manylinux1_x86_64-win32", "names two platforms: manylinux1_x86_64 and win32", "repeat --target"),
    ("cp36-manylinux1-manylinux2014-x86_64", "names two platforms: manylinux1 and manylinux2014", "repeat --target"),
    ("cp36-manylinux1_x86_64-manylinux1_x86_64", "'manylinux1_x86_64' is given twice", None),
    ("cp36-manylinux1_x86_64-x86_64-x86_64", "'x86_64' is given twice", None),
    ("cp36-manylinux1_x86_64-i686", "names two architectures: x86_64 and i686", None),
    ("cp36-manylinux1-aarch64", "manylinux1 is not for aarch64", "x86_64 and i686"),
    ("cp312-manylinux2014_riscv64", "there is no manylinux2014_riscv64", "s390x"),
    (
        "cp312-manylinux_2_5_aarch64",
        "no wheel for aarch64 is tagged with a glibc as old as 2.5",
        "manylinux_2_17_aarch64",
    ),
    ("cp312-manylinux_2_4_x86_64", "as old as 2.4", "manylinux_2_5_x86_64"),
    ("cp312-manylinux_3_1_x86_64", "there is no glibc 3.1", "glibc 2.N"),
    ("cp312-manylinux_2_2800_x86_64", "there is no glibc 2.2800", "glibc 2.N"),
    ("cp312-musllinux_2_1_x86_64", "there is no musl 2.1", "musl 1.N"),
    ("cp312-macosx_14_0_universal2", "there is no macosx_14_0_universal2", "universal2 is what a wheel can be"),
    ("cp312-macosx_10_9_arm64", "macOS 10.9 does not run on arm64", "macosx_11_0_arm64"),
    ("cp312-macosx_9_0_x86_64", "there is no macOS 9.0", "10_4 to 10_16"),
    ("cp312-win32-x86_64", "win32 names its architecture itself", "win_amd64"),
    ("cp312-win_i686", "there is no win_i686", "amd64 and arm64"),
    ("cp312-pyemscripten_2026_0_x86_64", "there is no pyemscripten_2026_0_x86_64", "wasm32"),
    ("aws-lambda-python3.99", "no such preset", "aws-lambda-python3.9"),
    ("heroku-python3.12", "no such preset", "python3.12"),
]


@pytest.mark.parametrize(("text", "problem", "hint"), WRONG)
def test_slip_is_told(text: str, problem: str, hint: str | None) -> None:
    with pytest.raises(TargetSyntaxError) as caught:
        Target.parse(text, origin=Origin("wheelpin.toml", 7))
    assert problem in str(caught.value)
    assert f"{text!r} (wheelpin.toml, line 7)" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (caught.value.hint is None) if hint is None else (hint in (caught.value.hint or ""))


@pytest.mark.parametrize(
    "text", ["-".join(["x" * 10_000] * 50), f"cp312-manylinux_2_{'9' * 5000}_x86_64", "cp3\u0661\u0662-win32"]
)
def test_long_and_foreign_nonsense_is_refused(text: str) -> None:
    with pytest.raises(TargetSyntaxError):
        Target.parse(text)


def test_unknown_architecture_parses_and_is_doubted() -> None:
    target = Target.parse("cp312-manylinux_2_28_x86_46")
    assert target.rank("cp312-cp312-manylinux_2_28_x86_46") == 0
    assert target.warnings == (
        "target 'cp312-manylinux_2_28_x86_46': no wheels are known for architecture 'x86_46'; did you mean x86_64?",
    )
    assert Target.parse("cp312-manylinux_2_28-x86_46") == target


def interpreters(platform: Linux | MacOS | Windows | Emscripten) -> st.SearchStrategy[Interpreter]:
    def all_abis(tag: str) -> list[Interpreter]:
        implementation, version = Implementation(tag[:2]), version_of(tag)
        abis = {default_abi(implementation, version, platform)}
        if implementation is Implementation.CPYTHON:
            abis |= {f"{tag}m", f"{tag}mu"} if version < (3, 3) else {"abi3"}
            abis |= {f"{tag}t"} if version >= (3, 13) else set()
            abis |= {"abi3t"} if version >= (3, 15) else set()
        return [Interpreter(implementation=implementation, version=version, abi=abi) for abi in sorted(abis)]

    return st.sampled_from([each for tag in known_pythons() for each in all_abis(tag)])


ARCHS = st.sampled_from([*LINUX_ARCHS, "m68k", "e2k"])
PLATFORMS = st.one_of(
    ARCHS.flatmap(
        lambda arch: st.builds(
            Linux,
            arch=st.just(arch),
            libc=st.just(Libc.GLIBC),
            libc_minor=st.integers(oldest_glibc_minor(arch), NEWEST_MINOR),
            takes_plain=st.booleans(),
        )
    ),
    st.builds(Linux, arch=ARCHS, libc=st.just(Libc.MUSL), libc_minor=st.integers(0, 9), takes_plain=st.booleans()),
    st.builds(Linux, arch=ARCHS, libc=st.none()),
    st.builds(MacOS, version=st.tuples(st.just(10), st.integers(4, 16)), arch=st.just("x86_64")),
    st.builds(MacOS, version=st.tuples(st.integers(11, 40), st.just(0)), arch=st.sampled_from(["arm64", "x86_64"])),
    st.builds(Windows, arch=st.sampled_from(["x86", "amd64", "arm64"])),
    st.builds(Emscripten, abi=st.sampled_from(["pyemscripten_2026_0", "emscripten_4_0_9"])),
)
SPELLINGS = PLATFORMS.flatmap(
    lambda platform: st.builds(Spelling, platform=st.just(platform), interpreter=interpreters(platform))
)


@given(SPELLINGS, st.randoms(use_true_random=False))
def test_parse_and_str_are_inverses_in_any_order_and_case(spelling: Spelling, shuffler: random.Random) -> None:
    parts = str(spelling).split("-")
    shuffler.shuffle(parts)
    text = "-".join(shuffler.choice([part, part.upper(), part.title()]) for part in parts)
    parsed = parse_spelling(text, COMMAND_LINE)
    assert (parsed.interpreter, parsed.platform) == (spelling.interpreter, spelling.platform)
    assert str(parsed) == str(spelling)
