"""Differences between locks as text, Markdown and JSON."""

import re
from collections.abc import Iterator, Sequence
from typing import assert_never
from urllib.parse import quote, urlsplit

import click
from msgspec import Struct

from wheelpin.cli.reports import Json, pin_to_json
from wheelpin.locks.difference import Added, How, LockDifference, PinChange, Removed, Replaced, place_of, project_of
from wheelpin.locks.model import LockedFile, Pin

_COLOURS = {
    "added": "green",
    "removed": "red",
    "up": "cyan",
    "down": "yellow",
    "rebuilt": "yellow",
    "moved": "yellow",
    "FILE CHANGED": "red",
}
_PAGES_OF = frozenset({"pypi.org", "test.pypi.org"})
"""Hosts whose index lies under ``/simple/`` and whose pages for people lie under ``/project/``."""
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~])")


class FileDifference(Struct, frozen=True, kw_only=True):
    """What became of one lock file."""

    name: str
    presence: str | None
    """``added`` or ``removed`` where one side has no such file."""
    difference: LockDifference


def text_of(found: Sequence[FileDifference]) -> str:
    """Spell the differences for a terminal, a line each."""
    return "\n\n".join("\n".join(_text_lines(each)) for each in found) + "\n"


def _text_lines(found: FileDifference) -> Iterator[str]:
    yield click.style(found.name, bold=True) + (f" ({found.presence})" if found.presence else "")
    for setting in found.difference.settings:
        yield f"  {setting.name:12}  {setting.before or 'none'} → {setting.after or 'none'}"
    for change in found.difference.pins:
        label = _label(change)
        yield f"  {click.style(f'{label:12}', fg=_COLOURS[label])}  {project_of(change)} {_in_words(change)}"


def _label(change: PinChange) -> str:
    match change:
        case Added():
            return "added"
        case Removed():
            return "removed"
        case Replaced(how=How.FILE_CHANGED):
            return "FILE CHANGED"
        case Replaced(how=how):
            return how.value
        case _:
            assert_never(change)


def _in_words(change: PinChange) -> str:
    match change:
        case Added(pin=pin) | Removed(pin=pin):
            return str(pin.version)
        case Replaced(before=before, after=after, how=How.UP | How.DOWN):
            return f"{before.version} → {after.version}"
        case Replaced(before=before, after=after, how=How.MOVED):
            return f"{after.version}: {place_of(before)} → {place_of(after)}"
        case Replaced(before=before, after=after):
            return f"{after.version}: {_file(before)} → {_file(after)}"
        case _:
            assert_never(change)


def _file(pin: Pin) -> str:
    match pin.file:
        case LockedFile(filename=filename, sha256=sha256):
            return f"{filename} (sha256 {sha256[:12]}…)"
        case unnamed:
            return " or ".join(f"sha256 {digest[:12]}…" for digest in sorted(unnamed.digests))


def markdown_of(found: Sequence[FileDifference]) -> str:
    """Spell the differences for a pull request: a table a lock, with links where the index has pages for people."""
    return "\n\n".join("\n".join(_markdown_lines(each)) for each in found) + "\n"


def _markdown_lines(found: FileDifference) -> Iterator[str]:
    yield f"### {_code(found.name)}" + (f" ({found.presence})" if found.presence else "")
    settings, pins = found.difference.settings, found.difference.pins
    news = [change for change in pins if isinstance(change, Replaced) and change.how is How.FILE_CHANGED]
    if news:
        yield ""
        yield "> [!WARNING]"
        yield "> The version is the same and the file is not. Find out why before you merge."
        for change in news:
            yield f"> - {_code(project_of(change))} {_code(_in_words(change))}"
    if settings:
        yield ""
        yield "| | before | after |"
        yield "|---|---|---|"
        yield from (f"| {row.name} | {_cell(row.before)} | {_cell(row.after)} |" for row in settings)
    if pins:
        yield ""
        yield "| project | change | before | after |"
        yield "|---|---|---|---|"
        yield from map(_row, pins)


def _row(change: PinChange) -> str:
    before: Pin | None = None
    after: Pin | None = None
    match change:
        case Added(pin=pin):
            after = pin
        case Removed(pin=pin):
            before = pin
        case Replaced(before=before, after=after):
            pass
    label = _label(change)
    shown = f"**{label.lower()}**" if label.isupper() else label
    cells = (_project_cell(after or before), shown, _version_cell(before), _version_cell(after))
    return f"| {' | '.join(cells)} |"


def _project_cell(pin: Pin | None) -> str:
    return "" if pin is None else _linked(pin.project, _page_of(pin))


def _version_cell(pin: Pin | None) -> str:
    if pin is None:
        return ""
    page = _page_of(pin)
    return _linked(str(pin.version), page and f"{page}{quote(str(pin.version))}/")


def _page_of(pin: Pin) -> str | None:
    """Return the address of the project's page for people, None where nobody knows of one."""
    if not isinstance(pin.file, LockedFile) or pin.file.index is None:
        return None
    address = urlsplit(pin.file.index)
    if address.hostname not in _PAGES_OF or address.path.rstrip("/") != "/simple":
        return None
    return f"https://{address.hostname}/project/{quote(pin.project)}/"


def _linked(text: str, address: str | None) -> str:
    return _escaped(text) if address is None else f"[{_escaped(text)}]({address})"


def _cell(text: str) -> str:
    return _code(text) if text else "none"


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _code(text: str) -> str:
    """Spell *text* so that nothing in it is markup, in a table either."""
    # A backtick cannot be escaped within code, and a bar ends a cell even there.
    plain = " ".join(text.split()).replace("`", "'").replace("|", "\\|")
    return f"`{plain}`"


def difference_to_json(found: FileDifference) -> Json:
    """Describe what became of one lock file."""
    return {
        "file": found.name,
        "presence": found.presence or "both",
        "settings": [
            {"name": row.name, "before": row.before or None, "after": row.after or None}
            for row in found.difference.settings
        ],
        "pins": [_change_to_json(change) for change in found.difference.pins],
    }


def _change_to_json(change: PinChange) -> Json:
    before: Pin | None = None
    after: Pin | None = None
    match change:
        case Added(pin=pin):
            kind, after = "added", pin
        case Removed(pin=pin):
            kind, before = "removed", pin
        case Replaced(before=before, after=after, how=how):
            kind = how.value
        case _:
            assert_never(change)
    return {
        "project": project_of(change),
        "change": kind,
        "before": None if before is None else pin_to_json(before),
        "after": None if after is None else pin_to_json(after),
    }
