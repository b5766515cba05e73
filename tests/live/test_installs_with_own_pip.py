"""Locks for real interpreters: each one's own pip installs the lock, and it imports all that is compiled there."""

import platform
import subprocess
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.live.commands import filename, run
from tests.live.judge import Described, LinuxMachine, faults
from tests.live.pip import install, pip_version
from wheelpin.locks import parse_lock
from wheelpin.values import Origin

pytestmark = pytest.mark.live

SMALL = ("cffi", "lxml", "markupsafe", "pyyaml")
SETS = [
    ("3.6", (*SMALL, "numpy")),
    ("3.7", SMALL),
    ("3.8", ("cryptography", "lxml")),
    ("3.9", SMALL),
    ("3.10", ("greenlet", "pyyaml")),
    ("3.11", ("cryptography", "msgspec")),
    ("3.12", ("pydantic", "lxml")),
    ("3.13", (*SMALL, "numpy")),
]
LEVELS_OF_OLD_PIPS = [
    (Version("19.0"), "manylinux1", 5),
    (Version("19.3"), "manylinux2010", 12),
    (Version("20.3"), "manylinux2014", 17),
]
"""Below which pip no name above a level is known."""

IMPORT = """
import importlib, sys
folder = sys.argv[1]
sys.path.insert(0, folder)
for name in sys.argv[2:]:
    file = importlib.import_module(name).__file__
    assert file.startswith(folder), (name, file)
"""


def level(pip: Version, lock_format: str) -> tuple[str, int]:
    """Return the newest manylinux level that this machine has and *pip* takes from such a lock, and its glibc.

    The pip 18.1 of Python 3.6.15 knows manylinux1 alone. Where a lock carries hashes, it does not see newer wheels,
    takes the sdist and finds its digest wrong. Where a lock carries addresses, pips that old do not look at tags.
    """
    libc, version = platform.libc_ver()
    if (platform.system(), platform.machine(), libc) != ("Linux", "x86_64", "glibc"):
        pytest.skip("the machine is not Linux with glibc on x86_64")
    host_minor = int(version.split(".")[1])
    known = [(name, minor) for below, name, minor in LEVELS_OF_OLD_PIPS if pip < below and lock_format == "hashes"]
    return known[0] if known else (f"manylinux_2_{host_minor}", host_minor)


def python_full_version(python: Path) -> str:
    code = "import platform; print(platform.python_version())"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def modules(site: Path) -> Iterator[str]:
    """Name the top-level modules and every extension module, wherever it lies."""
    for path in site.iterdir():
        if path.suffix == ".py" or (path / "__init__.py").is_file():
            yield path.stem
    for path in site.rglob("*.so"):
        packages = path.relative_to(site).parts[:-1]
        # Bundled libraries lie in folders that are no packages, such as numpy.libs; tests need more than was asked for.
        if all(map(str.isidentifier, packages)) and "tests" not in packages:
            yield ".".join((*packages, path.name.partition(".")[0]))


def installed(site: Path) -> dict[str, Described]:
    """Read what lies in *site* from its METADATA, as it was installed."""
    return {
        canonicalize_name(found.metadata["Name"]): Described(
            version=found.version,
            requires_python=next(iter(found.metadata.get_all("Requires-Python") or ()), None),
            requires=tuple(found.requires or ()),
        )
        for found in distributions(path=[str(site)])
    }


@pytest.fixture
def site() -> Iterator[Path]:
    """Lend a folder and take it away again: wheels unpacked are large."""
    with TemporaryDirectory() as folder:
        yield Path(folder, "site").resolve()


@pytest.mark.parametrize(("lock_format", "options"), [("requirements", ()), ("hashes", ("--require-hashes",))])
@pytest.mark.parametrize(("python", "asked"), SETS, indirect=["python"])
def test_lock_installs_and_loads(
    python: Path, asked: tuple[str, ...], lock_format: str, options: tuple[str, ...], tmp_path: Path, site: Path
) -> None:
    name, glibc_minor = level(pip_version(python), lock_format)
    machine = LinuxMachine(python_full_version=python_full_version(python), glibc_minor=glibc_minor)
    path = tmp_path / "lock.txt"
    run(
        *("lock", *asked, "--target", "cp{}{}-{}_x86_64".format(*machine.release, name)),
        *("--python-full-version", machine.python_full_version, "--format", lock_format, "-o", str(path)),
    )
    pins = parse_lock(path.read_text(encoding="utf-8"), Origin(path.name)).pins
    if lock_format == "requirements":
        assert [filename(pin) for pin in pins if not machine.takes(filename(pin))] == []

    install(python, path, site, *options)
    found = installed(site)
    assert {project: Version(described.version) for project, described in found.items()} == {
        pin.project: pin.version for pin in pins
    }
    assert list(faults(asked, found, machine)) == []

    names = sorted(set(modules(site)))
    assert any(name.startswith("_") or "." in name for name in names), "nothing compiled was installed"
    # Isolated, and without site-packages: beside the standard library there is only what was installed.
    command = [str(python), "-I", "-S", "-c", IMPORT, str(site), *names]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
