"""Which index answers: pip's configuration, several indexes, folders, and no secret of theirs anywhere."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, Wheelpin, lines_of_pins
from tests.index_server import IndexServer, Shown

SECRET = "t0p-s3cret"


@pytest.fixture
def private() -> Iterator[IndexServer]:
    with IndexServer(make_wheel("ours", "1.0", requires=["theirs"])) as running:
        yield running


@pytest.fixture
def public() -> Iterator[IndexServer]:
    with IndexServer(make_wheel("ours", "99.0"), make_wheel("theirs", "1.0")) as running:
        yield running


def hosts(lock: str) -> dict[str, str]:
    """Return project → origin of its address."""
    return {line.partition(" @ ")[0]: "/".join(line.partition(" @ ")[2].split("/")[:3]) for line in lines_of_pins(lock)}


def test_first_index_that_has_a_project_answers_for_it(
    wheelpin: Wheelpin, private: IndexServer, public: IndexServer
) -> None:
    said = wheelpin.lock("ours", "-i", private.url, "--extra-index-url", public.url)
    text = LOCK.read_text(encoding="utf-8")
    assert hosts(text) == {"ours": private.origin, "theirs": public.origin}
    assert "/ours-1.0-" in text
    assert f"# index: {private.url}\n# index: {public.url}\n" in text
    assert said.warnings == [f"ours 1.0 comes from {private.url}, which is asked first; {public.url} lists 99.0"]


def test_older_namesake_elsewhere_is_no_news(wheelpin: Wheelpin, private: IndexServer, public: IndexServer) -> None:
    said = wheelpin.lock("ours", "-i", public.url, "--extra-index-url", private.url)
    assert said.warnings == []
    assert "/ours-99.0-" in LOCK.read_text(encoding="utf-8")


def test_project_can_be_tied_to_an_index(wheelpin: Wheelpin, private: IndexServer, public: IndexServer) -> None:
    words = ("ours", "-i", public.url, "--project-index", f"Ours={private.url}")
    text = wheelpin.text(*words)
    assert hosts(text) == {"ours": private.origin, "theirs": public.origin}
    assert f" --project-index ours={private.url}\n" in text
    assert public.asked("/ours/") == []


def test_find_links_folder_is_offered_beside_the_index(
    wheelpin: Wheelpin, private: IndexServer, public: IndexServer, project: Path
) -> None:
    built = make_wheel("theirs", "1.5", "cp312-cp312-manylinux_2_28_x86_64")
    (project / "wheels").mkdir()
    (project / "wheels" / built.filename).write_bytes(built.body)
    words = ("ours", "-i", private.url, "--extra-index-url", public.url, "-f", "wheels")
    text = wheelpin.text(*words)
    assert f"\n./wheels/{built.filename} --hash=sha256:{built.sha256}\n" in text
    assert str(project) not in text
    assert " -f wheels\n" in text
    assert f"    # file: {built.filename}\n" in wheelpin.text(*words, "--format", "hashes")


def test_folder_alone_is_enough(wheelpin: Wheelpin, project: Path) -> None:
    built = make_wheel("alpha", "1.0")
    (project / "wheels").mkdir()
    (project / "wheels" / built.filename).write_bytes(built.body)
    (project / "wheels" / "notes.txt").write_text("no wheel", encoding="utf-8")
    assert wheelpin.pins("alpha", "--no-index", "-f", "wheels") == ["alpha==1.0"]


@pytest.mark.parametrize(
    "moved",
    [
        pytest.param(lambda index: index.links_url, id="a page of links"),
        pytest.param(lambda index: index.url + "alpha/", id="a project's page"),
    ],
)
def test_page_of_links_is_enough(wheelpin: Wheelpin, moved: object) -> None:
    with IndexServer.html_plain(make_wheel("alpha", "1.0")) as index:
        assert callable(moved)
        assert wheelpin.pins("alpha", "--no-index", "-f", moved(index)) == ["alpha==1.0"]


@pytest.mark.parametrize(
    ("words", "where"),
    [
        pytest.param(("-i", "{private}"), "in {private}", id="an index"),
        pytest.param(
            ("-i", "{private}", "--extra-index-url", "{public}", "-f", "wheels"),
            "in {private}, {public}, wheels",
            id="several places",
        ),
        pytest.param(
            ("-i", "{public}", "--project-index", "none={private}"), "in {private}", id="the index that is its own"
        ),
        pytest.param(("--no-index",), "nowhere: there is no index and no find-links place", id="no place at all"),
    ],
)
def test_project_that_nobody_has_is_told_with_where_it_was_looked_for(
    wheelpin: Wheelpin, private: IndexServer, public: IndexServer, project: Path, words: tuple[str, ...], where: str
) -> None:
    (project / "wheels").mkdir()
    places = {"private": private.url, "public": public.url}
    said = wheelpin("lock", "none", "-t", LINUX, *(word.format_map(places) for word in words))
    assert said.code == 3
    assert f"  looked for {where.format_map(places)}" in said.err.splitlines()


@pytest.mark.parametrize("way", ["option", "PIP_INDEX_URL", "WHEELPIN_INDEX_URL", "pip.conf", "requirements file"])
def test_index_is_configured_as_for_pip(
    wheelpin: Wheelpin, public: IndexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    words = ["theirs"]
    match way:
        case "option":
            words += ["--index-url", public.url]
        case "pip.conf":
            (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {public.url}\n", encoding="utf-8")
            monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
        case "requirements file":
            Path("requirements.in").write_text(f"--index-url {public.url}\ntheirs\n", encoding="utf-8")
            words = ["-r", "requirements.in"]
        case _:
            monkeypatch.setenv(way, public.url)
    assert wheelpin.pins(*words) == ["theirs==1.0"]


def test_stronger_configuration_goes_before_weaker(
    wheelpin: Wheelpin, private: IndexServer, public: IndexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", public.url)
    assert wheelpin.pins("theirs") == ["theirs==1.0"]
    monkeypatch.setenv("WHEELPIN_INDEX_URL", private.url)
    assert wheelpin("lock", "theirs", "-t", LINUX).code == 3
    assert wheelpin.pins("theirs", "-i", public.url) == ["theirs==1.0"]


def test_credentials_of_an_index_stay_with_it(
    wheelpin: Wheelpin,
    private: IndexServer,
    public: IndexServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    private.credentials = ("ada", SECRET)
    words = ("ours", "-i", private.url_with_credentials, "--extra-index-url", public.url, "-v")
    said = [wheelpin("lock", *words, "-t", LINUX), wheelpin("lock", *words, "-t", LINUX, "--json", "--refresh")]
    said.append(wheelpin("explain", "ours==2", *words[1:], "-t", LINUX))
    said.append(wheelpin("lock", "nope", *words[1:], "-t", LINUX))
    private.credentials = ("ada", "another")
    said.append(wheelpin("lock", *words, "-t", LINUX, "--refresh"))
    assert [each.code for each in said] == [0, 0, 3, 3, 5]
    assert said[-1].errors == [f"error: {private.url}ours/ refuses with status 401"]
    texts = [text for each in said for text in (each.out, each.err)]
    texts += [LOCK.read_text(encoding="utf-8"), caplog.text]
    assert not [text for text in texts if SECRET in text]
    written = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if SECRET.encode() in os.fsencode(path) + path.read_bytes()]
    assert all("authorization" not in request.headers for request in public.asked())


def test_signed_addresses_of_files_stay_out_of_the_lock(wheelpin: Wheelpin) -> None:
    wheel = make_wheel("alpha", "1.0")
    with IndexServer.json_with_sidecars() as index:
        signed = f"{index.file_url(wheel.filename)}?X-Signature={SECRET}"
        index.add(Shown(file=wheel, listed_changes={"url": signed}))
        text = wheelpin.text("alpha", "-i", index.url)
        said = wheelpin.lock("alpha", "-i", index.url, "--json", "-v", "--refresh")
        assert len(index.asked(f"?X-Signature={SECRET}")) >= 1
    assert f"alpha @ {index.file_url(wheel.filename)}#sha256={wheel.sha256}" in text
    assert SECRET not in text + said.out + said.err
