"""Credentials: where they come from, and where they never go."""

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from tests.reporters import RecordingReporter
from tests.transport.conftest import Open
from tests.transport.servers import Reply, WebServer, redirect, web_server
from wheelpin.ports import Request, Response
from wheelpin.settings import Credentials, IndexLocation, KeyringProvider, Settings
from wheelpin.transport import HttpTransport
from wheelpin.transport.auth import Keychain
from wheelpin.values import IndexUrl

PAGE = Reply(body=b"a page")
REFUSED = Reply(status=401, headers={"WWW-Authenticate": "Basic"}, body=b"who are you?")
ADA = Credentials(username="ada", password="s3cret:ü")
TOKEN = Credentials(username="t0ken", password="")


def fetch(transport: HttpTransport, url: str) -> Response:
    return transport.fetch(Request(url=url)).result()


def header(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def sent(server: WebServer) -> list[str | None]:
    return [seen.headers.get("authorization") for seen in server.seen]


def location(url: str, credentials: Credentials | None = None) -> IndexLocation:
    return IndexLocation(url=IndexUrl(url), credentials=credentials)


@pytest.fixture
def other_server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


@pytest.mark.parametrize("credentials", [ADA, TOKEN], ids=["user name and password", "token instead of a user name"])
def test_credentials_of_an_index_go_with_every_request_to_its_server(
    open_transport: Open, server: WebServer, credentials: Credentials
) -> None:
    transport = open_transport(index_url=location(f"{server.url}/simple/", credentials))
    for path in ("/simple/flask/", "/files/flask.whl"):
        fetch(transport, server.serve(path, PAGE))
    assert sent(server) == [header(credentials.username, credentials.password)] * 2


def test_nearest_index_on_a_server_gives_the_credentials(open_transport: Open, server: WebServer) -> None:
    transport = open_transport(
        index_url=location(f"{server.url}/team-a/simple/", ADA),
        extra_index_urls=(location(f"{server.url}/team-b/simple/", TOKEN), location(f"{server.url}/open/")),
    )
    for path in (
        "/team-a/simple/flask/",
        "/team-b/simple/flask/",
        "/team-b/files/flask.whl",
        "/open/flask/",
        "/files/",
    ):
        fetch(transport, server.serve(path, PAGE))
    ada, token = header(ADA.username, ADA.password), header("t0ken", "")
    assert sent(server) == [ada, token, token, None, ada]


def test_credentials_in_an_address_serve_that_address(open_transport: Open, server: WebServer) -> None:
    server.serve("/", PAGE)
    response = fetch(open_transport(), f"http://ada:p%40ss@{server.netloc}/")
    assert sent(server) == [header("ada", "p@ss")]
    assert response.url == f"{server.url}/"


@pytest.mark.parametrize("own", [pytest.param(False, id="of an index"), pytest.param(True, id="in the address")])
def test_redirect_to_another_server_drops_the_credentials(
    open_transport: Open, server: WebServer, other_server: WebServer, own: bool
) -> None:
    transport = open_transport(index_url=location(f"{server.url}/", None if own else ADA))
    server.serve("/file", redirect(other_server.serve("/file", PAGE)))
    user_info = "ada:pw@" if own else ""
    request = Request(
        url=f"http://{user_info}{server.netloc}/file", headers={"Authorization": "Bearer x"} if own else {}
    )
    assert transport.fetch(request).result().body == b"a page"
    assert sent(server)[0] is not None
    assert sent(other_server) == [None]


def test_credentials_in_a_redirect_are_not_used(
    open_transport: Open, server: WebServer, other_server: WebServer
) -> None:
    other_server.serve("/", PAGE)
    fetch(open_transport(), server.serve("/", redirect(f"http://ada:pw@{other_server.netloc}/")))
    assert sent(other_server) == [None]


def test_other_port_of_the_same_host_is_another_server(
    open_transport: Open, server: WebServer, other_server: WebServer
) -> None:
    transport = open_transport(index_url=location(f"{server.url}/", ADA))
    fetch(transport, other_server.serve("/", PAGE))
    assert sent(other_server) == [None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("machine localhost login ada password pw\n", header("ada", "pw"), id="the host's entry"),
        pytest.param("default login ada password pw\n", header("ada", "pw"), id="the entry for all hosts"),
        pytest.param("machine other.example login ada password pw\n", None, id="another host's entry"),
        pytest.param("", None, id="an empty file"),
    ],
)
def test_netrc_gives_credentials(
    open_transport: Open, server: WebServer, tmp_path: Path, text: str, expected: str | None
) -> None:
    path = tmp_path / "netrc"
    path.write_text(text, encoding="utf-8")
    transport = open_transport(netrc_files=(tmp_path / "missing", path))
    fetch(transport, server.serve("/", PAGE))
    assert sent(server) == [expected]


def test_netrc_that_cannot_be_read_is_reported(
    open_transport: Open, server: WebServer, tmp_path: Path, reporter: RecordingReporter
) -> None:
    transport = open_transport(netrc_files=(tmp_path,))
    assert fetch(transport, server.serve("/", PAGE)).status == 200
    assert len(reporter.warnings) == 1
    assert str(tmp_path) in reporter.warnings[0]


