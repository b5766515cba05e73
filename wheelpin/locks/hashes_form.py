"""The form without addresses: ``name==version --hash=sha256:…``, for pip 8 and 9 and for those behind a mirror.

It stays within the oldest grammar that knows hashes: no line continues, no marker, no extra. The file's name
stands in a comment, so that the lock reads back and a mirror's file can be found by it; indexes are left out.
"""

from collections.abc import Iterator
from dataclasses import replace

from wheelpin.locks.model import Lock, LockedFile, Pin, UnnamedFile
from wheelpin.locks.pip_lines import lines_to_text


def to_hashes(lock: Lock) -> str:
    """Write *lock* for ``pip install --require-hashes``."""
    return lines_to_text(replace(lock, indexes=()), _lines_of_pin)


def _lines_of_pin(pin: Pin) -> Iterator[str]:
    requirement = f"{pin.project}=={pin.version}"
    match pin.file:
        case LockedFile(filename=filename, sha256=sha256):
            yield f"{requirement} --hash=sha256:{sha256}"
            yield f"file: {filename}"
        case UnnamedFile(digests=digests):
            yield " ".join([requirement, *(f"--hash=sha256:{digest}" for digest in sorted(digests))])
