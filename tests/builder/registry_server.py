"""A registry of containers on this machine, as far as reading goes (OCI distribution specification)."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

_PAGE = 2
_TOKEN = "reader's token"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def layer(*names: str) -> bytes:
    """Pack a layer of links, as images have them in /opt/python."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, "/opt/_internal/x"
            archive.addfile(member)
    return gzip.compress(stream.getvalue(), mtime=0)


@dataclass(kw_only=True)
class RegistryServer:
    """Serves what was added; `asked` tells which paths were."""

    wants_tokens: bool = True
    lies_about: str | None = None
    """A tag whose manifest is said to have another digest."""
    asked: list[str] = field(default_factory=list)
    _tags: dict[str, dict[str, str]] = field(default_factory=dict)
    _bodies: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def add(self, repository: str, tag: str, pythons: Iterable[str], *, architecture: str, variant: str = "") -> str:
        """Add an image and return its digest."""
        config: dict[str, Any] = {"architecture": architecture, "os": "linux"}
        if variant:
            config["variant"] = variant
        links = [f"opt/python/{name}" for name in pythons]
        # The last layer has none of them, as those of real images.
        layers = [layer("usr/bin/x", "opt/python/old-one"), layer(*links, "opt/python/.wh.old-one"), layer("etc/x")]
        manifest = {
            "schemaVersion": 2,
            "config": {"digest": self._keep(json.dumps(config).encode())},
            "layers": [{"digest": self._keep(body)} for body in layers],
        }
        digest = self._keep(json.dumps(manifest).encode(), _MANIFEST)
        self._tags.setdefault(repository, {})[tag] = digest
        return digest

    def add_index(self, repository: str, tag: str, children: dict[str, str]) -> None:
        """Add a tag that stands for several images, by their architectures."""
        manifests = [
            {"digest": digest, "platform": {"os": "linux", "architecture": name}} for name, digest in children.items()
        ]
        body = json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()
        self._tags.setdefault(repository, {})[tag] = self._keep(body, _INDEX)

    def _keep(self, body: bytes, kind: str = "application/octet-stream") -> str:
        self._bodies[digest_of(body)] = kind, body
        return digest_of(body)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                registry._answer(self)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        self.asked.append(parts.path)
        if parts.path == "/token":
            return _reply(request, 200, json.dumps({"token": _TOKEN}).encode())
        if self.wants_tokens and request.headers.get("Authorization") != f"Bearer {_TOKEN}":
            challenge = f'Bearer realm="{self.url}/token",service="here",scope="repository:x:pull"'
            return _reply(request, 401, b"{}", {"WWW-Authenticate": challenge})
        _, _, _, repository, kind, reference = (*parts.path.split("/", 5), "")[:6]
        tags = self._tags.get(repository, {})
        if kind == "tags":
            return self._answer_tags(request, parts.path, sorted(tags), parse_qs(parts.query).get("last", [""])[0])
        digest = tags.get(reference, reference)
        if digest not in self._bodies:
            return _reply(request, 404, b'{"errors": []}')
        content_type, body = self._bodies[digest]
        said = digest_of(b"other") if reference == self.lies_about else digest
        return _reply(request, 200, body, {"Content-Type": content_type, "Docker-Content-Digest": said})

    def _answer_tags(self, request: BaseHTTPRequestHandler, path: str, tags: list[str], last: str) -> None:
        left = [tag for tag in tags if tag > last]
        page = left[:_PAGE]
        more = {"Link": f'<{path}?n=100&last={page[-1]}>; rel="next"'} if len(left) > _PAGE else {}
        _reply(request, 200, json.dumps({"tags": page or None}).encode(), more)


def _reply(request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
    request.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
