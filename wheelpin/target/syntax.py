"""The grammar of targets: parts joined by ``-``, in any order and any case.

::

    cp36-manylinux1_x86_64      manylinux1-cp36-x86_64      manylinux1_x86_64-cp36-cp36m

are one target, spelt like the first. A part names an interpreter, an ABI, a platform or an architecture; an ABI
that names its interpreter stands for both (``cp27m``, ``cp314t``), and a platform may hold its architecture.
``linux`` beside a libc's platform adds the plain ``linux_*`` wheels that private indexes serve; ``exact`` takes away
the wheels of older levels, and ``pip18.1`` those that so old a pip does not know by their names.
"""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.target import platforms
from wheelpin.target.errors import TargetSyntaxError
from wheelpin.target.platforms import Emscripten, Libc, Linux, MacOS, Platform, Windows
from wheelpin.target.python import Implementation, Interpreter, known_pythons, version_of
from wheelpin.values import Origin


class Spelling(Struct, frozen=True, kw_only=True):
    """What a target's text says."""

    interpreter: Interpreter
    platform: Platform
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        interpreter = self.interpreter
        if interpreter.abi == default_abi(interpreter.implementation, interpreter.version, self.platform):
            python = interpreter.tag
        elif interpreter.abi.startswith(interpreter.tag):
            python = interpreter.abi
        else:
            python = f"{interpreter.tag}-{interpreter.abi}"
        return f"{python}-{self.platform}"


def default_abi(implementation: Implementation, version: tuple[int, int], platform: Platform) -> str:
    """Return the ABI of the usual build: ``cp27mu`` (PEP 513), ``cp36m``, ``cp312``, ``pypy310_pp73``."""
    digits = f"{version[0]}{version[1]}"
    if implementation is Implementation.PYPY:
        return "pypy_73" if version == (2, 7) else f"pypy{digits}_pp73"
    if version < (3, 3):
        return f"cp{digits}mu" if isinstance(platform, Linux) else f"cp{digits}m"
    return f"cp{digits}m" if version < (3, 8) else f"cp{digits}"


def parse_spelling(text: str, origin: Origin, *, within: Spelling | None = None) -> Spelling:
    """Read a target; what *text* leaves out is taken from *within*. Raise `TargetSyntaxError`."""
    return _Reader(text, origin, within).read()


_PYTHON = re.compile(r"((?:cp|pp)\d{2,3})([a-z]*)", re.ASCII)
_PYPY_ABI = re.compile(r"pypy(\d{0,3})_(?:pp)?\d{1,4}", re.ASCII)
_STABLE_ABI = re.compile(r"abi3t?")
_PLATFORM = re.compile(
    r"(?:(?P<legacy>manylinux(?:1|2010|2014))"
    r"|(?P<libc>manylinux|musllinux)_(?P<major>\d{1,4})_(?P<minor>\d{1,4})"
    r"|(?P<macos>macosx)_(?P<macos_major>\d{1,4})_(?P<macos_minor>\d{1,4})"
    r"|(?P<wasm>(?:pyemscripten|pyodide|emscripten)(?:_\d{1,4}){2,3})"
    r"|(?P<win32>win32)"
    r"|(?P<system>linux|win))(?:_(?P<arch>[a-z][a-z0-9_]*))?",
    re.ASCII,
)
_PIP = re.compile(r"pip(\d{1,3})\.(\d{1,3})", re.ASCII)
_OPEN_ARCH = re.compile(r"[a-z][a-z0-9_]*")

_LINUX_ALIASES = {"arm64": "aarch64", "amd64": "x86_64"}
_MACOS_ALIASES = {"aarch64": "arm64", "amd64": "x86_64"}
_WINDOWS_ALIASES = {"aarch64": "arm64", "x86_64": "amd64"}
_NO_ALIASES: Mapping[str, str] = {}
_KNOWN_ARCHS = frozenset((*platforms.LINUX_ARCHS, "arm64", "amd64", "wasm32"))
_OLDEST_MACOS, _LAST_MACOS_10 = (10, 4), (10, 16)


