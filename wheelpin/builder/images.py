"""Which image a wheel for a target is built in: the table of official ones, and the rule that picks from it."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pkgutil import get_data
from typing import Any

from msgspec import Struct

from wheelpin.target import Libc, Linux, Target

OFFICIAL_REGISTRY = "quay.io/pypa"
"""Where the official images are; a mirror has them under another address by the same names."""
_CAVEAT = " (by the project's announcements; nobody has read this row of the table from the registry)"
_LEGACY_MINORS = {"manylinux1": 5, "manylinux2010": 12, "manylinux2014": 17}
_KEYS = frozenset(
    {"policy", "tag", "architectures", "pythons", "digests", "is-kept-up", "is-verified", "checked-on", "source"}
)


class OfficialImage(Struct, frozen=True, kw_only=True):
    """One image of the table on one architecture."""

    policy: str
    """``manylinux_2_28``."""
    architecture: str
    tag: str
    """Dated, so that tags sort by age once their separators are alike."""
    digest: str | None
    """``sha256:…``; None where nobody read it from the registry."""
    pythons: frozenset[str]
    """What stands in its ``/opt/python``: ``cp36-cp36m``."""
    is_kept_up: bool
    """Images of this policy are still made; the package repositories of others are mostly gone."""
    is_verified: bool
    """Somebody read tag, digest and Pythons from the registry."""
    checked_on: date
    source: str

    @property
    def libc(self) -> Libc:
        """The C library that wheels are built against in it."""
        return Libc.MUSL if self.policy.startswith("musllinux") else Libc.GLIBC

    @property
    def libc_minor(self) -> int:
        """N of glibc 2.N or musl 1.N."""
        return _LEGACY_MINORS.get(self.policy) or int(self.policy.rpartition("_")[2])

    @property
    def repository(self) -> str:
        """The name without registry and tag."""
        return f"{self.policy}_{self.architecture}"

    def name(self, registry: str) -> str:
        """Spell it for an engine, pinned by its digest where that is known."""
        pin = f"@{self.digest}" if self.digest else f":{self.tag}"
        return f"{registry.rstrip('/')}/{self.repository}{pin}"

    @property
    def age(self) -> tuple[int, str]:
        """Sort by libc, then by date."""
        return self.libc_minor, self.tag.replace("-", ".")

    @property
    def preference(self) -> tuple[bool, int, str]:
        """Sort by what to build in: those that are kept up, then by age."""
        return self.is_kept_up, *self.age


class ImageOverrides(Struct, frozen=True, kw_only=True):
    """What the user says about images."""

    image: str | None = None
    """The image to take, whatever the table says."""
    registry: str = OFFICIAL_REGISTRY


class ImageChoice(Struct, frozen=True, kw_only=True):
    """The image that a target gets."""

    name: str
    """As engines take it."""
    python_folder: str
    """Where the target's Python is in it, if it is laid out as official images are."""
    why: str
    official: OfficialImage | None
    """None for one that the user named: nothing is known of it."""

    def __str__(self) -> str:
        return f"{self.name}: {self.why}{'' if self.is_verified else _CAVEAT}"

    @property
    def is_verified(self) -> bool:
        """Tell whether all that is known of it was read from its registry, or is the user's own affair."""
        return self.official is None or self.official.is_verified


class NoImage(Struct, frozen=True, kw_only=True):
    """Why no official image serves a target."""

    target: str
    reason: str
    hint: str

    def __str__(self) -> str:
        return f"no official image builds for {self.target}: {self.reason}"


@cache
def official_images() -> tuple[OfficialImage, ...]:
    """Load the table, oldest libc first."""
    return read_images((get_data("wheelpin.builder", "images.toml") or b"").decode("utf-8"))


def read_images(text: str) -> tuple[OfficialImage, ...]:
    """Read a table of images, one a row and architecture; raise ValueError naming the row that is wrong."""
    found: list[OfficialImage] = []
    for number, row in enumerate(tomllib.loads(text).get("image", ()), 1):
        try:
            found.extend(_expand(row))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"image {number}: {error}") from error
    return tuple(sorted(found, key=lambda image: (image.libc, image.age, image.architecture)))


