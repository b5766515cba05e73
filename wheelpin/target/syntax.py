"""The grammar of targets: parts joined by ``-``, in any order and any case.

::

    cp36-manylinux1_x86_64      manylinux1-cp36-x86_64      manylinux1_x86_64-cp36-cp36m

are one target, spelt like the first. A part names an interpreter, an ABI, a platform or an architecture.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from wheelpin.target import platforms
from wheelpin.target.errors import TargetSyntaxError
from wheelpin.target.platforms import Emscripten, Libc, Linux, MacOS, Platform, Windows
from wheelpin.target.python import Implementation, Interpreter, known_pythons, version_of
from wheelpin.values import Origin

_PYTHON = re.compile(r"((?:cp|pp)\d{2,3})([a-z]*)")
_PYPY_ABI = re.compile(r"pypy(\d*)_(?:pp)?\d+")
_STABLE_ABI = re.compile(r"abi3t?")
_ARCH = r"(?:_(?P<arch>[a-z][a-z0-9_]*))?"
_PLATFORM = re.compile(
    r"(?:(?P<legacy>manylinux(?:1|2010|2014))"
    r"|(?P<libc>manylinux|musllinux)_(?P<major>\d+)_(?P<minor>\d+)"
    r"|macosx_(?P<macos_major>\d+)_(?P<macos_minor>\d+)"
    r"|(?P<wasm>(?:pyemscripten|pyodide|emscripten)(?:_\d+){2,3})"
    r"|(?P<win32>win32)"
    r"|(?P<system>linux|win))" + _ARCH
)
_OPEN_ARCH = re.compile(r"[a-z][a-z0-9_]*")

_LINUX_ALIASES = {"arm64": "aarch64", "amd64": "x86_64"}
_MACOS_ALIASES = {"aarch64": "arm64", "amd64": "x86_64"}
_WINDOWS_ALIASES = {"aarch64": "arm64", "x86_64": "amd64"}
_KNOWN_ARCHS = frozenset((*platforms.LINUX_ARCHS, "arm64", "amd64", "wasm32"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """What a target's text says."""

    interpreter: Interpreter
    platform: Platform
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{spell_interpreter(self.interpreter, self.platform)}-{self.platform}"


def default_abi(implementation: Implementation, version: tuple[int, int], platform: Platform) -> str:
    """Return the ABI of the usual build: ``cp27mu`` (PEP 513), ``cp36m``, ``cp312``, ``pypy310_pp73``."""
    digits = f"{version[0]}{version[1]}"
    if implementation is Implementation.PYPY:
        return "pypy_73" if version == (2, 7) else f"pypy{digits}_pp73"
    if version < (3, 3):
        return f"cp{digits}mu" if isinstance(platform, Linux) else f"cp{digits}m"
    return f"cp{digits}m" if version < (3, 8) else f"cp{digits}"


def spell_interpreter(interpreter: Interpreter, platform: Platform) -> str:
    """Spell interpreter and ABI in the shortest form that reads back as the same."""
    if interpreter.abi == default_abi(interpreter.implementation, interpreter.version, platform):
        return interpreter.tag
    if interpreter.abi.startswith(interpreter.tag):
        return interpreter.abi
    return f"{interpreter.tag}-{interpreter.abi}"


def parse_spelling(text: str, origin: Origin, *, within: Spelling | None = None) -> Spelling:
    """Read a target; what *text* leaves out is taken from *within*. Raise `TargetSyntaxError`."""
    return _Reader(text, origin, within).read()


