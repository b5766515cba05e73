"""Why a wheel's tags do not fit a target: the nearest miss among the tags of its compressed set."""

import re
from collections.abc import Iterator
from enum import IntEnum

from msgspec import Struct

from wheelpin.target.platforms import (
    LEGACY_GLIBC_MINORS,
    Emscripten,
    Libc,
    Linux,
    MacOS,
    Platform,
    Windows,
    platform_tags,
)
from wheelpin.target.python import Interpreter


class Part(IntEnum):
    """The part of a tag that keeps a wheel from its target; a higher value is a nearer miss."""

    SHAPE = 0
    """No tag that PEP 425 knows."""
    INTERPRETER = 1
    PLATFORM = 2
    ARCHITECTURE = 3
    """The right system on another machine."""
    ABI = 4
    LIBC = 5
    """All right but the libc's level."""


class Misfit(Struct, frozen=True):
    """What is wrong, and with which words to tell: ``needs glibc 2.28, the target has 2.17``."""

    part: Part
    detail: str


_LIMIT = 64
"""Names looked at in each part of a compressed set; honest wheels have a handful, hostile ones thousands."""

# Patterns as they stand, because a lock that finds all its files asks for none of them.
_LIBC_TAG = r"(?:(manylinux1|manylinux2010|manylinux2014)|(many|musl)linux_(\d{1,4})_(\d{1,4}))_([a-z0-9_]+)"
_PLAIN_TAG = r"linux_([a-z0-9_]+)"
_MACOS_TAG = r"macosx_(\d{1,4})_(\d{1,4})_([a-z0-9_]+)"
_PYTHON_TAG = r"(py|cp|pp|ip|jy|graalpy)(\d)(\d{0,4})"
_TITLES = {"cp": "CPython", "pp": "PyPy", "ip": "IronPython", "jy": "Jython", "graalpy": "GraalPy"}
_SYSTEMS = {"win": "Windows", "macosx": "macOS", "ios": "iOS", "android": "Android", "linux": "Linux"}
_SYSTEMS |= {"pyemscripten": "Emscripten", "pyodide": "Emscripten", "emscripten": "Emscripten", "wasi": "WASI"}


