"""Write an index over a folder of wheels: plain files that any web server, or pip from the disk, can use.

``simple/`` holds ``index.html`` (PEP 503) and ``index.json`` (PEP 691, 700) at the top and for every project.
A server that only knows files serves the HTML; one that heeds Accept may serve the JSON as
``application/vnd.pypi.simple.v1+json``. Beside each wheel lies its metadata (PEP 658, 714). Every address is
relative, so the folder works wherever it is carried.
"""

import hashlib
import html
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct
from packaging.utils import InvalidWheelFilename, NormalizedName, parse_wheel_filename
from packaging.version import Version

from wheelpin.index.metadata import parse_metadata
from wheelpin.index.wheel_metadata import read_wheel_metadata, view_of
from wheelpin.ports import MetadataUnusableError, Reporter
from wheelpin.safe_write import write_bytes_atomically, write_text_atomically
from wheelpin.values import Sha256
from wheelpin.wheelhouse.digests import sha256_of

_API_VERSION = "1.1"
_FOLDER = "simple"
_PAGES = frozenset({"index.html", "index.json"})


class _Entry(Struct, frozen=True, kw_only=True):
    """One wheel as the pages show it."""

    filename: str
    project: NormalizedName
    version: Version
    sha256: Sha256
    size_bytes: int
    requires_python: str | None
    metadata_sha256: Sha256


def write_static_index(wheelhouse: Path, reporter: Reporter) -> Path:
    """Write pages for all wheels of the folder, and return the folder to name as the index.

    Equal wheels give equal pages. A file that is no usable wheel is left out with a warning; pages of projects
    that are gone are removed. Raise `FileNotWritableError`.
    """
    entries = sorted(_read_entries(wheelhouse, reporter), key=lambda entry: (entry.version, entry.filename))
    by_project: dict[NormalizedName, list[_Entry]] = {}
    for entry in entries:
        by_project.setdefault(entry.project, []).append(entry)
    root = wheelhouse / _FOLDER
    for project, files in by_project.items():
        _write_pages(root / project, _project_html(project, files), _project_json(project, files))
    projects = sorted(by_project)
    _write_pages(root, _root_html(projects), _root_json(projects))
    _remove_gone(root, kept=by_project.keys())
    return root


def _read_entries(wheelhouse: Path, reporter: Reporter) -> Iterator[_Entry]:
    for path in sorted(wheelhouse.glob("*.whl")):
        try:
            yield _read_entry(path)
        except (InvalidWheelFilename, MetadataUnusableError, OSError) as error:
            reporter.warning(f"{path.name} is left out of the index: {error}")


def _read_entry(path: Path) -> _Entry:
    project, version, _, _ = parse_wheel_filename(path.name)
    with path.open("rb") as stream:
        body = read_wheel_metadata(view_of(stream), path.name)
    metadata = parse_metadata(body, path.name)
    sha256 = sha256_of(path)
    if sha256 is None:
        raise FileNotFoundError(path)
    write_bytes_atomically(path.with_name(f"{path.name}.metadata"), body)
    return _Entry(
        filename=path.name,
        project=project,
        version=version,
        sha256=sha256,
        size_bytes=path.stat().st_size,
        requires_python=metadata.requires_python,
        metadata_sha256=Sha256(hashlib.sha256(body).hexdigest()),
    )


def _write_pages(folder: Path, html_text: str, json_value: Mapping[str, object]) -> None:
    write_text_atomically(folder / "index.html", html_text)
    write_text_atomically(folder / "index.json", json.dumps(json_value, indent=1) + "\n")


def _root_html(projects: Iterable[NormalizedName]) -> str:
    return _page("Simple index", (f'<a href="{project}/">{project}</a>' for project in projects))


def _root_json(projects: Iterable[NormalizedName]) -> Mapping[str, object]:
    return {"meta": {"api-version": _API_VERSION}, "projects": [{"name": project} for project in projects]}


def _project_html(project: NormalizedName, files: Iterable[_Entry]) -> str:
    return _page(f"Links for {project}", map(_anchor, files))


def _anchor(entry: _Entry) -> str:
    attributes = {
        "href": f"{_url(entry)}#sha256={entry.sha256}",
        "data-requires-python": entry.requires_python,
        "data-core-metadata": f"sha256={entry.metadata_sha256}",
        "data-dist-info-metadata": f"sha256={entry.metadata_sha256}",
    }
    spelled = " ".join(f'{key}="{html.escape(value)}"' for key, value in attributes.items() if value is not None)
    return f"<a {spelled}>{html.escape(entry.filename)}</a>"


def _page(title: str, links: Iterable[str]) -> str:
    lines = "".join(f"{link}<br>\n" for link in links)
    head = f'<meta charset="utf-8">\n<meta name="pypi:repository-version" content="{_API_VERSION}">'
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n<title>{title}</title>\n</head>\n'
        f"<body>\n<h1>{title}</h1>\n{lines}</body>\n</html>\n"
    )


def _project_json(project: NormalizedName, files: Iterable[_Entry]) -> Mapping[str, object]:
    entries = list(files)
    versions = dict.fromkeys(str(entry.version) for entry in entries)
    return {
        "meta": {"api-version": _API_VERSION},
        "name": project,
        "versions": list(versions),
        "files": [_json_entry(entry) for entry in entries],
    }


def _json_entry(entry: _Entry) -> Mapping[str, object]:
    requires = {} if entry.requires_python is None else {"requires-python": entry.requires_python}
    metadata = {"sha256": entry.metadata_sha256}
    return {
        "filename": entry.filename,
        "url": _url(entry),
        "hashes": {"sha256": entry.sha256},
        **requires,
        "size": entry.size_bytes,
        "yanked": False,
        "core-metadata": metadata,
        "dist-info-metadata": metadata,
    }


def _url(entry: _Entry) -> str:
    return f"../../{quote(entry.filename)}"


def _remove_gone(root: Path, *, kept: Iterable[NormalizedName]) -> None:
    """Remove pages that an earlier run wrote, and no folder that holds anything else."""
    names = set(kept)
    for folder in root.iterdir():
        if folder.is_dir() and folder.name not in names and {path.name for path in folder.iterdir()} == _PAGES:
            with suppress(OSError):
                for page in sorted(_PAGES):
                    (folder / page).unlink()
                folder.rmdir()
