"""Read METADATA, the header lines that a resolver needs (core metadata 1.0 to 2.5)."""

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name
from packaging.version import Version

from wheelpin.files import CoreMetadata
from wheelpin.ports import MetadataUnusableError

MAX_METADATA_BYTES = 8 * 1024 * 1024
"""More than any honest METADATA, whose descriptions reach some hundred thousand bytes."""

_MAX_VALUES = 20_000
"""More ``Requires-Dist`` lines than any honest METADATA has: the largest have about a thousand."""

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")

_ONCE = frozenset({"metadata-version", "name", "version", "requires-python"})
_MANY = frozenset({"requires-dist", "provides-extra"})


def parse_metadata(body: bytes, filename: str) -> CoreMetadata:
    """Read the METADATA of the wheel *filename*.

    Raise `MetadataUnusableError` if it is none, of a major version past 2, or another file's.
    """
    if len(body) > MAX_METADATA_BYTES:
        raise MetadataUnusableError(filename, f"it is larger than {MAX_METADATA_BYTES} bytes")
    once: dict[str, str] = {}
    many: dict[str, list[str]] = {key: [] for key in _MANY}
    for key, value in _headers(_header_text(body)):
        if key in _ONCE:
            once.setdefault(key, value)
        else:
            many[key].append(value)
    if sum(map(len, many.values())) > _MAX_VALUES:
        raise MetadataUnusableError(filename, f"it has more than {_MAX_VALUES} requirements and extras")
    major = once.get("metadata-version", "1.0").partition(".")[0]
    if major not in ("1", "2"):
        raise MetadataUnusableError(filename, f"its Metadata-Version is {once['metadata-version'][:40]!r}")
    name, version = once.get("name", ""), once.get("version", "")
    if (fault := _identity_fault(filename, name, version)) is not None:
        raise MetadataUnusableError(filename, fault)
    return CoreMetadata(
        name=name,
        version=version,
        requires_python=once.get("requires-python") or None,
        requires_dist=tuple(value for value in many["requires-dist"] if value),
        provides_extra=tuple(dict.fromkeys(canonicalize_name(value) for value in many["provides-extra"] if value)),
    )


def _header_text(body: bytes) -> str:
    """Return what stands before the first blank line."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    end = _END_OF_HEADERS.search(body)
    head = body if end is None else body[: end.start()]
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        # The encoding of old tools; what is read from it here is ASCII in all sane files.
        return head.decode("latin-1")


def _headers(text: str) -> Iterator[tuple[str, str]]:
    """Yield the headers that matter, names in lower case, continued lines joined by one space.

    A line that is no header is passed over: license texts stand unindented in old files.
    """
    key, value = "", ""
    for line in text.split("\n"):
        if line[:1] in (" ", "\t"):
            value = f"{value} {line.strip()}" if key else value
            continue
        if key:
            yield key, value.strip()
        name, _, value = line.partition(":")
        key = name.rstrip().lower()
        if key not in _ONCE and key not in _MANY:
            key = ""
    if key:
        yield key, value.strip()


def _identity_fault(filename: str, name: str, version: str) -> str | None:
    """Say why *name* and *version* cannot be those of *filename*, or None."""
    if not name or not version:
        return "it names no project and version"
    file_name, _, rest = filename.removesuffix(".whl").partition("-")
    file_version = rest.partition("-")[0]
    if canonicalize_name(file_name) != canonicalize_name(name):
        return f"it is the metadata of {name[:80]!r}"
    if file_version != version and not _are_equal_versions(file_version, version):
        return f"it is the metadata of version {version[:80]!r}"
    return None


def is_dist_info_of(folder: str, filename: str) -> bool:
    """Tell whether ``NAME-VERSION.dist-info`` in a wheel is that of the wheel itself."""
    name, _, version = folder.removesuffix(".dist-info").partition("-")
    return _identity_fault(filename, name, version) is None


def _are_equal_versions(first: str, second: str) -> bool:
    """Compare as PEP 440 does, where file names may spell the ``+`` of a local version as ``_``."""
    try:
        return Version(first.replace("_", "+", 1)) == Version(second.replace("_", "+", 1))
    except ValueError:  # also for digits without end
        return False
