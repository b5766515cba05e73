"""Marker environments and markers: all eleven variables from the target, an unknown one never guessed."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from wheelpin.target import MarkerValueError, PythonVersionError, Target, UnknownMarkerError
from wheelpin.target.markers import VARIABLES, holds

LINUX = {"os_name": "posix", "platform_system": "Linux", "sys_platform": "linux", "platform_machine": "x86_64"}
CPYTHON = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}

ENVIRONMENTS = [
    (
        "cp36-manylinux1_x86_64",
        "3.6.1",
        {
            **LINUX,
            **CPYTHON,
            "implementation_version": "3.6.1",
            "python_full_version": "3.6.1",
            "python_version": "3.6",
        },
    ),
    (
        "cp27-manylinux1_x86_64",
        None,
        {
            **LINUX,
            "sys_platform": "linux2",
            "implementation_name": "",
            "implementation_version": "0",
            "platform_python_implementation": "CPython",
            "python_full_version": "2.7.18",
            "python_version": "2.7",
        },
    ),
    (
        "cp314t-musllinux_1_2_arm64",
        "3.14.0",
        {
            **LINUX,
            **CPYTHON,
            "platform_machine": "aarch64",
            "implementation_version": "3.14.0",
            "python_full_version": "3.14.0",
            "python_version": "3.14",
        },
    ),
    (
        "cp315-manylinux_2_28_x86_64",
        "3.15.0rc1",
        {
            **LINUX,
            **CPYTHON,
            "implementation_version": "3.15.0rc1",
            "python_full_version": "3.15.0rc1",
            "python_version": "3.15",
        },
    ),
    (
        "pp310-manylinux2014_x86_64",
        None,
        {
            **LINUX,
            "implementation_name": "pypy",
            "platform_python_implementation": "PyPy",
            "implementation_version": "7.3.19",
            "python_full_version": "3.10.16",
            "python_version": "3.10",
        },
    ),
    (
        "cp312-macosx_14_0_arm64",
        "3.12.4",
        {
            **CPYTHON,
            "os_name": "posix",
            "platform_system": "Darwin",
            "sys_platform": "darwin",
            "platform_machine": "arm64",
            "implementation_version": "3.12.4",
            "python_full_version": "3.12.4",
            "python_version": "3.12",
        },
    ),
    *(
        (
            f"cp312-{platform}",
            "3.12.4",
            {
                **CPYTHON,
                "os_name": "nt",
                "platform_system": "Windows",
                "sys_platform": "win32",
                "platform_machine": machine,
                "implementation_version": "3.12.4",
                "python_full_version": "3.12.4",
                "python_version": "3.12",
            },
        )
        for platform, machine in [("win32", "x86"), ("win_amd64", "AMD64"), ("win_arm64", "ARM64")]
    ),
    (
        "cp314-pyemscripten_2026_0_wasm32",
        "3.14.2",
        {
            **CPYTHON,
            "os_name": "posix",
            "platform_system": "Emscripten",
            "sys_platform": "emscripten",
            "platform_machine": "wasm32",
            "implementation_version": "3.14.2",
            "python_full_version": "3.14.2",
            "python_version": "3.14",
        },
    ),
]


@pytest.mark.parametrize(("spelling", "version", "environment"), ENVIRONMENTS)
def test_environment_follows_from_the_target(spelling: str, version: str | None, environment: dict[str, str]) -> None:
    target = Target.parse(spelling, python_full_version=version)
    assert target.markers == environment
    assert set(VARIABLES) - set(environment) == {"platform_release", "platform_version"}


def test_target_travels_to_other_processes_with_what_it_remembers() -> None:
    target = Target.parse("aws-lambda-python3.12-arm64", marker_values={"platform_release": "6.1"})
    target.applies(Marker('os_name == "posix"'))
    target.misfit("cp313-cp313-win32")
    copy = pickle.loads(pickle.dumps(target))
    assert copy == target
    assert hash(copy) == hash(target)
    assert copy.markers == target.markers


def test_stated_values_complete_and_override_the_environment() -> None:
    stated = {"platform_release": "5.10.104", "platform_version": "#1 SMP", "platform_machine": "x86_64"}
    target = Target.parse("cp312-manylinux_2_28_i686", marker_values=stated)
    assert target.markers.keys() == set(VARIABLES)
    assert target.markers["platform_machine"] == "x86_64"


@pytest.mark.parametrize(
    ("variable", "problem"),
    [
        ("platform_relaese", "there is no such variable"),
        ("extra", "there is no such variable"),
        ("python_version", "the target says that itself"),
        ("python_full_version", "the target says that itself"),
    ],
)
def test_wrong_variable_is_refused(variable: str, problem: str) -> None:
    with pytest.raises(MarkerValueError, match=problem) as caught:
        Target.parse("cp312-win32", marker_values={variable: "3.12"})
    assert caught.value.hint


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("3.6", "it has 2 numbers instead of 3"),
        ("3.7.1", "the target is 3.6"),
        ("three", "this is no version"),
        ("3.6.1.2", "it has 4 numbers instead of 3"),
    ],
)
def test_wrong_full_version_is_refused(version: str, problem: str) -> None:
    with pytest.raises(PythonVersionError, match=problem):
        Target.parse("cp36-manylinux1_x86_64", python_full_version=version)


HOLDS = [
    ('python_version < "3.7"', True),
    ('python_version < "3.10"', True),
    ('python_version == "3.*"', True),
    ('"3.6" <= python_version', True),
    ('python_version in "3.6, 3.7"', True),
    ('python_version not in "3.6, 3.7"', False),
    ('python_version in "2.7 3.5"', False),
    ('python_full_version >= "3.6.1"', True),
    ('implementation_version === "3.6.15"', True),
    ('sys_platform == "linux"', True),
    ('sys_platform == "linux2"', False),
    ('"linux" in sys_platform', True),
    ('os_name != "nt"', True),
    ("os.name == 'posix'", True),
    ("python_implementation == 'CPython'", True),
    ('platform_machine >= "x86_64"', True),
    ('platform_machine > "a"', False),
    ('os_name === "posix"', True),
    ('sys_platform == "win32" and python_version < "3.7"', False),
    ('sys_platform == "win32" or python_version < "3.7"', True),
    ('sys_platform == "win32" and os_name == "nt" or python_version < "3.7"', True),
    ('(sys_platform == "win32" or python_version < "3.7") and os_name == "nt"', False),
    ("python_version >= '3.x'", False),
    ("'three' >= python_version", False),
    (f"'3.{'9' * 5000}' > python_version", False),
    ("python_version == '3.6' or python_version == '3.7' and os_name == 'nt'", True),
    ("'x' == 'x'", True),
]


@pytest.mark.parametrize(("text", "expected"), HOLDS)
def test_marker_holds_for_the_target_not_for_the_host(text: str, expected: bool) -> None:
    target = Target.parse("cp36-manylinux1_x86_64", python_full_version="3.6.15")
    assert target.applies(Marker(text)).holds is expected


def test_no_marker_always_holds() -> None:
    assert Target.parse("cp36-manylinux1_x86_64").applies(None).holds


EXTRAS = [
    ('extra == "socks"', ["socks"], True),
    ('extra == "socks"', ["security"], False),
    ('extra == "socks"', ["security", "socks"], True),
    ('extra == "socks"', [], False),
    ('extra == "Foo_Bar"', ["foo-bar"], True),
    ('"foo.bar" == extra', ["Foo_Bar"], True),
    ('extra != "socks"', [], True),
    ('extra == "socks" and os_name == "nt"', ["socks"], False),
    ('extra == "socks" or os_name == "posix"', [], True),
    ('python_version < "3.7"', ["socks"], True),
]


@pytest.mark.parametrize(("text", "extras", "expected"), EXTRAS)
def test_marker_holds_for_any_of_the_extras(text: str, extras: list[str], expected: bool) -> None:
    assert Target.parse("cp36-manylinux1_x86_64").applies(Marker(text), extras).holds is expected


SETTLED = [
    ('platform_release >= "6.0" and os_name == "nt"', False),
    ('os_name == "nt" and platform_release >= "6.0"', False),
    ('platform_release >= "6.0" or os_name == "posix"', True),
    ('(platform_version == "x" or os_name == "posix") and python_version < "3.7"', True),
    ('extra == "socks" and platform_release >= "6.0"', False),
]


@pytest.mark.parametrize(("text", "expected"), SETTLED)
def test_unknown_variable_does_not_matter_where_the_rest_decides(text: str, expected: bool) -> None:
    assert Target.parse("cp36-manylinux1_x86_64").applies(Marker(text)).holds is expected


UNSETTLED = [
    ('platform_release >= "6.0"', "platform_release"),
    ('"generic" in platform_version', "platform_version"),
    ('platform_release != "" or os_name == "nt"', "platform_release"),
    ('os_name == "posix" and (platform_version == "x" or python_version > "3.7")', "platform_version"),
    ('os_name ~= "posix"', "os_name"),
    (f'python_full_version < "3.6.{"9" * 5000}"', "python_full_version"),
]


@pytest.mark.parametrize(("text", "variable"), UNSETTLED)
def test_unknown_variable_that_decides_is_an_error(text: str, variable: str) -> None:
    with pytest.raises(UnknownMarkerError) as caught:
        Target.parse("cp36-manylinux1_x86_64").applies(Marker(text))
    assert caught.value.variable == variable
    assert str(Marker(text)) in str(caught.value)
    assert f"--marker {variable}=" in caught.value.hint


def test_variable_of_locks_is_told_as_such() -> None:
    with pytest.raises(UnknownMarkerError) as caught:
        Target.parse("cp36-manylinux1_x86_64").applies(Marker('"fast" in extras'))
    assert caught.value.hint == "extras is a variable of pylock.toml alone (PEP 751): a requirement has extra"


def test_unknown_variable_is_an_error_only_for_the_extra_that_needs_it() -> None:
    marker = Marker('extra == "a" or (extra == "b" and platform_release >= "6.0")')
    target = Target.parse("cp36-manylinux1_x86_64")
    assert target.applies(marker, ["b", "a"]).holds
    with pytest.raises(UnknownMarkerError):
        target.applies(marker, ["b"])


RELEASES = [
    ("5.10.104", 'platform_release >= "5.9"', True),
    ("5.10.104", 'platform_release >= "6"', False),
    ("5.10.104-linuxkit", 'platform_release == "5.10.104-linuxkit"', True),
    ("5.10.104-linuxkit", '"linuxkit" in platform_release', True),
    ("5.10.104-linuxkit", 'platform_release != "6"', True),
]


@pytest.mark.parametrize(("release", "text", "expected"), RELEASES)
def test_stated_release_settles_the_marker(release: str, text: str, expected: bool) -> None:
    target = Target.parse("cp36-manylinux1_x86_64", marker_values={"platform_release": release})
    assert target.applies(Marker(text)).holds is expected


def test_release_that_is_no_version_does_not_let_a_requirement_vanish() -> None:
    target = Target.parse("cp36-manylinux1_x86_64", marker_values={"platform_release": "5.10.104-linuxkit"})
    with pytest.raises(UnknownMarkerError, match=r"compares versions, but platform_release is '5\.10\.104-linuxkit'"):
        target.applies(Marker('platform_release >= "5"'))


def test_depth_of_brackets_does_not_matter() -> None:
    text = 'os_name == "nt"'
    for depth in range(200):
        text = f'(os_name == "posix" {"and" if depth % 2 else "or"} {text})'
    assert holds(text, {"os_name": "posix"})
    assert not holds(text.replace('== "posix"', '!= "posix"'), {"os_name": "posix"})
    assert holds("(" * 9999 + 'os_name == "posix"' + ")" * 9999, {"os_name": "posix"})


ATOMS = st.sampled_from(
    [
        *(text for text, _ in HOLDS if " and " not in text and " or " not in text),
        *('extra == "x"', 'python_version ~= "3.6"', 'sys_platform != "win32"', 'platform_machine in "x86_64 i686"'),
    ]
)
TREES = st.recursive(
    ATOMS,
    lambda inner: st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
)


@given(TREES, st.sampled_from(["cp36-manylinux1_x86_64", "cp312-win_amd64", "pp310-macosx_14_0_arm64"]))
def test_known_values_give_what_the_packaging_library_gives(text: str, spelling: str) -> None:
    target = Target.parse(spelling, marker_values={"platform_release": "6.1", "platform_version": "#1"})
    # The library refuses === on text; everything else it knows.
    if "os_name ===" not in text and "'x' ==" not in text and "9999" not in text:
        assert target.applies(Marker(text)).holds is Marker(text).evaluate(dict(target.markers))
