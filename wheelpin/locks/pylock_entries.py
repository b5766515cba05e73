"""The packages of a pylock.toml (PEP 751) that hold the pins of one lock, or of several for different machines.

Pins of several locks share an entry if they differ by their wheels only, and if on each target the installer's choice
by tags is the very wheel that was locked for it. All others stand apart, each with a marker.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.candidates.listing import tags_of
from wheelpin.locks.errors import PinWithoutAddressError
from wheelpin.locks.model import Lock, LockedFile, Pin
from wheelpin.target import MacOS, Part, Target
from wheelpin.values import Sha256


class Entry(Struct, frozen=True, kw_only=True):
    """One package, and where it counts."""

    pin: Pin
    """As the first of the locks has it; the others differ by their files."""
    files: Mapping[int, LockedFile]
    """By the place of the lock among those that are written, in their order."""

    @property
    def wheels(self) -> tuple[LockedFile, ...]:
        """Each file once."""
        return tuple(dict.fromkeys(self.files.values()))


def entries_of(locks: Sequence[Lock], targets: Sequence[Target]) -> tuple[Entry, ...]:
    """Return the entries for *locks*, whose *targets* markers can tell apart; sorted by project.

    Raise `PinWithoutAddressError`.
    """
    alike: dict[Pin, dict[int, LockedFile]] = {}
    for place, lock in enumerate(locks):
        for pin in lock.pins:
            file = _addressed(pin)
            alike.setdefault(replace(pin, file=_shared(file)), {})[place] = file
    found: list[Entry] = []
    for pin, files in alike.items():
        entry = Entry(pin=pin, files=files)
        found.extend([entry] if _is_chosen_by_tags(entry, targets) else _apart(entry))
    return tuple(sorted(found, key=lambda entry: (entry.pin.project, tuple(entry.files))))


class Relations:
    """Who depends on whom among *entries*, as far as who asked for them tells."""

    def __init__(self, entries: Sequence[Entry], locks: Sequence[Lock]) -> None:
        self._pinned = [{str(pin.project) for pin in lock.pins} for lock in locks]
        self._asked_by: dict[str, list[Entry]] = {}
        self._namesakes: dict[str, list[Entry]] = {}
        for entry in entries:
            self._namesakes.setdefault(entry.pin.project, []).append(entry)
            for asker in entry.pin.via:
                self._asked_by.setdefault(asker, []).append(entry)

    def needs(self, entry: Entry) -> list[Entry]:
        """Return the entries that *entry* depends on in some lock, in their order."""
        return [
            other
            for other in self._asked_by.get(entry.pin.project, ())
            if other.pin.project != entry.pin.project and entry.files.keys() & other.files.keys()
        ]

    def other_askers(self, entry: Entry) -> list[str]:
        """Return who asked for *entry* and is no package beside it in every lock that has it."""
        return [
            asker
            for asker in entry.pin.via
            if asker == entry.pin.project or not all(asker in self._pinned[place] for place in entry.files)
        ]

    def namesakes(self, entry: Entry) -> list[Entry]:
        """Return all entries of the same project."""
        return self._namesakes[entry.pin.project]


def _addressed(pin: Pin) -> LockedFile:
    match pin.file:
        case LockedFile(url=str()) | LockedFile(path=str()):
            return pin.file
        case _:
            raise PinWithoutAddressError(pin.project, str(pin.version))


def _shared(file: LockedFile) -> LockedFile:
    """Blank what tells the wheels of one version apart."""
    return LockedFile(filename="", sha256=Sha256(""), index=file.index, built=file.built, identities=file.identities)


def _is_chosen_by_tags(entry: Entry, targets: Sequence[Target]) -> bool:
    if len(wheels := entry.wheels) == 1:
        return True
    return all(
        _is_behind(targets[place], other, file)
        for place, file in entry.files.items()
        for other in wheels
        if other != file
    )


def _is_behind(target: Target, other: LockedFile, chosen: LockedFile) -> bool:
    """Tell whether no installer on *target*, or on a newer system like it, takes *other* before *chosen*."""
    tags = tags_of(other.filename)
    if (misfit := target.misfit(tags)) is not None:
        is_of_newer_macos = misfit.part is Part.PLATFORM and isinstance(target.platform, MacOS) and "macosx" in tags
        return misfit.part is not Part.LIBC and not is_of_newer_macos
    first, second = target.rank(tags_of(chosen.filename)), target.rank(tags)
    # A tie is settled by build numbers, and not by every installer alike.
    return first is not None and second is not None and first < second


def _apart(entry: Entry) -> list[Entry]:
    return [
        Entry(pin=entry.pin, files={place: file for place, file in entry.files.items() if file == wheel})
        for wheel in entry.wheels
    ]
