"""``wheelpin lock --check --advisories``: what the index knows against the pins, and what it does not tell."""

import json
from collections.abc import Iterator

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, Wheelpin
from tests.index_server import IndexServer

KNOWN = {"id": "PYSEC-1", "aliases": ["CVE-1"], "summary": "Anybody may.", "fixed_in": ["2.0"], "withdrawn": None}
HOPELESS = {"id": "PYSEC-2", "aliases": [], "summary": "", "fixed_in": []}


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(make_wheel("app", requires=["lib"]), make_wheel("lib")) as server:
        server.vulnerabilities = {}
        yield server


@pytest.fixture
def words(wheelpin: Wheelpin, index: IndexServer) -> tuple[str, ...]:
    words = ("lock", "app", "-t", LINUX, "-i", index.url)
    assert wheelpin(*words).code == 0
    index.forget_requests()
    return words


def test_pins_without_known_vulnerabilities_are_green(
    wheelpin: Wheelpin, words: tuple[str, ...], index: IndexServer
) -> None:
    said = wheelpin(*words, "--check", "--advisories")
    assert (said.code, said.out) == (0, "")
    assert sorted(each.path for each in index.requests) == ["/pypi/app/1.0/json", "/pypi/lib/1.0/json"]


def test_vulnerable_pin_is_told_with_what_helps(wheelpin: Wheelpin, words: tuple[str, ...], index: IndexServer) -> None:
    index.vulnerabilities = {("lib", "1.0"): [KNOWN], ("app", "1.0"): [HOPELESS]}
    said = wheelpin(*words, "--check", "--advisories")
    assert said.code == 1
    lines = {
        project: number
        for number, line in enumerate(LOCK.read_text(encoding="utf-8").splitlines(), start=1)
        for project in ("app", "lib")
        if line.startswith(f"{project} @")
    }
    assert said.out == (
        f"{LOCK} has known vulnerabilities\n"
        f"  error: {LOCK}, line {lines['app']}: app 1.0 has PYSEC-2; no version is said to fix it\n"
        f"  error: {LOCK}, line {lines['lib']}: lib 1.0 has PYSEC-1 (CVE-1): Anybody may.; fixed in 2.0\n"
    )
    (hint,) = said.hints
    assert hint.endswith(" --upgrade-package lib")
    index.add(make_wheel("lib", "2.0"))
    assert wheelpin(*hint.split()[1:], "--refresh").code == 0
    assert "lib-2.0" in LOCK.read_text(encoding="utf-8")


def test_json_has_the_facts(wheelpin: Wheelpin, words: tuple[str, ...], index: IndexServer) -> None:
    index.vulnerabilities = {("lib", "1.0"): [KNOWN]}
    said = wheelpin(*words, "--check", "--advisories", "--json")
    assert said.code == 1
    (finding,) = json.loads(said.out)["locks"][0]["findings"]
    assert finding["kind"] == "vulnerable"
    assert finding["advisory"] == {
        "name": "PYSEC-1",
        "aliases": ["CVE-1"],
        "summary": "Anybody may.",
        "fixed_in": ["2.0"],
        "link": None,
    }


def test_index_without_the_data_is_said_to_have_none(
    wheelpin: Wheelpin, words: tuple[str, ...], index: IndexServer
) -> None:
    index.vulnerabilities = None
    said = wheelpin(*words, "--check", "--advisories")
    assert said.code == 0
    assert said.out == (
        f"{LOCK}\n"
        f"  warning: {LOCK}: no vulnerability data was to be had of 2 of the pins (app 1.0, lib 1.0): "
        f"{index.origin}/pypi/app/1.0/json answers 404, and 1 like it\n"
    )


def test_form_without_addresses_is_asked_about_where_the_project_is(wheelpin: Wheelpin, index: IndexServer) -> None:
    words = ("lock", "app", "-t", LINUX, "-i", index.url, "--format", "hashes")
    assert wheelpin(*words).code == 0
    index.vulnerabilities = {("lib", "1.0"): [KNOWN]}
    said = wheelpin(*words, "--check", "--advisories")
    assert said.code == 1
    assert "PYSEC-1" in said.out


def test_project_that_is_gone_is_not_taken_for_sound(wheelpin: Wheelpin, index: IndexServer) -> None:
    words = ("lock", "app", "-t", LINUX, "-i", index.url, "--format", "hashes")
    assert wheelpin(*words).code == 0
    index.remove("lib-1.0-py3-none-any.whl")
    said = wheelpin(*words, "--check", "--advisories", "--refresh")
    assert said.code == 0
    assert "1 of the pins (lib 1.0): no index has the project" in said.out


def test_index_that_is_laid_out_otherwise_is_not_guessed_at(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.redirects["/packages/app/"] = "/simple/app/"
    index.redirects["/packages/lib/"] = "/simple/lib/"
    words = ("lock", "app", "-t", LINUX, "-i", f"{index.origin}/packages/")
    assert wheelpin(*words).code == 0
    index.forget_requests()
    said = wheelpin(*words, "--check", "--advisories")
    assert (said.code, index.requests) == (0, [])
    assert f"{index.origin}/packages/ is not laid out like PyPI" in said.out


def test_answer_that_tells_nothing_is_not_taken_for_sound(
    wheelpin: Wheelpin, words: tuple[str, ...], index: IndexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.extra_bodies["/pypi/lib/1.0/json"] = ("application/json", b'{"info": {}}')
    said = wheelpin(*words, "--check", "--advisories")
    assert said.code == 0
    assert "/pypi/lib/1.0/json: it says nothing of vulnerabilities" in said.out
    monkeypatch.setattr("wheelpin.orders.advising._MAX_BYTES", 8)
    assert "2 of the pins" in wheelpin(*words, "--check", "--advisories").out


def test_wheel_of_ones_own_is_nobodys_to_judge(wheelpin: Wheelpin, index: IndexServer) -> None:
    words = ("lock", f"app @ {index.file_url('app-1.0-py3-none-any.whl')}", "-t", LINUX, "-i", index.url)
    assert wheelpin(*words).code == 0
    said = wheelpin(*words, "--check", "--advisories")
    assert said.code == 0
    assert "1 of the pins (app 1.0): no index listed the file" in said.out


def test_index_that_cannot_be_reached_is_an_error(
    wheelpin: Wheelpin, words: tuple[str, ...], index: IndexServer
) -> None:
    index.answers["/pypi/lib/1.0/json"] = 503
    assert wheelpin(*words, "--check", "--advisories", "--retries", "0").code == 5


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param(("--advisories",), "--advisories belongs to --check", id="without --check"),
        pytest.param(("--check", "--advisories", "--offline"), "--offline forbids it", id="offline"),
    ],
)
def test_words_that_cannot_all_be_meant_are_refused(
    wheelpin: Wheelpin, words: tuple[str, ...], more: tuple[str, ...], message: str
) -> None:
    said = wheelpin(*words, *more)
    assert said.code == 2
    assert message in said.err


def test_offline_by_the_environment_asks_nobody(
    wheelpin: Wheelpin, words: tuple[str, ...], index: IndexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHEELPIN_OFFLINE", "1")
    said = wheelpin(*words, "--check", "--advisories")
    assert (said.code, index.requests) == (0, [])
    assert "the run is offline" in said.out