class _Reader:
    """One pass over the parts of a text, then their sum."""

    def __init__(self, text: str, origin: Origin, within: Spelling | None) -> None:
        self.text, self.origin, self.within = text, origin, within
        self.pythons: list[str] = []
        self.abis: list[str] = []
        self.platforms: list[re.Match[str]] = []
        self.archs: list[str] = []
        self.strangers: list[str] = []
        self.warnings: list[str] = []

    def fail(self, problem: str, hint: str | None = None) -> TargetSyntaxError:
        return TargetSyntaxError(self.text, problem, origin=self.origin, hint=hint)

    def read(self) -> Spelling:
        for part in self.text.strip().lower().split("-"):
            self.sort(part)
        system, takes_plain = self.system()
        self.adopt_stranger(system)
        platform = self.platform(system, takes_plain=takes_plain)
        interpreter = self.interpreter(platform)
        return Spelling(interpreter=interpreter, platform=platform, warnings=tuple(self.warnings))

    def sort(self, part: str) -> None:
        """Put *part* where it belongs."""
        if not part:
            raise self.fail("a part is empty", "parts are joined by single hyphens: cp36-manylinux1_x86_64")
        if match := _PYTHON.fullmatch(part):
            self.add(self.abis if match[2] else self.pythons, part)
            if match[2]:
                self.check_abi(part, match[1])
        elif _STABLE_ABI.fullmatch(part) or _PYPY_ABI.fullmatch(part):
            self.add(self.abis, part)
        elif match := _PLATFORM.fullmatch(part):
            self.platforms.append(match)
        elif part in _KNOWN_ARCHS:
            self.add(self.archs, part)
        else:
            self.strangers.append(part)

    def add(self, parts: list[str], part: str) -> None:
        if part in parts and (parts is not self.pythons or part in self.abis or not self.is_own_abi(part)):
            raise self.fail(f"{part!r} is given twice")
        # From 3.8 on the plain name is the ABI too: cp312-cp312 is a wheel's way to say both.
        (self.abis if part in parts else parts).append(part)

    @staticmethod
    def is_own_abi(tag: str) -> bool:
        return tag.startswith("cp") and version_of(tag) >= (3, 8)

    def check_abi(self, abi: str, tag: str) -> None:
        version = version_of(tag)
        allowed: tuple[str, ...] = (tag,)
        if tag.startswith("pp"):
            allowed = (f"pypy{tag[2:]}_pp73",)
        elif version < (3, 3):
            allowed = (f"{tag}mu", f"{tag}m")
        elif version < (3, 8):
            allowed = (f"{tag}m",)
        elif version >= (3, 13):
            allowed = (tag, f"{tag}t")
        if abi not in allowed:
            raise self.fail(f"{abi!r} is no ABI of {tag}: it has {' and '.join(allowed)}")

    def system(self) -> tuple[re.Match[str] | None, bool]:
        """Return the platform part, and whether plain ``linux`` stands beside a libc's."""
        plain = [match for match in self.platforms if match["system"] == "linux"]
        libcs = [match for match in self.platforms if match["legacy"] or match["libc"]]
        rest, takes_plain = self.platforms, False
        if len(plain) == 1 and len(libcs) == 1:
            rest, takes_plain = [match for match in rest if match not in plain], True
            if plain[0]["arch"]:
                self.archs.append(plain[0]["arch"])
        if len(rest) > 1:
            same = rest[0][0] == rest[1][0]
            raise self.fail(
                f"{rest[0][0]!r} is given twice" if same else f"names two platforms: {rest[0][0]} and {rest[1][0]}",
                None if same else "a target is one platform; repeat --target for several",
            )
        return (rest[0] if rest else None), takes_plain

    def adopt_stranger(self, system: re.Match[str] | None) -> None:
        """Take one unknown part as a Linux architecture, where one is missing; they are an open list."""
        is_linux = system is not None and bool(system["legacy"] or system["libc"] or system["system"] == "linux")
        for part in self.strangers:
            if is_linux and system and not system["arch"] and not self.archs and _OPEN_ARCH.fullmatch(part):
                self.archs.append(part)
                continue
            raise self.fail(f"{part!r} is no interpreter, ABI, platform or architecture", _suggestion(part))

    def arch(self, system: re.Match[str], aliases: dict[str, str], allowed: tuple[str, ...]) -> str:
        """Return the one architecture; *allowed* empty means any, told when unknown."""
        named = [aliases.get(arch, arch) for arch in (system["arch"], *self.archs) if arch]
        if len(set(named)) > 1:
            raise self.fail(f"names two architectures: {named[0]} and {named[1]}")
        if not named:
            within = self.within.platform if self.within else None
            if within is not None and (not allowed or within.arch in allowed):
                return within.arch
            examples = ", ".join(allowed or platforms.LINUX_ARCHS[:6])
            raise self.fail(f"{system[0]} needs an architecture", f"add one of {examples}")
        (arch,) = set(named)
        if allowed and arch not in allowed:
            hint = "universal2 is what a wheel can be; a machine is one of them" if arch == "universal2" else None
            raise self.fail(f"{system[0]} is not for {arch}: it exists for {', '.join(allowed)}", hint)
        if not allowed and arch not in platforms.LINUX_ARCHS:
            near = get_close_matches(arch, platforms.LINUX_ARCHS, n=1, cutoff=0.7)
            self.warnings.append(f"target {self.text!r}: {arch!r} is no architecture that wheels are known to name")
            self.warnings[-1] += f"; {near[0]}?" if near else ""
        return arch

    def platform(self, system: re.Match[str] | None, *, takes_plain: bool) -> Platform:
        if system is None:
            return self.platform_from_within()
        if name := system["legacy"]:
            arch = self.arch(system, _LINUX_ALIASES, platforms.legacy_archs(name))
            minor = platforms.LEGACY_GLIBC_MINORS[name]
            return Linux(arch=arch, libc=Libc.GLIBC, libc_minor=minor, takes_plain=takes_plain)
        if system["libc"]:
            return self.libc_platform(system, takes_plain=takes_plain)
        if system["macos_major"]:
            version = int(system["macos_major"]), int(system["macos_minor"])
            if not ((10, 4) <= version <= (10, 16) or 11 <= version[0] <= platforms.NEWEST_LIBC_MINOR):
                raise self.fail(f"there is no macOS {version[0]}.{version[1]}", "10_4 to 10_16, and from 11_0 on")
            arch = self.arch(system, _MACOS_ALIASES, ("arm64", "x86_64"))
            if arch == "arm64" and version < (11, 0):
                raise self.fail(f"macOS {version[0]}.{version[1]} does not run on arm64", "macosx_11_0 is the oldest")
            return MacOS(version=version if version[0] == 10 else (version[0], 0), arch=arch)
        if system["wasm"]:
            return Emscripten(
                abi=system["wasm"], arch=self.arch(system, {}, ("wasm32",)) if system["arch"] else "wasm32"
            )
        if system["win32"]:
            if system["arch"] or self.archs:
                raise self.fail("win32 names its architecture itself", "64 bits are win_amd64 or win_arm64")
            return Windows(arch="x86")
        if system["system"] == "win":
            return Windows(arch=self.arch(system, _WINDOWS_ALIASES, ("amd64", "arm64")))
        return Linux(arch=self.arch(system, _LINUX_ALIASES, ()), libc=None)

    def platform_from_within(self) -> Platform:
        if self.within is None:
            raise self.fail(
                "no part names a platform", "add one like manylinux_2_28_x86_64, macosx_14_0_arm64 or win_amd64"
            )
        mine = self.within.platform
        for arch in self.archs:
            if mine.arch not in (
                arch,
                *(table.get(arch) for table in (_LINUX_ALIASES, _MACOS_ALIASES, _WINDOWS_ALIASES)),
            ):
                raise self.fail(f"{arch} is not the architecture of {mine}")
        return mine

    def libc_platform(self, system: re.Match[str], *, takes_plain: bool) -> Linux:
        libc = Libc.GLIBC if system["libc"] == "manylinux" else Libc.MUSL
        major, minor = int(system["major"]), int(system["minor"])
        expected = 2 if libc is Libc.GLIBC else 1
        if major != expected or minor > platforms.NEWEST_LIBC_MINOR:
            raise self.fail(
                f"there is no {libc} {major}.{minor}", f"{system['libc']}_{expected}_N is {libc} {expected}.N"
            )
        arch = self.arch(system, _LINUX_ALIASES, ())
        if libc is Libc.GLIBC and minor < (oldest := platforms.oldest_glibc_minor(arch)):
            raise self.fail(
                f"no wheel for {arch} is tagged with a glibc as old as 2.{minor}",
                f"manylinux_2_{oldest}_{arch} is the oldest",
            )
        return Linux(arch=arch, libc=libc, libc_minor=minor, takes_plain=takes_plain)

    def interpreter(self, platform: Platform) -> Interpreter:
        implied = [match[1] for abi in self.abis if (match := _PYTHON.fullmatch(abi))]
        implied += [f"pp{match[1] or 27}" for abi in self.abis if (match := _PYPY_ABI.fullmatch(abi))]
        tags = list(dict.fromkeys((*self.pythons, *implied)))
        if len(tags) > 1:
            raise self.fail(f"names two interpreters: {tags[0]} and {tags[1]}", "repeat --target for several")
        if len(self.abis) > 1:
            raise self.fail(f"names two ABIs: {self.abis[0]} and {self.abis[1]}")
        if not tags:
            if self.within is None:
                raise self.fail("no part names an interpreter", "add one like cp36, cp312, cp314t or pp310")
            mine = self.within.interpreter
            return self.with_abi(mine, self.abis[0] if self.abis else mine.abi)
        (tag,) = tags
        if tag not in known_pythons():
            raise self.fail(f"{tag} is no interpreter that wheelpin knows", _suggestion(tag) or _known_range(tag[:2]))
        implementation, version = Implementation(tag[:2]), version_of(tag)
        abi = default_abi(implementation, version, platform)
        if self.within and not self.abis and (mine := self.within.interpreter).tag == tag:
            abi = mine.abi
        return self.with_abi(
            Interpreter(implementation=implementation, version=version, abi=abi), self.abis[0] if self.abis else abi
        )

    def with_abi(self, interpreter: Interpreter, abi: str) -> Interpreter:
        new = Interpreter(implementation=interpreter.implementation, version=interpreter.version, abi=abi)
        if _STABLE_ABI.fullmatch(abi) and new.stable_abi != abi:
            raise self.fail(f"{interpreter} does not load {abi}")
        return new


