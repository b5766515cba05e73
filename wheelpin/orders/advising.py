"""Ask the indexes of checked locks for known vulnerabilities of what they pin, all at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from msgspec.structs import replace
from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.checks import Advisory, Finding, Kind, Severity
from wheelpin.checks.advisories import (
    AdvisoriesUnreadableError,
    advisories_address,
    findings_of,
    parse_advisories,
)
from wheelpin.checks.against_index import is_listed
from wheelpin.locks import Lock, LockedFile, Pin
from wheelpin.orders.checking import CheckedLock
from wheelpin.ports import Request, Response
from wheelpin.transport.failures import TooLargeError
from wheelpin.values import IndexUrl, without_secrets

if TYPE_CHECKING:
    from wheelpin.session import Session

_MAX_BYTES = 64 * 1024 * 1024

_Key = tuple[NormalizedName, Version]
_Told = tuple[Advisory, ...] | str
"""What is known of a version, or why nothing can be told."""


def ask_advisories(checked: Sequence[CheckedLock], session: "Session") -> tuple[CheckedLock, ...]:
    """Add what is known against the pins, and what could not be asked; raise `IndexUnavailableError`."""
    pins = [pin for each in checked if each.lock is not None for pin in each.lock.pins]
    told = _ask(pins, session)
    return tuple(each if each.lock is None else _advised(each, each.lock, told) for each in checked)


def _advised(checked: CheckedLock, lock: Lock, told: Mapping[_Key, _Told]) -> CheckedLock:
    findings = tuple(_findings(lock, told))
    mendable = {each.project for each in findings if each.advisory is not None and each.advisory.fixed_in}
    words = [f" --upgrade-package {project}" for project in sorted(filter(None, mendable))]
    return replace(checked, findings=(*checked.findings, *findings), remedy="".join([checked.remedy, *words]))


def _ask(pins: Iterable[Pin], session: "Session") -> Mapping[_Key, _Told]:
    asked = {_key(pin): pin for pin in pins}
    if not session.settings.is_offline:
        session.expect(pin.project for pin in asked.values() if is_listed(pin) and _index_said(pin) is None)
    started = {key: _start(pin, session) for key, pin in asked.items()}
    return {key: each if isinstance(each, str) else _read(each) for key, each in started.items()}


def _key(pin: Pin) -> _Key:
    return pin.project, pin.version


def _index_said(pin: Pin) -> IndexUrl | None:
    return pin.file.index if isinstance(pin.file, LockedFile) else None


def _start(pin: Pin, session: "Session") -> Future[Response] | str:
    if not is_listed(pin):
        return "no index listed the file"
    if session.settings.is_offline:
        return "the run is offline"
    index = _index_said(pin)
    if index is None:
        page = session.index.page(pin.project)
        if page is None:
            return "no index has the project"
        index = page.index
    if (url := advisories_address(index, pin.project, pin.version)) is None:
        return f"{without_secrets(index)} is not laid out like PyPI"
    return session.transport.fetch(Request(url=url, headers={"Accept": "application/json"}, max_bytes=_MAX_BYTES))


def _read(answer: Future[Response]) -> _Told:
    try:
        response = answer.result()
    except TooLargeError as error:
        return str(error)
    address = without_secrets(response.url)
    if response.status != 200:
        return f"{address} answers {response.status}"
    try:
        return parse_advisories(response.body)
    except AdvisoriesUnreadableError as error:
        return f"{address}: {error}"


def _findings(lock: Lock, told: Mapping[_Key, _Told]) -> Iterator[Finding]:
    unseen: dict[str, list[Pin]] = {}
    for pin in lock.pins:
        match told[_key(pin)]:
            case str(reason):
                unseen.setdefault(reason, []).append(pin)
            case advisories:
                yield from findings_of(pin, advisories)
    yield from _unseen(unseen)


def _unseen(unseen: Mapping[str, Sequence[Pin]]) -> Iterator[Finding]:
    """Say once for all pins of a kind that nothing is known of them: that is no clean bill of health."""
    if not unseen:
        return
    pins = [pin for each in unseen.values() for pin in each]
    reason = next(iter(unseen))
    more = f", and {len(unseen) - 1} like it" if len(unseen) > 1 else ""
    names = ", ".join(f"{pin.project} {pin.version}" for pin in pins[:3]) + (", …" if len(pins) > 3 else "")
    message = f"no vulnerability data was to be had of {len(pins)} of the pins ({names}): {reason}{more}"
    yield Finding(kind=Kind.UNSEEN, message=message, severity=Severity.WARNING)