class _Reader:
    """Sorts the parts of one text by kind, then makes of each kind its value."""

    def __init__(self, text: str, origin: Origin, within: Spelling | None) -> None:
        self.text, self.origin, self.within = text, origin, within
        self.pythons: list[str] = []
        self.abis: list[str] = []
        self.systems: list[re.Match[str]] = []
        self.archs: list[str] = []
        self.strangers: list[str] = []
        self.is_exact = False
        self.pip: tuple[int, int] | None = None
        self.warnings: list[str] = []

    def read(self) -> Spelling:
        for part in self.text.strip().lower().split("-"):
            self.sort(part)
        platform = self.platform()
        if (self.is_exact or self.pip) and not (isinstance(platform, Linux) and platform.libc):
            word = "'exact' means one level" if self.is_exact else "a pip limits the names"
            raise self.wrong(f"{word} of a libc, and the target has none")
        return Spelling(interpreter=self.interpreter(platform), platform=platform, warnings=tuple(self.warnings))

    def wrong(self, problem: str, hint: str | None = None) -> TargetSyntaxError:
        return TargetSyntaxError(self.text, problem, origin=self.origin, hint=hint)

    def sort(self, part: str) -> None:
        if not part:
            raise self.wrong("a part is empty", "parts are joined by single hyphens: cp36-manylinux1_x86_64")
        if match := _PYTHON.fullmatch(part):
            self.check_abi(part, match[1])
            # From 3.8 on the plain name is the ABI too: cp312-cp312 is a wheel's way to say both.
            is_abi = bool(match[2]) or (part in self.pythons and part in _cpython_abis(part))
            self.add(self.abis if is_abi else self.pythons, part)
        elif _STABLE_ABI.fullmatch(part) or _PYPY_ABI.fullmatch(part):
            self.add(self.abis, part)
        elif match := _PLATFORM.fullmatch(part):
            self.systems.append(match)
        elif part == "exact":
            if self.is_exact:
                raise self.wrong("'exact' is given twice")
            self.is_exact = True
        elif match := _PIP.fullmatch(part):
            if self.pip is not None:
                raise self.wrong(f"names two pips: {part} is one too many")
            self.pip = int(match[1]), int(match[2])
        elif part in _KNOWN_ARCHS:
            self.add(self.archs, part)
        else:
            self.strangers.append(part)

    def add(self, parts: list[str], part: str) -> None:
        if part in parts:
            raise self.wrong(f"{part!r} is given twice")
        parts.append(part)

    def check_abi(self, abi: str, tag: str) -> None:
        if tag not in known_pythons():
            known = ", ".join(known for known in known_pythons() if known.startswith(tag[:2]))
            raise self.wrong(f"{tag} is no interpreter that wheelpin knows", f"known are {known}")
        allowed = _cpython_abis(tag) if tag.startswith("cp") else (f"pypy{tag[2:]}_pp73",)
        if abi not in (tag, *allowed):
            raise self.wrong(f"{abi!r} is no ABI of {tag}", f"it has {' and '.join(allowed)}")

    # Interpreter and ABI

    def interpreter(self, platform: Platform) -> Interpreter:
        implied = [match[1] for abi in self.abis if (match := _PYTHON.fullmatch(abi))]
        implied += [f"pp{match[1] or 27}" for abi in self.abis if (match := _PYPY_ABI.fullmatch(abi))]
        tags = list(dict.fromkeys((*self.pythons, *implied)))
        if len(tags) > 1:
            raise self.wrong(f"names two interpreters: {tags[0]} and {tags[1]}", "repeat --target for several")
        if len(self.abis) > 1:
            raise self.wrong(f"names two ABIs: {self.abis[0]} and {self.abis[1]}")
        mine = self.within.interpreter if self.within else None
        if not tags and mine is None:
            raise self.wrong("no part names an interpreter", "add one like cp36, cp312, cp314t or pp310")
        if mine is not None and (not tags or tags[0] == mine.tag):
            return self.with_abi(mine, self.abis[0] if self.abis else mine.abi)
        self.check_abi(tags[0], tags[0])
        implementation, version = Implementation(tags[0][:2]), version_of(tags[0])
        usual = Interpreter(
            implementation=implementation, version=version, abi=default_abi(implementation, version, platform)
        )
        return self.with_abi(usual, self.abis[0] if self.abis else usual.abi)

    def with_abi(self, interpreter: Interpreter, abi: str) -> Interpreter:
        new = Interpreter(implementation=interpreter.implementation, version=interpreter.version, abi=abi)
        if _STABLE_ABI.fullmatch(abi) and new.stable_abi != abi:
            raise self.wrong(f"{interpreter} does not load {abi}")
        return new

    # Platform and architecture

    def platform(self) -> Platform:
        system, takes_plain = self.system()
        self.adopt_stranger(system)
        if system is None:
            return self.platform_from_within()
        if system["legacy"] or system["libc"]:
            return self.linux(system, takes_plain=takes_plain)
        if system["macos"]:
            return self.macos(system)
        if system["wasm"]:
            arch = self.arch(system, _NO_ALIASES, ("wasm32",)) if system["arch"] or self.archs else "wasm32"
            return Emscripten(abi=system["wasm"].replace("pyodide", "pyemscripten"), arch=arch)
        if system["win32"]:
            if system["arch"] or self.archs:
                raise self.wrong("win32 names its architecture itself", "64 bits are win_amd64 or win_arm64")
            return Windows(arch="x86")
        if system["system"] == "win":
            return Windows(arch=self.arch(system, _WINDOWS_ALIASES, ("amd64", "arm64")))
        return Linux(arch=self.arch(system, _LINUX_ALIASES), libc=None)

    def system(self) -> tuple[re.Match[str] | None, bool]:
        """Return the part that names the platform, and whether plain ``linux`` stands beside it."""
        plain = [match for match in self.systems if match["system"] == "linux"]
        others = [match for match in self.systems if match not in plain]
        takes_plain = len(plain) == len(others) == 1 and bool(others[0]["legacy"] or others[0]["libc"])
        if takes_plain:
            if plain[0]["arch"]:
                self.archs.append(plain[0]["arch"])
            return others[0], True
        if len(self.systems) < 2:
            return (self.systems[0] if self.systems else None), False
        first, second = self.systems[0][0], self.systems[1][0]
        if first == second:
            raise self.wrong(f"{first!r} is given twice")
        raise self.wrong(f"names two platforms: {first} and {second}", "repeat --target for several")

    def adopt_stranger(self, system: re.Match[str] | None) -> None:
        """Take an unknown part as a Linux architecture where one is missing: they are an open list."""
        is_open = system is not None and not (system["macos"] or system["wasm"] or system["system"] == "win")
        for part in self.strangers:
            if not (is_open and system and not system["arch"] and not self.archs and _OPEN_ARCH.fullmatch(part)):
                raise self.wrong(f"{part!r} is no interpreter, ABI, platform or architecture", _suggestion(part))
            self.archs.append(part)

    def arch(self, system: re.Match[str], aliases: Mapping[str, str], allowed: tuple[str, ...] = ()) -> str:
        """Return the one architecture; without *allowed* the list is open, and unknown ones are told."""
        named = {aliases.get(arch, arch): arch for arch in (system["arch"], *self.archs) if arch}
        if len(named) > 1:
            raise self.wrong(f"names two architectures: {' and '.join(named.values())}")
        for arch in named:
            if allowed and arch not in allowed:
                hint = f"it exists for {' and '.join(allowed)}"
                hint += "; universal2 is what a wheel can be" if arch == "universal2" else ""
                raise self.wrong(
                    f"{system[0]} is not for {arch}" if not system["arch"] else f"there is no {system[0]}", hint
                )
            if not allowed and arch not in platforms.LINUX_ARCHS:
                near = _near(arch, platforms.LINUX_ARCHS)
                doubt = f"; did you mean {near[0]}?" if near else ""
                self.warnings.append(f"target {self.text!r}: no wheels are known for architecture {arch!r}{doubt}")
            return arch
        if self.within is not None and (not allowed or self.within.platform.arch in allowed):
            return self.within.platform.arch
        raise self.wrong(
            f"{system[0]} needs an architecture", f"add one of {', '.join(allowed or platforms.LINUX_ARCHS[:6])}"
        )

    def linux(self, system: re.Match[str], *, takes_plain: bool) -> Linux:
        if name := system["legacy"]:
            arch = self.arch(system, _LINUX_ALIASES, platforms.legacy_archs(name))
            minor = platforms.LEGACY_GLIBC_MINORS[name]
            return self.level(Linux(arch=arch, libc=Libc.GLIBC, libc_minor=minor, takes_plain=takes_plain))
        libc = Libc.GLIBC if system["libc"] == "manylinux" else Libc.MUSL
        major, minor, known_major = int(system["major"]), int(system["minor"]), 2 if libc is Libc.GLIBC else 1
        if major != known_major or minor > platforms.NEWEST_MINOR:
            hint = f"{system['libc']}_{known_major}_N stands for {libc} {known_major}.N"
            raise self.wrong(f"there is no {libc} {major}.{minor}", hint)
        arch = self.arch(system, _LINUX_ALIASES)
        if libc is Libc.GLIBC and minor < (oldest := platforms.oldest_glibc_minor(arch)):
            problem = f"no wheel for {arch} is tagged with a glibc as old as 2.{minor}"
            raise self.wrong(problem, f"the oldest is manylinux_2_{oldest}_{arch}")
        return self.level(Linux(arch=arch, libc=libc, libc_minor=minor, takes_plain=takes_plain))

    def level(self, platform: Linux) -> Linux:
        return replace(platform, is_exact=self.is_exact, pip=self.pip)

    def macos(self, system: re.Match[str]) -> MacOS:
        version = int(system["macos_major"]), int(system["macos_minor"])
        if not (_OLDEST_MACOS <= version <= _LAST_MACOS_10 or 11 <= version[0] <= platforms.NEWEST_MINOR):
            raise self.wrong(f"there is no macOS {version[0]}.{version[1]}", "10_4 to 10_16, and from 11_0 on")
        arch = self.arch(system, _MACOS_ALIASES, ("arm64", "x86_64"))
        if arch == "arm64" and version[0] == 10:
            raise self.wrong(f"macOS 10.{version[1]} does not run on arm64", "the oldest is macosx_11_0_arm64")
        # From 11 on wheels are tagged X_0, whatever the system's own minor.
        return MacOS(version=version if version[0] == 10 else (version[0], 0), arch=arch)

    def platform_from_within(self) -> Platform:
        if self.within is None:
            hint = "add one like manylinux_2_28_x86_64, macosx_14_0_arm64 or win_amd64"
            raise self.wrong("no part names a platform", hint)
        mine = self.within.platform
        for arch in self.archs:
            same = {arch, *(table.get(arch) for table in (_LINUX_ALIASES, _MACOS_ALIASES, _WINDOWS_ALIASES))}
            if mine.arch not in same:
                raise self.wrong(f"{arch} is not the architecture of {mine}")
        return mine


