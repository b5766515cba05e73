"""Builders of real distribution files and index pages: every test makes the ones it needs."""

import base64
import gzip
import hashlib
import html
import io
import json
import tarfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from wheelpin.values import Sha256

FIXED_DATE = (2020, 2, 2, 0, 0, 0)
"""The date of every member, so that equal builds are equal bytes."""

FIXED_TIMESTAMP = 1580601600
"""The same date in seconds since 1970, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFile:
    """A distribution file in memory."""

    filename: str
    body: bytes
    project: str
    """Normalised."""
    version: str
    requires_python: str | None = None
    metadata: bytes = b""
    """Its METADATA or PKG-INFO."""

    @property
    def sha256(self) -> Sha256:
        """The digest of the file."""
        return Sha256(hashlib.sha256(self.body).hexdigest())

    @property
    def metadata_sha256(self) -> Sha256:
        """The digest of its metadata, as an index gives it with a sidecar."""
        return Sha256(hashlib.sha256(self.metadata).hexdigest())


def make_wheel(
    name: str,
    version: str = "1.0",
    tag: str = "py3-none-any",
    *,
    requires: Sequence[str] = (),
    requires_python: str | None = None,
    extras: Sequence[str] = (),
    metadata_extra: Sequence[str] = (),
    metadata: bytes | None = None,
    files: Mapping[str, bytes | str] | None = None,
    build: str | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
    metadata_first: bool = False,
) -> BuiltFile:
    """Build a valid wheel: given *files* (default: one module), dist-info with a true RECORD, fixed dates.

    *metadata* replaces the whole METADATA; *metadata_extra* adds header lines; with *metadata_first* the
    dist-info folder comes before the files, as careless tools write it.
    """
    escaped = _escaped(name)
    stem = f"{escaped}-{version}"
    if metadata is None:
        metadata = core_metadata(
            name, version, requires=requires, requires_python=requires_python, extras=extras, lines=metadata_extra
        )
    purelib = "true" if tag.endswith("-any") else "false"
    wheel_lines = ["Wheel-Version: 1.0", "Generator: builders", f"Root-Is-Purelib: {purelib}", *_tag_lines(tag)]
    if build is not None:
        wheel_lines.append(f"Build: {build}")
    contents = {path: _bytes(text) for path, text in (files or {f"{escaped}.py": "answer = 42\n"}).items()}
    dist_info = {
        f"{stem}.dist-info/METADATA": metadata,
        f"{stem}.dist-info/WHEEL": ("\n".join(wheel_lines) + "\n").encode(),
    }
    members = {**dist_info, **contents} if metadata_first else {**contents, **dist_info}
    record = f"{stem}.dist-info/RECORD"
    members[record] = record_of(members, record)
    parts = [escaped, version, *([build] if build else []), tag]
    return BuiltFile(
        filename="-".join(parts) + ".whl",
        body=make_zip(members.items(), compression=compression),
        project=canonicalize_name(name),
        version=version,
        requires_python=requires_python,
        metadata=metadata,
    )


def make_sdist(
    name: str,
    version: str = "1.0",
    *,
    requires: Sequence[str] = (),
    requires_python: str | None = None,
    dynamic: Sequence[str] = (),
    metadata_version: str = "2.2",
    files: Mapping[str, bytes | str] | None = None,
) -> BuiltFile:
    """Build a ``.tar.gz`` source distribution with PKG-INFO, a pyproject.toml for setuptools and *files*."""
    stem = f"{_escaped(name)}-{version}"
    metadata = core_metadata(
        name,
        version,
        requires=requires,
        requires_python=requires_python,
        lines=[f"Dynamic: {item}" for item in dynamic],
        metadata_version=metadata_version,
    )
    pyproject = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    members: dict[str, bytes | str] = {"PKG-INFO": metadata, "pyproject.toml": pyproject, **(files or {})}
    return BuiltFile(
        filename=f"{stem}.tar.gz",
        body=make_tar_gz((f"{stem}/{path}", _bytes(text)) for path, text in members.items()),
        project=canonicalize_name(name),
        version=version,
        requires_python=requires_python,
        metadata=metadata,
    )


def core_metadata(
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    requires_python: str | None = None,
    extras: Sequence[str] = (),
    lines: Sequence[str] = (),
    metadata_version: str = "2.1",
) -> bytes:
    """Spell a METADATA file, description included."""
    headers = [f"Metadata-Version: {metadata_version}", f"Name: {name}", f"Version: {version}", "Summary: A test file"]
    if requires_python is not None:
        headers.append(f"Requires-Python: {requires_python}")
    headers += [f"Provides-Extra: {extra}" for extra in extras]
    headers += [f"Requires-Dist: {requirement}" for requirement in requires]
    headers += lines
    return ("\n".join(headers) + "\n\nA description.\n\nRequires-Dist: not-a-header\n").encode()


def record_of(members: Mapping[str, bytes], record: str) -> bytes:
    """Spell a RECORD that lists *members* with their hashes and sizes, and itself without."""
    rows = []
    for path, body in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
        spelled = f'"{path}"' if "," in path else path
        rows.append(f"{spelled},sha256={digest},{len(body)}\n")
    return "".join([*rows, f"{record},,\n"]).encode()


def make_zip(members: Iterable[tuple[str, bytes]], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack *members* in the given order, with fixed dates and modes; names are not checked, nor are doubles."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, body in members:
            info = zipfile.ZipInfo(path, FIXED_DATE)
            info.compress_type = compression
            info.external_attr = 0o100644 << 16
            info.create_system = 3
            archive.writestr(info, body)
    return buffer.getvalue()


def make_tar_gz(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Pack *members* in the given order, with fixed dates and modes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, body in members:
            info = tarfile.TarInfo(path)
            info.size, info.mtime, info.mode = len(body), FIXED_TIMESTAMP, 0o644
            archive.addfile(info, io.BytesIO(body))
    return gzip.compress(buffer.getvalue(), mtime=FIXED_TIMESTAMP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One file as a page shows it; what is None is left out."""

    filename: str
    url: str
    hashes: Mapping[str, str] = field(default_factory=dict)
    requires_python: str | None = None
    yanked: str | None = None
    size_bytes: int | None = None
    uploaded_at: str | None = None
    sidecar: str | None = None
    """The sha256 of the sidecar, ``""`` for one without a hash."""
    provenance: str | None = None


