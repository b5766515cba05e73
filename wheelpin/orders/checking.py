"""Check the locks of orders where they lie: offline, and on request against the index."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.checks import Finding, Kind, Severity
from wheelpin.checks.against_index import check_listed, is_listed
from wheelpin.errors import WheelpinError
from wheelpin.locks import Lock, LockedFile, LockFormat, LockSyntaxError, Pin, parse_lock
from wheelpin.locks.previous import parse_previous
from wheelpin.orders.inputs import Host
from wheelpin.orders.lock_check import LockAtHand, check_lock
from wheelpin.orders.lock_paths import moved
from wheelpin.orders.lock_texts import folder_of_paths, text_of
from wheelpin.orders.locking import job_of
from wheelpin.orders.model import LockOrder, Output
from wheelpin.orders.preparing import PreparedOrder, prepare
from wheelpin.ports import Request, Response
from wheelpin.target import Target
from wheelpin.texts import read_text
from wheelpin.transport.failures import TooLargeError
from wheelpin.values import Origin, Sha256, without_secrets
from wheelpin.workflows import question_of

if TYPE_CHECKING:
    from wheelpin.session import Session

_ENOUGH_BYTES = 64 * 1024
_THERE = frozenset({200, 206, 416})
_GONE = frozenset({404, 410})


class CheckedLock(Struct, frozen=True, kw_only=True):
    """One lock file and what was found against it."""

    path: Path
    folder: Path
    """Where the paths of its inputs start."""
    target: Target
    remedy: str
    """The command that makes the lock anew."""
    findings: tuple[Finding, ...]
    lock: Lock | None = None
    """None where there is none to read."""
    text: str = ""

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing was found that fails the check."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def prepare_check(order: LockOrder, host: Host) -> PreparedOrder:
    """Read all files of *order* but the locks, which may be unreadable; raise a branch of `InputError`."""
    return prepare(replace(order, upgrade=True), host)


def settle(prepared: PreparedOrder) -> None:
    """Make sure that every target settles what is asked; raise a branch of `InputError` where one does not."""
    for target in prepared.targets:
        question_of(job_of(prepared), target)


def check_order(prepared: PreparedOrder) -> Iterator[CheckedLock]:
    """Yield every lock that the order would write, held against its inputs without any index."""
    for target in prepared.targets:
        for output in prepared.order.outputs.of(target):
            yield _check(prepared, target, output)


def _check(prepared: PreparedOrder, target: Target, output: Output) -> CheckedLock:
    job, folder = job_of(prepared), prepared.order.folder
    checked = CheckedLock(
        path=output.path, folder=folder, target=target, remedy=job.refresh_commands[target.name], findings=()
    )
    if not output.path.is_file():
        return replace(checked, findings=(Finding(kind=Kind.LOCK_MISSING, message="there is no such lock yet"),))
    text = read_text(output.path)
    try:
        lock = parse_lock(text, Origin(output.path.as_posix()), target=target)
    except WheelpinError as error:
        return replace(checked, findings=(_unreadable(error),), text=text)
    if output.lock_format is LockFormat.PYLOCK:
        lock = moved(lock, folder_of_paths(output, folder), folder)
    spell = partial(_spelled, prepared=prepared, target=target, output=output, text=text)
    found = LockAtHand(lock=lock, text=text, form=output.lock_format, spell=spell)
    findings = check_lock(found, job, target, lambda path: _digest_of(folder / path))
    return replace(checked, findings=findings, lock=lock, text=text)


def _spelled(expected: Lock, *, prepared: PreparedOrder, target: Target, output: Output, text: str) -> str:
    """Write *expected* where it belongs, between the locks of the other targets of one pylock.toml."""
    folder, origin = prepared.order.folder, Origin(output.path.as_posix())
    locks: list[Lock] = []
    for each in prepared.targets:
        if each == target:
            locks.append(expected)
        elif output in prepared.order.outputs.of(each) and (lock := parse_previous(text, origin, each)) is not None:
            locks.append(moved(lock, folder_of_paths(output, folder), folder))
    return text_of(locks, output, folder)


def _unreadable(error: WheelpinError) -> Finding:
    if isinstance(error, LockSyntaxError):
        return Finding(kind=Kind.LOCK_UNREADABLE, message=error.problem, line=error.origin.line)
    return Finding(kind=Kind.LOCK_UNREADABLE, message=str(error))


def _digest_of(path: Path) -> Sha256 | None:
    with suppress(OSError), path.open("rb") as file:
        return Sha256(hashlib.file_digest(file, "sha256").hexdigest())
    return None


def ask_index(checked: Sequence[CheckedLock], session: "Session") -> tuple[CheckedLock, ...]:
    """Add what the index says of every pin; all is asked for at once. Raise `IndexUnavailableError`."""
    pins = [pin for each in checked if each.lock is not None for pin in each.lock.pins]
    session.expect(dict.fromkeys(pin.project for pin in pins if is_listed(pin)))
    direct = _ask_direct(pins, session)
    return tuple(
        each
        if each.lock is None
        else replace(each, findings=(*each.findings, *_today(each, each.lock, direct, session)))
        for each in checked
    )


def _ask_direct(pins: Iterable[Pin], session: "Session") -> dict[str, Future[Response]]:
    """Start asking for the first byte of each file with an address that no index listed."""
    urls = dict.fromkeys(
        pin.file.url
        for pin in pins
        if isinstance(pin.file, LockedFile) and pin.file.url is not None and not is_listed(pin)
    )
    asked = {url: Request(url=url, headers={"Range": "bytes=0-0"}, max_bytes=_ENOUGH_BYTES) for url in urls}
    return {url: session.transport.fetch(request) for url, request in asked.items()}


def _today(
    checked: CheckedLock, lock: Lock, direct: dict[str, Future[Response]], session: "Session"
) -> Iterator[Finding]:
    yield from check_listed(lock, session.index, checked.target)
    for pin in lock.pins:
        if isinstance(pin.file, LockedFile) and pin.file.url is not None and pin.file.url in direct:
            yield _judged(pin, pin.file.url, direct[pin.file.url])


def _judged(pin: Pin, url: str, answer: Future[Response]) -> Finding:
    address = without_secrets(url)
    try:
        status = answer.result().status
    except TooLargeError:  # a server that knows no ranges began to send all of it
        status = 200
    if status not in _THERE:
        said = "is gone" if status in _GONE else f"cannot be had: the server answers {status}"
        return Finding(kind=Kind.GONE, message=f"{address} {said}", project=pin.project)
    message = f"{address} is there; whether its bytes are the same shows only when it is fetched"
    return Finding(kind=Kind.UNSEEN, message=message, severity=Severity.NOTICE, project=pin.project)
