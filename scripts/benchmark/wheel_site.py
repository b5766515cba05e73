"""An index of the wheels in a folder, as PyPI would show them: for tools that do not stop at pins."""

import hashlib
import json
import zipfile
from pathlib import Path

from benchmark.pages import Answer, Kind
from benchmark.world import normalized


class WheelSite:
    """Answer paths from *folder*; *files_url* is where pages send people for files."""

    def __init__(self, folder: Path, files_url: str) -> None:
        self._answers: dict[str, Answer] = {}
        pages: dict[str, list[dict[str, object]]] = {}
        for wheel in sorted(folder.glob("*.whl")):
            body, metadata = wheel.read_bytes(), _metadata(wheel)
            path = f"/packages/{wheel.name}"
            self._answers[path] = _binary(Kind.FILE, body)
            self._answers[f"{path}.metadata"] = _binary(Kind.METADATA, metadata)
            file = {
                "filename": wheel.name,
                "url": files_url + path,
                "size": len(body),
                "hashes": {"sha256": hashlib.sha256(body).hexdigest()},
                "core-metadata": {"sha256": hashlib.sha256(metadata).hexdigest()},
            }
            pages.setdefault(normalized(wheel.name.split("-")[0]), []).append(file)
        for name, files in pages.items():
            page = {"meta": {"api-version": "1.1"}, "name": name, "files": files}
            self._answers[f"/simple/{name}/"] = Answer(
                kind=Kind.PAGE,
                content_type="application/vnd.pypi.simple.v1+json",
                body=json.dumps(page).encode(),
            )

    def find(self, path: str) -> Answer | None:
        return self._answers.get(path)


def _binary(kind: Kind, body: bytes) -> Answer:
    return Answer(kind=kind, content_type="application/octet-stream", body=body)


def _metadata(wheel: Path) -> bytes:
    stem = "-".join(wheel.name.split("-")[:2])
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"{stem}.dist-info/METADATA")
