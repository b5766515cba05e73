"""What is kept of a build beside its wheel and in the cache: one JSON form for both. Pure."""

import hashlib
import json
from collections.abc import Iterable

import msgspec

from wheelpin.locks import Provenance
from wheelpin.project import Recipe
from wheelpin.values import Sha256

ENDING = ".provenance.json"
"""Of the file beside a wheel: ``docopt-0.6.2-py3-none-any.whl.provenance.json``."""


class BuildRecord(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """A wheel that was built, and all that went into it."""

    wheelpin_provenance: int = 1
    wheel: str
    sha256: str
    targets: tuple[str, ...]
    """What it was built for first, and what else has been found to take it."""
    recipe: str
    source: str
    source_sha256: str
    image: str
    image_digest: str | None = None
    requirements: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What people should know of it: an extension that it does not have."""

    @property
    def provenance(self) -> Provenance:
        """What a lock says of it."""
        return Provenance(
            source=self.source,
            source_sha256=Sha256(self.source_sha256),
            image=self.image,
            image_digest=self.image_digest,
            requirements=self.requirements,
            tools=self.tools,
        )


def make_record(provenance: Provenance, *, wheel: str, sha256: Sha256, target: str, recipe: str) -> BuildRecord:
    """Join a wheel and its provenance; *recipe* is `recipe_digest`."""
    return BuildRecord(
        wheel=wheel,
        sha256=sha256,
        targets=(target,),
        recipe=recipe,
        source=provenance.source,
        source_sha256=provenance.source_sha256,
        image=provenance.image,
        image_digest=provenance.image_digest,
        requirements=provenance.requirements,
        tools=provenance.tools,
    )


def record_to_json(record: BuildRecord) -> bytes:
    """Spell a record: equal ones are equal bytes."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def parse_record(text: bytes) -> BuildRecord | None:
    """Read a record; None if it is none, or one of a later wheelpin."""
    try:
        found = msgspec.json.decode(text, type=BuildRecord)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return found if found.wheelpin_provenance == 1 else None


def recipe_digest(recipe: Recipe, patches: Iterable[bytes]) -> str:
    """Name a recipe by what it says and what its patches hold; how it tests the wheel is no part of that."""
    said: dict[str, object] = {
        "system-packages": recipe.system_packages,
        "environment": sorted(recipe.environment.items()),
        "before-build": recipe.before_build,
        "patches": [hashlib.sha256(patch).hexdigest() for patch in patches],
        "config-settings": sorted((name, value) for name, value in recipe.config_settings.items()),
        "build-requires": recipe.build_requires,
        "network": recipe.network,
        "image": recipe.image,
    }
    # What came later is named only where it is said: digests in locks stay what they were.
    if recipe.optional_extensions:
        said["optional-extensions"] = sorted(recipe.optional_extensions)
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
