"""The digests of files on disk."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from wheelpin.values import Sha256


def sha256_of(path: Path) -> Sha256 | None:
    """Return the digest of a file, or None if there is none that can be read."""
    try:
        with path.open("rb") as file:
            return Sha256(hashlib.file_digest(file, "sha256").hexdigest())
    except OSError:
        return None


def read_present(folder: Path, filenames: Iterable[str]) -> dict[str, Sha256]:
    """Return the digests of those of *filenames* that *folder* holds."""
    found = {filename: sha256_of(folder / filename) for filename in sorted(set(filenames))}
    return {filename: digest for filename, digest in found.items() if digest is not None}
