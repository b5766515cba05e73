"""How a wheel that nobody published was made: what a lock says of it, and how that is spelled in comments.

::

    # built-from: https://files.example/docopt-0.6.2.tar.gz#sha256=…
    # built-in: registry.example/manylinux2014_x86_64@sha256:…
    # built-with: pip==21.3.1 setuptools==59.6.0 wheel==0.37.1
    # built-by: auditwheel 5.1.2, patchelf 0.14.3
"""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import force_setattr

from wheelpin.values import Sha256, without_secrets


class Provenance(Struct, frozen=True, kw_only=True):
    """Everything that went into a wheel."""

    source: str
    """The sdist's address without secrets, or its file name where it came from this machine."""
    source_sha256: Sha256
    image: str
    """The container image's name."""
    image_digest: str | None
    """``sha256:…`` as a registry or the engine knows the image."""
    requirements: tuple[str, ...] = ()
    """What the build had at hand, pinned: ``setuptools==59.6.0``. Kept sorted."""
    tools: tuple[str, ...] = ()
    """What else had a part in it: ``auditwheel 5.1.2``."""

    def __post_init__(self) -> None:
        force_setattr(self, "requirements", tuple(sorted(set(self.requirements))))


BUILT_KEYS = ("built-from", "built-in", "built-with", "built-by")
"""The comments' keys, in their order."""

_SOURCE = re.compile(r"(?P<source>.+)#sha256=(?P<sha256>[0-9a-f]{64})")
_IMAGE = re.compile(r"(?P<image>[^@]+)(?:@(?P<digest>sha256:[0-9a-f]+))?")


def iter_comments(provenance: Provenance) -> Iterator[str]:
    """Yield the comments that say it, without their ``#``."""
    yield f"built-from: {without_secrets(provenance.source)}#sha256={provenance.source_sha256}"
    digest = "" if provenance.image_digest is None else f"@{provenance.image_digest}"
    yield f"built-in: {provenance.image.partition('@')[0]}{digest}"
    if provenance.requirements:
        yield f"built-with: {' '.join(provenance.requirements)}"
    if provenance.tools:
        yield f"built-by: {', '.join(provenance.tools)}"


def parse_comments(said: Mapping[str, str]) -> Provenance | None:
    """Read the values under `BUILT_KEYS`; None where they do not tell what was built from what."""
    source, image = _SOURCE.fullmatch(said.get("built-from", "")), _IMAGE.fullmatch(said.get("built-in", ""))
    if source is None or image is None:
        return None
    return Provenance(
        source=source["source"],
        source_sha256=Sha256(source["sha256"]),
        image=image["image"],
        image_digest=image["digest"],
        requirements=tuple(said.get("built-with", "").split()),
        tools=tuple(filter(None, (tool.strip() for tool in said.get("built-by", "").split(",")))),
    )
