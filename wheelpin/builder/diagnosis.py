"""What the last words of a failed build mean, and what would help. Pure."""

import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from wheelpin.engines.exits import meaning_of


class Trouble(Struct, frozen=True):
    """Why a step failed, in words that help."""

    reason: str
    hint: str | None = None


_Found = re.Match[str]
_LONGEST_QUOTE = 240


def _network(_: _Found) -> Trouble:
    return Trouble(
        "it tries to fetch something, and the build has no network",
        "lay what it wants in by the recipe's build-requires or system-packages, or allow it: network = true",
    )


def _no_requirement(found: _Found) -> Trouble:
    return Trouble(
        f"it wants {found[1].strip()}, which was not laid in",
        "name it in the recipe's build-requires",
    )


def _no_header(found: _Found) -> Trouble:
    return Trouble(
        f"the compiler finds no {found[1]}",
        "name the package of the image's system that has it in the recipe's system-packages",
    )


def _no_library(found: _Found) -> Trouble:
    return Trouble(
        f"the linker finds no library {found[1]}",
        "name the package of the image's system that has it in the recipe's system-packages",
    )


def _no_module(found: _Found) -> Trouble:
    return Trouble(f"it imports {found[1]}, which was not laid in", "name its project in the recipe's build-requires")


def _no_program(found: _Found) -> Trouble:
    program = next(filter(None, found.groups()))
    return Trouble(
        f"it wants the program {program}, which the image does not have",
        "name the package of the image's system that has it in the recipe's system-packages",
    )


_SIGNS: tuple[tuple[str, Callable[[_Found], Trouble]], ...] = (
    (r"No space left on device", lambda _: Trouble("a disk is full", "make room where the engine keeps its data")),
    (
        r"Temporary failure in name resolution|Name or service not known|Could not resolve host|Network is unreachable"
        r"|Failed to establish a new connection|nodename nor servname|getaddrinfo failed|Name does not resolve"
        r"|bad address '|unable to resolve host|URLError|Download error on https?:",
        _network,
    ),
    (r"Could not find a version that satisfies the requirement ([^\n(]+)", _no_requirement),
    (r"No matching distribution found for ([^\n(]+)", _no_requirement),
    (r"fatal error: '?([^\s']+\.(?:h|hpp|hh|hxx))'?(?: file not found|: No such file or directory)", _no_header),
    (r"cannot find -l(\S+?)(?::|\s|$)", _no_library),
    (r"ModuleNotFoundError: No module named '([^']+)'", _no_module),
    (r"ImportError: No module named ([\w.]+)", _no_module),
    (
        r"unable to execute '?([\w+.-]+)'?: No such file|error: command '([\w+.-]+)' failed: No such file"
        r"|No such file or directory: '([\w+.-]+)'$|sh: (?:\d+: |line \d+: )?([\w+.-]+): (?:command )?not found",
        _no_program,
    ),
)
"""In the order of trust: the first sign that shows explains the others."""

_COMPLAINT = re.compile(r"^.*?\b(?:error|Error|ERROR)\b.*$", re.MULTILINE)
_EMPTY_COMPLAINTS = (
    *("metadata-generation-failed", "subprocess-exited-with-error", "Failed building wheel", "Failed to build"),
    *("exit code", "exit status", "note: This error originates", "[end of output]"),
)


def diagnose(exit_code: int, lines: Sequence[str]) -> Trouble:
    """Explain a failure by what was said last."""
    text = "\n".join(lines)
    if exit_code in (137, 139):
        meaning = meaning_of(exit_code)
        return Trouble(meaning.text, meaning.hint)
    for sign, explain in _SIGNS:
        if (found := re.search(sign, text, re.MULTILINE)) is not None:
            return explain(found)
    told = [line.strip() for line in _COMPLAINT.findall(text) if not any(each in line for each in _EMPTY_COMPLAINTS)]
    if told:
        return Trouble(told[0][:_LONGEST_QUOTE])
    meaning = meaning_of(exit_code)
    return Trouble(meaning.text, meaning.hint)
