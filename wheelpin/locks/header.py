"""The comment lines at the top of a lock that pip reads: target, inputs, indexes, refresh command.

::

    # Wheels for cp36-manylinux1_x86_64 and Python 3.6.15, locked by wheelpin.
    # wheelpin: target=cp36-manylinux1_x86_64 python-full-version=3.6.15
    # lock-version: 1
    # input: -r requirements.in
    # index: https://index.example/simple/
    # proof: pins=1f0c3d5a9b2e4f60
    # refresh: wheelpin lock -r requirements.in --target cp36-manylinux1_x86_64

The line ``proof`` is for ``wheelpin lock --check``: a digest of the pins as they were found, and whatever else shaped
the answer and stands nowhere else in the lock.
"""

import re
from collections.abc import Iterable, Iterator

from packaging.version import InvalidVersion, Version

from wheelpin.locks.errors import LockSyntaxError
from wheelpin.locks.model import Lock, LockedTarget, Pin, Proof
from wheelpin.locks.pin_text import digest_of_pins, one_line
from wheelpin.values import IndexUrl, Origin, without_secrets

LOCK_VERSION = 1
"""Raised when older releases of wheelpin would misread what is written."""

_KEY_AND_VALUE = re.compile(r"#\s*([a-z][a-z-]*):\s+(.*\S)\s*")

_PROOF = re.compile(r"#\s*(proof):\s+(.*\S)\s*")

EDITED = "edited"
"""In place of the pins' digest: they were not all found by wheelpin."""

_Entry = tuple[int, str, str]
"""Line number, key, value."""


def iter_header(lock: Lock) -> Iterator[str]:
    """Yield the header's lines, each a comment."""
    if (target := lock.target) is None:
        yield "# Wheels locked by wheelpin."
    else:
        python = f" and Python {target.python_full_version}" if target.python_full_version else ""
        assumed = " (the last known patch, assumed)" if target.is_patch_assumed else ""
        yield f"# Wheels for {target.spelling}{python}{assumed}, locked by wheelpin."
    yield from (f"# {key}: {one_line(value)}" for key, value in _iter_entries(lock))


def _iter_entries(lock: Lock) -> Iterator[tuple[str, str]]:
    if lock.target is not None:
        python = lock.target.python_full_version
        yield "wheelpin", f"target={lock.target.spelling}" + (f" python-full-version={python}" if python else "")
    yield "lock-version", str(LOCK_VERSION)
    if lock.target is not None and lock.target.name != lock.target.spelling:
        yield "target-name", lock.target.name
    if lock.target is not None and lock.target.preset is not None:
        yield "preset", lock.target.preset
    if lock.target is not None and lock.target.is_patch_assumed:
        yield "patch", "assumed"
    for text in lock.inputs:
        yield "input", text
    for index in lock.indexes:
        yield "index", without_secrets(index)
    if lock.exclude_newer is not None:
        yield "exclude-newer", lock.exclude_newer
    if lock.proof is not None:
        yield "proof", proof_to_text(lock.proof, lock.pins)
    if lock.refresh_command is not None:
        yield "refresh", lock.refresh_command


def proof_to_text(proof: Proof, pins: Iterable[Pin]) -> str:
    """Spell *proof* on one line, over *pins* as far as the form that is written keeps them."""
    digest = digest_of_pins(pins) if proof.is_intact else EDITED
    return " ".join(f"{kind}={value}" for kind, value in (("pins", digest), *proof.facts))


def read_proof(text: str, pins: Iterable[Pin]) -> Proof:
    """Read what `proof_to_text` spelled; an edit of *pins* shows."""
    said = dict(word.partition("=")[::2] for word in text.split())
    digest = said.pop("pins", EDITED)
    return Proof(is_intact=digest == digest_of_pins(pins), facts=tuple(sorted(said.items())))


def read_header(comments: Iterable[tuple[int, str]], *, origin: Origin) -> Lock:
    """Read numbered comment lines into a lock without pins; what has no meaning here is passed over.

    The proof is left to `proof_of_header`, which needs the pins.

    Raise `LockSyntaxError` for a version that is none, and for a lock of a later wheelpin.
    """
    entries = [
        (number, match[1], match[2])
        for number, line in comments
        if (match := _KEY_AND_VALUE.fullmatch(line)) is not None
    ]
    for number, _, value in _under("lock-version", entries):
        if value != str(LOCK_VERSION):
            raise LockSyntaxError(
                Origin(origin.source, number),
                f"this lock has version {value}, and this wheelpin reads version {LOCK_VERSION}",
                "upgrade wheelpin, or lock anew with this one",
            )
    return Lock(
        target=_read_target(entries, origin),
        pins=(),
        inputs=tuple(value for _, _, value in _under("input", entries)),
        refresh_command=_last("refresh", entries),
        indexes=tuple(IndexUrl(value) for _, _, value in _under("index", entries)),
        exclude_newer=_last("exclude-newer", entries),
    )


def proof_of_header(comments: Iterable[tuple[int, str]], pins: Iterable[Pin]) -> Proof | None:
    """Return what the header's comments say for a later check of *pins*, None where they say nothing."""
    said = (match[2] for _, line in comments if (match := _PROOF.fullmatch(line)) is not None)
    return next((read_proof(text, pins) for text in said), None)


def _read_target(entries: list[_Entry], origin: Origin) -> LockedTarget | None:
    settings: dict[str, str] = {}
    version_line = None
    for number, _, value in _under("wheelpin", entries):
        settings.update(word.partition("=")[::2] for word in value.split())
        version_line = number
    if (spelling := settings.get("target")) is None:
        return None
    try:
        python = Version(settings["python-full-version"]) if "python-full-version" in settings else None
    except InvalidVersion as error:
        raise LockSyntaxError(
            Origin(origin.source, version_line),
            f"{settings['python-full-version']!r} is no Python version",
            "write it as python-full-version=3.6.15",
        ) from error
    return LockedTarget(
        name=_last("target-name", entries) or spelling,
        spelling=spelling,
        python_full_version=python,
        is_patch_assumed=_last("patch", entries) == "assumed",
        preset=_last("preset", entries),
    )


def _under(key: str, entries: list[_Entry]) -> Iterator[_Entry]:
    return (entry for entry in entries if entry[1] == key)


def _last(key: str, entries: list[_Entry]) -> str | None:
    return next((value for _, found, value in reversed(entries) if found == key), None)
