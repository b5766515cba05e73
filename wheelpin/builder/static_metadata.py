"""What a wheel will say of itself before it is built, where that can be believed (Metadata 2.2 and later)."""

import re
from pathlib import Path

from packaging.utils import NormalizedName

from wheelpin.builder.fetch import wheel_name_for
from wheelpin.builder.sources import Source
from wheelpin.candidates.listing import Listing
from wheelpin.files import CoreMetadata, IndexFile, ProjectPage
from wheelpin.index.metadata import parse_metadata
from wheelpin.index.wheel_metadata import read_wheel_metadata, view_of
from wheelpin.safe_write import FileNotWritableError
from wheelpin.values import IndexUrl

_HEADER = re.compile(rb"^(metadata-version|dynamic):[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_MATTERS = frozenset({"requires-dist", "requires-python", "provides-extra", "version", "name"})


def metadata_without_build(source: Source, file: IndexFile, project: NormalizedName) -> CoreMetadata | None:
    """Return what every wheel of the sdist *file* will say, or None where only a build can tell.

    Raise `MetadataUnusableError` for metadata of something else.
    """
    versions = Listing(ProjectPage(project=project, index=IndexUrl(""), files=(file,))).sdists
    if source.metadata is None or not versions:
        return None
    return read_static_metadata(source.metadata, wheel_name_for(project, next(iter(versions))))


def metadata_of_wheel(path: Path) -> CoreMetadata:
    """Read a wheel's own METADATA; raise `MetadataUnusableError` and `FileNotWritableError`."""
    try:
        with path.open("rb") as stream:
            return parse_metadata(read_wheel_metadata(view_of(stream), path.name), path.name)
    except OSError as error:
        raise FileNotWritableError(str(path), error.strerror or str(error)) from error


def read_static_metadata(pkg_info: bytes, wheel_name: str) -> CoreMetadata | None:
    """Return what every wheel of the sdist will say, or None where only a build can tell.

    *wheel_name* is a name that a wheel of it would have. Raise `MetadataUnusableError` for metadata of something else.
    """
    head = re.split(rb"\r?\n\r?\n", pkg_info, maxsplit=1)[0]
    version, dynamic = b"1.0", set[str]()
    for key, value in _HEADER.findall(head):
        if key.lower() == b"dynamic":
            dynamic.add(value.decode("utf-8", "replace").strip().lower())
        else:
            version = value.strip()
    if not _is_at_least_2_2(version) or dynamic & _MATTERS:
        return None
    return parse_metadata(pkg_info, wheel_name)


def _is_at_least_2_2(version: bytes) -> bool:
    found = re.fullmatch(rb"(\d{1,3})\.(\d{1,3})", version)
    return found is not None and (int(found[1]), int(found[2])) >= (2, 2)
