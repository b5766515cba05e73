"""What an index says today of the files in a lock: gone, yanked, quarantined, or not what was locked.

Nothing is downloaded. An index whose pages carry no yank marks (PEP 592), digests or statuses (PEP 792) cannot tell of
them: what is not said is not found.
"""

from collections.abc import Collection, Iterator

from packaging.utils import NormalizedName

from wheelpin.checks.findings import Finding, Kind, Severity
from wheelpin.files import IndexFile, ProjectPage
from wheelpin.locks import Lock, LockedFile, Pin
from wheelpin.ports import Index
from wheelpin.requirements import RequirementSyntaxError, parse_requires_python
from wheelpin.resolve.question import yanked_when_locked
from wheelpin.target import Target

_QUARANTINED = "quarantined"
_ACTIVE = "active"


def is_listed(pin: Pin) -> bool:
    """Tell whether an index is to be asked for *pin*: neither a file of one's own nor a direct address."""
    match pin.file:
        case LockedFile(path=str()):
            return False
        case LockedFile(url=str(), index=None):
            return False
        case _:
            return True


def check_listed(lock: Lock, index: Index, target: Target) -> Iterator[Finding]:
    """Yield what *index* says against the pins of *lock*; raise `IndexUnavailableError` when it does not answer."""
    known = yanked_when_locked(dict(lock.proof.facts if lock.proof is not None else ()))
    for pin in filter(is_listed, lock.pins):
        if (page := index.page(pin.project)) is None:
            message = f"no index has {pin.project} any more"
            yield Finding(kind=Kind.GONE, message=message, project=pin.project)
            continue
        yield from _status(pin, page)
        if page.status != _QUARANTINED:
            yield from _file(pin, page, target, known)


def _status(pin: Pin, page: ProjectPage) -> Iterator[Finding]:
    if page.status == _ACTIVE:
        return
    because = f": {page.status_reason}" if page.status_reason else ""
    message = f"{pin.project} is {page.status}{because}"
    if page.status == _QUARANTINED:
        yield Finding(kind=Kind.QUARANTINED, message=message, project=pin.project)
    else:
        yield Finding(kind=Kind.STATUS, message=message, severity=Severity.WARNING, project=pin.project)


def _file(pin: Pin, page: ProjectPage, target: Target, known: Collection[NormalizedName]) -> Iterator[Finding]:
    match pin.file:
        case LockedFile(filename=filename):
            file = _entry(page, filename)
        case unnamed:
            filename = f"a file of {pin.project} {pin.version} with the hash"
            file = next((each for each in page.files if each.sha256 in unnamed.digests), None)
    if file is None:
        message = f"{filename} is not on {page.index or 'the index'} any more"
        yield Finding(kind=Kind.GONE, message=message, project=pin.project)
        return
    if isinstance(pin.file, LockedFile):
        yield from _bytes(pin.file, file, pin.project)
    if file.yanked is not None:
        because = f": {file.yanked}" if file.yanked else ""
        if pin.project in known:
            message = f"{file.filename} is yanked, as it was when it was locked{because}"
            yield Finding(kind=Kind.YANKED, message=message, severity=Severity.WARNING, project=pin.project)
        else:
            message = f"{file.filename} was yanked{because}"
            yield Finding(kind=Kind.YANKED, message=message, project=pin.project)
    if file.requires_python is not None and _refuses(file.requires_python, target):
        message = (
            f"{file.filename} requires Python {file.requires_python} now, the target has {target.python_full_version}"
        )
        yield Finding(kind=Kind.REQUIRES_PYTHON, message=message, project=pin.project)


def _entry(page: ProjectPage, filename: str) -> IndexFile | None:
    for place, name in page.beginning_with(filename):
        if name == filename:
            try:
                return page.entries.read(place)
            except ValueError:  # an entry that cannot be a file
                return None
    return None


def _bytes(locked: LockedFile, file: IndexFile, project: NormalizedName) -> Iterator[Finding]:
    if file.sha256 is None:
        message = f"the index gives no sha256 of {file.filename}: whether it is still the same was not looked at"
        yield Finding(kind=Kind.UNSEEN, message=message, severity=Severity.NOTICE, project=project)
    elif file.sha256 != locked.sha256:
        message = f"{file.filename} is another file than was locked: its sha256 is {file.sha256} now"
        yield Finding(kind=Kind.HASH, message=message, project=project)
    if None not in (file.size_bytes, locked.size_bytes) and file.size_bytes != locked.size_bytes:
        message = f"{file.filename} has {file.size_bytes} bytes on the index now, and had {locked.size_bytes}"
        yield Finding(kind=Kind.SIZE, message=message, project=project)


def _refuses(text: str, target: Target) -> bool:
    try:
        return not target.accepts_python(parse_requires_python(text)).holds
    except RequirementSyntaxError:
        return True
