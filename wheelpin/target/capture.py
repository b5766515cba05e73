"""Target files: what a real interpreter said of itself, and other tools' complete-platform files.

`capture_script` runs on the machine in question and prints facts; nothing here runs it. Facts, the target file
made of them, and complete-platform JSON (``compatible_tags`` and ``marker_environment``) all read as a target.

``platform_release`` and ``platform_version`` of such files are those of the machine that happened to run the
capture, often a container on somebody's laptop. The platform's own are others, so that they stay unknown until
somebody states them; a target file keeps what was seen under ``captured-on``.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from wheelpin.target.errors import TargetFileError
from wheelpin.target.misfit import libc_of
from wheelpin.target.model import Target
from wheelpin.target.packaged import packaged_text
from wheelpin.target.platforms import LEGACY_GLIBC_MINORS, Libc, Linux
from wheelpin.target.syntax import Spelling, parse_spelling
from wheelpin.values import Origin


def capture_script() -> str:
    """Return the source of a script that prints facts; any Python from 2.7 on runs it with nothing installed."""
    return packaged_text("capture_script.py.txt")


class _Facts(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """What the script prints."""

    wheelpin_facts: Literal[1]
    implementation: str
    version: tuple[int, int]
    abi: str
    machine: str
    libc: tuple[str, str] | None
    macos: str
    emscripten: str | None
    denied_glibc_minors: tuple[int, ...]
    markers: dict[str, str]


class _TargetFile(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """What wheelpin writes."""

    wheelpin_target: Literal[1]
    tags: str
    python_full_version: str
    denied_platforms: tuple[str, ...] = ()
    markers: dict[str, str] = {}
    captured_on: dict[str, str] = {}


class _CompletePlatform(msgspec.Struct, frozen=True, kw_only=True):
    """What Pex and Pants write."""

    compatible_tags: tuple[str, ...]
    marker_environment: dict[str, str] = {}


_CAPTURER = ("platform_release", "platform_version")
_SAID_BY_VERSION = ("python_version", "python_full_version")
_PREFIXES = {"cpython": "cp", "pypy": "pp"}


def parse_target_file(text: str | bytes, name: str, origin: Origin) -> Target:
    """Read any of the three forms. Raise `TargetFileError`, or `TargetSyntaxError` if the target is none we know."""
    try:
        keys = msgspec.json.decode(text, type=dict[str, msgspec.Raw]).keys()
        if "wheelpin-target" in keys:
            return _to_target(msgspec.json.decode(text, type=_TargetFile), name, origin)
        if "wheelpin-facts" in keys:
            return _to_target(_to_file(msgspec.json.decode(text, type=_Facts), origin), name, origin)
        if "compatible_tags" in keys:
            return _complete_platform(msgspec.json.decode(text, type=_CompletePlatform), name, origin)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TargetFileError(str(error), origin=origin) from error
    raise TargetFileError("it has none of wheelpin-target, wheelpin-facts, compatible_tags", origin=origin)


def target_file_text(facts: str | bytes, origin: Origin) -> str:
    """Turn what the script printed into a target file. Raise as `parse_target_file` does."""
    parse_target_file(facts, "captured", origin)
    file = _to_file(msgspec.json.decode(facts, type=_Facts), origin)
    return msgspec.json.format(msgspec.json.encode(file), indent=2).decode() + "\n"


def _to_file(facts: _Facts, origin: Origin) -> _TargetFile:
    if facts.implementation not in _PREFIXES:
        raise TargetFileError(f"{facts.implementation!r} is neither CPython nor PyPy", origin=origin)
    tag = f"{_PREFIXES[facts.implementation]}{facts.version[0]}{facts.version[1]}"
    parts = f"{tag}-{_platform_of(facts)}" if facts.abi == tag else f"{tag}-{facts.abi}-{_platform_of(facts)}"
    spelling = parse_spelling(parts, origin)
    return _TargetFile(
        wheelpin_target=1,
        tags=str(spelling),
        python_full_version=_release(facts.markers, origin),
        denied_platforms=tuple(_denied(spelling, facts.denied_glibc_minors)),
        markers={key: facts.markers[key] for key in sorted(facts.markers.keys() - {*_CAPTURER, *_SAID_BY_VERSION})},
        captured_on={key: facts.markers[key] for key in _CAPTURER if key in facts.markers},
    )


def _release(markers: Mapping[str, str], origin: Origin) -> str:
    try:
        return markers["python_full_version"].rstrip("+")  # "3.13.0+" is a build from a branch.
    except KeyError:
        raise TargetFileError("python_full_version is missing", origin=origin) from None


def _platform_of(facts: _Facts) -> str:
    if facts.emscripten:
        return f"pyemscripten_{facts.emscripten}_wasm32"
    if facts.macos:
        major, minor, *_ = [*facts.macos.split("."), "0"]
        return f"macosx_{major}_{minor}_{facts.machine}"
    if facts.markers.get("os_name") == "nt":
        return "win32" if facts.machine == "x86" else f"win_{facts.machine}"
    if facts.libc and (level := re.match(r"(\d+)\.(\d+)", facts.libc[1])):
        series = "manylinux" if facts.libc[0] == "glibc" else "musllinux"
        return f"{series}_{level[1]}_{level[2]}_{facts.machine}"
    return f"linux_{facts.machine}"


def _denied(spelling: Spelling, glibc_minors: Iterable[int]) -> Iterable[str]:
    for minor in glibc_minors:
        yield f"manylinux_2_{minor}_{spelling.platform.arch}"
        for legacy, legacy_minor in LEGACY_GLIBC_MINORS.items():
            if legacy_minor == minor:
                yield f"{legacy}_{spelling.platform.arch}"


def _to_target(file: _TargetFile, name: str, origin: Origin) -> Target:
    target = Target.of_spelling(
        parse_spelling(file.tags, origin),
        name=name,
        python_full_version=file.python_full_version,
        marker_values=file.markers,
        origin=origin,
    )
    return replace(target, denied_platforms=frozenset(file.denied_platforms))


def _complete_platform(file: _CompletePlatform, name: str, origin: Origin) -> Target:
    """Take the tags as listed, in wheelpin's own order, and the markers but those of the capturing machine."""
    markers = {
        key: value for key, value in file.marker_environment.items() if key not in (*_CAPTURER, *_SAID_BY_VERSION)
    }
    target = Target.of_spelling(
        _spelling_of_tags(file.compatible_tags, origin),
        name=name,
        python_full_version=_release(file.marker_environment, origin) if file.marker_environment else None,
        marker_values=markers,
        origin=origin,
    )
    listed = frozenset(file.compatible_tags)
    known = tuple(tag for tag in target.tags if tag in listed)
    strange = tuple(tag for tag in dict.fromkeys(file.compatible_tags) if target.rank(tag) is None)
    return target if known == target.tags and not strange else replace(target, listed_tags=(*known, *strange))


