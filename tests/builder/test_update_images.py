"""``scripts/update_images`` against a registry on this machine: what it reads, what it finds, what it writes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builder.registry_server import RegistryServer
from wheelpin.builder.images import OfficialImage, official_images, read_images

ROOT = Path(__file__).parents[2]
TAG = "2026.07.19-1"
HELD = ("cp39-cp39", "cp310-cp310", "cp314-cp314t")
TABLE = f"""\
[[image]]
policy = "manylinux_2_28"
is-kept-up = true
tag = "{TAG}"
architectures = ["x86_64", "armv7l"]
pythons = ["cp39-cp39", "cp310-cp310", "cp314-cp314t"]
is-verified = false
checked-on = 2026-01-01
source = "hearsay"

[[image]]
policy = "manylinux1"
is-kept-up = false
tag = "2024-04-29-76807b8"
architectures = ["i686"]
pythons = ["cp27-cp27m"]
is-verified = false
checked-on = 2026-01-01
source = "hearsay"
"""


@pytest.fixture
def registry() -> Iterator[RegistryServer]:
    with RegistryServer() as server:
        server.add("manylinux1_i686", "2024-04-29-76807b8", ["cp27-cp27m"], architecture="386")
        server.add("manylinux_2_28_armv7l", TAG, HELD, architecture="arm", variant="v7")
        yield server


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "images.toml"
    path.write_text(TABLE, encoding="utf-8")
    return path


def run(table: Path, registry: RegistryServer | str, *words: str) -> tuple[int, str]:
    url = registry if isinstance(registry, str) else registry.url
    script = str(ROOT / "scripts" / "update_images")
    argv = [sys.executable, script, "--registry", url, "--table", str(table), *words]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


def images(table: Path) -> dict[str, OfficialImage]:
    found = read_images(table.read_text(encoding="utf-8"))
    return {f"{image.repository}:{image.tag}": image for image in found}


def test_table_is_verified_and_pinned(registry: RegistryServer, table: Path) -> None:
    digest = registry.add("manylinux_2_28_x86_64", TAG, reversed(HELD), architecture="amd64")
    code, said = run(table, registry)
    assert (code, said) == (1, "")
    assert table.read_text(encoding="utf-8") == TABLE
    assert run(table, registry, "--write") == (1, "")
    image = images(table)[f"manylinux_2_28_x86_64:{TAG}"]
    assert (image.digest, image.is_verified, image.source) == (digest, True, "the registry")
    assert image.pythons == set(HELD)
    assert all(found.is_verified for found in images(table).values())
    assert run(table, registry) == (0, "")


def test_registry_may_want_no_token(registry: RegistryServer, table: Path) -> None:
    registry.wants_tokens = False
    registry.add("manylinux_2_28_x86_64", TAG, HELD, architecture="amd64")
    run(table, registry, "--write")
    assert "/token" not in registry.asked
    assert images(table)[f"manylinux_2_28_x86_64:{TAG}"].is_verified


def test_one_tag_may_stand_for_several_architectures(registry: RegistryServer, table: Path) -> None:
    digest = registry.add("manylinux_2_28_x86_64", "other", HELD, architecture="amd64")
    registry.add_index("manylinux_2_28_x86_64", TAG, {"s390x": "sha256:00", "amd64": digest})
    run(table, registry, "--write")
    assert images(table)[f"manylinux_2_28_x86_64:{TAG}"].digest == digest


@pytest.mark.parametrize(
    ("pythons", "architecture", "finding"),
    [
        pytest.param(None, "amd64", "the registry has none for x86_64", id="a tag that was deleted"),
        pytest.param(HELD, "arm64", "what is called x86_64 is of aarch64", id="another architecture"),
        pytest.param((), "amd64", "x86_64 holds no Python", id="no image for builds"),
        pytest.param(HELD[1:], "amd64", "x86_64 holds cp310-cp310 cp314-cp314t", id="a Python that is gone"),
    ],
)
def test_what_the_registry_has_otherwise_is_told(
    registry: RegistryServer, table: Path, pythons: tuple[str, ...] | None, architecture: str, finding: str
) -> None:
    if pythons is not None:
        registry.add("manylinux_2_28_x86_64", TAG, pythons, architecture=architecture)
    code, said = run(table, registry, "--write")
    assert code == 1
    assert said == f"manylinux_2_28:{TAG}: {finding}\n"
    found = images(table)
    assert not found[f"manylinux_2_28_x86_64:{TAG}"].is_verified
    assert not found[f"manylinux_2_28_armv7l:{TAG}"].is_verified
    assert found["manylinux1_i686:2024-04-29-76807b8"].is_verified


def test_newer_tag_is_told_and_added_on_request(registry: RegistryServer, table: Path) -> None:
    later = ("cp310-cp310", "cp314-cp314t", "cp315-cp315")
    for tag, pythons in ((TAG, HELD), ("2026.05.02-2", HELD), ("latest", later), ("2026.11.01-1", later)):
        registry.add("manylinux_2_28_x86_64", tag, pythons, architecture="amd64")
    registry.add("manylinux_2_28_armv7l", "2026.11.01-1", later, architecture="arm", variant="v7")
    _, said = run(table, registry)
    assert said.startswith(f"manylinux_2_28 has 2026.11.01-1, and the table {TAG}: --tag 2026.11.01-1 adds it")
    run(table, registry, "--tag", "2026.11.01-1", "--write")
    found = images(table)
    assert found["manylinux_2_28_x86_64:2026.11.01-1"].pythons == set(later)
    assert found["manylinux_2_28_x86_64:2026.11.01-1"].is_verified
    assert f"manylinux_2_28_x86_64:{TAG}" in found  # the last with 3.9
    for image in ("x86_64", "armv7l"):
        variant = "v7" if image == "armv7l" else ""
        oci = "arm" if variant else "amd64"
        registry.add(f"manylinux_2_28_{image}", "2026.12.01-1", (*HELD, *later), architecture=oci, variant=variant)
    run(table, registry, "--tag", "2026.12.01-1", "--write")
    assert {name for name in images(table) if "2_28" in name} == {
        "manylinux_2_28_x86_64:2026.12.01-1",
        "manylinux_2_28_armv7l:2026.12.01-1",
    }


def test_registry_that_lies_is_not_believed(registry: RegistryServer, table: Path) -> None:
    registry.add("manylinux_2_28_x86_64", TAG, HELD, architecture="amd64")
    registry.lies_about = TAG
    code, said = run(table, registry, "--write")
    assert code == 1
    assert said.startswith(f"error: manylinux_2_28_x86_64:{TAG} is said to be sha256:")
    assert table.read_text(encoding="utf-8") == TABLE


def test_registry_that_cannot_be_reached_changes_nothing(table: Path) -> None:
    code, said = run(table, "http://127.0.0.1:9", "--write")
    assert code == 1
    assert said.startswith("error: ")
    assert table.read_text(encoding="utf-8") == TABLE


def test_table_is_as_the_script_writes_it(tmp_path: Path) -> None:
    with RegistryServer() as registry:
        path = tmp_path / "images.toml"
        path.write_text((ROOT / "wheelpin" / "builder" / "images.toml").read_text(encoding="utf-8"), encoding="utf-8")
        code, said = run(path, registry, "--write")
    assert code == 1
    assert "the registry has none for x86_64" in said
    assert [
        (image.repository, image.tag, image.pythons) for image in read_images(path.read_text(encoding="utf-8"))
    ] == [(image.repository, image.tag, image.pythons) for image in official_images()]
