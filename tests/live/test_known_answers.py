"""Answers of the real PyPI that no later release can change, and what must hold of those that move."""

import json
from collections.abc import Iterable

import pytest
from packaging.utils import parse_wheel_filename
from packaging.version import Version

from tests.live.commands import filename, filenames, lock, run
from wheelpin.locks import Lock

pytestmark = pytest.mark.live


def versions(answer: Lock) -> dict[str, str]:
    return {pin.project: str(pin.version) for pin in answer.pins}


def glibc_floor(wheel: str) -> int:
    """Return the oldest glibc among the perennial names of the wheel."""
    platforms = {tag.platform for tag in parse_wheel_filename(wheel)[3]}
    return min(int(name.split("_")[2]) for name in platforms if name.startswith("manylinux_2_"))


def test_last_cryptography_for_python_3_6_on_manylinux1() -> None:
    answer = lock("cryptography", "--target", "manylinux1-cp36-x86_64")
    assert filenames(answer).keys() == {"cffi", "cryptography", "pycparser", "six"}
    assert filenames(answer)["cryptography"] == "cryptography-3.3.2-cp36-abi3-manylinux1_x86_64.whl"
    assert "manylinux1_x86_64" in filenames(answer)["cffi"]


FLASK_2_0_FOR_PYTHON_3_6 = {
    "click": "8.0.4",
    "dataclasses": "0.8",
    "flask": "2.0.3",
    "importlib-metadata": "4.8.3",
    "itsdangerous": "2.0.1",
    "jinja2": "3.0.3",
    "markupsafe": "2.0.1",
    "typing-extensions": "4.1.1",
    "werkzeug": "2.0.3",
    "zipp": "3.6.0",
}


@pytest.mark.parametrize("lock_format", ["requirements", "hashes"])
def test_markers_of_an_old_python_bring_its_backports(lock_format: str) -> None:
    answer = lock("flask>=2,<2.1", "--target", "cp36-manylinux1_x86_64", "--format", lock_format)
    assert versions(answer) == FLASK_2_0_FOR_PYTHON_3_6


def test_numpy_stays_below_the_glibc_of_an_old_runtime() -> None:
    answer = lock("numpy", "--target", "aws-lambda-python3.11")
    assert filenames(answer) == {"numpy": "numpy-2.2.6-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"}


def test_numpy_uses_the_glibc_of_a_newer_runtime() -> None:
    (pin,) = lock("numpy", "--target", "aws-lambda-python3.12").pins
    assert pin.version > Version("2.2.6")
    assert 17 < glibc_floor(filename(pin)) <= 34


PLATFORMS = [
    pytest.param("numpy", "cp313t-manylinux_2_28_x86_64", ("cp313", "cp313t", "manylinux"), id="free-threaded"),
    pytest.param("markupsafe", "cp313t-musllinux_1_2_x86_64", ("cp313", "cp313t", "musllinux"), id="the same on musl"),
    pytest.param("cffi", "cp312-musllinux_1_2_aarch64", ("cp312", "cp312", "musllinux"), id="musl on ARM"),
    pytest.param("msgspec", "cp312-manylinux_2_28_aarch64", ("cp312", "cp312", "manylinux"), id="glibc on ARM"),
    pytest.param("numpy", "aws-lambda-python3.12-arm64", ("cp312", "cp312", "manylinux"), id="a runtime on ARM"),
    pytest.param("pyyaml", "cp27-manylinux1_x86_64", ("cp27", "cp27mu", "manylinux1"), id="wide Python 2.7"),
    pytest.param("cffi", "cp27m-manylinux1_x86_64", ("cp27", "cp27m", "manylinux1"), id="narrow Python 2.7"),
    pytest.param("markupsafe", "cp310-macosx_11_0_arm64", ("cp310", "cp310", "macosx"), id="macOS on ARM"),
    pytest.param("markupsafe", "cp312-win_amd64", ("cp312", "cp312", "win_amd64"), id="Windows"),
]


@pytest.mark.parametrize(("project", "target", "parts"), PLATFORMS)
def test_wheel_is_for_the_target_alone(project: str, target: str, parts: tuple[str, str, str]) -> None:
    tags = parse_wheel_filename(filenames(lock(project, "--target", target))[project])[3]
    interpreter, abi, platform = parts
    assert {(tag.interpreter, tag.abi) for tag in tags} == {(interpreter, abi)}
    assert any(tag.platform.startswith(platform) for tag in tags)
    assert {is_arm(tag.platform) for tag in tags} == {is_arm(target)}


def is_arm(platform: str) -> bool:
    return platform.endswith(("arm64", "aarch64"))


def test_markers_of_windows_bring_what_only_windows_needs() -> None:
    windows, linux = (
        versions(lock("click==8.1.8", "--target", target)).keys()
        for target in ("cp312-win_amd64", "cp312-manylinux2014_x86_64")
    )
    assert windows - linux == {"colorama"}


def rejected(found: dict[str, object]) -> Iterable[tuple[str, str]]:
    rejections = found["rejections"]
    assert isinstance(rejections, list)
    return [(rejection["filename"], rejection["detail"]) for rejection in rejections]


def test_explanation_names_the_nearest_file_and_the_lowest_target() -> None:
    output = run("explain", "numpy==2.3.0", "--target", "cp312-manylinux2014_x86_64", "--json", exit_code=3)
    (found,) = json.loads(output)
    wheel = "numpy-2.3.0-cp312-cp312-manylinux_2_28_x86_64.whl"
    assert next(iter(rejected(found))) == (wheel, "needs glibc 2.28, the target has 2.17")
    assert found["lowest_target"]["target"] == "cp312-manylinux_2_28_x86_64"
    assert found["lowest_target"]["filename"] == wheel
    assert found["sdist"]["filename"] == "numpy-2.3.0.tar.gz"
