"""Fixtures for lifetimes: servers, and transports that talk to them."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
import trustme
from msgspec.structs import replace

from tests.reporters import RecordingReporter
from tests.transport.servers import WebServer, web_server
from wheelpin.settings import IndexLocation, KeyringProvider, Settings
from wheelpin.transport import HttpTransport
from wheelpin.values import IndexUrl

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class FakeClock:
    """A clock that stands still and remembers how long it should have waited."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def now(self) -> datetime:
        return NOW

    def pause(self, seconds: float, closing: Event) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def reporter() -> RecordingReporter:
    return RecordingReporter()


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        index_url=IndexLocation(url=IndexUrl("https://index.example/simple/")),
        cache_dir=tmp_path / "cache",
        timeout_s=20.0,
        keyring_provider=KeyringProvider.DISABLED,
    )


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def authority_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


Open = Callable[..., HttpTransport]


@pytest.fixture
def open_transport(settings: Settings, reporter: RecordingReporter, clock: FakeClock) -> Iterator[Open]:
    """Open transports with other settings than the usual; they are closed at the end."""
    with ExitStack() as stack:

        def open_one(**changes: object) -> HttpTransport:
            changed = replace(settings, **changes)
            return stack.enter_context(HttpTransport(changed, reporter, clock=clock))

        yield open_one


@pytest.fixture
def transport(open_transport: Open) -> HttpTransport:
    return open_transport()