@pytest.mark.parametrize(
    ("index", "url", "is_sent"),
    [
        pytest.param("https://a.example/simple/", "https://a.example:443/f", True, id="the default port spelled out"),
        pytest.param("http://a.example/simple/", "https://a.example/f", True, id="from http to https"),
        pytest.param("https://a.example/simple/", "http://a.example/f", False, id="from https to http"),
        pytest.param("http://a.example:8080/simple/", "https://a.example/f", False, id="from another port to https"),
        pytest.param("https://a.example/simple/", "https://b.example/f", False, id="another host"),
        pytest.param("https://a.example/simple/", "https://a.example.evil.example/f", False, id="a longer host"),
        pytest.param("https://A.Example/simple/", "https://a.example/f", True, id="the host in other letters"),
    ],
)
def test_credentials_are_bound_to_their_server(
    settings: Settings, reporter: RecordingReporter, index: str, url: str, is_sent: bool
) -> None:
    keychain = Keychain(replace(settings, index_url=location(index, ADA)), reporter)
    assert keychain.credentials(url) == (ADA if is_sent else None)


def test_index_before_netrc(open_transport: Open, server: WebServer, tmp_path: Path) -> None:
    path = tmp_path / "netrc"
    path.write_text("machine localhost login eve password pw\n", encoding="utf-8")
    transport = open_transport(netrc_files=(path,), index_url=location(f"{server.url}/", TOKEN))
    fetch(transport, server.serve("/", PAGE))
    assert sent(server) == [header("t0ken", "")]


def test_broken_netrc_is_reported_once_without_its_secrets(
    open_transport: Open, server: WebServer, tmp_path: Path, reporter: RecordingReporter
) -> None:
    path = tmp_path / "netrc"
    path.write_text("machine localhost\nlogin ada passwort s3cret\n", encoding="utf-8")
    transport = open_transport(netrc_files=(path,))
    url = server.serve("/", PAGE)
    assert {fetch(transport, url).status for _ in range(3)} == {200}
    (warning,) = reporter.warnings
    assert str(path) in warning
    assert "s3cret" not in warning


def test_refusal_is_an_answer_when_there_is_nothing_else_to_try(open_transport: Open, server: WebServer) -> None:
    transport = open_transport(index_url=location(f"{server.url}/", ADA))
    assert fetch(transport, server.serve("/", REFUSED)).status == 401
    assert fetch(transport, server.serve("/f", Reply(status=403))).status == 403
    assert len(server.seen) == 2


class Entry(NamedTuple):
    username: str
    password: str


class FakeKeyring(ModuleType):
    """A keyring module with what *entries* hold; asking counts."""

    def __init__(self, entries: dict[str, Entry], error: Exception | None = None) -> None:
        super().__init__("keyring")
        self.entries = entries
        self.error = error
        self.asked: list[tuple[str, str | None]] = []

    def get_credential(self, service: str, username: str | None) -> Entry | None:
        self.asked.append((service, username))
        if self.error is not None:
            raise self.error
        return self.entries.get(service)


def install(monkeypatch: pytest.MonkeyPatch, keyring: FakeKeyring | None) -> None:
    monkeypatch.setitem(sys.modules, "keyring", keyring)


def guard(server: WebServer, path: str, authorization: str) -> str:
    server.guarded[path] = authorization
    return server.serve(path, PAGE)


@pytest.mark.parametrize("provider", [KeyringProvider.AUTO, KeyringProvider.IMPORT])
@pytest.mark.parametrize("service", ["{url}/simple/", "{netloc}"], ids=["by the index's address", "by the server"])
def test_keyring_is_asked_after_a_refusal_and_then_remembered(
    open_transport: Open, server: WebServer, monkeypatch: pytest.MonkeyPatch, provider: KeyringProvider, service: str
) -> None:
    keyring = FakeKeyring({service.format(url=server.url, netloc=server.netloc): Entry("ada", "pw")})
    install(monkeypatch, keyring)
    transport = open_transport(keyring_provider=provider, index_url=location(f"{server.url}/simple/"))
    for path in ("/simple/flask/", "/simple/click/"):
        assert fetch(transport, guard(server, path, header("ada", "pw"))).body == b"a page"
    assert sent(server) == [None, header("ada", "pw"), header("ada", "pw")]
    assert keyring.asked[0] == (f"{server.url}/simple/", None)
    assert server.connections == 1


