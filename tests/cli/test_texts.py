"""Whole texts for people and shapes of JSON for machines, held by golden files."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_sdist, make_wheel
from tests.cli.golden_text import assert_golden
from tests.cli.running import LINUX, Outcome, Wheelpin
from tests.index_server import IndexServer, Shown

PYTHON = ("--python-full-version", "3.12.4")


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(
        make_wheel("numpy", "2.3.0", "cp312-cp312-manylinux_2_28_x86_64"),
        make_wheel("numpy", "2.3.0", "cp312-cp312-manylinux_2_28_aarch64"),
        make_wheel("numpy", "2.3.0", "cp312-cp312-musllinux_1_2_x86_64"),
        make_wheel("numpy", "2.3.0", "cp313-cp313-manylinux_2_28_x86_64"),
        make_wheel("numpy", "2.3.0", "cp313-cp313t-manylinux_2_28_x86_64"),
        make_wheel("numpy", "2.3.0", "cp312-cp312-win_amd64"),
        make_sdist("numpy", "2.3.0"),
        make_wheel("numpy", "2.2.6", "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64"),
        make_wheel("numpy", "2.2.6", "cp312-cp312-manylinux1_x86_64"),
        Shown(file=make_wheel("numpy", "2.2.7", "cp312-cp312-manylinux2014_x86_64"), yanked="miscounts"),
        make_wheel("numpy", "2.2.5", "cp312-cp312-manylinux2014_x86_64", requires_python=">=3.12.9"),
        Shown(file=make_wheel("numpy", "1.0"), listed_changes={"filename": "numpy-1.0-1.x-py3-none-any-x.whl"}),
        make_sdist("source-only", "1.0"),
        make_wheel("shop", "1.0", requires=["cart<2", "till"]),
        make_wheel("till", "1.0", requires=["cart>=2"]),
        make_wheel("bank", "1.0", requires=["till"]),
        make_wheel("cart", "1.5"),
        make_wheel("cart", "2.0"),
        make_wheel("deep", "1.0", requires=["numpy==2.3.0"]),
    ) as running:
        yield running


def golden(name: str, said: Outcome, index: IndexServer, *, code: int) -> None:
    """Compare what was said on both streams, with reserved names for addresses and without what packing decides."""
    assert said.code == code
    text = said.out
    if said.err:
        text += f"--- standard error ---\n{said.err}"
    text = re.sub(r'"[0-9a-f]{64}"', '"64 hexadecimal digits"', text)
    text = re.sub(r'"size_bytes": \d+', '"size_bytes": 1000', text)
    assert_golden(
        name, text.replace(index.url, "https://index.example/simple/").replace(index.origin, "https://files.example")
    )


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        pytest.param("explain-fits.txt", ("numpy", "-t", LINUX), 0, id="a file that fits"),
        pytest.param("explain-libc.txt", ("numpy==2.3.0", "-t", "cp312-manylinux2014_x86_64"), 3, id="libc too old"),
        pytest.param("explain-missing.txt", ("nunpy", "-t", LINUX), 3, id="no such project"),
        pytest.param("explain-range.txt", ("numpy>=3", "-t", LINUX), 3, id="no version in range"),
        pytest.param("explain-yanked.txt", ("numpy>2.2.6,<2.3", "-t", LINUX), 3, id="yanked"),
        pytest.param("explain-python.txt", ("numpy==2.2.5", "-t", LINUX), 3, id="another Python needed"),
        pytest.param("explain-sdist.txt", ("source-only", "-t", LINUX), 3, id="an sdist only"),
        pytest.param("explain-several.txt", ("numpy", "-t", LINUX, "-t", "cp312-win32"), 3, id="two targets"),
    ],
)
def test_explanation(wheelpin: Wheelpin, index: IndexServer, name: str, words: tuple[str, ...], code: int) -> None:
    python = PYTHON if "2.2.5" in words[0] else ()
    golden(name, wheelpin("explain", *words, *python, "-i", index.url), index, code=code)


UNNEEDED = "numpy; python_version < '3.8'"


def test_unneeded_requirement_is_explained_as_that(wheelpin: Wheelpin, index: IndexServer) -> None:
    golden("explain-unneeded.txt", wheelpin("explain", UNNEEDED, "-t", LINUX, "-i", index.url), index, code=0)


@pytest.mark.parametrize(
    ("asked", "cells"),
    [
        pytest.param(UNNEEDED, ["not-needed", "fits"], id="a Python"),
        pytest.param("till; extra == 'x'", ["not-needed", "not-needed"], id="an extra that nobody asks for"),
        pytest.param("nunpy; python_version < '3.8'", ["not-needed", "no-such-project"], id="nobody's project"),
    ],
)
def test_marker_decides_where_a_requirement_is_looked_for(
    wheelpin: Wheelpin, index: IndexServer, asked: str, cells: list[str]
) -> None:
    index.add(make_wheel("numpy", "1.0"))
    said = wheelpin("matrix", asked, "-t", LINUX, "-t", "cp37-manylinux2014_x86_64", "-i", index.url, "--json")
    assert said.code == 0
    assert [each["outcome"] for each in json.loads(said.out)] == cells


@pytest.mark.parametrize("command", ["matrix", "explain"])
def test_marker_that_no_target_settles_is_asked_for(wheelpin: Wheelpin, index: IndexServer, command: str) -> None:
    words = (command, "till; platform_release > '5'", "-t", LINUX, "-i", index.url)
    said = wheelpin(*words)
    assert said.code == 2
    assert "platform_release" in said.errors[0]
    assert wheelpin(*words, "--marker", "platform_release=6.1").code == 0


def test_matrix(wheelpin: Wheelpin, index: IndexServer) -> None:
    only_windows = "till; sys_platform == 'win32'"
    asked = ("numpy", "numpy<2.3", "numpy>=3", "source-only", "till", only_windows, "nunpy")
    targets = (LINUX, "cp312-manylinux2014_x86_64", "cp312-win32")
    words = [word for target in targets for word in ("-t", target)]
    golden("matrix.txt", wheelpin("matrix", *asked, *words, *PYTHON, "-i", index.url), index, code=0)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("error-nothing-fits.txt", ("deep", "-t", "cp312-manylinux2014_x86_64"), id="nothing fits"),
        pytest.param("error-conflict.txt", ("-r", "in.txt", "-t", LINUX), id="demands exclude each other"),
        pytest.param("error-constrained.txt", ("till", "-c", "limits.txt", "-t", LINUX), id="a constraint in the way"),
        pytest.param(
            "error-several.txt", ("deep", "-t", LINUX, "-t", "cp312-win32", "-t", "cp312-win_arm64"), id="two of three"
        ),
    ],
)
def test_error_of_a_lock(
    wheelpin: Wheelpin, index: IndexServer, project: Path, name: str, words: tuple[str, ...]
) -> None:
    (project / "in.txt").write_text("# our shop\nshop\nbank\n", encoding="utf-8")
    (project / "limits.txt").write_text("cart<2\n", encoding="utf-8")
    golden(name, wheelpin("lock", *words, "-i", index.url), index, code=3)


def test_error_shows_the_nearest_misses_only(wheelpin: Wheelpin) -> None:
    many = [make_wheel("wide", "1.0", f"cp312-cp312-manylinux_2_{minor}_x86_64") for minor in range(20, 40)]
    with IndexServer(*many) as index:
        said = wheelpin("lock", "wide", "-t", "cp312-manylinux2014_x86_64", "-i", index.url)
        assert said.err.count("needs glibc") == 8
        more = "  … and 12 more: wheelpin explain wide --target cp312-manylinux2014_x86_64"
        assert more in said.err.splitlines()
        assert wheelpin("explain", "wide", "-t", "cp312-manylinux2014_x86_64", "-i", index.url).out.count("needs") == 20


def test_explanation_of_many_files_shows_all_on_request_only(wheelpin: Wheelpin) -> None:
    many = [make_wheel("wide", f"1.{minor}", "cp311-cp311-win_amd64") for minor in range(50)]
    with IndexServer(*many) as index:
        words = ("explain", "wide", "-t", LINUX, "-i", index.url)
        said = wheelpin(*words).out
        assert said.count("is built for") == 40
        assert "  … and 10 more: wheelpin explain --verbose shows all" in said.splitlines()
        assert wheelpin(*words, "-v").out.count("is built for") == 50


def test_verbose_lock_tells_what_was_skipped(wheelpin: Wheelpin, index: IndexServer) -> None:
    words = ("lock", "numpy", "-t", "cp312-manylinux2014_x86_64", *PYTHON, "-i", index.url, "-v")
    golden("lock-verbose.txt", wheelpin(*words), index, code=0)


def test_quiet_lock_says_nothing(wheelpin: Wheelpin, index: IndexServer) -> None:
    said = wheelpin("lock", "numpy==2.2.7", "-t", LINUX, "-i", index.url, "-q")
    assert (said.code, said.out, said.err) == (0, "", "")


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        pytest.param(
            "lock.json", ("lock", "shop", "cart<2", "-t", LINUX, *PYTHON, "--override", "free.txt"), 0, id="lock"
        ),
        pytest.param("matrix.json", ("matrix", "till", "nunpy", "-t", LINUX, *PYTHON), 0, id="matrix"),
        pytest.param("explain.json", ("explain", "numpy", "-t", LINUX, *PYTHON), 0, id="explain, fits"),
        pytest.param(
            "explain-none.json",
            ("explain", "numpy>=2.3", "-t", "cp312-manylinux2014_x86_64", *PYTHON),
            3,
            id="explain, none",
        ),
    ],
)
def test_json(
    wheelpin: Wheelpin, index: IndexServer, project: Path, name: str, words: tuple[str, ...], code: int
) -> None:
    (project / "free.txt").write_text("till==1.0\ncart\n", encoding="utf-8")
    said = wheelpin(*words, "--json", "-q", "-i", index.url)
    assert json.loads(said.out)
    golden(name, said, index, code=code)
