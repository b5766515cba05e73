"""The file of one blob: where it lies, and a header that tells whether it is whole. Loads next to nothing."""

import hashlib
import struct
import zlib

_HEADER = struct.Struct(">8sQI")
"""Magic with format version, length, CRC-32."""
_MAGIC = b"wpblob\x00\x01"


def blob_path(kind: str, key: str) -> str:
    """Return where the blob of *key* lies below a cache's folder: ``KIND/ab/cdef…`` by the key's SHA-256."""
    digest = hashlib.sha256(key.encode(errors="backslashreplace")).hexdigest()
    return f"{kind}/{digest[:2]}/{digest[2:]}"


def wrapped(*parts: bytes) -> tuple[bytes, ...]:
    """Put the header before the *parts* of a blob, which are not copied for that."""
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return (_HEADER.pack(_MAGIC, sum(map(len, parts)), checksum), *parts)


def unwrapped(data: bytes) -> bytes | None:
    """Take the header off, or return None if the data are torn or no blob's."""
    if len(data) < _HEADER.size:
        return None
    magic, length, checksum = _HEADER.unpack_from(data)
    blob = data[_HEADER.size :]
    return blob if magic == _MAGIC and length == len(blob) and checksum == zlib.crc32(blob) else None