def _cpython_abis(tag: str) -> tuple[str, ...]:
    version = version_of(tag)
    if version < (3, 3):
        return f"{tag}mu", f"{tag}m"
    if version < (3, 8):
        return (f"{tag}m",)
    return (tag, f"{tag}t") if version >= (3, 13) else (tag,)


_MEANT: Mapping[str, str] = {
    "win64": "win_amd64",
    "windows": "win_amd64",
    "macos": "macosx_14_0_arm64",
    "darwin": "macosx_14_0_arm64",
}
"""Names of systems that are no tags, and the usual tag for each."""


def _suggestion(part: str) -> str | None:
    if version := re.fullmatch(r"(?:c?py(?:thon)?)?([23])\.?(\d{1,2})", part):
        tag = f"cp{version[1]}{version[2]}"
        return f"did you mean {tag}?" if tag in known_pythons() else None
    if len(part) > 64:
        return None
    if (meant := _MEANT.get(part)) is not None:
        return f"did you mean {meant}?"
    levels = ["manylinux1", "manylinux2010", "manylinux2014", "manylinux_2_17", "manylinux_2_28", "manylinux_2_34"]
    levels += ["musllinux_1_1", "musllinux_1_2", "linux"]
    words = [f"{level}_{arch}" for level in levels for arch in ("x86_64", "aarch64", "i686")]
    words += [
        "win32",
        "win_amd64",
        "win_arm64",
        "macosx_14_0_arm64",
        "macosx_10_9_x86_64",
        "pyemscripten_2026_0_wasm32",
    ]
    words += ["abi3", "abi3t", "cp27mu", "cp27m", *levels, *_KNOWN_ARCHS, *known_pythons()]
    near = _near(part, sorted(words))
    return f"did you mean {near[0]}?" if near else "`wheelpin target list` shows all presets, and what tags look like"


def _near(word: str, known: Sequence[str]) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415 - for words that are wrong

    return get_close_matches(word, known, n=1, cutoff=0.7)
