"""Judge the names of members before any of them becomes a path."""

import re
from collections.abc import Iterable
from functools import lru_cache

_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONGEST_PATH = 1024
_LONGEST_SEGMENT = 255


def path_fault(name: str) -> str | None:
    """Return what is unsafe about a member's name, a folder's final slash aside, or None.

    The judgement is the same on every host: what one system would take for a device, a drive or a parent
    folder is refused on all.
    """
    if not name or len(name.encode("utf-8", "surrogatepass")) > _LONGEST_PATH:
        return "it is empty" if not name else "it is too long"
    if _CONTROL.search(name) is not None:
        return "it has control characters"
    if "\\" in name:
        return "it has a backslash"
    if name.startswith("/"):
        return "it is absolute"
    if _DRIVE.match(name) is not None:
        return "it names a drive"
    return next(filter(None, map(segment_fault, name.split("/"))), None)


@lru_cache(4096)
def segment_fault(segment: str) -> str | None:
    """Return what is unsafe about one part of a name, or None."""
    if not segment:
        return "it has an empty part"
    if not segment.strip(". "):
        return "it leads to another folder"
    if len(segment.encode("utf-8", "surrogatepass")) > _LONGEST_SEGMENT:
        return "a part of it is too long"
    if _DEVICE.fullmatch(segment) is not None:
        return "it names a device on Windows"
    return None


def script_fault(name: str) -> str | None:
    """Return what is unsafe about the name of a script, which stands alone in its folder, or None."""
    if "/" in name or ":" in name:
        return "it is no plain file name"
    return path_fault(name)


def parent_folders(path: str) -> Iterable[str]:
    """Yield the folders that *path* lies in, innermost first."""
    while (cut := path.rfind("/")) > 0:
        path = path[:cut]
        yield path
