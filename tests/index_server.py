"""A real HTTP server that serves built files as the indexes of the field do, good days and bad; and a pypiserver.

Every switch is an attribute that a test may turn at any time; `IndexServer.requests` tells what was asked.
"""

import base64
import gzip
import hashlib
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, unquote

from packaging.utils import canonicalize_name

from tests.builders import BuiltFile, Listed, html_page, json_page, make_wheel

JSON_TYPE = "application/vnd.pypi.simple.v1+json"


class Form(Enum):
    """How pages are written; JSON only for those who accept it, as PEP 691 has it."""

    JSON = "json"
    HTML = "html"


class Sidecars(Enum):
    """What ``URL.metadata`` answers (PEP 658, 714)."""

    NONE = "not offered"
    GOOD = "offered, hash given"
    UNHASHED = "offered without a hash"
    MISSING = "offered, but 404"
    WRONG_HASH = "offered with a hash that is not its own"
    WRONG_PROJECT = "offered with its hash, but of another project"
    GARBAGE = "offered with its hash, but no metadata at all"


class Ranges(Enum):
    """What a request for a part of a file answers."""

    HONOURED = "206"
    IGNORED = "200 and the whole file"
    REFUSED_501 = "501"
    REFUSED_416 = "416"
    NO_SUFFIX = "206 for start-end, 501 for the last N"
    SHORT = "206 and fewer bytes than it says"
    STUBBORN = "206 and the first bytes, whichever are asked for"


class Pages(Enum):
    """What state the body of a page is in."""

    GOOD = "whole"
    CUT_OFF = "cut off in the middle, with a length that fits the rest"
    SHORT = "cut off in the middle, with the length of the whole"
    GARBAGE = "neither JSON nor HTML"


@dataclass(slots=True, kw_only=True)
class Shown:
    """A file and how the index shows it."""

    file: BuiltFile
    algorithms: tuple[str, ...] = ("sha256",)
    """Hashes in the listing: ``("md5",)`` and ``()`` are seen in the field."""
    yanked: str | None = None
    uploaded_at: str | None = None
    has_size: bool = True
    publishers: tuple[Mapping[str, object], ...] | None = None
    """Who attested the file (PEP 740); None if nobody did."""
    listed_changes: Mapping[str, object] = field(default_factory=dict)
    """Fields of `Listed` to show otherwise than they are."""


@dataclass(frozen=True, slots=True)
class Served:
    """One request and how it was answered."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A project's status marker (PEP 792)."""

    status: str
    reason: str | None = None


