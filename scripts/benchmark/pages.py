"""What the local index answers: pages, sidecars and wheels of a world, made once each and then kept."""

import gzip
import hashlib
import html
import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property

from benchmark.world import File, Project, World, normalized

_FILLER = bytes(256 * 1024)
"""What stands in a wheel before its METADATA, so that reading the tail and reading the whole differ."""


class Shape(Enum):
    """What kind of index it is."""

    JSON = "json"
    """Like PyPI: PEP 691 with sidecars."""

    HTML = "html"
    """Like a plain mirror: PEP 503, no sidecars, wheels that can be read in parts."""


class Kind(Enum):
    """What was asked for; the request log counts by it."""

    PAGE = "pages"
    METADATA = "metadata"
    FILE = "files"


@dataclass(slots=True, kw_only=True)
class Answer:
    """A body with the headers that belong to it."""

    kind: Kind
    content_type: str
    body: bytes
    gzipped: bytes | None = None
    is_recorded: bool = True
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        self.etag = f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'


class Site:
    """Answer paths of a world, in one shape; *files_url* is where pages send people for files."""

    def __init__(self, world: World, shape: Shape, files_url: str) -> None:
        self._world, self._shape, self._files_url = world, shape, files_url
        self._answers: dict[str, Answer | None] = {}

    def find(self, path: str) -> Answer | None:
        """Return the answer for *path*, None where there is nothing."""
        try:
            return self._answers[path]
        except KeyError:
            return self._answers.setdefault(path, self._make(path))

    def _make(self, path: str) -> Answer | None:
        match path.strip("/").split("/"):
            case ["simple", name] if project := self._world.get(normalized(name)):
                return self._page(project)
            case ["packages", _, _, _, file_name]:
                return self._distribution(file_name)
            case _:
                return None

    def _page(self, project: Project) -> Answer:
        if self._shape is Shape.JSON:
            content_type, body = "application/vnd.pypi.simple.v1+json", self._json_page(project)
        else:
            content_type, body = "text/html; charset=utf-8", self._html_page(project)
        return Answer(kind=Kind.PAGE, content_type=content_type, body=body, gzipped=gzip.compress(body, 6, mtime=0))

    def _json_page(self, project: Project) -> bytes:
        files = []
        for file in project.files:
            sidecar: object = False
            if file.is_wheel:
                sidecar = {"sha256": hashlib.sha256(project.metadata_of(file).to_bytes()).hexdigest()}
            uploaded_at = datetime.fromtimestamp(file.uploaded_at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            files.append(
                {
                    "core-metadata": sidecar,
                    "data-dist-info-metadata": sidecar,
                    "filename": file.name,
                    "hashes": {"sha256": file.sha256},
                    "provenance": None,
                    "requires-python": file.requires_python,
                    "size": file.size_bytes,
                    "upload-time": f"{uploaded_at}.{int(file.sha256[:5], 16) % 1_000_000:06}Z",
                    "url": self._files_url + file.path,
                    "yanked": file.is_yanked,
                }
            )
        page = {
            "alternate-locations": [],
            "files": files,
            "meta": {"_last-serial": 36_000_000, "api-version": "1.4"},
            "name": project.name,
            "project-status": {"status": "active"},
            "versions": sorted({file.version for file in project.files if file.is_wheel}),
        }
        return json.dumps(page, separators=(",", ":")).encode()

    def _html_page(self, project: Project) -> bytes:
        lines = ["<!DOCTYPE html>", "<html><head>", f"<title>Links for {project.name}</title>", "</head><body>"]
        for file in project.files:
            sha256 = file.sha256
            if file.is_wheel:
                sha256 = _Wheel(project, file).sha256
            attributes = ' data-yanked=""' if file.is_yanked else ""
            if file.requires_python:
                attributes += f' data-requires-python="{html.escape(file.requires_python)}"'
            lines.append(f'<a href="{self._files_url}{file.path}#sha256={sha256}"{attributes}>{file.name}</a><br>')
        return "\n".join([*lines, "</body></html>\n"]).encode()

    def _distribution(self, file_name: str) -> Answer | None:
        is_sidecar = file_name.endswith(".metadata")
        file_name = file_name.removesuffix(".metadata")
        project = self._world.get(normalized(file_name.split("-")[0]))
        if project is None or (is_sidecar and self._shape is Shape.HTML):
            return None
        file = next((file for file in project.files if file.name == file_name and file.is_wheel), None)
        if file is None:
            return None
        body = project.metadata_of(file).to_bytes() if is_sidecar else _Wheel(project, file).body
        return Answer(
            kind=Kind.METADATA if is_sidecar else Kind.FILE,
            content_type="application/octet-stream",
            body=body,
            is_recorded=file.version in project.metadata,
        )


class _Wheel:
    """A wheel whose METADATA is true, behind a stretch of zeros that all of them share."""

    def __init__(self, project: Project, file: File) -> None:
        self._metadata = project.metadata_of(file).to_bytes()
        self._stem = "-".join(file.name.split("-")[:2])

    @cached_property
    def body(self) -> bytes:
        return _FRONT + self._tail

    @cached_property
    def sha256(self) -> str:
        hasher = _FRONT_HASHER.copy()
        hasher.update(self._tail)
        return hasher.hexdigest()

    @cached_property
    def _tail(self) -> bytes:
        archive = io.BytesIO(_ONLY_FILLER)
        with zipfile.ZipFile(archive, "a") as wheel:
            for name, content in (("METADATA", self._metadata), ("WHEEL", _WHEEL), ("RECORD", b"")):
                wheel.writestr(zipfile.ZipInfo(f"{self._stem}.dist-info/{name}"), content)
        return archive.getvalue()[len(_FRONT) :]


_WHEEL = b"Wheel-Version: 1.0\nGenerator: benchmark\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def _only_filler() -> tuple[bytes, bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as wheel:
        wheel.writestr(zipfile.ZipInfo("filler.bin"), _FILLER)
        front_end = archive.tell()
    return archive.getvalue(), archive.getvalue()[:front_end]


_ONLY_FILLER, _FRONT = _only_filler()
_FRONT_HASHER = hashlib.sha256(_FRONT)