def find_misfit(tag_set: str, interpreter: Interpreter, platform: Platform) -> Misfit:
    """Tell why *tag_set*, which is known not to fit, does not."""
    parts = tag_set.lower().split("-")
    if len(parts) != 3 or not all(re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", part) for part in parts):
        return Misfit(Part.SHAPE, f"{tag_set!r} is not of the form interpreter-ABI-platform")
    interpreters, abis, platforms = (part.split(".")[:_LIMIT] for part in parts)
    python = _nearest(python_misfit(tag, abi, interpreter) for tag in interpreters for abi in abis)
    machine = _nearest(platform_misfit(tag, platform) for tag in platforms)
    found = [misfit for misfit in (python, machine) if misfit is not None]
    if not found:
        # A runtime may forbid a level that its libc would do for (PEP 600), or list its tags itself.
        return Misfit(Part.LIBC, f"all its parts fit, but the target refuses {tag_set}")
    return min(found, key=lambda misfit: misfit.part)


def _nearest(misfits: Iterator[Misfit | None]) -> Misfit | None:
    """Return the nearest miss, or None as soon as one alternative fits."""
    nearest = None
    for misfit in misfits:
        if misfit is None:
            return None
        if nearest is None or misfit.part > nearest.part:
            nearest = misfit
    return nearest


def python_misfit(tag: str, abi: str, target: Interpreter) -> Misfit | None:
    """Judge interpreter and ABI of one tag."""
    match = re.fullmatch(_PYTHON_TAG, tag)
    if match is None:
        return Misfit(Part.INTERPRETER, f"is built for {tag!r}, the target is {target}")
    prefix, version = match[1], (int(match[2]), int(match[3]) if match[3] else None)
    if prefix == "py":
        return _generic_misfit(version, abi, target)
    if prefix != target.implementation:
        built_for = f"{_TITLES[prefix]} {match[2]}{'.' if match[3] else ''}{match[3]}"
        return Misfit(Part.INTERPRETER, f"is built for {built_for}, the target is {target}")
    if version[1] is None:
        return None if version[0] == target.version[0] and abi == "none" else _other_python(tag, version, target)
    if abi in ("abi3", "abi3t"):
        return _stable_misfit((version[0], version[1]), abi, target)
    if version != target.version:
        return _other_python(tag, version, target)
    if abi in (target.abi, "none"):
        return None
    if target.abi == target.stable_abi:
        return Misfit(Part.ABI, f"is built for {abi}, the target takes {target.abi} only")
    return Misfit(Part.ABI, f"is built for {_abi_in_words(abi)}, the target is {_abi_in_words(target.abi)}")


def _other_python(tag: str, version: tuple[int, int | None], target: Interpreter) -> Misfit:
    minor = "" if version[1] is None else f".{version[1]}"
    title = _TITLES[tag[:2]]
    return Misfit(Part.INTERPRETER, f"is built for {title} {version[0]}{minor}, the target is {target.minor}")


def _generic_misfit(version: tuple[int, int | None], abi: str, target: Interpreter) -> Misfit | None:
    major, minor = version
    if major != target.version[0]:
        return Misfit(Part.INTERPRETER, f"needs Python {major}, the target is {target.minor}")
    if minor is not None and (major, minor) > target.version:
        return Misfit(Part.INTERPRETER, f"needs Python {major}.{minor} or later, the target is {target.minor}")
    return None if abi == "none" else Misfit(Part.ABI, f"has the ABI {abi} without an interpreter, which nothing loads")


def _stable_misfit(version: tuple[int, int], abi: str, target: Interpreter) -> Misfit | None:
    if version[0] != target.version[0] or version > target.version:
        needed = f"CPython {version[0]}.{version[1]} or later ({abi})"
        return Misfit(Part.INTERPRETER, f"needs {needed}, the target is {target.minor}")
    if abi == target.stable_abi:
        return None
    if abi == "abi3":
        return Misfit(Part.ABI, "abi3 does not load on free-threaded builds")
    if target.is_free_threaded:
        return Misfit(Part.ABI, f"abi3t loads from CPython 3.15 on, the target is {target.minor}")
    return Misfit(Part.ABI, f"abi3t is for free-threaded builds, the target is {target.abi}")


def _abi_in_words(abi: str) -> str:
    if re.fullmatch(r"cp(2\d|3[0-2])m?u?", abi):
        return f"{abi} ({'wide' if abi.endswith('u') else 'narrow'} Unicode)"
    if re.fullmatch(r"cp3\d+t", abi):
        return f"{abi} (free-threaded)"
    return abi


def libc_of(tag: str) -> tuple[Libc, int, str] | None:
    """Read a manylinux or musllinux platform tag: libc, N of glibc 2.N or musl 1.N, architecture."""
    match = re.fullmatch(_LIBC_TAG, tag)
    if match is None:
        return None
    if match[1]:
        return Libc.GLIBC, LEGACY_GLIBC_MINORS[match[1]], match[5]
    libc = Libc.GLIBC if match[2] == "many" else Libc.MUSL
    # Another major would be another libc altogether; none was ever released.
    return (libc, int(match[4]), match[5]) if match[3] == _LIBC_MAJOR[libc] else None


_LIBC_MAJOR = {Libc.GLIBC: "2", Libc.MUSL: "1"}


def platform_misfit(tag: str, target: Platform) -> Misfit | None:
    """Judge the platform of one tag."""
    if tag == "any":
        return None
    if libc := libc_of(tag):
        if (misfit := _libc_misfit(*libc, target)) is None and isinstance(target, Linux):
            return None if target.is_known_to_pip(tag) else _unknown_to_pip(tag, target)
        return misfit
    if plain := re.fullmatch(_PLAIN_TAG, tag):
        return _plain_misfit(plain[1], target)
    if not isinstance(target, Linux) and tag in platform_tags(target):
        return None
    if isinstance(target, MacOS) and (match := re.fullmatch(_MACOS_TAG, tag)):
        return _macos_misfit((int(match[1]), int(match[2])), match[3], target)
    system = _SYSTEMS.get("win" if tag.startswith("win") else tag.partition("_")[0], repr(tag))
    if isinstance(target, Windows) and system == "Windows":
        return Misfit(Part.ARCHITECTURE, f"is for {tag}, the target is {target}")
    if isinstance(target, Emscripten) and system == "Emscripten":
        return Misfit(Part.LIBC, f"is for {tag}, the target is {target}")
    return Misfit(Part.PLATFORM, f"is for {system}, the target is {system_in_words(target)}")


def _unknown_to_pip(tag: str, target: Linux) -> Misfit:
    version = ".".join(map(str, target.pip or ()))
    return Misfit(Part.LIBC, f"is named {tag.removesuffix(f'_{target.arch}')}, which pip {version} does not know")


def system_in_words(platform: Platform) -> str:
    """Name the operating system, and the libc's level if there is one."""
    match platform:
        case Linux(libc=None):
            return "Linux"
        case Linux():
            return f"Linux ({_level(platform)})"
        case MacOS():
            return "macOS"
        case Windows():
            return "Windows"
        case Emscripten():
            return "Emscripten"


def _level(platform: Linux) -> str:
    return f"{platform.libc} {_LIBC_MAJOR[platform.libc]}.{platform.libc_minor}" if platform.libc else "no named libc"


def _libc_misfit(libc: Libc, minor: int, arch: str, target: Platform) -> Misfit | None:
    needed = f"needs {libc} {_LIBC_MAJOR[libc]}.{minor}"
    if not isinstance(target, Linux):
        return Misfit(Part.PLATFORM, f"is for Linux, the target is {system_in_words(target)}")
    if arch != target.arch:
        return Misfit(Part.ARCHITECTURE, f"is for {arch}, the target is {target.arch}")
    if target.libc is None:
        return Misfit(Part.LIBC, f"{needed}, the target names no libc")
    if target.libc is not libc:
        return Misfit(Part.PLATFORM, f"{needed}, the target has {_level(target)}")
    if target.is_exact and minor < target.libc_minor:
        have = f"{_LIBC_MAJOR[libc]}.{target.libc_minor}"
        return Misfit(Part.LIBC, f"is for {libc} {_LIBC_MAJOR[libc]}.{minor}, the target takes exactly {have}")
    if minor <= target.libc_minor:
        return None
    return Misfit(Part.LIBC, f"{needed}, the target has {_LIBC_MAJOR[libc]}.{target.libc_minor}")


def _plain_misfit(arch: str, target: Platform) -> Misfit | None:
    if not isinstance(target, Linux):
        return Misfit(Part.PLATFORM, f"is for Linux, the target is {system_in_words(target)}")
    if arch != target.arch:
        return Misfit(Part.ARCHITECTURE, f"is for {arch}, the target is {target.arch}")
    if target.libc is None or target.takes_plain:
        return None
    return Misfit(Part.LIBC, f"promises nothing about its libc (linux_{arch}), the target has {_level(target)}")


def _macos_misfit(version: tuple[int, int], form: str, target: MacOS) -> Misfit:
    x86_forms = ("x86_64", "intel", "fat64", "fat3", "universal", "universal2")
    if form not in (x86_forms if target.arch == "x86_64" else ("arm64", "universal2")):
        return Misfit(Part.ARCHITECTURE, f"is for {form}, the target is {target.arch}")
    if version <= target.version:
        return Misfit(Part.LIBC, f"names macOS {version[0]}.{version[1]}, which installers do not look for")
    have = f"{target.version[0]}.{target.version[1]}"
    return Misfit(Part.LIBC, f"needs macOS {version[0]}.{version[1]}, the target has {have}")