def test_keyring_is_asked_for_the_user_of_the_address(
    open_transport: Open, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FakeKeyring({f"{server.url}/simple/": Entry("ada", "pw")})
    install(monkeypatch, keyring)
    index = location(f"{server.url}/simple/", Credentials(username="ada", password=""))
    transport = open_transport(keyring_provider=KeyringProvider.IMPORT, index_url=index)
    assert fetch(transport, guard(server, "/simple/flask/", header("ada", "pw"))).status == 200
    assert keyring.asked == [(f"{server.url}/simple/", "ada")]


def test_keyring_is_asked_where_a_user_without_password_is_forbidden(
    open_transport: Open, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FakeKeyring({f"{server.url}/simple/": Entry("ada", "pw")})
    install(monkeypatch, keyring)
    index = location(f"{server.url}/simple/", Credentials(username="ada", password=""))
    transport = open_transport(keyring_provider=KeyringProvider.IMPORT, index_url=index)
    url = server.serve("/simple/flask/", Reply(status=403))
    assert fetch(transport, url).status == 403
    assert sent(server) == [header("ada", ""), header("ada", "pw")]


def test_keyring_is_asked_once_however_many_requests_are_refused(
    open_transport: Open, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FakeKeyring({})
    install(monkeypatch, keyring)
    transport = open_transport(keyring_provider=KeyringProvider.IMPORT)
    futures = [transport.fetch(Request(url=server.serve(f"/{number}", REFUSED))) for number in range(20)]
    assert {future.result().status for future in futures} == {401}
    assert keyring.asked == [(server.netloc, None)]


def test_password_that_the_keyring_knows_no_better_is_not_sent_again(
    open_transport: Open, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, FakeKeyring({server.netloc: Entry("ada", "wrong")}))
    transport = open_transport(keyring_provider=KeyringProvider.IMPORT)
    url = server.serve("/", REFUSED)
    assert fetch(transport, url).status == 401
    assert fetch(transport, url).status == 401
    assert sent(server) == [None, header("ada", "wrong"), header("ada", "wrong")]


def test_disabled_keyring_is_not_asked(
    open_transport: Open, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FakeKeyring({server.netloc: Entry("ada", "pw")})
    install(monkeypatch, keyring)
    transport = open_transport(keyring_provider=KeyringProvider.DISABLED)
    assert fetch(transport, server.serve("/", REFUSED)).status == 401
    assert keyring.asked == []


@pytest.mark.parametrize(
    ("provider", "is_warned"),
    [
        pytest.param(KeyringProvider.IMPORT, True, id="a warning if it was asked for"),
        pytest.param(KeyringProvider.AUTO, False, id="a detail otherwise"),
    ],
)
def test_failing_keyring_is_reported_once(
    open_transport: Open,
    server: WebServer,
    monkeypatch: pytest.MonkeyPatch,
    reporter: RecordingReporter,
    provider: KeyringProvider,
    is_warned: bool,
) -> None:
    keyring = FakeKeyring({}, RuntimeError("locked"))
    install(monkeypatch, keyring)
    transport = open_transport(keyring_provider=provider, index_url=location(f"{server.url}/"))
    assert fetch(transport, server.serve("/", REFUSED)).status == 401
    assert fetch(transport, server.serve("/other", REFUSED)).status == 401
    said = reporter.warnings if is_warned else reporter.details
    assert said == ["the keyring failed and is not asked again: RuntimeError: locked"]
    assert len(reporter.warnings) + len(reporter.details) == 1
    assert len(keyring.asked) == 1


@pytest.fixture
def keyring_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program `keyring` first on the path; it answers from answers.json beside it."""
    if sys.platform == "win32":
        pytest.skip("needs programs that start by their first line")
    program = tmp_path / "bin" / "keyring"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib, sys\n"
        "folder = pathlib.Path(__file__).parent\n"
        "assert sys.argv[1:4] == ['--mode=creds', '--output=json', 'get']\n"
        "answers = json.loads((folder / 'answers.json').read_text())\n"
        "sys.exit(1) if sys.argv[4] not in answers else print(json.dumps(answers[sys.argv[4]]))\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return program


@pytest.mark.parametrize("provider", [KeyringProvider.SUBPROCESS, KeyringProvider.AUTO])
def test_keyring_program_is_asked(
    open_transport: Open,
    server: WebServer,
    monkeypatch: pytest.MonkeyPatch,
    keyring_program: Path,
    provider: KeyringProvider,
) -> None:
    install(monkeypatch, None)
    answers = {server.netloc: {"username": "ada", "password": "pw"}}
    keyring_program.with_name("answers.json").write_text(json.dumps(answers), encoding="utf-8")
    transport = open_transport(keyring_provider=provider, index_url=location(f"{server.url}/simple/"))
    assert fetch(transport, guard(server, "/simple/", header("ada", "pw"))).status == 200


@pytest.mark.parametrize(
    ("provider", "warnings"),
    [
        pytest.param(KeyringProvider.SUBPROCESS, 1, id="said if it was asked for"),
        pytest.param(KeyringProvider.AUTO, 0, id="nothing otherwise"),
    ],
)
def test_missing_keyring_program(
    open_transport: Open,
    server: WebServer,
    monkeypatch: pytest.MonkeyPatch,
    reporter: RecordingReporter,
    tmp_path: Path,
    provider: KeyringProvider,
    warnings: int,
) -> None:
    install(monkeypatch, None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fetch(open_transport(keyring_provider=provider), server.serve("/", REFUSED)).status == 401
    assert len(reporter.warnings) == warnings
    assert reporter.details == []
