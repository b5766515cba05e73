"""The list of what wheelpin laid into a folder, kept in it, so that a later run knows its own files from others'."""

import json
from collections.abc import Mapping
from typing import Self

import msgspec
from msgspec import Struct

from wheelpin.bundle.tree import Tree
from wheelpin.values import Sha256

MANIFEST_NAME = ".wheelpin.json"
_FORMAT = 1


class Laid(Struct, frozen=True):
    """One file as it was laid."""

    sha256: Sha256
    size_bytes: int


class Manifest(Struct, frozen=True, kw_only=True):
    """What a folder was filled with, and for which target."""

    target: str
    wheels: tuple[str, ...]
    """File names."""
    files: Mapping[str, Laid]

    @classmethod
    def of(cls, tree: Tree, *, target: str) -> Self:
        """List the files of *tree*."""
        return cls(
            target=target,
            wheels=tuple(wheel.filename for wheel in tree.wheels),
            files={file.path: Laid(file.sha256, file.size_bytes) for file in tree.files},
        )

    def to_bytes(self) -> bytes:
        """Spell the manifest as JSON; equal manifests are equal bytes."""
        value = {
            "wheelpin-folder": _FORMAT,
            "target": self.target,
            "wheels": self.wheels,
            "files": {path: [laid.sha256, laid.size_bytes] for path, laid in sorted(self.files.items())},
        }
        return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def read_manifest(body: bytes) -> Manifest | None:
    """Read a manifest; None if it is none, or one of a format that this version does not know."""
    try:
        value = json.loads(body)
        if value["wheelpin-folder"] != _FORMAT:
            return None
        files = {str(path): Laid(Sha256(str(digest)), int(size)) for path, (digest, size) in value["files"].items()}
        return Manifest(target=str(value["target"]), wheels=tuple(map(str, value["wheels"])), files=files)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
