"""Read what orders name, and begin to ask for what locking them is sure to need.

What the first requests do not need loads after them, while they are under way.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Self

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.orders.inputs import Host, OpenedInputs, read_sources, with_format_control
from wheelpin.orders.model import LockOrder, check_place
from wheelpin.orders.targets import TargetText, target_of_inputs
from wheelpin.ports import Reporter
from wheelpin.requirements import FormatControl
from wheelpin.session import Session, open_session
from wheelpin.settings import Settings
from wheelpin.target import Target

if TYPE_CHECKING:
    from wheelpin.candidates.catalogue import Catalogue
    from wheelpin.locks import Lock


class PreparedOrder(Struct, frozen=True, kw_only=True, dict=True):
    """An order with all its files read but the locks that stand where the new ones will."""

    order: LockOrder
    opened: OpenedInputs
    targets: tuple[Target, ...]

    @cached_property
    def previous(self) -> "Mapping[str, Lock]":
        """Those locks by target name, none for an upgrade; raise `LockSyntaxError` for one that cannot be read."""
        if self.order.upgrade:
            return {}
        from wheelpin.orders.previous import read_previous  # noqa: PLC0415 - no request waits for it

        return read_previous(self.order.outputs, self.targets)


class Sessions:
    """The open sessions of a run, one for all settings that ask the same of an index."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._stack = ExitStack()
        self._open: list[tuple[Settings, Session]] = []
        self._catalogues: dict[int, Catalogue] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def of(self, settings: Settings) -> Session:
        """Return the session for *settings*, opened at the first call."""
        key = replace(settings, exclude_newer=None)  # files are left out later, when they are chosen from
        for known, session in self._open:
            if known == key:
                return session
        session = self._stack.enter_context(open_session(settings, self._reporter))
        self._open.append((key, session))
        return session

    def catalogue_of(self, session: Session) -> "Catalogue":
        """Return the listings that all orders of *session* share."""
        from wheelpin.candidates.catalogue import Catalogue  # noqa: PLC0415 - as above

        return self._catalogues.setdefault(id(session), Catalogue(session.index))

    @property
    def opened(self) -> tuple[Session, ...]:
        """All sessions so far."""
        return tuple(session for _, session in self._open)


def prepare(order: LockOrder, host: Host) -> PreparedOrder:
    """Read all files of *order*; raise a branch of `InputError`."""
    opened = read_sources(
        order.sources,
        order.override_files,
        folder=order.folder,
        options=order.options,
        host=host,
    )
    if order.format_control != FormatControl():
        opened = replace(opened, inputs=with_format_control(opened.inputs, order.format_control))
    beside = TargetText(text="", python_full_version=order.python_full_version, marker_values=order.marker_values)
    targets = order.targets or (target_of_inputs(opened.inputs, beside, order.folder),)
    inputs = {os.path.abspath(order.folder / name) for name in opened.locations}  # noqa: PTH100 - as in check_place
    for target in targets:
        for output in order.outputs.of(target):
            check_place(output, inputs)
    return PreparedOrder(order=order, opened=opened, targets=targets)


def expect(orders: Sequence[PreparedOrder], sessions: Sessions) -> None:
    """Start asking for what locking *orders* is sure to need; raise `LockSyntaxError` for a lock that is none."""
    for prepared in orders:
        requirements = prepared.opened.inputs.requirements
        session = sessions.of(prepared.opened.settings)
        session.expect(need.name for need in requirements if need.url is None and need.marker is None)
    from wheelpin.orders.previous import expect_pinned  # noqa: PLC0415 - loads while the first pages are on their way

    for prepared in orders:
        session = sessions.of(prepared.opened.settings)
        expect_pinned(prepared.previous.values(), session, prepared.targets, but=prepared.order.upgraded)
