"""What somebody promises to a wheel's binaries: a platform tag that the wheel claims, or the target."""

from collections.abc import Iterator
from itertools import product
from re import fullmatch

from msgspec import Struct

from wheelpin.elf.policy import Policy, PolicyTables
from wheelpin.elf.wheel import WheelTags
from wheelpin.target import Libc, Linux
from wheelpin.target.misfit import libc_of


class Promise(Struct, frozen=True, kw_only=True):
    """A machine that a wheel's ELF files should load on."""

    holder: str
    """Who promises, as the subject of a sentence: ``the target``, ``manylinux2014_x86_64``."""
    architecture: str
    libc: Libc | None
    """None promises nothing about it, as ``linux_*`` does."""
    minor: int
    """N of glibc 2.N or musl 1.N."""
    policy: Policy | None
    """What beyond the libc is promised; None where nobody defined it."""

    def has_version(self, version: str) -> bool:
        """Tell whether ``GLIBC_2.28`` and its like are there; versions that no policy speaks of are not judged.

        A level between two policies has what the older one promises, and its own glibc.
        """
        prefix, _, number = version.partition("_")
        known = self.policy.versions.get(prefix) if self.policy else None
        if known is not None and number in known:
            return True
        if prefix != "GLIBC":
            return known is None
        # GLIBC_ABI_DT_RELR came with 2.36 and is the one name without a number that wheels use.
        needed = (2, 36) if number == "ABI_DT_RELR" else release(number)
        oldest = self.policy.minor if self.policy else 0
        return needed is not None and (2, oldest) < needed < (2, self.minor + 1)

    def newest(self, version: str) -> str | None:
        """Return the newest there is of what *version* asks for: ``2.17`` for ``GLIBC_2.28``."""
        prefix = version.partition("_")[0]
        if prefix == "GLIBC" and self.libc is Libc.GLIBC:
            return f"2.{self.minor}"
        known = self.policy.versions.get(prefix, ()) if self.policy else ()
        numbered = [(number, text) for text in known if (number := release(text)) is not None]
        return max(numbered)[1] if numbered else None

    def fits(self, architecture: str) -> bool:
        """Tell whether files for *architecture* run there."""
        return architecture == elf_name(self.architecture)


_FILES_OF = {"i386": "i686", "i486": "i686", "i586": "i686", "armv6l": "armv7l", "armv8l": "armv7l", "armv5l": "armel"}
"""Architectures of tags whose ELF headers are those of another."""


def elf_name(architecture: str) -> str:
    """Return the architecture that files for *architecture*, as a tag spells it, are told by."""
    return _FILES_OF.get(architecture, architecture)


def release(text: str) -> tuple[int, ...] | None:
    """Read ``2.3.4``; None if it is no such number."""
    return tuple(map(int, text.split("."))) if fullmatch(r"\d{1,4}(\.\d{1,4}){0,5}", text) else None


def promise_of_tag(platform: str, tables: PolicyTables) -> Promise | None:
    """Return what one platform tag promises to ELF files; None if it is not for Linux."""
    if level := libc_of(platform):
        libc, minor, architecture = level
        return promise_of_level(platform, libc, minor=minor, architecture=architecture, tables=tables)
    if match := fullmatch(r"linux_(\w+)", platform):
        return Promise(holder=platform, architecture=match[1], libc=None, minor=0, policy=None)
    return None


def promise_of_target(platform: Linux, tables: PolicyTables) -> Promise:
    """Return what a target promises to ELF files."""
    if platform.libc is None:
        return Promise(holder="the target", architecture=platform.arch, libc=None, minor=0, policy=None)
    return promise_of_level(
        "the target", platform.libc, minor=platform.libc_minor, architecture=platform.arch, tables=tables
    )


def promise_of_level(holder: str, libc: Libc, *, minor: int, architecture: str, tables: PolicyTables) -> Promise:
    """Return what a libc's level on an architecture promises to ELF files."""
    policy = tables.newest_within(libc, elf_name(architecture), minor)
    return Promise(holder=holder, architecture=architecture, libc=libc, minor=minor, policy=policy)


def claimed_interpreters(tags: WheelTags) -> Iterator[tuple[str, str]]:
    """Yield the interpreters and ABIs that a compressed set means, without the pairs that name nothing."""
    for interpreter, abi in product(tags.interpreters, tags.abis):
        is_own = fullmatch(rf"{interpreter}[a-z]*", abi) if interpreter.isalnum() else None
        if abi in ("none", "abi3", "abi3t") or is_own or not abi.startswith("cp"):
            yield interpreter, abi
