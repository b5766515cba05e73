"""wheelpin as a library: the same stages as the command line, without its printing."""

import os
from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import TypeVar

from wheelpin.orders.finding import NoProjectError, find_project
from wheelpin.orders.inputs import Host
from wheelpin.orders.locking import lock_together
from wheelpin.orders.model import LockOrder, Outputs
from wheelpin.orders.overruling import Overruling
from wheelpin.orders.preparing import Sessions, expect, prepare
from wheelpin.orders.projects import orders_of
from wheelpin.requirements import Sources
from wheelpin.settings import ExplicitOptions
from wheelpin.target import Target
from wheelpin.workflows import Locked

_Value = TypeVar("_Value")


class _Silent:
    """A reporter that says nothing: what a caller should know is in the answer."""

    wants_details = False

    def warning(self, text: str) -> None:
        """Pass over a warning; those that belong to a lock stand in `Locked.warnings`."""

    def detail(self, text: str) -> None:
        """Pass over a detail."""

    def progress(self, text: str) -> None:
        """Pass over progress."""


def lock(
    requirements: Iterable[str] = (),
    *,
    targets: Iterable[Target | str],
    files: Iterable[str] = (),
    constraints: Iterable[str] = (),
    options: ExplicitOptions | None = None,
) -> tuple[Locked, ...]:
    """Pin *requirements* (PEP 508) and those in *files* for every target; write nothing.

    *files* and *constraints* are paths as ``-r`` and ``-c`` take them. This machine's pip configuration counts,
    under *options*. Raise the branches of `WheelpinError`.
    """
    sources = Sources(
        requirements=_several(requirements),
        requirement_files=_several(files),
        constraint_files=_several(constraints),
        environ=os.environ,
    )
    order = LockOrder(
        folder=Path.cwd(),
        sources=sources,
        described_inputs=sources.requirements,
        targets=tuple(each if isinstance(each, Target) else Target.parse(each) for each in _several(targets)),
        options=options or ExplicitOptions(),
        outputs=Outputs(formats=(), folder=Path()),
        refresh=None,
    )
    return _lock([order], _host())


def lock_project(
    folder: str | Path = ".", *, targets: Iterable[str] = (), options: ExplicitOptions | None = None
) -> tuple[Locked, ...]:
    """Pin what the project's file of *folder*, or of the nearest one around it, names; write nothing.

    *targets* are names of its targets, or targets as one spells them anywhere; all of the file where there are none.
    The pins of locks that lie there are kept where they still answer. *options* go before the file. Raise
    `NoProjectError` and the other branches of `WheelpinError`.
    """
    host, folder = _host(), Path.cwd() / folder
    if (found := find_project(folder).found) is None:
        raise NoProjectError(folder.as_posix())
    over = Overruling(targets=_several(targets), options=options or ExplicitOptions())
    return _lock(orders_of(found, over, host), host)


def _several(values: Iterable[_Value]) -> tuple[_Value, ...]:
    # A lone string is an iterable of strings, and its letters would be names of projects.
    if isinstance(values, str):
        raise TypeError(f"{values!r} is one string where several are asked for: put it into a list")
    return tuple(values)


def _host() -> Host:
    return Host(environ=os.environ, folder=Path.cwd(), standard_input=BytesIO(), reporter=_Silent())


def _lock(orders: Sequence[LockOrder], host: Host) -> tuple[Locked, ...]:
    prepared = [prepare(order, host) for order in orders]
    with Sessions(host.reporter) as sessions:
        expect(prepared, sessions)
        return tuple(chain.from_iterable(lock_together(prepared, sessions, host.reporter)))
