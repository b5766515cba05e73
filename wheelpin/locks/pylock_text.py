"""Locks to the text of a pylock.toml (PEP 751): one wheel a package and target, and never an sdist to fall back to.

What the standard has no place for stands under ``[tool.wheelpin]`` and ``[packages.tool.wheelpin]``, so that the text
reads back as the same locks. Paths in it start at the folder of the text.
"""

from collections.abc import Sequence
from typing import Any

import tomli_w
from msgspec.structs import replace
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from wheelpin.locks.environments import environment_of, python_of, require_distinct, target_of
from wheelpin.locks.header import LOCK_VERSION, proof_to_text
from wheelpin.locks.model import Lock, LockedFile, Pin
from wheelpin.locks.pin_text import spelled_address
from wheelpin.locks.provenance import iter_comments
from wheelpin.locks.pylock_entries import Entry, Relations, entries_of
from wheelpin.locks.times import parse_time, spell_time
from wheelpin.target import Target
from wheelpin.values import IndexUrl, without_secrets

Table = dict[str, Any]


class _Writer:
    """Knows all that is written, because packages name each other."""

    def __init__(self, locks: Sequence[Lock], targets: Sequence[Target]) -> None:
        self._locks, self._targets = locks, targets
        self._entries = entries_of(locks, targets)
        self._relations = Relations(self._entries, locks)

    def text(self) -> str:
        environments = [environment_of(target) for target in self._targets]
        pythons = {str(python_of(target)) for target in self._targets}
        return tomli_w.dumps(
            _without_nothing(
                {
                    "lock-version": "1.0",
                    "environments": environments,
                    "requires-python": pythons.pop() if len(pythons) == 1 else None,
                    "created-by": "wheelpin",
                }
            )
            | {"packages": [self._package(entry) for entry in self._entries], "tool": {"wheelpin": self._tool()}}
        )

    def _tool(self) -> Table:
        questions = [_question(lock) for lock in self._locks]
        if len(questions) == 1:
            return {"lock-version": LOCK_VERSION, **questions[0]}
        return {"lock-version": LOCK_VERSION, "targets": questions}

    def _package(self, entry: Entry) -> Table:
        pin, wheels = entry.pin, entry.wheels
        shared = wheels[0]
        return _without_nothing(
            {
                "name": pin.project,
                "version": str(pin.version),
                "marker": self._marker(entry),
                "requires-python": pin.requires_python,
                "dependencies": [self._reference(other) for other in self._relations.needs(entry)],
                "index": shared.index,
                "wheels": [_wheel(wheel) for wheel in wheels],
                "attestation-identities": [{"kind": each.kind, **dict(each.facts)} for each in shared.identities],
                "tool": _without_nothing({"wheelpin": self._tool_of(entry)}),
            }
        )

    def _marker(self, entry: Entry) -> str | None:
        if len(entry.files) == len(self._locks):
            return None
        parts = [environment_of(self._targets[place]) for place in entry.files]
        return parts[0] if len(parts) == 1 else " or ".join(f"({part})" for part in parts)

    def _reference(self, entry: Entry) -> Table:
        """Say which entry is meant, with no more than it takes."""
        namesakes = self._relations.namesakes(entry)
        equals = [other for other in namesakes if other.pin.version == entry.pin.version]
        return _without_nothing(
            {
                "name": entry.pin.project,
                "version": str(entry.pin.version) if len(namesakes) > 1 else None,
                "marker": self._marker(entry) if len(equals) > 1 else None,
            }
        )

    def _tool_of(self, entry: Entry) -> Table:
        pin, shared = entry.pin, entry.wheels[0]
        names = {place: lock.target.name for place, lock in enumerate(self._locks) if lock.target is not None}
        return _without_nothing(
            {
                "via": self._relations.other_askers(entry),
                "extras": list(pin.extras),
                "tags": list(pin.tags),
                "notes": list(pin.notes),
                **({} if shared.built is None else dict(line.split(": ", 1) for line in iter_comments(shared.built))),
                "targets": [names[place] for place in entry.files] if len(entry.files) < len(self._locks) else None,
                "files": {names[place]: file.filename for place, file in entry.files.items()}
                if len(entry.wheels) > 1
                else None,
            }
        )


def to_pylock(locks: Sequence[Lock]) -> str:
    """Write the locks of one target, or of several that markers can tell apart.

    Raise `PinWithoutAddressError` and `TargetsAlikeError`.
    """
    locks = [replace(lock, pins=tuple(map(_as_written, lock.pins))) for lock in locks]
    targets = tuple(target_of(lock.target) for lock in locks if lock.target is not None)
    require_distinct(targets)
    return _Writer(locks, targets).text()


def _as_written(pin: Pin) -> Pin:
    """Spell the values of *pin* as they read back; what cannot be written is left out."""
    file = pin.file
    if isinstance(file, LockedFile):
        file = replace(
            file,
            url=None if file.url is None else spelled_address(file.url),
            path=file.path if file.url is None else None,
            uploaded_at=_spelled_time(file.uploaded_at),
            index=None if file.index is None else IndexUrl(without_secrets(file.index)),
        )
    return replace(pin, file=file, requires_python=_spelled_python(pin.requires_python))


def _spelled_time(text: str | None) -> str | None:
    return None if text is None or (moment := parse_time(text)) is None else spell_time(moment)


def _spelled_python(text: str | None) -> str | None:
    try:
        return None if text is None else str(SpecifierSet(text)) or None
    except InvalidSpecifier:
        return None


def _wheel(file: LockedFile) -> Table:
    return _without_nothing(
        {
            "name": file.filename,
            "upload-time": None if file.uploaded_at is None else parse_time(file.uploaded_at),
            "url": file.url,
            "path": file.path,
            "size": file.size_bytes,
            "hashes": {"sha256": file.sha256},
        }
    )


def _question(lock: Lock) -> Table:
    target = lock.target
    said: Table = {}
    if target is not None:
        python = target.python_full_version
        said = {
            "target": target.spelling,
            "target-name": target.name if target.name != target.spelling else None,
            "python-full-version": None if python is None else str(python),
            "preset": target.preset,
            "patch": "assumed" if target.is_patch_assumed else None,
        }
    return _without_nothing(
        said
        | {
            "inputs": list(lock.inputs),
            "indexes": [without_secrets(index) for index in lock.indexes],
            "exclude-newer": lock.exclude_newer,
            "proof": None if lock.proof is None else proof_to_text(lock.proof, lock.pins),
            "refresh": lock.refresh_command,
        }
    )


def _without_nothing(table: Table) -> Table:
    return {key: value for key, value in table.items() if value is not None and value not in ([], {})}