def _spelling_of_tags(tags: tuple[str, ...], origin: Origin) -> Spelling:
    """Find the target behind a list of tags: the first exact ABI on the highest libc level."""
    triples = [tag.split("-") for tag in tags]
    if any(len(triple) != 3 for triple in triples):
        raise TargetFileError("compatible_tags has something that is no tag", origin=origin)
    exact = [
        triple for triple in triples if triple[0][:2] in ("cp", "pp") and triple[1] not in ("none", "abi3", "abi3t")
    ]
    if not exact:
        raise TargetFileError("compatible_tags names no interpreter with its ABI", origin=origin)
    interpreter, abi, platform = exact[0]
    platforms = [triple[2] for triple in exact if triple[:2] == [interpreter, abi]]
    levels = [level for level in map(libc_of, platforms) if level is not None]
    if levels:
        # A machine lists its own libc only; should both stand there, glibc's wheels are the many.
        libc, minor, arch = max(levels, key=lambda level: (level[0] is Libc.GLIBC, level[1]))
        takes_plain = f"linux_{arch}" in platforms
        platform = str(Linux(arch=arch, libc=libc, libc_minor=minor, takes_plain=takes_plain))
    return parse_spelling(
        f"{interpreter}-{abi}-{platform}" if abi != interpreter else f"{interpreter}-{platform}", origin
    )
