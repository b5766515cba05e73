"""Platforms and the platform tags that each takes, best first (PEP 425, 513, 571, 599, 600, 656, 783)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import assert_never

from msgspec import Struct


class Libc(StrEnum):
    """The C library that Linux wheels are built against."""

    GLIBC = "glibc"
    MUSL = "musl"


class Linux(Struct, frozen=True, kw_only=True):
    """Linux with at least one libc level, or, when *libc* is None, with a libc nobody named."""

    arch: str
    libc: Libc | None
    libc_minor: int = 0
    """N of glibc 2.N or musl 1.N."""
    takes_plain: bool = False
    """Beside its libc's wheels, also take ``linux_*`` ones, which promise nothing about a libc."""
    is_exact: bool = False
    """Take wheels of this very level only, and not those of older ones."""
    pip: tuple[int, int] | None = None
    """The pip that will install there, where it is too old to know every name of a libc level."""

    def __str__(self) -> str:
        if self.libc is None:
            return f"linux_{self.arch}"
        if self.libc is Libc.GLIBC:
            level = _legacy_name(self.libc_minor, self.arch) or f"manylinux_2_{self.libc_minor}"
        else:
            level = f"musllinux_1_{self.libc_minor}"
        return f"{level}_{self.arch}{'-linux' if self.takes_plain else ''}{self._limits()}"

    def _limits(self) -> str:
        exact = "-exact" if self.is_exact else ""
        return exact if self.pip is None else f"{exact}-pip{self.pip[0]}.{self.pip[1]}"

    def is_known_to_pip(self, tag: str) -> bool:
        """Tell whether the target's pip knows the name of a libc level at all."""
        return self.pip is None or self.pip >= next(
            (since for start, since in _KNOWN_TO_PIP_SINCE.items() if tag.startswith(start)), (0, 0)
        )


class MacOS(Struct, frozen=True, kw_only=True):
    """macOS of at least this version."""

    version: tuple[int, int]
    arch: str

    def __str__(self) -> str:
        return f"macosx_{self.version[0]}_{self.version[1]}_{self.arch}"


class Windows(Struct, frozen=True, kw_only=True):
    """Windows; the tag says nothing about its version."""

    arch: str
    """``x86``, ``amd64`` or ``arm64``."""

    def __str__(self) -> str:
        return "win32" if self.arch == "x86" else f"win_{self.arch}"


class Emscripten(Struct, frozen=True, kw_only=True):
    """WebAssembly in a browser or a worker (PEP 783); each ABI stands alone, none includes an older one."""

    abi: str
    """``pyemscripten_2026_0`` or ``emscripten_4_0_9``."""
    arch: str = "wasm32"

    def __str__(self) -> str:
        return f"{self.abi}_{self.arch}"


Platform = Linux | MacOS | Windows | Emscripten

NEWEST_MINOR = 99
"""Far beyond any release; keeps a slip of the finger from making a million tags."""

_KNOWN_TO_PIP_SINCE = {
    "manylinux1_": (8, 1),
    "manylinux2010_": (19, 0),
    "manylinux2014_": (19, 3),
    "manylinux_": (20, 3),
    "musllinux_": (21, 2),
}
"""Which pip first took wheels of a name; older ones pass over them, whatever the libc."""

LEGACY_GLIBC_MINORS = {"manylinux2014": 17, "manylinux2010": 12, "manylinux1": 5}
_LEGACY_ARCHS = {
    "manylinux1": ("x86_64", "i686"),
    "manylinux2010": ("x86_64", "i686"),
    "manylinux2014": ("x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x"),
}
_OLDEST_GLIBC_MINOR = {"x86_64": 5, "i686": 5}
_OLDEST_GLIBC_MINOR_ELSEWHERE = 17

LINUX_ARCHS = (
    *("x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64", "loongarch64"),
    *(
        "ppc64",
        "armv6l",
        "armv5l",
        "armv8l",
        "i586",
        "i386",
        "mips64",
        "mips64el",
        "riscv32",
        "sparc64",
        "alpha",
        "ppc",
    ),
)
"""Architectures that wheels are known to name. The list is open: it serves to notice misspelt ones."""


def oldest_glibc_minor(arch: str) -> int:
    """Return N of the oldest glibc 2.N that any wheel for *arch* is tagged with."""
    return _OLDEST_GLIBC_MINOR.get(arch, _OLDEST_GLIBC_MINOR_ELSEWHERE)


def legacy_archs(name: str) -> tuple[str, ...]:
    """Return the architectures that a legacy manylinux name was defined for."""
    return _LEGACY_ARCHS[name]


def _legacy_name(glibc_minor: int, arch: str) -> str | None:
    for name, minor in LEGACY_GLIBC_MINORS.items():
        if minor == glibc_minor and arch in _LEGACY_ARCHS[name]:
            return name
    return None


def platform_tags(platform: Platform) -> Iterator[str]:
    """Yield the platform tags that *platform* takes, best first, without ``any``.

    A libc level means this and everything older. At one level the perennial name stands before its legacy
    alias. A plain ``linux_*`` wheel promises nothing about its libc, so that only a target without a libc,
    or one that asks for them, takes it: after all that promise something.
    """
    match platform:
        case Linux():
            yield from filter(platform.is_known_to_pip, _linux_tags(platform))
        case MacOS():
            yield from _macos_tags(platform)
        case Windows():
            yield str(platform)
        case Emscripten():
            yield str(platform)
            if platform.abi.startswith("pyemscripten_"):
                # The series was called so before PEP 783; runtimes take wheels by either name.
                yield str(platform).replace("pyemscripten_", "pyodide_")
        case _:
            assert_never(platform)


def _linux_tags(platform: Linux) -> Iterator[str]:
    arch, newest = platform.arch, platform.libc_minor
    if platform.libc is Libc.GLIBC:
        oldest = newest if platform.is_exact else oldest_glibc_minor(arch)
        for minor in range(newest, oldest - 1, -1):
            yield f"manylinux_2_{minor}_{arch}"
            if legacy := _legacy_name(minor, arch):
                yield f"{legacy}_{arch}"
    elif platform.libc is Libc.MUSL:
        oldest = newest if platform.is_exact else 0
        for minor in range(newest, oldest - 1, -1):
            yield f"musllinux_1_{minor}_{arch}"
    if platform.libc is None or platform.takes_plain:
        yield f"linux_{arch}"


def _macos_tags(platform: MacOS) -> Iterator[str]:
    # Until 10.16 a yearly release raised the minor; since 11 it raises the major and wheels say X_0.
    major, minor = platform.version
    for newer in range(major, 10, -1):
        for form in _binary_forms(platform.arch):
            yield f"macosx_{newer}_0_{form}"
    oldest = 4  # Intel Macs began with 10.4.
    newest = minor if major == 10 else 16
    for older in range(newest, oldest - 1, -1):
        # An ARM Mac runs the universal2 wheels whose Intel half was built for an older system.
        for form in _binary_forms(platform.arch) if platform.arch == "x86_64" else ("universal2",):
            yield f"macosx_10_{older}_{form}"


def _binary_forms(arch: str) -> tuple[str, ...]:
    if arch == "x86_64":
        return ("x86_64", "intel", "fat64", "fat3", "universal2", "universal")
    return (arch, "universal2")
