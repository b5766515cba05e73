"""SHA-256 of what is at hand. Loads next to nothing: OpenSSL, where hashlib has it from, takes milliseconds to load."""

try:  # CPython's own, under the name that it has from 3.12 on, and before
    from _sha2 import sha256 as _sha256  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    try:
        from _sha256 import sha256 as _sha256  # type: ignore[import-not-found, unused-ignore]
    except ImportError:  # pragma: no cover - another interpreter
        from hashlib import sha256 as _sha256

_MUCH = 1024 * 1024
"""Bytes that OpenSSL hashes sooner, its loading included."""


def sha256_of_bytes(data: bytes) -> str:
    """Return the digest of *data* in hexadecimal digits."""
    if len(data) < _MUCH:
        return str(_sha256(data).hexdigest())
    import hashlib  # noqa: PLC0415 - see above

    return hashlib.sha256(data).hexdigest()
