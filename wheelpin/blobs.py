"""The file of one blob: where it lies, and a header that tells whether it is whole. Loads next to nothing."""

import struct
import zlib
from _collections_abc import Callable
from io import FileIO

from wheelpin.digests import sha256_of_bytes

_HEADER = struct.Struct(">8sQI")
"""Magic with format version, length, CRC-32."""
_MAGIC = b"wpblob\x00\x01"
Checksum = Callable[[bytes | memoryview, int], int]
"""CRC-32 of data behind others, as `zlib.crc32` has it: whoever reads many blobs brings a faster one."""


def blob_path(kind: str, key: str) -> str:
    """Return where the blob of *key* lies below a cache's folder: ``KIND/ab/cdef…`` by the key's SHA-256."""
    digest = sha256_of_bytes(key.encode(errors="backslashreplace"))
    return f"{kind}/{digest[:2]}/{digest[2:]}"


def wrapped(*parts: bytes | memoryview, crc32: Checksum = zlib.crc32) -> tuple[bytes | memoryview, ...]:
    """Put the header before the *parts* of a blob, which are not copied for that."""
    checksum = 0
    for part in parts:
        checksum = crc32(part, checksum)
    return (_HEADER.pack(_MAGIC, sum(map(len, parts)), checksum), *parts)


def read_blob(file: FileIO, crc32: Checksum = zlib.crc32) -> bytes | None:
    """Read what follows the header in a file, or return None if that is torn or no blob's; raise `OSError`."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    magic, length, checksum = _HEADER.unpack(header)
    blob = file.read()
    return blob if magic == _MAGIC and length == len(blob) and checksum == crc32(blob, 0) else None
