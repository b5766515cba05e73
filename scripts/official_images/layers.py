"""Which Pythons an image holds, read off its layers without running it."""

import re
import tarfile
from collections.abc import Iterator
from io import BufferedIOBase

from official_images.registry import Manifest, Registry

_PYTHON = re.compile(r"(?:\./)?opt/python/((?:cp|pp)\d[\w-]*)")


def pythons_of(repository: str, manifest: Manifest, registry: Registry) -> frozenset[str]:
    """Return the names in ``/opt/python``, which the images' build makes in one of its last steps."""
    for digest in reversed(manifest.layers):
        with registry.layer(repository, digest) as pieces:
            found = _named_in(pieces)
        if found:
            return found
    return frozenset()


def _named_in(pieces: Iterator[bytes]) -> frozenset[str]:
    with tarfile.open(fileobj=_Pieces(pieces), mode="r|*") as archive:
        names = (_PYTHON.fullmatch(member.name.rstrip("/")) for member in archive)
        return frozenset(match[1] for match in names if match is not None)


class _Pieces(BufferedIOBase):
    """A stream of pieces that tarfile can read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = -1 if size is None else size
        while wanted < 0 or len(self._rest) < wanted:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        end = len(self._rest) if wanted < 0 else wanted
        taken, self._rest = self._rest[:end], self._rest[end:]
        return taken
