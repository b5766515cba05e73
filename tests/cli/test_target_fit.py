"""Which wheel a target gets: its libc and everything older, ABIs as they are, markers and Python of the target."""

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, Wheelpin, files_of
from tests.index_server import IndexServer


def chosen(wheelpin: Wheelpin, target: str, *tags: str) -> str | None:
    """Return the tag of the one file that *target* gets of a project with these."""
    with IndexServer(*(make_wheel("alpha", "1.0", tag) for tag in tags)) as index:
        said = wheelpin("lock", "alpha", "-t", target, "-i", index.url, "--format", "hashes", "-o", "-", "--no-cache")
    assert said.code in (0, 3), said.err
    return files_of(said.out)[0].removeprefix("alpha-1.0-").removesuffix(".whl") if said.code == 0 else None


@pytest.mark.parametrize(
    ("target", "tag", "fits"),
    [
        pytest.param("cp39-manylinux_2_17_x86_64", "cp39-cp39-manylinux2014_x86_64", True, id="2_17 takes 2014"),
        pytest.param("cp39-manylinux_2_17_x86_64", "cp39-cp39-manylinux1_x86_64", True, id="2_17 takes 1"),
        pytest.param("cp39-manylinux_2_17_x86_64", "cp39-cp39-manylinux_2_12_x86_64", True, id="2_17 takes 2_12"),
        pytest.param("cp39-manylinux2014_x86_64", "cp39-cp39-manylinux_2_17_x86_64", True, id="2014 takes 2_17"),
        pytest.param("cp39-manylinux2014_x86_64", "cp39-cp39-manylinux_2_24_x86_64", False, id="2014 refuses 2_24"),
        pytest.param("cp39-manylinux2014_x86_64", "cp39-cp39-manylinux2014_aarch64", False, id="other architecture"),
        pytest.param("cp39-manylinux2014_x86_64", "cp39-cp39-musllinux_1_1_x86_64", False, id="glibc refuses musl"),
        pytest.param("cp39-musllinux_1_2_x86_64", "cp39-cp39-musllinux_1_1_x86_64", True, id="musl takes older musl"),
        pytest.param("cp39-manylinux2014_x86_64", "cp312-abi3-manylinux2014_x86_64", False, id="abi3 of a later one"),
        pytest.param("cp39-manylinux2014_x86_64", "cp36-abi3-manylinux2014_x86_64", True, id="abi3 of an earlier one"),
        pytest.param("cp314t-manylinux_2_28_x86_64", "cp312-abi3-manylinux2014_x86_64", False, id="free-threaded"),
        pytest.param("cp315t-manylinux_2_28_x86_64", "cp315-abi3.abi3t-manylinux_2_28_x86_64", True, id="abi3t"),
        pytest.param("cp27mu-manylinux1_x86_64", "cp27-cp27m-manylinux1_x86_64", False, id="narrow for wide Unicode"),
        pytest.param("cp27-manylinux1_x86_64", "cp27-cp27mu-manylinux1_x86_64", True, id="wide Unicode is the default"),
    ],
)
def test_libc_and_abi_decide(wheelpin: Wheelpin, target: str, tag: str, fits: bool) -> None:
    assert (chosen(wheelpin, target, tag) == tag) is fits


@pytest.mark.parametrize(
    ("target", "tags", "best"),
    [
        pytest.param(
            "cp39-manylinux_2_28_x86_64",
            ("cp39-cp39-manylinux1_x86_64", "cp39-cp39-manylinux_2_24_x86_64", "cp39-cp39-manylinux_2_34_x86_64"),
            "cp39-cp39-manylinux_2_24_x86_64",
            id="the newest libc that fits",
        ),
        pytest.param(
            "cp39-manylinux_2_28_x86_64",
            ("py3-none-any", "cp36-abi3-manylinux1_x86_64", "cp39-cp39-manylinux1_x86_64"),
            "cp39-cp39-manylinux1_x86_64",
            id="the exact ABI",
        ),
    ],
)
def test_best_of_several_wheels_is_taken(wheelpin: Wheelpin, target: str, tags: tuple[str, ...], best: str) -> None:
    assert chosen(wheelpin, target, *tags) == best
    assert chosen(wheelpin, target, *reversed(tags)) == best


def test_wheels_of_one_version_may_ask_for_different_things(wheelpin: Wheelpin) -> None:
    with IndexServer.json_with_sidecars(
        make_wheel("net", "2.0", "cp312-cp312-manylinux2014_x86_64", requires=["cuda"]),
        make_wheel("net", "2.0", "cp312-cp312-manylinux2014_aarch64", requires=["neon>=1"]),
        make_wheel("cuda", "12"),
        make_wheel("neon", "1.1"),
    ) as index:
        words = ("net", "-i", index.url)
        assert wheelpin.pins(*words, target="cp312-manylinux2014_x86_64") == ["cuda==12", "net==2.0"]
        assert wheelpin.pins(*words, target="cp312-manylinux2014_aarch64") == ["neon==1.1", "net==2.0"]


def marked(marker: str) -> IndexServer:
    return IndexServer.json_with_sidecars(make_wheel("alpha", requires=[f"extra; {marker}"]), make_wheel("extra"))


