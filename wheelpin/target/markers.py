"""Environment markers of a target (PEP 508), in three values: true, false, and "the target cannot know".

`packaging` evaluates markers against the running interpreter with some values replaced. Here nothing comes
from the host, and a variable without a value is not taken for an empty string: it is an answer only if the
rest of the marker decides.

``in`` and ``not in`` look for a substring, in ``python_version in "3.6, 3.7"`` too, as pip does and as
old projects expect; the standard lets tools do as they like there.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct
from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.utils import canonicalize_name
from packaging.version import Version

from wheelpin.target.errors import UnknownMarkerError
from wheelpin.target.platforms import Emscripten, Linux, MacOS, Platform, Windows
from wheelpin.target.python import Implementation, Interpreter

VARIABLES = (
    *("implementation_name", "implementation_version", "os_name", "platform_machine", "platform_python_implementation"),
    *(
        "platform_release",
        "platform_system",
        "platform_version",
        "python_full_version",
        "python_version",
        "sys_platform",
    ),
)
"""The eleven variables that describe an environment; ``extra`` belongs to the requirement."""

_VERSION_VARIABLES = {"implementation_version", "platform_release", "python_full_version", "python_version"}


class Verdict(Struct, frozen=True):
    """An answer, and whether another patch of the same minor could turn it while the patch is assumed."""

    holds: bool
    hinges_on_patch: bool = False


def environment(
    interpreter: Interpreter, platform: Platform, *, python_full_version: Version, implementation_version: str
) -> dict[str, str]:
    """Build what follows from the target: all variables but ``platform_release`` and ``platform_version``."""
    has_sys_implementation = interpreter.version >= (3, 3)
    values = {
        # PEP 508 defines these two for interpreters without sys.implementation: empty, and 0.
        "implementation_name": interpreter.implementation.full_name.lower() if has_sys_implementation else "",
        "implementation_version": implementation_version if has_sys_implementation else "0",
        "platform_python_implementation": interpreter.implementation.full_name,
        "python_full_version": str(python_full_version),
        "python_version": interpreter.minor,
        "platform_machine": platform.arch,
        "os_name": "posix",
    }
    return values | _system_values(interpreter, platform)


def _system_values(interpreter: Interpreter, platform: Platform) -> dict[str, str]:
    match platform:
        case Linux():
            # Python 2 put the kernel's major version behind the name, frozen at 2 for later kernels.
            sys_platform = "linux" if interpreter.version >= (3, 3) else "linux2"
            return {"platform_system": "Linux", "sys_platform": sys_platform}
        case MacOS():
            return {"platform_system": "Darwin", "sys_platform": "darwin"}
        case Windows(arch=arch):
            machine = arch if arch == "x86" else arch.upper()
            return {"platform_system": "Windows", "sys_platform": "win32", "os_name": "nt", "platform_machine": machine}
        case Emscripten():
            return {"platform_system": "Emscripten", "sys_platform": "emscripten"}


def holds(text: str, values: Mapping[str, str]) -> bool:
    """Evaluate a marker's canonical text; raise `UnknownMarkerError` if a variable without a value decides."""
    # One pass, no recursion: the depth of brackets is a stranger's choice.
    frames = [_Frame()]
    for item in _read(text):
        match item:
            case "(":
                frames.append(_Frame())
            case ")":
                inner = frames.pop()
                frames[-1].term = _both(frames[-1].term, inner.answer())
            case "or":
                frames[-1] = _Frame(earlier=frames[-1].answer())
            case _Comparison():
                frames[-1].term = _both(frames[-1].term, _compare(item, values))
            case _:
                continue  # "and" is what terms side by side mean.
    (frame,) = frames
    answer = frame.answer()
    if isinstance(answer, _Unknown):
        raise UnknownMarkerError(text, answer.variable, value=answer.value)
    return answer


class _Unknown(Struct, frozen=True):
    """No answer: *variable* has no value, or one that is no version where the marker compares versions."""

    variable: str
    value: str | None = None


_Answer = bool | _Unknown


def _both(left: _Answer, right: _Answer) -> _Answer:
    if left is False or right is False:
        return False
    return right if left is True else left


def _either(left: _Answer, right: _Answer) -> _Answer:
    if left is True or right is True:
        return True
    return right if left is False else left