class IndexServer:
    """Serve files from memory under ``/simple/`` (`url`) and, as one plain page, ``/links/`` (`links_url`).

    Shapes: `json_with_sidecars`, `json_plain`, `html_plain`. A context manager; listens on 127.0.0.1.
    """

    def __init__(
        self,
        *files: BuiltFile | Shown,
        form: Form = Form.JSON,
        sidecars: Sidecars = Sidecars.NONE,
        ranges: Ranges = Ranges.HONOURED,
    ) -> None:
        self.form, self.sidecars, self.ranges = form, sidecars, ranges
        self.pages = Pages.GOOD
        self.latency_s = 0.0
        self.credentials: tuple[str, str] | None = None
        self.refusal_status = 401
        self.cache_control: str | None = "max-age=600"
        self.age_s: int | None = None
        """How long pages have lain in a cache on their way."""
        self.has_validators = True
        """Whether pages have an ETag."""
        self.last_modified: str | None = None
        self.has_gzip = True
        self.failures: dict[str, int] = {}
        """Path → how many more times it answers `failure_status`."""
        self.failure_status = 503
        self.answers: dict[str, int] = {}
        """Path → status to answer with always."""
        self.redirects: dict[str, str] = {}
        """Path → where it has moved."""
        self.extra_bodies: dict[str, tuple[str, bytes]] = {}
        """Path → content type and body to serve instead of anything else."""
        self.statuses: dict[str, Status] = {}
        self.vulnerabilities: dict[tuple[str, str], list[Mapping[str, object]]] | None = None
        """What the JSON API tells of project and version; None where there is no such API, as on most indexes."""
        self.requests: list[Served] = []
        self._shown: dict[str, Shown] = {}
        self._lock = threading.Lock()
        self.add(*files)
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @classmethod
    def json_with_sidecars(cls, *files: BuiltFile | Shown) -> Self:
        """Serve like PyPI: JSON, sidecars, validators, gzip, ten minutes of freshness."""
        return cls(*files, form=Form.JSON, sidecars=Sidecars.GOOD)

    @classmethod
    def json_plain(cls, *files: BuiltFile | Shown) -> Self:
        """Serve JSON without sidecars."""
        return cls(*files, form=Form.JSON)

    @classmethod
    def html_plain(cls, *files: BuiltFile | Shown) -> Self:
        """Serve like a simple mirror: HTML without sidecars, ranges, validators or freshness."""
        server = cls(*files, form=Form.HTML, ranges=Ranges.IGNORED)
        server.has_validators = server.has_gzip = False
        server.cache_control = None
        return server

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def origin(self) -> str:
        """Return ``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """Return the index address, with a final slash and without credentials."""
        return f"{self.origin}/simple/"

    @property
    def url_with_credentials(self) -> str:
        """Return the index address as a user with `credentials` would configure it."""
        user, password = self.credentials or ("", "")
        return self.url.replace("://", f"://{quote(user, safe='')}:{quote(password, safe='')}@")

    @property
    def links_url(self) -> str:
        """Return the address of a find-links page with all files of all projects."""
        return f"{self.origin}/links/"

    def file_url(self, filename: str) -> str:
        """Return where *filename* is served."""
        return f"{self.origin}/files/{quote(filename)}"

    def add(self, *files: BuiltFile | Shown) -> None:
        """Publish more files; one of the same name replaces the old."""
        for file in files:
            shown = file if isinstance(file, Shown) else Shown(file=file)
            self._shown[shown.file.filename] = shown

    def remove(self, filename: str) -> None:
        """Take a file off the index."""
        del self._shown[filename]

    def asked(self, path_part: str = "", *, status: int | None = None) -> list[Served]:
        """Return the requests so far whose path contains *path_part* (and were answered with *status*)."""
        with self._lock:
            return [r for r in self.requests if path_part in r.path and status in (None, r.status)]

    def forget_requests(self) -> None:
        """Start the log anew."""
        with self._lock:
            self.requests.clear()

    def note(self, served: Served) -> None:
        """Log one request."""
        with self._lock:
            self.requests.append(served)

    def takes_failure(self, path: str) -> bool:
        """Tell whether *path* is to fail now, and count it."""
        with self._lock:
            left = self.failures.get(path, 0)
            self.failures[path] = max(0, left - 1)
        return left > 0

    def provenance_url(self, file: BuiltFile) -> str:
        """Return where the provenance object of *file* is, as PyPI has it."""
        return f"{self.origin}{self.provenance_path(file)}"

    def provenance_path(self, file: BuiltFile) -> str:
        """Return the same without the host."""
        return f"/integrity/{file.project}/{file.version}/{quote(file.filename)}/provenance"

    def provenance(self, filename: str) -> bytes | None:
        """Spell the provenance object of a file (PEP 740), None if nobody attested it."""
        shown = self._shown.get(filename)
        if shown is None or shown.publishers is None:
            return None
        bundles = [{"publisher": publisher, "attestations": [{"version": 1}]} for publisher in shown.publishers]
        return json.dumps({"version": 1, "attestation_bundles": bundles}).encode()

    def file(self, filename: str) -> BuiltFile | None:
        """Return a published file."""
        shown = self._shown.get(filename)
        return None if shown is None else shown.file

    def sidecar(self, file: BuiltFile) -> bytes | None:
        """Return what ``URL.metadata`` serves, None for 404."""
        match self.sidecars:
            case Sidecars.NONE | Sidecars.MISSING:
                return None
            case Sidecars.WRONG_PROJECT:
                return make_wheel("somebody-else", "9.9").metadata
            case Sidecars.GARBAGE:
                return b"\x00\x01 this is no metadata"
            case Sidecars.GOOD | Sidecars.UNHASHED | Sidecars.WRONG_HASH:
                return file.metadata

    def page(self, project: str, form: Form) -> bytes | None:
        """Spell the page of *project*, None if nothing of it was ever published."""
        found = [self._listed(shown) for shown in self._shown.values() if shown.file.project == project]
        marker = self.statuses.get(project)
        if not found and marker is None:
            return None
        spell = json_page if form is Form.JSON else html_page
        return spell(
            project,
            [] if marker and marker.status == "quarantined" else found,
            status=marker.status if marker is not None else None,
            reason=marker.reason if marker is not None else None,
        )

    def links_page(self) -> bytes:
        """Spell the find-links page."""
        return html_page("everything", [self._listed(shown) for shown in self._shown.values()])

    def _listed(self, shown: Shown) -> Listed:
        file = shown.file
        is_offered = self.sidecars is not Sidecars.NONE and file.filename.endswith(".whl")
        entry = Listed(
            filename=file.filename,
            url=f"../../files/{quote(file.filename)}" if self.form is Form.HTML else self.file_url(file.filename),
            hashes={name: hashlib.new(name, file.body).hexdigest() for name in shown.algorithms},
            requires_python=file.requires_python,
            yanked=shown.yanked,
            size_bytes=len(file.body) if shown.has_size else None,
            uploaded_at=shown.uploaded_at,
            sidecar=self._sidecar_hash(file) if is_offered else None,
            provenance=None if shown.publishers is None else self.provenance_url(file),
        )
        return replace(entry, **shown.listed_changes)  # type: ignore[arg-type]

    def _sidecar_hash(self, file: BuiltFile) -> str:
        match self.sidecars:
            case Sidecars.UNHASHED:
                return ""
            case Sidecars.WRONG_HASH:
                return hashlib.sha256(b"something else").hexdigest()
            case _:
                return hashlib.sha256(self.sidecar(file) or file.metadata).hexdigest()


_Connection = socket.socket | tuple[bytes, socket.socket]


class _Server(ThreadingHTTPServer):
    """Know the index that is served, and let go of kept-alive connections at the end."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, index: IndexServer) -> None:
        self.index = index
        self._connections: set[_Connection] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: _Connection, client_address: object) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: _Connection) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: _Connection, client_address: object) -> None:
        """Stay silent when a client hangs up; show what is our own mistake."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self._connections):
            assert isinstance(connection, socket.socket)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    """A Content-Length that is not the body's."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: _Server

    def do_GET(self) -> None:
        self._respond(has_body=True)

    def do_HEAD(self) -> None:
        self._respond(has_body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""

    def _respond(self, *, has_body: bool) -> None:
        index = self.server.index
        if index.latency_s:
            time.sleep(index.latency_s)
        answer = self._answer()
        headers = {key.lower(): value for key, value in self.headers.items()}
        index.note(Served(self.command, self.path, headers, answer.status))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        if answer.length is not None:
            self.close_connection = True
        self.end_headers()
        if has_body:
            self.wfile.write(answer.body)

    def _answer(self) -> _Answer:
        index, path = self.server.index, unquote(self.path.partition("?")[0])
        if index.credentials is not None and not self._is_authorised(*index.credentials):
            return _Answer(status=index.refusal_status, headers={"WWW-Authenticate": 'Basic realm="index"'})
        if index.takes_failure(path):
            return _Answer(status=index.failure_status, headers={"Retry-After": "0"})
        if (status := index.answers.get(path)) is not None:
            return _Answer(status=status)
        if (location := index.redirects.get(path)) is not None:
            return _Answer(status=302, headers={"Location": location})
        if (extra := index.extra_bodies.get(path)) is not None:
            return _Answer(status=200, body=extra[1], headers={"Content-Type": extra[0]})
        if path.startswith("/files/"):
            return self._file(path.removeprefix("/files/"))
        if path == "/links/":
            return self._text(index.links_page(), "text/html")
        if match := re.fullmatch(r"/integrity/[^/]+/[^/]+/([^/]+)/provenance", path):
            return self._provenance(match[1])
        if match := re.fullmatch(r"/pypi/([^/]+)/([^/]+)/json", path):
            return self._release(match[1], match[2])
        if match := re.fullmatch(r"/simple/([^/]+)(/?)", path):
            return self._project(match[1], has_slash=bool(match[2]))
        return _Answer(status=404)

    def _provenance(self, filename: str) -> _Answer:
        if (body := self.server.index.provenance(filename)) is None:
            return _Answer(status=404)
        return _Answer(status=200, body=body, headers={"Content-Type": "application/vnd.pypi.integrity.v1+json"})

    def _release(self, project: str, version: str) -> _Answer:
        known = self.server.index.vulnerabilities
        if known is None:
            return _Answer(status=404)
        answer = {"info": {"name": project, "version": version}, "vulnerabilities": known.get((project, version), [])}
        return _Answer(status=200, body=json.dumps(answer).encode(), headers={"Content-Type": "application/json"})

    def _is_authorised(self, user: str, password: str) -> bool:
        wanted = base64.b64encode(f"{user}:{password}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {wanted}"

    def _project(self, name: str, *, has_slash: bool) -> _Answer:
        index, project = self.server.index, canonicalize_name(name)
        if not has_slash or name != project:
            return _Answer(status=301, headers={"Location": f"/simple/{project}/"})
        wants_json = index.form is Form.JSON and JSON_TYPE in self.headers.get("Accept", "")
        body = index.page(project, Form.JSON if wants_json else Form.HTML)
        if body is None:
            return _Answer(status=404, body=b"no such project", headers={"Content-Type": "text/plain"})
        return self._text(body, JSON_TYPE if wants_json else "text/html; charset=utf-8")

    def _text(self, body: bytes, content_type: str) -> _Answer:
        index = self.server.index
        length = None
        match index.pages:
            case Pages.GOOD:
                pass
            case Pages.CUT_OFF:
                body = body[: len(body) * 2 // 3]
            case Pages.SHORT:
                length, body = len(body), body[: len(body) * 2 // 3]
            case Pages.GARBAGE:
                body = b"\x89\x00\xff gateway says no"
        headers = {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
        if index.cache_control is not None:
            headers["Cache-Control"] = index.cache_control
        if index.age_s is not None:
            headers["Age"] = str(index.age_s)
        if index.has_validators:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if headers["ETag"] in self.headers.get("If-None-Match", ""):
                return _Answer(status=304, headers=headers)
        if index.last_modified is not None:
            headers["Last-Modified"] = index.last_modified
            if self.headers.get("If-Modified-Since") == index.last_modified:
                return _Answer(status=304)
        if index.has_gzip and length is None and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return _Answer(status=200, body=body, headers=headers, length=length)

    def _file(self, name: str) -> _Answer:
        index = self.server.index
        if (file := index.file(name)) is not None:
            return self._file_or_part(file.body)
        if (file := index.file(name.removesuffix(".metadata"))) is not None:
            sidecar = index.sidecar(file)
            if sidecar is not None:
                return _Answer(status=200, body=sidecar, headers={"Content-Type": "application/octet-stream"})
        return _Answer(status=404)

    def _file_or_part(self, body: bytes) -> _Answer:
        ranges, asked = self.server.index.ranges, self.headers.get("Range")
        whole = _Answer(status=200, body=body, headers={"Content-Type": "application/octet-stream"})
        if asked is None or ranges is Ranges.IGNORED or (match := re.fullmatch(r"bytes=(\d*)-(\d*)", asked)) is None:
            return whole
        if ranges is Ranges.REFUSED_501 or (ranges is Ranges.NO_SUFFIX and not match[1]):
            return _Answer(status=501, body=b"Unsupported client range")
        total = {"Content-Range": f"bytes */{len(body)}"}
        if ranges is Ranges.REFUSED_416:
            return _Answer(status=416, headers=total)
        if ranges is Ranges.STUBBORN:
            start, stop = 0, min(100, len(body))
        elif match[1]:
            start, stop = int(match[1]), min(int(match[2]) + 1 if match[2] else len(body), len(body))
        else:
            start, stop = max(0, len(body) - int(match[2])), len(body)
        if start >= stop:
            return _Answer(status=416, headers=total)
        part = body[start:stop] if ranges is not Ranges.SHORT else body[start : stop - 1]
        headers = {**whole.headers, "Content-Range": f"bytes {start}-{stop - 1}/{len(body)}"}
        return _Answer(status=206, body=part, headers=headers)


_PYPISERVER = """
import pathlib, sys, pypiserver
from wsgiref.simple_server import WSGIRequestHandler, make_server
folder, user, password = sys.argv[1:]
app = pypiserver.app(
    roots=[pathlib.Path(folder)],
    disable_fallback=True,
    **({"authenticate": ["list", "download", "update"], "auther": lambda u, p: (u, p) == (user, password)} if user else
       {"authenticate": [], "password_file": "."}),
)

class Quiet(WSGIRequestHandler):
    def log_message(self, format, *args):
        pass

server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
print(server.server_port, flush=True)
server.serve_forever()
"""


@contextmanager
def pypiserver(
    folder: Path, files: Iterable[BuiltFile] = (), *, credentials: tuple[str, str] | None = None
) -> Iterator[str]:
    """Run a real pypiserver over *folder*, with *files* laid into it; yield its index address, credentials included."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.filename).write_bytes(file.body)
    user, password = credentials or ("", "")
    arguments = [sys.executable, "-c", _PYPISERVER, str(folder), user, password]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            secret = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
            yield f"http://{secret}127.0.0.1:{port}/simple/"
        finally:
            process.terminate()
            process.communicate()
