"""``wheelpin export``: a lock of any form in, another form out, and what that form cannot say."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.cli.running import Wheelpin
from tests.lock.examples import file, lock, pin
from tests.lock.test_pylock_text import ARM, LINUX, SEVERAL, WHOLE, WINDOWS, locked
from wheelpin.locks import Lock, LockFormat, to_text
from wheelpin.locks.pylock_text import to_pylock

REQUIREMENTS, HASHES, PYLOCK = LockFormat


def write(name: str, a_lock: Lock, form: LockFormat) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_text(a_lock, form), encoding="utf-8")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        pytest.param(REQUIREMENTS, REQUIREMENTS, "", id="itself"),
        pytest.param(REQUIREMENTS, PYLOCK, "", id="requirements to pylock"),
        pytest.param(HASHES, HASHES, "", id="hashes to hashes"),
        pytest.param(REQUIREMENTS, HASHES, "the form hashes carries no addresses and indexes", id="addresses lost"),
        pytest.param(
            PYLOCK,
            REQUIREMENTS,
            "the form requirements carries no sizes, upload times, publishers and Requires-Python; they are left out",
            id="facts of the index lost",
        ),
        pytest.param(
            PYLOCK,
            HASHES,
            "the form hashes carries no addresses, indexes, sizes, upload times, publishers and Requires-Python",
            id="all lost",
        ),
    ],
)
def test_form_becomes_another_and_says_what_it_cannot_carry(
    wheelpin: Wheelpin, before: LockFormat, after: LockFormat, note: str
) -> None:
    name = PYLOCK.file_name("a") if before is PYLOCK else "a.txt"
    write(name, WHOLE, before)
    said = wheelpin("export", name, "--format", after.value)
    assert said.code == 0
    assert said.out == to_text(WHOLE, after) or before is not PYLOCK
    assert note in said.err if note else said.err == ""


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("form", "through"),
    [
        pytest.param(REQUIREMENTS, PYLOCK, id="requirements through pylock"),
        pytest.param(HASHES, HASHES, id="hashes through hashes"),
        pytest.param(PYLOCK, PYLOCK, id="pylock through pylock"),
    ],
)
def test_there_and_back_is_the_same_where_nothing_is_lost(
    wheelpin: Wheelpin, form: LockFormat, through: LockFormat
) -> None:
    write(name := form.file_name("a"), WHOLE, form)
    assert wheelpin("export", name, "--format", through.value, "-o", through.file_name("there")).code == 0
    assert (
        wheelpin("export", through.file_name("there"), "--format", form.value, "-o", form.file_name("back")).code == 0
    )
    assert Path(form.file_name("back")).read_bytes() == Path(name).read_bytes()


@pytest.mark.usefixtures("project")
def test_form_without_addresses_leads_to_no_form_with_them(wheelpin: Wheelpin) -> None:
    write("a.txt", WHOLE, HASHES)
    said = wheelpin("export", "a.txt", "--format", "pylock")
    assert said.code == 2
    assert said.errors == ["error: the pin engine 1.0 has no address to write"]
    assert said.hints != []


@pytest.mark.usefixtures("project")
def test_paths_lead_to_the_same_wheel_from_where_the_text_lies(wheelpin: Wheelpin) -> None:
    wheel = "own-1.0-py3-none-any.whl"
    own = pin("own", a_file=file(wheel, url=None, path=f"wheels/{wheel}", index=None))
    write("a.txt", locked(LINUX, own), REQUIREMENTS)
    assert wheelpin("export", "a.txt", "--format", "pylock", "-o", "wheels/pylock.toml").code == 0
    assert wheelpin("export", "a.txt", "--format", "pylock", "-o", "other/pylock.toml").code == 0
    (inside,) = tomllib.loads(Path("wheels/pylock.toml").read_text(encoding="utf-8"))["packages"]
    (beside,) = tomllib.loads(Path("other/pylock.toml").read_text(encoding="utf-8"))["packages"]
    assert inside["wheels"][0]["path"] == "own-1.0-py3-none-any.whl"
    assert beside["wheels"][0]["path"] == "../wheels/own-1.0-py3-none-any.whl"
    for pylock in ("wheels/pylock.toml", "other/pylock.toml"):
        assert wheelpin("export", pylock, "--format", "requirements").out == Path("a.txt").read_text(encoding="utf-8")


@pytest.mark.usefixtures("project")
def test_locks_of_several_targets_become_one_pylock_and_part_again(wheelpin: Wheelpin) -> None:
    for number, each in enumerate(SEVERAL):
        write(f"{number}.txt", each, REQUIREMENTS)
    assert wheelpin("export", "0.txt", "1.txt", "2.txt", "--format", "pylock", "-o", "pylock.toml").code == 0
    assert Path("pylock.toml").read_text(encoding="utf-8") == to_pylock(SEVERAL)
    for each, target in zip(SEVERAL, (LINUX, WINDOWS, ARM), strict=True):
        said = wheelpin("export", "pylock.toml", "--format", "requirements", "--target", target.name)
        assert said.out == to_text(each, REQUIREMENTS)
    said = wheelpin("export", "pylock.toml", "--format", "requirements")
    assert (said.code, said.hints) == (2, ["say which with --target"])


@pytest.mark.usefixtures("project")
def test_locks_that_no_marker_tells_apart_stay_apart(wheelpin: Wheelpin) -> None:
    write("a.txt", SEVERAL[0], REQUIREMENTS)
    write("b.txt", lock(target=None), REQUIREMENTS)
    said = wheelpin("export", "a.txt", "a.txt", "--format", "pylock")
    assert (said.code, len(said.errors)) == (2, 1)
    assert "no marker tells" in said.errors[0]
    assert wheelpin("export", "a.txt", "b.txt", "--format", "pylock").code == 2
    assert wheelpin("export", "a.txt", "a.txt", "--format", "hashes").code == 2


@pytest.mark.usefixtures("project")
def test_name_that_no_installer_takes_for_a_pylock_is_refused(wheelpin: Wheelpin) -> None:
    write("a.txt", WHOLE, REQUIREMENTS)
    said = wheelpin("export", "a.txt", "--format", "pylock", "-o", "pylock.3.12.toml")
    assert said.code == 2
    assert not Path("pylock.3.12.toml").exists()


@pytest.mark.usefixtures("project")
def test_another_tools_pylock_is_chosen_from(wheelpin: Wheelpin) -> None:
    case = Path(__file__).parents[1] / "cases" / "pylock" / "pylock.uv.toml"
    said = wheelpin("export", case, "--format", "hashes", "--target", "cp312-win_amd64")
    assert said.code == 0
    assert "markupsafe==3.0.4" in said.out


@pytest.mark.usefixtures("project")
def test_bill_of_materials_is_of_the_lock(wheelpin: Wheelpin) -> None:
    pytest.importorskip("cyclonedx", reason="cyclonedx-python-lib is missing")
    write("locks/a.txt", WHOLE, REQUIREMENTS)
    said = wheelpin("export", "locks/a.txt", "--format", "cyclonedx")
    assert json.loads(said.out)["metadata"]["component"]["name"] == "a.txt"