class _Frame(Struct):
    """One pair of brackets: the terms since the last ``or``, and what stood before it."""

    earlier: _Answer = False
    term: _Answer = True

    def answer(self) -> _Answer:
        return _either(self.earlier, self.term)


class _Operand(Struct, frozen=True):
    text: str
    is_variable: bool


class _Comparison(Struct, frozen=True):
    left: _Operand
    operator: str
    right: _Operand


_OPERAND = r"""(?:"[^"]*"|'[^']*'|[a-z_]+)"""
_ITEM = re.compile(
    rf"""(?P<mark>[()]|(?:and|or)\b)"""
    rf"""|(?P<left>{_OPERAND})\s+(?P<operator>not in|in|[<>=!~]=?=?)\s+(?P<right>{_OPERAND})"""
)


@lru_cache(maxsize=4096)
def _read(text: str) -> "tuple[str | _Comparison, ...]":
    """Take apart the canonical text of a `packaging.markers.Marker`, which has been checked there."""
    return tuple(
        match["mark"] or _Comparison(_operand(match["left"]), match["operator"], _operand(match["right"]))
        for match in _ITEM.finditer(text)
    )


def _operand(text: str) -> _Operand:
    if text[0] in "\"'":
        return _Operand(text[1:-1], is_variable=False)
    return _Operand(text, is_variable=True)


def _compare(comparison: _Comparison, values: Mapping[str, str]) -> _Answer:
    sides = []
    for operand in (comparison.left, comparison.right):
        if operand.is_variable and operand.text not in values:
            return _Unknown(operand.text)
        sides.append(values[operand.text] if operand.is_variable else operand.text)
    left, right = sides
    variable = comparison.left.text if comparison.left.is_variable else comparison.right.text
    if variable == "extra":
        left, right = canonicalize_name(left), canonicalize_name(right)
    elif variable in _VERSION_VARIABLES and (specifier := _specifier(comparison.operator, right)) is not None:
        if (version := _version(left)) is not None:
            return _contains(specifier, version, otherwise=_Unknown(variable, values.get(variable)))
        if comparison.left.is_variable and comparison.operator not in ("==", "!=", "==="):
            return _Unknown(variable, values.get(variable))
    match comparison.operator:
        case "in":
            return left in right
        case "not in":
            return left not in right
        case "==" | "===" | "<=" | ">=":
            return left == right
        case "!=":
            return left != right
        case "<" | ">":
            return False  # Text has no order (dependency specifiers, "Environment Markers").
        case _:
            return _Unknown(variable, values.get(variable))


@lru_cache(maxsize=4096)
def _specifier(operator: str, right: str) -> Specifier | None:
    if operator in ("in", "not in"):
        return None
    try:
        return Specifier(f"{operator}{right}")
    except InvalidSpecifier:
        return None


def _contains(specifier: Specifier, version: Version, *, otherwise: _Unknown) -> _Answer:
    try:
        return specifier.contains(version, prereleases=True)
    except ValueError:  # A number of thousands of digits, which Python refuses to read.
        return otherwise


@lru_cache(maxsize=1024)
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except ValueError:  # InvalidVersion, or a number of thousands of digits.
        return None


def patches_that_matter(text: str, assumed: Version, *, is_final: bool) -> tuple[int, ...]:
    """Return patches of the assumed minor among which any change of *text*'s answer shows.

    An answer is constant between the patches that *text* names, so that those, their neighbours and the two
    ends are enough; none are needed if it never names this minor.
    """
    major, minor, last = assumed.release
    named = [int(patch or 0) for patch in re.findall(rf"(?<![\d.]){major}\.{minor}(?![\d])(?:\.(\d{{1,9}}))?", text)]
    if not named:
        return ()
    newest = last if is_final else _NEWEST_PATCH
    near = {patch for name in named for patch in (name - 1, name, name + 1)}
    return tuple(sorted({0, newest} | {patch for patch in near if 0 <= patch <= newest}))


_NEWEST_PATCH = 999
"""Beyond any patch that will ever be."""


def python_values(interpreter: Interpreter, patch: int) -> dict[str, str]:
    """Return the variables that differ for another patch of the same minor."""
    full_version = f"{interpreter.minor}.{patch}"
    if interpreter.implementation is Implementation.CPYTHON and interpreter.version >= (3, 3):
        return {"python_full_version": full_version, "implementation_version": full_version}
    return {"python_full_version": full_version}
