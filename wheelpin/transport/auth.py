"""Who the user is to each server."""

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wheelpin.ports import Reporter
from wheelpin.settings import Credentials, IndexLocation, Settings
from wheelpin.transport.addresses import DEFAULT_PORTS
from wheelpin.transport.keyrings import Keyring

if TYPE_CHECKING:
    import netrc


class Keychain:
    """Find credentials: in the configured addresses, in netrc, and in the keyring once a server asked for some.

    They are bound to a server (scheme, host and port), never sent to another one, and never from https to http.
    """

    def __init__(self, settings: Settings, reporter: Reporter) -> None:
        self._locations = (
            settings.index_url,
            *settings.extra_index_urls,
            *settings.find_links,
            *settings.project_indexes.values(),
        )
        self._netrc_files = settings.netrc_files
        self._keyring = Keyring(settings.keyring_provider, reporter)
        self._reporter = reporter
        self._lock = Lock()
        self._from_keyring: dict[tuple[str, int], Credentials | None] = {}
        self._netrc: netrc.netrc | None = None
        self._is_netrc_read = False

    def credentials(self, url: str) -> Credentials | None:
        """Return what to send to *url* without being asked."""
        with self._lock:
            if found := self._from_keyring.get(_server(url)):
                return found
            location = self._location(url)
            if location is not None and location.credentials is not None:
                return location.credentials
            return self._netrc_credentials(urlsplit(url).hostname or "")

    def after_refusal(self, url: str, sent: Credentials | None) -> Credentials | None:
        """Return something else to try after *sent* was refused, None if there is nothing.

        The keyring is asked once for each server, however many requests are refused at a time.
        """
        server = _server(url)
        with self._lock:
            if server not in self._from_keyring:
                location = self._location(url)
                services = (*((location.url,) if location else ()), urlsplit(url).netloc)
                username = sent.username if sent is not None and not sent.password else None
                self._from_keyring[server] = self._keyring.credentials(services, username)
            found = self._from_keyring[server]
        return None if found == sent else found

    def _location(self, url: str) -> IndexLocation | None:
        """Return the configured place on the server of *url* that shares the longest path with it."""
        path = urlsplit(url).path
        candidates = [place for place in self._locations if _is_same_server(place.url, url)]
        return max(
            candidates,
            key=lambda place: (_shared_folders(urlsplit(place.url).path, path), place.credentials is not None),
            default=None,
        )

    def _netrc_credentials(self, host: str) -> Credentials | None:
        if not self._is_netrc_read:
            self._netrc = _read_netrc(self._netrc_files, self._reporter)
            self._is_netrc_read = True
        entry = self._netrc.authenticators(host) if self._netrc is not None else None
        return None if entry is None else Credentials(username=entry[0] or entry[1] or "", password=entry[2] or "")


def basic(credentials: Credentials) -> str:
    """Spell *credentials* for an Authorization header (RFC 7617)."""
    pair = f"{credentials.username}:{credentials.password}"
    return "Basic " + base64.b64encode(pair.encode()).decode("ascii")


def _server(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0)


def _is_same_server(known: str, url: str) -> bool:
    if not known.startswith(("https:", "http:")):
        return False
    server, asked = _server(known), _server(url)
    if urlsplit(known).scheme == urlsplit(url).scheme:
        return server == asked
    # A server's step up to https is still the same server; a step down never is.
    return server[0] == asked[0] and (server[1], asked[1]) == (80, 443) and url.startswith("https:")


def _shared_folders(first: str, second: str) -> int:
    shared = 0
    for one, other in zip(first.split("/"), second.split("/"), strict=False):
        if one != other:
            break
        shared += 1
    return shared


def _read_netrc(files: Sequence[Path], reporter: Reporter) -> "netrc.netrc | None":
    present = [path for path in files if os.path.lexists(path)]
    if not present:
        return None
    import netrc  # noqa: PLC0415 - few have such a file

    for path in present:
        try:
            return netrc.netrc(path)
        except FileNotFoundError:
            continue
        except netrc.NetrcParseError as error:
            # The parser's own message may quote a password.
            reporter.warning(f"{path}, line {error.lineno}: not a netrc file, so none of it is used")
        except (OSError, UnicodeDecodeError) as error:
            reporter.warning(f"{path} cannot be read: {type(error).__name__}")
        return None
    return None
