"""wheelpin as a library: the same stages as the command line, without its printing."""

import os
from collections.abc import Iterable
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

from wheelpin.requirements import Sources, read_inputs
from wheelpin.session import open_session, settings_of_host
from wheelpin.settings import ExplicitOptions
from wheelpin.sources import SourceReader
from wheelpin.target import Target
from wheelpin.transport import HttpTransport
from wheelpin.workflows import Locked, LockJob, rules_of
from wheelpin.workflows import lock as run_lock


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
    options, reporter = options or ExplicitOptions(), _Silent()
    sources = Sources(
        requirements=tuple(requirements),
        requirement_files=tuple(files),
        constraint_files=tuple(constraints),
        environ=os.environ,
    )
    with ExitStack() as stack:
        plain = settings_of_host(os.environ, options=options)
        reader = SourceReader(
            folder=Path.cwd(),
            standard_input=BytesIO(),
            open_transport=lambda: stack.enter_context(HttpTransport(plain, reporter)),
        )
        inputs = read_inputs(sources, reader)
        settings = settings_of_host(os.environ, options=options, asked=inputs.options)
        job = LockJob(
            targets=tuple(target if isinstance(target, Target) else Target.parse(target) for target in targets),
            inputs=inputs,
            rules=rules_of(inputs, settings, prereleases=False),
            described_inputs=sources.requirements,
            indexes=tuple(location.url for location in settings.indexes),
            folder=Path.cwd(),
        )
        session = stack.enter_context(open_session(settings, reporter))
        return run_lock(job, session.index, reporter)