def choose_image(
    target: Target, *, overrides: ImageOverrides | None = None, images: Iterable[OfficialImage] | None = None
) -> ImageChoice | NoImage:
    """Choose the newest image whose libc the target has and that still holds its Python, or tell why there is none."""
    overrides = overrides or ImageOverrides()
    python = python_name(target)
    folder = f"/opt/python/{python}"
    if overrides.image is not None:
        return ImageChoice(name=overrides.image, python_folder=folder, why="named by you", official=None)
    platform = target.platform
    if not isinstance(platform, Linux) or platform.libc is None:
        return _no_image(target, f"official images are of Linux with a known libc, and the target is {platform}")
    known = [image for image in (official_images() if images is None else images) if image.libc is platform.libc]
    of_arch = [image for image in known if image.architecture == platform.arch]
    if not of_arch:
        return _no_image(target, f"there is none of {platform.libc} for {platform.arch}")
    fit = [image for image in of_arch if image.libc_minor <= platform.libc_minor]
    level = libc_level(platform.libc, platform.libc_minor)
    if not fit:
        oldest = min(of_arch, key=lambda image: image.libc_minor)
        needed = libc_level(oldest.libc, oldest.libc_minor)
        return _no_image(target, f"the oldest for {platform.arch} is of {needed}, and the target has {level}")
    serving = [image for image in fit if python in image.pythons]
    if not serving:
        return _no_image(target, _lack(python, level, of_arch))
    best = max(serving, key=lambda image: image.preference)
    return ImageChoice(
        name=best.name(overrides.registry), python_folder=folder, why=_why(best, fit, python, level), official=best
    )


def python_name(target: Target) -> str:
    """Return the folder in ``/opt/python`` that holds the target's interpreter."""
    interpreter = target.interpreter
    abi = interpreter.abi
    if abi.startswith("abi3"):
        # The stable ABI alone is built with the interpreter's own headers.
        flags = ("m" if interpreter.version < (3, 8) else "") if abi == "abi3" else "t"
        abi = f"{interpreter.tag}{flags}"
    return f"{interpreter.tag}-{abi}"


def libc_level(libc: Libc, minor: int) -> str:
    """Spell ``glibc 2.28``."""
    return f"{libc} {1 if libc is Libc.MUSL else 2}.{minor}"


def _why(best: OfficialImage, fit: Iterable[OfficialImage], python: str, level: str) -> str:
    base = f"{libc_level(best.libc, best.libc_minor)} serves the target's {level}"
    newer = max((image for image in fit if image.age > best.age), key=lambda image: image.age, default=None)
    if newer is None:
        return base
    against = "is no longer kept up" if python in newer.pythons else f"has no {python}"
    return f"{base}; {newer.repository}:{newer.tag} is newer and {against}"


def _lack(python: str, level: str, of_arch: Iterable[OfficialImage]) -> str:
    holders = [image for image in of_arch if python in image.pythons]
    if not holders:
        return f"none for this architecture holds {python}"
    nearest = min(holders, key=lambda image: image.age)
    needed = libc_level(nearest.libc, nearest.libc_minor)
    return f"{python} is in none of {level} or older; {nearest.repository}:{nearest.tag} holds it and is of {needed}"


def _no_image(target: Target, reason: str) -> NoImage:
    return NoImage(target=str(target), reason=reason, hint="name an image in the project's file: build.NAME.image")


def _expand(row: Mapping[str, Any]) -> list[OfficialImage]:
    if unknown := row.keys() - _KEYS:
        raise ValueError(f"unknown keys {', '.join(sorted(unknown))}")
    digests = row.get("digests", {})
    if strange := digests.keys() - set(row["architectures"]):
        raise ValueError(f"digests of {', '.join(sorted(strange))}, which the row does not name")
    images = [
        OfficialImage(
            policy=row["policy"],
            architecture=architecture,
            tag=row["tag"],
            digest=digests.get(architecture),
            pythons=frozenset(row["pythons"]),
            is_kept_up=row["is-kept-up"],
            is_verified=row["is-verified"],
            checked_on=row["checked-on"],
            source=row["source"],
        )
        for architecture in row["architectures"]
    ]
    _ = [image.libc_minor for image in images]  # a policy without a libc is no policy
    return images
