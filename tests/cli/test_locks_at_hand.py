"""Locks that others left where new ones go: edited, merged, cut off, of an older wheelpin, or written meanwhile."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, Process, Wheelpin, command_line, files_of, lines_of_pins
from tests.index_server import IndexServer
from wheelpin.locks import LockSyntaxError, parse_lock
from wheelpin.values import Origin

OLD = (make_wheel("alpha", "1.0", requires=["beta"]), make_wheel("beta", "1.0"))
NEW = (make_wheel("alpha", "2.0", requires=["beta"]), make_wheel("beta", "2.0"))


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(*OLD) as running:
        monkeypatch.setenv("PIP_INDEX_URL", running.url)
        yield running


@pytest.fixture(params=["requirements", "hashes"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def written(wheelpin: Wheelpin, index: IndexServer, form: str) -> str:
    """The text of a lock of the old versions, which lies there; the index has newer ones by now."""
    wheelpin.lock("alpha", "--format", form)
    index.add(*NEW)
    return LOCK.read_text()


def without(*keys: str) -> Callable[[str], str]:
    starts = tuple(f"# {key}:" for key in keys)
    return lambda text: "".join(line for line in text.splitlines(keepends=True) if not line.startswith(starts))


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: text, id="as it was written"),
        pytest.param(without("proof", "preset", "target-name"), id="by an older wheelpin, which wrote fewer keys"),
        pytest.param(
            without("wheelpin", "lock-version", "input", "index", "refresh", "proof"), id="without its header's keys"
        ),
        pytest.param(lambda text: f"# mood: good\n# colour: blue\n{text}", id="with unknown keys"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="with carriage returns"),
        pytest.param(lambda text: f"\ufeff{text}", id="with a byte order mark"),
        pytest.param(lambda text: text.replace("\n", "\n\n# my remark\n"), id="with remarks between the lines"),
        pytest.param(
            lambda text: "".join(sorted(text.splitlines(keepends=True), key=lambda line: line.startswith("#"))),
            id="with its header at the end",
        ),
    ],
)
def test_lock_is_read_and_its_pins_are_kept(
    wheelpin: Wheelpin, written: str, form: str, edit: Callable[[str], str]
) -> None:
    LOCK.write_text(edit(written), newline="")
    said = wheelpin.lock("alpha", "--format", form, "--refresh")
    assert said.warnings == []
    assert lines_of_pins(LOCK.read_text()) == lines_of_pins(written)
    if edit(written) == written:
        assert LOCK.read_text() == written


def test_lock_in_the_other_form_keeps_its_pins(wheelpin: Wheelpin, written: str) -> None:
    wheelpin.lock("alpha", "--format", "hashes", "--refresh")
    assert files_of(LOCK.read_text()) == ["alpha-1.0-py3-none-any.whl", "beta-1.0-py3-none-any.whl"]


@pytest.mark.parametrize(("ours", "theirs"), [("alpha", "beta"), ("beta", "alpha")], ids=["alpha", "beta"])
def test_lock_with_both_sides_of_a_merge_keeps_the_pins_of_both(
    wheelpin: Wheelpin, written: str, form: str, ours: str, theirs: str
) -> None:
    header, *pins = re.split(r"(?m)^(?=[a-z])", written)
    sides = ["".join(text for text in pins if not text.startswith(name)) for name in (ours, theirs)]
    LOCK.write_text(f"{header}<<<<<<< HEAD\n{sides[0]}=======\n{sides[1]}>>>>>>> other\n")
    assert wheelpin("vendor", LOCK, "-t", "out").code == 2
    wheelpin.lock("alpha", "--format", form, "--refresh")
    assert LOCK.read_text() == written


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        pytest.param(lambda text: f"<<<<<<< ours\n{text}", "line 1: a merge left both sides", id="merged at the top"),
        pytest.param(lambda text: text.partition("sha256")[0], "", id="cut within a line"),
        pytest.param(lambda text: text.replace("version: 1", "version: 9"), "has version 9", id="of a later wheelpin"),
        pytest.param(lambda text: text.replace("beta", "alpha"), "is pinned already on line", id="pinned twice"),
        pytest.param(lambda text: text + "gamma\n", "does not pin one file", id="with a requirement in it"),
    ],
)
def test_lock_that_cannot_be_meant_is_refused_with_the_line_until_it_is_upgraded(
    wheelpin: Wheelpin, written: str, form: str, edit: Callable[[str], str], problem: str
) -> None:
    LOCK.write_text(edit(written))
    said = wheelpin("lock", "alpha", "-t", LINUX, "--format", form)
    assert said.code == 2
    assert said.errors[0].startswith(f"error: {LOCK.as_posix()}, line ")
    assert problem in said.errors[0]
    assert said.hints
    assert LOCK.read_text() == edit(written)
    assert wheelpin("lock", "alpha", "-t", LINUX, "--format", form, "--upgrade").code == 0, (
        "a way out that needs no editor"
    )


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lock_that_is_cut_or_spliced_anywhere_is_read_or_refused(written: str, data: st.DataObject) -> None:
    places = st.integers(0, len(written))
    text = written[: data.draw(places)] + written[data.draw(places) :]
    with suppress(LockSyntaxError):  # which names the line, as the tests above hold it to
        # A cut within an address may leave the path of a wheel with a shorter name, and that is read as what it says.
        assert [pin for pin in parse_lock(text, Origin("lock.txt")).pins if pin.project not in written] == []


def test_two_processes_that_refresh_one_lock_leave_one_whole_lock(
    wheelpin: Wheelpin, process: Process, index: IndexServer, project: Path
) -> None:
    wheels = [make_wheel(f"p{number:02}", "1.0") for number in range(40)]
    index.add(*wheels)
    (project / "requirements.in").write_text("".join(f"{wheel.project}\n" for wheel in wheels))
    (project / "wheelpin.toml").write_text(f'requirements = ["requirements.in"]\ntargets.it = "{LINUX}"\n')
    path = project / "lockfiles" / "it.txt"
    assert wheelpin("lock").code == 0
    old, environment = path.read_text(), process.variables({"PIP_INDEX_URL": index.url})
    for version in range(2, 6):
        index.add(*(make_wheel(wheel.project, f"{version}.0") for wheel in wheels))
        command = command_line("lock", "--upgrade", "--refresh")
        runs = [subprocess.Popen(command, cwd=project, env=environment, stderr=subprocess.PIPE) for _ in range(3)]
        seen = {old}
        while any(run.poll() is None for run in runs):
            seen.add(path.read_text())
        for run in runs:
            _, said = run.communicate()
            assert run.returncode == 0, said
        new = path.read_text()
        assert lines_of_pins(new) != lines_of_pins(old)
        assert new.count(f"-{version}.0-py3") == len(wheels)
        assert seen <= {old, new}, "whoever looks on the way sees the old lock or the new one, whole"
        old = new
    assert [found.name for found in path.parent.iterdir()] == [path.name]
