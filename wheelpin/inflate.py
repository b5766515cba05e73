"""The fastest inflate and CRC-32 at hand: ISA-L's where its wheels run, else those of the standard library."""

from typing import cast
from zlib import MAX_WBITS

try:
    from isal import isal_zlib as _library
except ImportError:  # pragma: no cover - a platform without wheels of it
    import zlib as _library  # type: ignore[no-redef]

RAW = -MAX_WBITS
"""Deflate without a header, as ZIP archives have it."""
GZIP = MAX_WBITS | 16
"""Members with header and checksum (RFC 1952)."""

InflateError = cast(type[Exception], _library.error)
crc32 = _library.crc32
new_inflater = _library.decompressobj
"""Called with `RAW` or `GZIP`; what it returns is used like a ``zlib.decompressobj``."""
