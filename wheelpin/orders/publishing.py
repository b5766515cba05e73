"""Who published what was locked, for the form that has a place for it."""

from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wheelpin.locks import LockedFile, Pin
from wheelpin.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wheelpin.files import IndexFile
    from wheelpin.locks import Identity
    from wheelpin.workflows import Locked


def with_publishers(locked: "Sequence[Locked]", session: Session) -> "tuple[Locked, ...]":
    """Return *locked* with the identities that the index has of the files; all are asked for at once."""
    listed = [file for done in locked for pin in done.lock.pins if (file := _listed(pin, session)) is not None]
    known = session.publishers.of({file.filename: file for file in listed}.values())
    return tuple(
        replace(done, lock=replace(done.lock, pins=tuple(_attested(pin, known) for pin in done.lock.pins)))
        for done in locked
    )


def _listed(pin: Pin, session: Session) -> "IndexFile | None":
    """Return the entry of the index that *pin* was made from; its page is there, for it was chosen from."""
    if not isinstance(pin.file, LockedFile) or pin.file.index is None:
        return None
    if (page := session.index.page(pin.project)) is None:
        return None
    if (chosen := page.entries.read_before(pin.file.filename)) is not None:
        return chosen
    for place, name in page.beginning_with(pin.file.filename):
        if name == pin.file.filename:
            with suppress(ValueError):
                return page.entries.read(place)
    return None


def _attested(pin: Pin, known: "Mapping[str, tuple[Identity, ...]]") -> Pin:
    if not isinstance(pin.file, LockedFile) or pin.file.filename not in known:
        return pin
    return replace(pin, file=replace(pin.file, identities=known[pin.file.filename]))