def _known_range(prefix: str) -> str:
    tags = [tag for tag in known_pythons() if tag.startswith(prefix)]
    return f"known are {', '.join(tags)}"


def _suggestion(part: str) -> str | None:
    if version := re.fullmatch(r"(?:c?py(?:thon)?)?([23])\.?(\d{1,2})", part):
        tag = f"cp{version[1]}{version[2]}"
        return f"did you mean {tag}?" if tag in known_pythons() else None
    names = ["manylinux1", "manylinux2010", "manylinux2014", "manylinux_2_17", "manylinux_2_28", "manylinux_2_34"]
    names += ["musllinux_1_1", "musllinux_1_2", "linux"]
    words = [
        *known_pythons(),
        *names,
        *_KNOWN_ARCHS,
        "win32",
        "win_amd64",
        "win_arm64",
        "abi3",
        "abi3t",
        "cp27mu",
        "cp27m",
    ]
    words += [f"{name}_{arch}" for name in names for arch in ("x86_64", "aarch64", "i686")]
    words += ["macosx_14_0_arm64", "macosx_10_9_x86_64", "pyemscripten_2026_0_wasm32"]
    near = get_close_matches(part, sorted(words), n=1, cutoff=0.7) if len(part) < 64 else []
    return f"did you mean {near[0]}?" if near else None
