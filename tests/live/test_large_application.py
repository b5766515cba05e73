"""An application of some hundred and eighty projects, and what must hold of any lock for it."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.version import Version

from tests.live.commands import filename, run
from tests.live.judge import Described, LinuxMachine, faults
from tests.reporters import RecordingReporter
from wheelpin.locks import Lock, parse_lock
from wheelpin.session import open_session, settings_of_host
from wheelpin.settings import ExplicitOptions
from wheelpin.values import Origin

pytestmark = pytest.mark.live

APPLICATION = "apache-airflow[amazon,celery,postgres]==3.1.0"
MACHINE = LinuxMachine(python_full_version="3.12.3", glibc_minor=28)
ARGUMENTS = (APPLICATION, "--target", "cp312-manylinux_2_28_x86_64", "--python-full-version", "3.12.3")


def read(path: Path) -> Lock:
    return parse_lock(path.read_text(encoding="utf-8"), Origin(path.name))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("application")


@pytest.fixture
def path(folder: Path) -> Path:
    """Lock the application once for the module; within one function's environment, hence no wider fixture."""
    path = folder / "lock.txt"
    if not path.exists():
        run("lock", *ARGUMENTS, "-o", str(path))
    return path


def described(lock: Lock) -> Mapping[str, Described]:
    """Read the METADATA of all pins again, from what the lock left in the cache."""
    settings = settings_of_host(os.environ, options=ExplicitOptions(is_offline=True))
    found: dict[str, Described] = {}
    with open_session(settings, RecordingReporter()) as session:
        for pin in lock.pins:
            page = session.index.page(pin.project)
            assert page is not None
            (file,) = (file for file in page.files if file.filename == filename(pin))
            metadata = session.index.metadata(file)
            assert Version(metadata.version) == pin.version
            found[pin.project] = Described(
                version=metadata.version, requires_python=metadata.requires_python, requires=metadata.requires_dist
            )
    return found


def test_application_is_large(path: Path) -> None:
    assert len(read(path).pins) > 150


def test_every_file_fits_the_target(path: Path) -> None:
    assert [filename(pin) for pin in read(path).pins if not MACHINE.takes(filename(pin))] == []


def test_every_requirement_is_met_and_every_pin_needed(path: Path) -> None:
    assert list(faults([APPLICATION], described(read(path)), MACHINE)) == []


def test_every_pin_says_who_asked_for_it(path: Path) -> None:
    pins = read(path).pins
    askers = {"command line", *(pin.project for pin in pins)}
    assert [pin.project for pin in pins if not pin.via or not askers.issuperset(pin.via)] == []


@pytest.mark.parametrize("more", [(), ("--upgrade",), ("--offline", "--upgrade")], ids=["kept", "upgraded", "offline"])
def test_locking_again_changes_nothing(path: Path, more: tuple[str, ...], tmp_path: Path) -> None:
    again = tmp_path / "lock.txt"
    again.write_bytes(path.read_bytes())
    run("lock", *ARGUMENTS, *more, "-o", str(again))
    assert read(again).pins == read(path).pins
