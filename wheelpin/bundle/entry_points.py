"""Commands that a wheel declares in ``entry_points.txt`` (entry points specification)."""

import configparser
import keyword
import re

from msgspec import Struct

from wheelpin.bundle.member_names import script_fault
from wheelpin.bundle.refusal import Refusal, WheelRefusedError

_REFERENCE = re.compile(r"(?P<module>[\w.]+)\s*:\s*(?P<attribute>[\w.]+)\s*(\[[^\]]*\]\s*)?")
_COMMAND_SECTIONS = {"console_scripts": False, "gui_scripts": True}


class Command(Struct, frozen=True, kw_only=True):
    """A script to be made: it calls *attribute* of *module*. All parts are fit for file names and Python code."""

    name: str
    module: str
    attribute: str
    is_gui: bool = False


def read_commands(body: bytes, wheel: str) -> tuple[Command, ...]:
    """Read the commands, sorted by name; raise `WheelRefusedError` about *wheel* for one that is not safe."""
    # A section of defaults would add its commands to both sections.
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False, default_section="")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    try:
        parser.read_string(body.decode("utf-8"))
    except (UnicodeDecodeError, configparser.Error) as error:
        raise WheelRefusedError(wheel, Refusal.ENTRY_POINT, detail="entry_points.txt cannot be read") from error
    commands = [
        _command(name, value, wheel, is_gui=is_gui)
        for section, is_gui in _COMMAND_SECTIONS.items()
        if parser.has_section(section)
        for name, value in parser.items(section)
    ]
    return tuple(sorted(commands, key=lambda command: command.name))


def _command(name: str, value: str, wheel: str, *, is_gui: bool) -> Command:
    if (fault := script_fault(name)) is not None:
        raise WheelRefusedError(wheel, Refusal.ENTRY_POINT, member=name, detail=fault)
    match = _REFERENCE.fullmatch(value)
    if match is None or not all(_is_dotted_name(match[part]) for part in ("module", "attribute")):
        raise WheelRefusedError(wheel, Refusal.ENTRY_POINT, member=name, detail="it calls nothing that has a name")
    return Command(name=name, module=match["module"], attribute=match["attribute"], is_gui=is_gui)


def _is_dotted_name(text: str) -> bool:
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split("."))
