"""Builds for an architecture that this machine runs by an emulator: built, repaired, proven and loaded there."""

import json
from pathlib import Path

import pytest

from tests.containers.place import EXTENSION, GOOD_C, PROJECT, Place, sdist, served

pytestmark = [pytest.mark.container, pytest.mark.live]

TARGET = "cp311-manylinux_2_36_aarch64"
WHEEL = f"{PROJECT}-1.0-cp311-cp311-manylinux_2_36_aarch64.whl"


@pytest.mark.parametrize("engine", ["docker", "podman"], indirect=True)
def test_wheel_is_built_and_loaded_for_another_architecture(place: Place) -> None:
    target = served(TARGET)
    sdist(place.folder, more=EXTENSION.format(""), a_dot_c=GOOD_C)
    said = place.lock(PROJECT, "--find-links", ".", "-t", target, "-o", "app.txt")
    assert said.code == 0, said.err
    (wheel,) = Path("wheelhouse").glob("*.whl")
    assert wheel.name == WHEEL
    image = json.loads(wheel.with_name(f"{wheel.name}.provenance.json").read_text())["image"]
    assert image.startswith("quay.io/pypa/manylinux_2_34_aarch64:")

    assert place.wheelpin("audit", wheel, "--target", target).code == 0
    words = ("--audit", "--verify-imports", "--image", image.partition("@")[0], "--engine", str(place.engine.name))
    said = place.wheelpin("vendor", "app.txt", "-t", "vendored", *words)
    assert said.code == 0, said.err
    assert "imported 1 module" in said.err
    assert place.left_over() == frozenset()
