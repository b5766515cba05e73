"""Record what resolvers read of real projects, so that it can be served again without the network.

Runs every tool at hand for the recorded cases against a small relay that asks the real index for each page and each
METADATA once, at most four at a time, and keeps what `world.Project` has room for. Rerun it to follow the real index.
"""

import argparse
import html
import re
import ssl
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO
from urllib.parse import urldefrag, urljoin

from benchmark.cases import RECORDED, Case
from benchmark.jobs import Job, Tool
from benchmark.measure import ToolFailedError, run
from benchmark.pages import Shape, Site
from benchmark.tools import TOOLS, is_present
from benchmark.world import File, Metadata, Project, normalized, write_world

_AT_A_TIME = 4
_PAGES_AT_MOST, _METADATA_AT_MOST = 500, 1_500
_TAIL_BYTES = (50_000, 2_000_000)
_JSON = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_LINK = re.compile(r"<a\s([^>]*)>([^<]*)</a>")
_SIDECAR = re.compile(rb'"(core|data-dist-info)-metadata":\{[^}]*\}')
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


class Upstream:
    """Ask the real index, each thing once."""

    def __init__(self, index_url: str) -> None:
        self._index_url = index_url
        self._at_a_time = threading.Semaphore(_AT_A_TIME)
        self._security = ssl.create_default_context()
        self._lock = threading.Lock()
        self._pages: dict[str, Future[Project | None]] = {}
        self._metadata: dict[tuple[str, str], Future[Metadata | None]] = {}
        self._file_urls: dict[str, str] = {}

    def projects(self) -> Iterator[Project]:
        return (project for future in self._pages.values() if (project := future.result()))

    def project(self, name: str) -> Project | None:
        with self._lock:
            is_asked = name in self._pages
            future = self._pages.setdefault(name, Future())
            if not is_asked and len(self._pages) > _PAGES_AT_MOST:
                sys.exit(f"more than {_PAGES_AT_MOST} pages: these cases are too large to record")
        if not is_asked:
            future.set_result(self._read_project(name))
        return future.result()

    def metadata(self, project: Project, file: File) -> Metadata | None:
        key = (project.name, file.version)
        with self._lock:
            is_asked = key in self._metadata
            future = self._metadata.setdefault(key, Future())
            if not is_asked and len(self._metadata) > _METADATA_AT_MOST:
                sys.exit(f"more than {_METADATA_AT_MOST} METADATA: these cases are too large to record")
        if not is_asked:
            future.set_result(self._read_metadata(project, file))
        return future.result()

    def _read_project(self, name: str) -> Project | None:
        url = f"{self._index_url}{name}/"
        page = self._get(url, _JSON)
        if page is None:
            return None
        project = Project(name=name)
        for attribute_text, file_name in _LINK.findall(page.decode()):
            attributes = {key: html.unescape(value) for key, value in _ATTRIBUTE.findall(attribute_text)}
            uploaded_at = datetime.fromisoformat(attributes.get("data-upload-time", "2000-01-01T00:00:00Z"))
            file = File(
                name=html.unescape(file_name).strip(),
                uploaded_at_s=int(uploaded_at.astimezone(UTC).timestamp()),
                requires_python=attributes.get("data-requires-python"),
                is_yanked="data-yanked" in attributes or re.search(r"\bdata-yanked\b", attribute_text) is not None,
            )
            if file.name.endswith((".whl", ".tar.gz", ".zip")):
                project.files.append(file)
                self._file_urls[file.name] = urldefrag(urljoin(url, attributes["href"])).url
        return project

    def _read_metadata(self, project: Project, file: File) -> Metadata | None:
        content = self._read_member(self._file_urls[file.name], "METADATA")
        if content is None:
            return None
        headers = BytesHeaderParser().parsebytes(content)
        metadata = Metadata(
            name=headers["Name"],
            version=headers["Version"],
            requires_python=headers["Requires-Python"],
            requires_dist=_one_line_each(headers.get_all("Requires-Dist", [])),
            provides_extra=_one_line_each(headers.get_all("Provides-Extra", [])),
            size_bytes=len(content),
        )
        project.metadata[file.version] = metadata
        return metadata

    def _read_member(self, url: str, name: str) -> bytes | None:
        """Read a file of a wheel's dist-info out of as little of the wheel as holds its directory."""
        for tail_bytes in _TAIL_BYTES:
            with tempfile.TemporaryFile() as sparse:
                if not self._copy_range(url, f"-{tail_bytes}", sparse):
                    return None
                try:
                    with zipfile.ZipFile(sparse) as wheel:
                        return self._read_entry(url, wheel, sparse, f".dist-info/{name}")
                except zipfile.BadZipFile:
                    continue
        return None

    def _read_entry(self, url: str, wheel: zipfile.ZipFile, sparse: IO[bytes], suffix: str) -> bytes:
        entry = next(entry for entry in wheel.infolist() if entry.filename.endswith(suffix))
        try:
            return wheel.read(entry)
        except zipfile.BadZipFile:
            end = entry.header_offset + entry.compress_size + 1_000
            self._copy_range(url, f"{entry.header_offset}-{end}", sparse)
            return wheel.read(entry)

    def _copy_range(self, url: str, span: str, sparse: IO[bytes]) -> bool:
        """Put a range of *url* where it belongs in *sparse*; say whether there is such a file."""
        request = urllib.request.Request(url, headers={"Range": f"bytes={span}"})
        try:
            with self._at_a_time, urllib.request.urlopen(request, context=self._security, timeout=60) as response:
                place = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
                sparse.truncate(int(place[2]) if place else 0)
                sparse.seek(int(place[1]) if place else 0)
                sparse.write(response.read())
                return True
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return False
            raise

    def _get(self, url: str, accept: str) -> bytes | None:
        request = urllib.request.Request(url, headers={"Accept": accept})
        try:
            with self._at_a_time, urllib.request.urlopen(request, context=self._security, timeout=60) as response:
                content: bytes = response.read()
                return content
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise


def _one_line_each(values: Sequence[object]) -> tuple[str, ...]:
    return tuple(" ".join(str(value).split()) for value in values)


class _Relay(BaseHTTPRequestHandler):
    """Serve as the benchmark will, of a world that grows by what is asked."""

    protocol_version = "HTTP/1.1"
    server: "_RelayServer"

    def do_GET(self) -> None:
        body = self.server.body_of(self.path)
        self.send_response(404 if body is None else 200)
        is_page = self.path.startswith("/simple/")
        self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json" if is_page else "text/plain")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        pass


class _RelayServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, upstream: Upstream) -> None:
        super().__init__(("127.0.0.1", 0), _Relay)
        self._upstream = upstream
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def body_of(self, path: str) -> bytes | None:
        match path.strip("/").split("/"):
            case ["simple", name] if project := self._upstream.project(normalized(name)):
                # A page of its own each time: its sidecars' hashes change while METADATA are still coming in.
                page = Site({project.name: project}, Shape.JSON, self.url).find(f"/simple/{project.name}/")
                return _SIDECAR.sub(rb'"\1-metadata":true', page.body) if page else None
            case ["packages", _, _, _, name] if name.endswith(".whl.metadata"):
                project = self._upstream.project(normalized(name.split("-")[0]))
                file_name = name.removesuffix(".metadata")
                for file in project.files if project else ():
                    if project and file.name == file_name:
                        return (self._upstream.metadata(project, file) or project.metadata_of(file)).to_bytes()
                return None
            case _:
                return None


def _resolve(tool: Tool, case: Case, index_url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        job = Job(
            requirements=(*case.requirements, case.added),
            targets=case.targets,
            index_url=index_url,
            ca_file=Path(ssl.get_default_verify_paths().cafile or ""),
            folder=Path(folder),
        )
        (job.folder / "locks").mkdir()
        try:
            run(tool, job)
        except ToolFailedError as error:
            print(f"{case.name} by {tool.name} failed: {error}", flush=True)
            return
        pins = tool.pins(job)
        print(f"{case.name} by {tool.name}: {sum(map(len, pins.values()))} pins", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index_url", help="address of the real index, up to and with simple/")
    parser.add_argument("--tools", default="uv,wheelpin,pip", help="whose reading to record (default: %(default)s)")
    arguments = parser.parse_args()
    upstream = Upstream(arguments.index_url.rstrip("/") + "/")
    relay = _RelayServer(upstream)
    threading.Thread(target=relay.serve_forever, daemon=True).start()
    for tool in TOOLS:
        if tool.name in arguments.tools.split(",") and is_present(tool):
            for case in RECORDED:
                _resolve(tool, case, f"{relay.url}/simple/")
                write_world(upstream.projects())