def listed(file: BuiltFile, url: str, *, algorithms: Sequence[str] = ("sha256",), yanked: str | None = None) -> Listed:
    """Show *file* at *url* with its true hashes and size, and without a sidecar."""
    return Listed(
        filename=file.filename,
        url=url,
        hashes={name: hashlib.new(name, file.body).hexdigest() for name in algorithms},
        requires_python=file.requires_python,
        yanked=yanked,
        size_bytes=len(file.body),
    )


def json_page(
    project: str, files: Iterable[Listed], *, status: str | None = None, reason: str | None = None, version: str = "1.4"
) -> bytes:
    """Spell a project page as JSON (PEP 691, 700, 714, 740, 792)."""
    entries = [_json_entry(file) for file in files]
    page: dict[str, object] = {"meta": {"api-version": version}, "name": project, "files": entries}
    if status is not None:
        page["project-status"] = {"status": status, **({"reason": reason} if reason else {})}
    return json.dumps(page).encode()


def html_page(
    project: str, files: Iterable[Listed], *, status: str | None = None, reason: str | None = None, version: str = "1.4"
) -> bytes:
    """Spell a project page as HTML (PEP 503, 592, 629, 714, 740, 792)."""
    metas = {"pypi:repository-version": version, "pypi:project-status": status, "pypi:project-status-reason": reason}
    head = "\n".join(
        f'<meta name="{name}" content="{html.escape(value)}">' for name, value in metas.items() if value is not None
    )
    anchors = "\n".join(_anchor(file) for file in files)
    title = html.escape(project)
    return (
        f"<!DOCTYPE html>\n<html><head>\n{head}\n<title>Links for {title}</title></head>\n"
        f"<body>\n<h1>Links for {title}</h1>\n{anchors}\n</body></html>\n"
    ).encode()


def _json_entry(file: Listed) -> dict[str, object]:
    """Leave out what the index does not say, except the hashes, which must be there."""
    entry: dict[str, object] = {"filename": file.filename, "url": file.url, "hashes": dict(file.hashes)}
    entry["yanked"] = False if file.yanked is None else (file.yanked or True)
    optional = {
        "requires-python": file.requires_python,
        "size": file.size_bytes,
        "upload-time": file.uploaded_at,
        "provenance": file.provenance,
    }
    entry.update({key: value for key, value in optional.items() if value is not None})
    if file.sidecar is not None:
        entry["core-metadata"] = {"sha256": file.sidecar} if file.sidecar else True
    return entry


def _anchor(file: Listed) -> str:
    """Write one link; only one hash fits into its fragment."""
    algorithm, digest = next(iter(file.hashes.items()), (None, ""))
    fragment = f"#{algorithm}={digest}" if algorithm else ""
    attributes = {
        "href": file.url + fragment,
        "data-requires-python": file.requires_python,
        "data-yanked": file.yanked,
        "data-upload-time": file.uploaded_at,
        "data-core-metadata": None if file.sidecar is None else (f"sha256={file.sidecar}" if file.sidecar else "true"),
        "data-provenance": file.provenance,
    }
    spelled = " ".join(f'{key}="{html.escape(value)}"' for key, value in attributes.items() if value is not None)
    return f"<a {spelled}>{html.escape(file.filename)}</a><br>"


def _escaped(name: str) -> str:
    """Spell a project's name as file names do."""
    return canonicalize_name(name).replace("-", "_")


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _tag_lines(tag: str) -> list[str]:
    interpreters, abis, platforms = (part.split(".") for part in tag.split("-"))
    return [f"Tag: {i}-{a}-{p}" for i in interpreters for a in abis for p in platforms]
