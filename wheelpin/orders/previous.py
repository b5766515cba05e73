"""The locks that stand where new ones will: their pins are kept where they still answer, and asked for at once."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache

from packaging.utils import NormalizedName

from wheelpin.candidates.listing import tags_of
from wheelpin.locks import Lock, LockedFile
from wheelpin.locks.previous import parse_previous
from wheelpin.orders.model import STANDARD_OUTPUT, Outputs
from wheelpin.session import Session
from wheelpin.target import Target
from wheelpin.texts import read_text
from wheelpin.values import Origin


def read_previous(outputs: Outputs, targets: Iterable[Target]) -> Mapping[str, Lock]:
    """Read the locks by target name; raise `LockSyntaxError` for one that cannot be read."""
    found: dict[str, Lock] = {}
    for target in targets:
        paths = [output.path for output in outputs.of(target)]
        if (path := next((each for each in paths if each != STANDARD_OUTPUT and each.is_file()), None)) is not None:
            lock = parse_previous(read_text(path), Origin(path.as_posix()), target)
            found |= {} if lock is None else {target.name: lock}
    return found


def expect_pinned(
    locks: Iterable[Lock], session: Session, targets: Iterable[Target], *, but: Collection[NormalizedName]
) -> None:
    """Start asking for the pages and the metadata of the files in *locks*, not for those of the projects in *but*."""
    takes = cache(lambda tag_set: any(target.rank(tag_set) is not None for target in targets))
    session.expect_files(
        dict.fromkeys(  # the locks of several targets have most files in common
            (pin.project, pin.file.filename)
            for lock in locks
            for pin in lock.pins
            if isinstance(pin.file, LockedFile) and pin.project not in but
        ),
        may_be_taken=lambda filename: takes(tags_of(filename)),
    )