@pytest.mark.parametrize(
    ("marker", "target", "applies"),
    [
        pytest.param("python_version < '3.7'", "cp36-manylinux1_x86_64", True, id="an old Python"),
        pytest.param("python_version < '3.7'", LINUX, False, id="a new Python"),
        pytest.param("python_version < '3.10'", "cp39-win32", True, id="versions, not texts"),
        pytest.param("sys_platform == 'win32'", "cp312-win_amd64", True, id="Windows"),
        pytest.param("platform_system == 'Darwin'", "cp312-macosx_11_0_arm64", True, id="macOS"),
        pytest.param("platform_machine == 'aarch64'", "cp312-manylinux2014_aarch64", True, id="a machine"),
        pytest.param("platform_machine == 'arm64'", "cp312-macosx_11_0_arm64", True, id="the same machine on macOS"),
        pytest.param("platform_python_implementation == 'PyPy'", "pp310-manylinux2014_x86_64", True, id="PyPy"),
        pytest.param("implementation_name == 'cpython'", "pp310-manylinux2014_x86_64", False, id="PyPy is no CPython"),
        pytest.param("os_name == 'posix'", "cp312-win32", False, id="not POSIX"),
    ],
)
def test_markers_are_the_targets(wheelpin: Wheelpin, marker: str, target: str, applies: bool) -> None:
    with marked(marker) as index:
        pins = wheelpin.pins("alpha", "-i", index.url, target=target)
    assert pins == (["alpha==1.0", "extra==1.0"] if applies else ["alpha==1.0"])


@pytest.mark.parametrize(
    ("variable", "marker", "values"),
    [
        ("platform_release", 'platform_release >= "5"', {"5.10": True, "4.14": False}),
        ("platform_version", '"Debian" in platform_version', {"1-Debian": True, "1-Alpine": False}),
    ],
    ids=["platform_release", "platform_version"],
)
def test_marker_that_nobody_knows_is_an_error_until_it_is_said(
    wheelpin: Wheelpin, variable: str, marker: str, values: dict[str, bool]
) -> None:
    with marked(marker) as index:
        words = ("lock", "alpha", "-t", LINUX, "-i", index.url, "-o", "-")
        said = wheelpin(*words)
        assert said.code == 2
        (error,) = said.errors
        assert f"alpha 1.0 requires extra; {marker}" in error
        assert said.hints == [f"say what the target has: --marker {variable}=…"]
        assert said.out == ""
        for value, applies in values.items():
            said = wheelpin(*words, "--marker", f"{variable}={value}")
            assert said.code == 0
            assert ("extra @ " in said.out) is applies
            assert f" --marker {variable}={value} " in said.out


def test_answer_that_hinges_on_the_assumed_patch_comes_with_a_warning(wheelpin: Wheelpin) -> None:
    with marked("python_full_version >= '3.12.4'") as index:
        words = ("alpha", "-i", index.url, "-o", "-")
        said = wheelpin.lock(*words)
        assert "extra @ " in said.out
        (warning,) = said.warnings
        assert 'alpha 1.0 requires extra; python_full_version >= "3.12.4"' in warning
        assert "--python-full-version" in warning
        exact = wheelpin.lock(*words, "--python-full-version", "3.12.0")
        assert "extra @ " not in exact.out
        assert exact.warnings == []
        assert "python-full-version=3.12.0\n" in exact.out
        assert " --python-full-version 3.12.0 " in exact.out


@pytest.mark.parametrize(
    ("requires_python", "target", "full_version", "fits"),
    [
        pytest.param("!=3.9.0", "cp39-win32", "3.9.0", False, id="a patch excluded"),
        pytest.param("!=3.9.0", "cp39-win32", "3.9.1", True, id="another patch excluded"),
        pytest.param("<=3.14", "cp314-win32", "3.14.6", False, id="at most 3.14 is 3.14.0"),
        pytest.param("<=3.14", "cp314-win32", "3.14.0", True, id="3.14.0 is at most 3.14"),
        pytest.param(">=3.6.1", "cp36-win32", "3.6.0", False, id="a later patch needed"),
        pytest.param(">=3.6.1", "cp36-win32", "3.6.1", True, id="that patch there"),
    ],
)
def test_requires_python_is_held_against_the_full_version(
    wheelpin: Wheelpin, requires_python: str, target: str, full_version: str, fits: bool
) -> None:
    with IndexServer(make_wheel("alpha", requires_python=requires_python)) as index:
        said = wheelpin(
            *("lock", "alpha", "-i", index.url, "-o", "-"), "-t", target, "--python-full-version", full_version
        )
    assert said.code == (0 if fits else 3)
    if not fits:
        assert f"requires Python {requires_python}, the target has {full_version}" in said.err


def test_requires_python_that_only_the_metadata_tells_counts_too(wheelpin: Wheelpin) -> None:
    old, new = make_wheel("alpha", "1.0"), make_wheel("alpha", "2.0", requires_python=">=3.13")
    with IndexServer(old, new) as index:
        page = index.page("alpha", index.form)
        assert page is not None
        silent = page.replace(b'"requires-python"', b'"requires-nothing"')
        index.extra_bodies["/simple/alpha/"] = ("application/vnd.pypi.simple.v1+json", silent)
        assert wheelpin.pins("alpha", "-i", index.url) == ["alpha==1.0"]
