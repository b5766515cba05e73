"""When the metadata of an sdist can be believed without building it (Metadata 2.2 and later). Pure."""

import re

from wheelpin.files import CoreMetadata
from wheelpin.index.metadata import parse_metadata

_HEADER = re.compile(rb"^(metadata-version|dynamic):[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_MATTERS = frozenset({"requires-dist", "requires-python", "provides-extra", "version", "name"})


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
