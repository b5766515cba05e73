"""wheelpin as a library gives what the command line gives, and prints nothing."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.index_server import IndexServer, Ranges
from wheelpin import lock, lock_project
from wheelpin.orders.finding import NoProjectError
from wheelpin.resolve.conflict import NothingFitsError
from wheelpin.settings import ExplicitOptions
from wheelpin.target import Target

WORLD = (
    make_wheel("alpha", "1.0", requires=["beta; python_version < '3.8'"]),
    make_wheel("beta", "1.0", "cp36-abi3-manylinux1_x86_64"),
)


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExplicitOptions]:
    for name in [name for name in os.environ if name.startswith(("PIP_", "WHEELPIN_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.chdir(tmp_path)
    with IndexServer.json_with_sidecars(*WORLD) as index:
        yield ExplicitOptions(index_url=index.url, cache_dir=tmp_path / "cache")


def test_each_target_gets_its_lock(options: ExplicitOptions, capsys: pytest.CaptureFixture[str]) -> None:
    targets: list[Target | str] = ["manylinux1-cp36-x86_64", Target.parse("cp312-win_amd64")]
    old, new = lock(["alpha"], targets=targets, options=options)
    assert [str(pin.project) for pin in old.lock.pins] == ["alpha", "beta"]
    assert [str(pin.project) for pin in new.lock.pins] == ["alpha"]
    assert old.target.name == "cp36-manylinux1_x86_64"
    assert capsys.readouterr() == ("", "")
    assert not Path("lockfiles").exists()


def test_files_are_read_as_pip_reads_them(options: ExplicitOptions) -> None:
    Path("requirements.in").write_text("alpha\n-c limits.in\n")
    Path("limits.in").write_text("beta<1\n")
    with pytest.raises(NothingFitsError) as caught:
        lock(targets=["cp36-manylinux1_x86_64"], files=["requirements.in"], options=options)
    assert caught.value.explanation.project == "beta"
    assert caught.value.exit_code == 3


def test_project_s_file_is_locked_and_its_locks_are_kept(
    options: ExplicitOptions, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mail/lockfiles").mkdir(parents=True)
    Path("mail/requirements.in").write_text("alpha\n")
    Path("mail/wheelpin.toml").write_text(
        'requirements = ["requirements.in"]\n[targets]\nold = "cp36-manylinux1_x86_64"\nnew = "cp312-win_amd64"\n'
    )
    old, new = lock_project("mail", options=options)
    assert [str(pin.project) for pin in old.lock.pins] == ["alpha", "beta"]
    assert old.lock.refresh_command == "wheelpin lock --target old"
    (only,) = lock_project(tmp_path / "mail" / "lockfiles", targets=["new"], options=options)
    assert only.lock == new.lock
    assert capsys.readouterr() == ("", "")
    assert list(Path("mail/lockfiles").iterdir()) == []


def test_folder_of_no_project_is_said(options: ExplicitOptions) -> None:
    with pytest.raises(NoProjectError, match="belongs to no project"):
        lock_project(options=options)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(lambda: lock("alpha", targets=["cp312-win_amd64"]), id="a requirement"),
        pytest.param(lambda: lock(["alpha"], targets="cp312-win_amd64"), id="a target"),
        pytest.param(lambda: lock(files="in.txt", targets=["cp312-win_amd64"]), id="a file"),
        pytest.param(lambda: lock(constraints="in.txt", targets=["cp312-win_amd64"]), id="a constraint"),
    ],
)
def test_one_string_is_not_taken_letter_by_letter(given: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match="is one string where several are asked for"):
        given()


def test_no_thread_outlives_its_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    before = set(threading.enumerate())
    with IndexServer(*WORLD, ranges=Ranges.REFUSED_501) as index:
        # Such a server gives whole files only, which takes threads of another kind.
        options = ExplicitOptions(index_url=index.url, cache_dir=tmp_path / "cache")
        lock(["alpha"], targets=["cp312-win_amd64"], options=options)
        ours = [thread for thread in set(threading.enumerate()) - before if thread.name.startswith("wheelpin-")]
        for thread in ours:
            thread.join(60)
        assert {200, 501} <= {served.status for served in index.asked("/files/")}
    assert not any(thread.is_alive() for thread in ours)
