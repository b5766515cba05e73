"""pip's requirements-file grammar: text to statements, in their order, with nothing acted on."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from wheelpin.errors import InputError
from wheelpin.requirements.logical_lines import iter_logical_lines
from wheelpin.requirements.syntax import UnsupportedRequirementError
from wheelpin.values import Origin, Sha256, text_without_secrets


class Setting(StrEnum):
    """Options that hold for the whole run, wherever they stand."""

    INDEX_URL = "--index-url"
    EXTRA_INDEX_URL = "--extra-index-url"
    FIND_LINKS = "--find-links"
    NO_INDEX = "--no-index"
    TRUSTED_HOST = "--trusted-host"
    PRE = "--pre"
    ONLY_BINARY = "--only-binary"
    NO_BINARY = "--no-binary"
    REQUIRE_HASHES = "--require-hashes"


class RequirementLine(Struct, frozen=True, kw_only=True):
    """A requirement, not parsed yet, and the hashes after it."""

    text: str
    hashes: frozenset[Sha256]
    origin: Origin


class IncludeLine(Struct, frozen=True, kw_only=True):
    """``-r`` or ``-c``: another file takes the place of this line."""

    location: str
    is_constraint: bool
    origin: Origin


class SettingLine(Struct, frozen=True, kw_only=True):
    """One option that holds for the whole run; flags have an empty value."""

    setting: Setting
    value: str
    origin: Origin


class IgnoredOption(Struct, frozen=True, kw_only=True):
    """An option that is known but changes nothing here."""

    option: str
    origin: Origin


Statement = RequirementLine | IncludeLine | SettingLine | IgnoredOption


class OptionSyntaxError(InputError):
    """A line of options in a requirements file cannot be understood."""

    def __init__(self, line: str, reason: str, origin: Origin) -> None:
        self.line = text_without_secrets(line)
        self.reason = text_without_secrets(reason)
        self.origin = origin
        super().__init__(self.line, self.reason, origin)

    def __str__(self) -> str:
        """Name the place, the line and the reason on one line."""
        return f"{self.origin}: {self.line!r} is not understood: {self.reason}"


_SHORT = {
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-i": "--index-url",
    "-f": "--find-links",
    "-C": "--config-settings",
}
_ALIASES = {"--pypi-url": Setting.INDEX_URL, "--config-setting": "--config-settings"}
_NEEDLESS = frozenset({"--prefer-binary", "--no-require-hashes"})
"""wheelpin does this anyway: nobody needs to hear of it."""
_ANYWHERE = frozenset({Setting.ONLY_BINARY, Setting.NO_BINARY})
"""pip means to ignore these after a requirement, but does heed them, and people count on it."""
_MEANINGLESS = frozenset(
    {"--config-settings", "--global-option", "--install-option", "--use-feature", "--all-releases", "--only-final"}
)
"""Of other stages, or of pip alone; all take a value."""
_FLAGS = frozenset({Setting.NO_INDEX, Setting.PRE, Setting.REQUIRE_HASHES, *_NEEDLESS})
_LONG = (
    *(option.removeprefix("--") for option in _FLAGS),
    *(f"{setting.removeprefix('--')}=" for setting in Setting if setting not in _FLAGS),
    *(f"{option.removeprefix('--')}=" for option in (*_ALIASES, *_MEANINGLESS)),
    *("requirement=", "constraint=", "editable=", "hash="),
)
_FIRST_OPTION = re.compile(r"(?:^|\s)-")
_SHA256 = re.compile(r"sha256:([0-9a-fA-F]{64})")


def iter_statements(text: str, source: str, environ: Mapping[str, str]) -> Iterator[Statement]:
    """Yield what the file says, line by line; *source* names it in origins.

    Raise `OptionSyntaxError`, or `UnsupportedRequirementError` for an editable project.
    """
    for number, line in iter_logical_lines(text, environ):
        yield from _read_line(line, Origin(source, number))


def _read_line(line: str, origin: Origin) -> Iterator[Statement]:
    # Only the options are taken apart by the shell's rules: a marker would lose its quotes.
    start = found.start() if (found := _FIRST_OPTION.search(line)) else len(line)
    requirement, options = line[:start].strip(), _split_options(line[start:], line, origin)
    hashes = frozenset(_parse_hash(value, line, origin) for option, value in options if option == "--hash")
    if requirement:
        yield RequirementLine(text=requirement, hashes=hashes, origin=origin)
    for option, value in options:
        if option == "--editable":
            raise UnsupportedRequirementError(
                f"-e {value}",
                "is an editable project",
                origin,
                "a lock has wheels: to have one built of it, write its path alone",
            )
        if option in _NEEDLESS or (requirement and option == "--hash"):
            continue
        if option in _MEANINGLESS or option == "--hash" or (requirement and option not in _ANYWHERE):
            yield IgnoredOption(option=option, origin=origin)
        elif option in {"--requirement", "--constraint"}:
            yield IncludeLine(location=value, is_constraint=option == "--constraint", origin=origin)
        else:
            yield SettingLine(setting=Setting(option), value=value, origin=origin)


def _split_options(text: str, line: str, origin: Origin) -> list[tuple[str, str]]:
    import shlex  # noqa: PLC0415 - most lines are requirements alone
    from getopt import GetoptError, gnu_getopt  # noqa: PLC0415

    try:
        found, rest = gnu_getopt(shlex.split(text), "".join(f"{short[1]}:" for short in _SHORT), _LONG)
    except (GetoptError, ValueError) as error:
        raise OptionSyntaxError(line, str(error), origin) from error
    if rest:
        raise OptionSyntaxError(line, f"{rest[0]!r} belongs to no option", origin)
    return [(_ALIASES.get(option, _SHORT.get(option, option)), value) for option, value in found]


def _parse_hash(value: str, line: str, origin: Origin) -> Sha256:
    if (digest := _SHA256.fullmatch(value)) is None:
        reason = f"--hash takes sha256: and 64 hexadecimal digits, not {value!r}"
        raise OptionSyntaxError(line, reason, origin)
    return Sha256(digest[1].lower())
