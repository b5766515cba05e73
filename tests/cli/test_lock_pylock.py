"""``wheelpin lock --format pylock``: complete, kept fresh, for one target or several, and good for what follows."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.pylock import Pylock

from tests.builders import make_wheel
from tests.cli.running import LINUX, Outcome, Wheelpin
from tests.index_server import Form, IndexServer, Shown
from wheelpin.blobs import wrapped

WINDOWS, MUSL, OLDER = "cp312-win_amd64", "cp312-musllinux_1_2_x86_64", "cp311-manylinux_2_28_x86_64"
PYLOCK = Path("lockfiles", f"pylock.{LINUX}.toml")
PUBLISHER = {
    "kind": "GitHub",
    "repository": "acme/app",
    "workflow": "release.yml",
    "environment": "",
    "claims": {"ref": "refs/tags/1.0"},
}
APP = make_wheel("app", requires=["lib", 'colour; sys_platform == "win32"'], requires_python=">=3.8")
LIBS = [
    make_wheel("lib", tag=f"{python}-{python}-{platform}")
    for python, platform in (("cp312", "manylinux_2_17_x86_64"), ("cp312", "win_amd64"), ("cp311", "manylinux1_x86_64"))
]
COLOUR = make_wheel("colour")


def served() -> IndexServer:
    attested = Shown(file=APP, publishers=(PUBLISHER, PUBLISHER), uploaded_at="2024-05-01T10:20:30.123456Z")
    return IndexServer.json_with_sidecars(attested, *LIBS, COLOUR)


def packages(path: Path = PYLOCK) -> dict[str, Any]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    Pylock.from_dict(table)
    return {package["name"]: package for package in table["packages"]}


def lock(wheelpin: Wheelpin, index: IndexServer, *words: str) -> Outcome:
    return wheelpin("lock", "app", "-i", index.url, "--format", "pylock", *words)


def test_pylock_is_complete(wheelpin: Wheelpin) -> None:
    with served() as index:
        assert lock(wheelpin, index, "-t", LINUX).code == 0
        found = packages()
        assert found["app"] == {
            "name": "app",
            "version": "1.0",
            "requires-python": ">=3.8",
            "index": index.url,
            "dependencies": [{"name": "lib"}],
            "attestation-identities": [{"kind": "GitHub", "repository": "acme/app", "workflow": "release.yml"}],
            "wheels": found["app"]["wheels"],
            "tool": {"wheelpin": {"via": ["command line"]}},
        }
        (wheel,) = found["app"]["wheels"]
        assert wheel.pop("upload-time").isoformat() == "2024-05-01T10:20:30.123456+00:00"
        assert wheel == {
            "name": APP.filename,
            "url": index.file_url(APP.filename),
            "size": len(APP.body),
            "hashes": {"sha256": APP.sha256},
        }
    said = tomllib.loads(PYLOCK.read_text(encoding="utf-8"))["tool"]["wheelpin"]
    assert said["target"] == LINUX
    assert said["refresh"] == f"wheelpin lock app --target {LINUX} -i {index.url} --format pylock"


def test_unchanged_world_gives_unchanged_bytes(wheelpin: Wheelpin) -> None:
    with served() as index:
        lock(wheelpin, index, "-t", LINUX)
        before = PYLOCK.read_bytes()
        assert "(unchanged)" in lock(wheelpin, index, "-t", LINUX, "--refresh").err
    assert PYLOCK.read_bytes() == before


def test_pins_of_the_pylock_at_hand_are_preferred(wheelpin: Wheelpin) -> None:
    with served() as index:
        lock(wheelpin, index, "-t", LINUX)
        index.add(make_wheel("app", "2.0", requires=["lib"]))
        lock(wheelpin, index, "-t", LINUX, "--refresh")
        assert packages()["app"]["version"] == "1.0"
        lock(wheelpin, index, "-t", LINUX, "--refresh", "--upgrade")
        assert packages()["app"]["version"] == "2.0"


def test_another_tools_pylock_is_taken_for_its_pins_and_replaced(wheelpin: Wheelpin) -> None:
    case = Path(__file__).parents[1] / "cases" / "pylock" / "pylock.uv.toml"
    with IndexServer.json_with_sidecars(make_wheel("markupsafe", "3.0.4"), make_wheel("markupsafe", "3.0.5")) as index:
        PYLOCK.parent.mkdir()
        for target, version in (("cp312-win_amd64", "3.0.4"), ("cp38-win_amd64", "3.0.5")):
            path = Path("pylock.toml")
            path.write_bytes(case.read_bytes())
            said = wheelpin("lock", "markupsafe", "-t", target, "-i", index.url, "--format", "pylock", "-o", path)
            assert said.code == 0
            assert packages(path)["markupsafe"]["version"] == version


# Who published a file


def test_publishers_are_asked_for_in_this_form_only_and_once(wheelpin: Wheelpin) -> None:
    with served() as index:
        wheelpin("lock", "app", "-i", index.url, "-t", LINUX)
        assert index.asked("/integrity/") == []
        lock(wheelpin, index, "-t", LINUX)
        lock(wheelpin, index, "-t", OLDER)
        assert len(index.asked("/integrity/")) == 1


def test_html_pages_tell_of_publishers_too(wheelpin: Wheelpin) -> None:
    with served() as index:
        index.form = Form.HTML
        lock(wheelpin, index, "-t", LINUX)
    assert packages()["app"]["attestation-identities"][0]["repository"] == "acme/app"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(None, "answered 404", id="missing"),
        pytest.param(b"oops", "is no provenance (PEP 740)", id="no JSON"),
        pytest.param(b'{"attestation_bundles": 1}', "is no provenance (PEP 740)", id="another shape"),
        pytest.param(
            b'{"attestation_bundles": [{"publisher": {"kind": 1}}]}',
            "a publisher has no kind",
            id="a nameless publisher",
        ),
        pytest.param(b"[" * 100_000, "is no provenance (PEP 740)", id="nested without end"),
    ],
)
def test_provenance_that_cannot_be_had_is_a_warning_and_asked_for_again(
    wheelpin: Wheelpin, body: bytes | None, problem: str
) -> None:
    with served() as index:
        path = index.provenance_path(APP)
        if body is None:
            index.answers[path] = 404
        else:
            index.extra_bodies[path] = ("application/json", body)
        said = lock(wheelpin, index, "-t", LINUX)
        assert said.code == 0
        (warning,) = said.warnings
        assert warning.startswith(f"who published {APP.filename} cannot be told")
        assert problem in warning
        assert "attestation-identities" not in packages()["app"]
        index.answers.clear()
        index.extra_bodies.clear()
        assert lock(wheelpin, index, "-t", LINUX).warnings == []
        assert "attestation-identities" in packages()["app"]


def test_provenance_that_is_no_address_is_a_warning(wheelpin: Wheelpin) -> None:
    with IndexServer.json_with_sidecars(
        Shown(file=COLOUR, listed_changes={"provenance": "file:///etc/passwd"})
    ) as index:
        said = wheelpin("lock", "colour", "-i", index.url, "-t", LINUX, "--format", "pylock")
    assert (said.code, len(said.warnings)) == (0, 1)


def test_publishers_come_from_the_cache_without_a_network(wheelpin: Wheelpin) -> None:
    with served() as index:
        wheelpin("lock", "app", "-i", index.url, "-t", LINUX)
        said = lock(wheelpin, index, "-t", LINUX, "--offline")
        assert said.code == 0
        assert any("who published" in warning for warning in said.warnings)
        lock(wheelpin, index, "-t", LINUX)
        said = lock(wheelpin, index, "-t", LINUX, "--offline")
        assert (said.code, said.warnings) == (0, [])
    assert "attestation-identities" in packages()["app"]


def test_torn_cache_is_asked_anew(wheelpin: Wheelpin, environment: dict[str, str]) -> None:
    with served() as index:
        lock(wheelpin, index, "-t", LINUX)
        kept = list(Path(environment["WHEELPIN_CACHE_DIR"]).glob("publishers-1/*/*"))
        assert len(kept) == 1
        kept[0].write_bytes(b"".join(wrapped(b"\xc1")))
        lock(wheelpin, index, "-t", OLDER)
        assert len(index.asked("/integrity/")) == 2


def test_file_that_has_left_the_page_has_no_publisher(wheelpin: Wheelpin) -> None:
    with served() as index:
        said = wheelpin("lock", index.file_url(COLOUR.filename), "-t", LINUX, "-i", index.url, "--format", "pylock")
    assert said.code == 0
    assert "index" not in packages()["colour"]


def test_projects_file_asks_for_both_forms(wheelpin: Wheelpin) -> None:
    with served() as index:
        Path("requirements.in").write_text("app\n", encoding="utf-8")
        Path("wheelpin.toml").write_text(
            'requirements = ["requirements.in"]\nformat = ["requirements", "pylock"]\n'
            f'index-url = "{index.url}"\n[targets]\nlinux = "{LINUX}"\n"win.dows" = "{WINDOWS}"\n',
            encoding="utf-8",
        )
        said = wheelpin("lock")
        assert said.code == 0, said.err
        names = {path.name for path in Path("lockfiles").iterdir()}
        assert names == {"linux.txt", "win.dows.txt", "pylock.linux.toml", "pylock.win_dows.toml"}
        assert wheelpin("lock", "--check").code == 0
        before = {path.name: path.read_bytes() for path in Path("lockfiles").iterdir()}
        assert wheelpin("lock", "--refresh").code == 0
        assert {path.name: path.read_bytes() for path in Path("lockfiles").iterdir()} == before


# Several targets


def test_one_file_is_for_all_targets_that_markers_tell_apart(wheelpin: Wheelpin) -> None:
    with served() as index:
        words = ("-t", LINUX, "-t", WINDOWS, "-t", OLDER, "-o", "pylock.toml")
        said = lock(wheelpin, index, *words)
        assert said.code == 0
        assert said.err == (f"pylock.toml: 2 pins for {LINUX}, 3 pins for {WINDOWS}, 2 pins for {OLDER}\n")
        found = packages(Path("pylock.toml"))
        assert len(found["lib"]["wheels"]) == 3
        assert "win32" in found["colour"]["marker"]
        before = Path("pylock.toml").read_bytes()
        index.add(make_wheel("app", "2.0", requires=["lib"]))
        assert "(unchanged)" in lock(wheelpin, index, *words, "--refresh").err
        assert Path("pylock.toml").read_bytes() == before
        assert wheelpin("lock", "app", "-i", index.url, "--format", "pylock", *words, "--check").code == 0


def test_refresh_command_of_a_shared_file_names_all_its_targets(wheelpin: Wheelpin) -> None:
    with served() as index:
        lock(wheelpin, index, "-t", LINUX, "-t", WINDOWS, "-o", "pylock.toml")
    said = tomllib.loads(Path("pylock.toml").read_text(encoding="utf-8"))["tool"]["wheelpin"]["targets"]
    options = "--format pylock -o pylock.toml"
    assert {each["refresh"] for each in said} == {
        f"wheelpin lock app --target {LINUX} --target {WINDOWS} -i {index.url} {options}"
    }


def test_edit_of_a_shared_file_shows_for_its_target_only(wheelpin: Wheelpin) -> None:
    with served() as index:
        words = ("-t", LINUX, "-t", WINDOWS, "-o", "pylock.toml")
        lock(wheelpin, index, *words)
        path = Path("pylock.toml")
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(COLOUR.sha256, "0" * 64), encoding="utf-8")
        said = lock(wheelpin, index, *words, "--check")
    assert said.code == 1


def test_targets_that_no_marker_tells_apart_are_refused_before_anything_is_asked(wheelpin: Wheelpin) -> None:
    with served() as index:
        said = lock(wheelpin, index, "-t", LINUX, "-t", MUSL, "-o", "pylock.toml")
        assert index.requests == []
    assert said.code == 2
    assert f"no marker tells {LINUX} and {MUSL} apart" in said.errors[0]
    assert said.hints == ["write a file for each: --output-dir instead of -o"]


def test_file_for_each_always_works(wheelpin: Wheelpin) -> None:
    with IndexServer.json_with_sidecars(COLOUR) as index:
        words = ("-i", index.url, "-t", LINUX, "-t", MUSL, "--format", "pylock")
        assert wheelpin("lock", "colour", *words).code == 0
    assert {path.name for path in Path("lockfiles").iterdir()} == {f"pylock.{LINUX}.toml", f"pylock.{MUSL}.toml"}


# Names and paths


def test_dots_of_a_targets_name_become_underscores(wheelpin: Wheelpin) -> None:
    with IndexServer.json_with_sidecars(COLOUR) as index:
        words = ("-i", index.url, "-t", "aws-lambda-python3.12-arm64", "--format", "pylock")
        assert wheelpin("lock", "colour", *words).code == 0
    assert Path("lockfiles/pylock.aws-lambda-python3_12-arm64.toml").is_file()


def test_name_that_no_installer_knows_is_refused_before_anything_is_asked(wheelpin: Wheelpin) -> None:
    with served() as index:
        said = lock(wheelpin, index, "-t", LINUX, "-o", "lock.toml")
        assert index.requests == []
    assert (said.code, said.errors) == (2, ["error: lock.toml is no name for a pylock.toml"])


def test_pylock_goes_to_standard_output(wheelpin: Wheelpin) -> None:
    with served() as index:
        said = lock(wheelpin, index, "-t", LINUX, "-o", "-")
    assert len(Pylock.from_dict(tomllib.loads(said.out)).packages) == 2


def test_wheel_of_a_folder_is_found_from_the_pylock(wheelpin: Wheelpin) -> None:
    Path("wheels").mkdir()
    Path("wheels", COLOUR.filename).write_bytes(COLOUR.body)
    words = ("lock", "colour", "--no-index", "-f", "wheels", "-t", LINUX, "--format", "pylock")
    assert wheelpin(*words).code == 0
    assert packages()["colour"]["wheels"][0]["path"] == f"../wheels/{COLOUR.filename}"
    assert wheelpin(*words, "--check").code == 0
    assert wheelpin("download", PYLOCK, "-d", "house").code == 0
    assert Path("house", COLOUR.filename).read_bytes() == COLOUR.body


# What follows


@pytest.mark.parametrize(
    "words", [["-t", LINUX], ["-t", LINUX, "-t", WINDOWS, "-o", "pylock.toml"]], ids=["own", "shared"]
)
def test_pylock_is_downloaded_vendored_bundled_and_compared(wheelpin: Wheelpin, words: list[str]) -> None:
    with served() as index:
        assert lock(wheelpin, index, *words).code == 0
        path = Path("pylock.toml") if "-o" in words else PYLOCK
        for_target = ("--target", LINUX) if "-o" in words else ()
        assert wheelpin("download", path, "-d", "house", *for_target).code == 0
        assert wheelpin("vendor", path, "-t", "vendored", *for_target).code == 0
        assert wheelpin("bundle", path, "-o", "function.zip", *for_target).code == 0
        assert wheelpin("diff", path, path, *for_target).code == 0
    assert {each.name for each in Path("house").glob("*.whl")} == {APP.filename, LIBS[0].filename}
    assert Path("vendored", "lib.py").is_file()
