"""A pylock.toml that wheelpin wrote, to the locks in it: its own tables tell what the standard has no place for."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from packaging.markers import InvalidMarker, Marker
from packaging.pylock import Package, PackageWheel
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from wheelpin.locks.errors import LOCK_ANEW, LockSyntaxError
from wheelpin.locks.header import LOCK_VERSION, read_proof
from wheelpin.locks.model import Identity, Lock, LockedFile, LockedTarget, Pin
from wheelpin.locks.own_table import OwnTable
from wheelpin.locks.provenance import BUILT_KEYS, parse_comments
from wheelpin.locks.times import spell_time
from wheelpin.requirements.pylock_file import load_pylock, origins_of_packages
from wheelpin.target import Target
from wheelpin.values import IndexUrl, Origin, Sha256

_SHA256 = re.compile(r"[0-9a-f]{64}")


def own_lock_for(text: str, origin: Origin, target: Target | None) -> Lock | None:
    """Read the lock of *target*, None if there is none for it; without a target, the only one.

    Raise `LockSyntaxError` if there are several to choose from, and what `read_own_pylock` raises.
    """
    locks = read_own_pylock(text, origin)
    if target is None and len(locks) == 1:
        return locks[0]
    if target is None:
        names = ", ".join(lock.target.name for lock in locks if lock.target is not None)
        raise LockSyntaxError(origin, f"it is a lock for {len(locks)} targets: {names}", "say which with --target")
    said = [(lock.target, lock) for lock in locks if lock.target is not None]
    by_name = {locked.spelling: lock for locked, lock in said} | {locked.name: lock for locked, lock in said}
    return by_name.get(target.name) or by_name.get(target.spelling)


def read_own_pylock(text: str, origin: Origin) -> tuple[Lock, ...]:
    """Read one lock for each target, in their order; paths start at the folder of the text.

    Raise `PylockFileError` and `LockSyntaxError`.
    """
    pylock = load_pylock(text, origin.source)
    said = OwnTable.under(pylock.tool, origin)
    if (version := said.value("lock-version", int)) not in (None, LOCK_VERSION):
        raise LockSyntaxError(
            origin,
            f"this lock has version {version}, and this wheelpin reads version {LOCK_VERSION}",
            "upgrade wheelpin, or lock anew with this one",
        )
    entries = [
        _OwnEntry(package, OwnTable.under(package.tool, place), place)
        for package, place in zip(pylock.packages, origins_of_packages(pylock, text, origin.source), strict=True)
    ]
    return tuple(_read_lock(question, entries, origin) for question in said.tables("targets") or (said,))


class _OwnEntry(Struct, frozen=True):
    package: Package
    said: OwnTable
    origin: Origin

    def is_for(self, target: str) -> bool:
        names = self.said.texts("targets")
        return not names or target in names


_Reference = tuple[str, Mapping[str, Any]]
"""Who depends on a package of a name, and what is said to tell it from its namesakes."""


def _means(said: Mapping[str, Any], package: Package) -> bool:
    marker = None if package.marker is None else str(package.marker)
    return said.get("version", str(package.version)) == str(package.version) and (
        "marker" not in said or _spelled_marker(said["marker"]) == marker
    )


def _spelled_marker(text: object) -> str:
    try:
        return str(Marker(str(text)))
    except InvalidMarker:
        return ""


def _read_lock(question: OwnTable, entries: Sequence[_OwnEntry], origin: Origin) -> Lock:
    target = _read_target(question)
    name = "" if target is None else target.name
    mine = [entry for entry in entries if entry.is_for(name)]
    _refuse_twice(mine)
    references: dict[object, list[_Reference]] = {}
    for entry in mine:
        for said in entry.package.dependencies or ():
            references.setdefault(said.get("name"), []).append((entry.package.name, said))
    pins = tuple(_read_pin(entry, name, references.get(entry.package.name, ())) for entry in mine)
    lock = Lock(
        target=target,
        pins=pins,
        inputs=question.texts("inputs"),
        refresh_command=question.value("refresh", str),
        indexes=tuple(map(IndexUrl, question.texts("indexes"))),
        exclude_newer=question.value("exclude-newer", str),
    )
    proof = question.value("proof", str)
    return lock if proof is None else replace(lock, proof=read_proof(proof, lock.pins))


def _read_target(question: OwnTable) -> LockedTarget | None:
    if (spelling := question.value("target", str)) is None:
        return None
    python = question.value("python-full-version", str)
    try:
        version = None if python is None else Version(python)
    except InvalidVersion:
        raise question.refusal("python-full-version", f"{python!r}, which is no Python version") from None
    return LockedTarget(
        name=question.value("target-name", str) or spelling,
        spelling=spelling,
        python_full_version=version,
        is_patch_assumed=question.value("patch", str) == "assumed",
        preset=question.value("preset", str),
    )


def _refuse_twice(entries: Sequence[_OwnEntry]) -> None:
    found: dict[str, Origin] = {}
    for entry in entries:
        if (other := found.setdefault(entry.package.name, entry.origin)) is not entry.origin:
            raise LockSyntaxError(entry.origin, f"{entry.package.name} is pinned here and in {other}", LOCK_ANEW)


def _read_pin(entry: _OwnEntry, target: str, references: Sequence[_Reference]) -> Pin:
    package, said = entry.package, entry.said
    askers = [asker for asker, what in references if _means(what, package)]
    if package.version is None:
        raise LockSyntaxError(entry.origin, f"{package.name} has no version", LOCK_ANEW)
    return Pin(
        project=package.name,
        version=package.version,
        file=_read_file(entry, target),
        via=(*said.texts("via"), *askers),
        requires_python=None if package.requires_python is None else str(package.requires_python),
        extras=tuple(map(canonicalize_name, said.texts("extras"))),
        tags=said.texts("tags"),
        notes=said.texts("notes"),
    )


def _read_file(entry: _OwnEntry, target: str) -> LockedFile:
    package, said, wheels = entry.package, entry.said, entry.package.wheels or ()
    chosen = (said.value("files", dict) or {}).get(target)
    mine = [wheel for wheel in wheels if chosen is None or wheel.filename == chosen]
    if len(mine) != 1:
        raise LockSyntaxError(entry.origin, f"{package.name} has {len(mine)} wheels for one target", LOCK_ANEW)
    (wheel,) = mine
    built = {key: text for key in BUILT_KEYS if (text := said.value(key, str)) is not None}
    return LockedFile(
        filename=wheel.filename,
        sha256=_digest(wheel, entry.origin),
        url=None if wheel.url is None else wheel.url.partition("#")[0],
        path=wheel.path if wheel.url is None else None,
        size_bytes=wheel.size,
        uploaded_at=None if wheel.upload_time is None else spell_time(wheel.upload_time),
        index=None if package.index is None else IndexUrl(package.index),
        built=parse_comments(built),
        identities=tuple(
            Identity(
                kind=str(each["kind"]),
                facts=tuple((key, value) for key, value in each.items() if key != "kind" and isinstance(value, str)),
            )
            for each in package.attestation_identities or ()
        ),
    )


def _digest(wheel: PackageWheel, origin: Origin) -> Sha256:
    digest = wheel.hashes.get("sha256", "").lower()
    if _SHA256.fullmatch(digest) is None:
        raise LockSyntaxError(origin, f"{wheel.filename} has no sha256", LOCK_ANEW)
    return Sha256(digest)
