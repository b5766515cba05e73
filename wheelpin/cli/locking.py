"""What ``wheelpin lock`` does when no remembered answer holds."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wheelpin.cli.console import Console, counted, label, say
from wheelpin.cli.inputs import host_of
from wheelpin.cli.lock_options import OutputWords
from wheelpin.cli.lock_words import LockWords
from wheelpin.cli.ordering import Batch, Refused, batch_of, batches_below
from wheelpin.errors import WheelpinError
from wheelpin.orders.inputs import Host
from wheelpin.orders.model import STANDARD_OUTPUT
from wheelpin.orders.preparing import PreparedOrder, Sessions, expect, prepare
from wheelpin.requirements import IndexOptions
from wheelpin.values import LockFormat

if TYPE_CHECKING:
    from wheelpin.cli.lock_files import Writer

_MOVING_S = 600.0
"""How long an answer is given again that rests on the time of day, because uploads count from some age on."""


def run(words: LockWords, console: Console) -> int:
    """Lock, write, print and remember; return the exit code."""
    return _run_one(words, console) if words.root is None else _run_many(words.root, words, console)


def _run_one(words: LockWords, console: Console) -> int:
    host = host_of(console)
    batch = batch_of(words, host)
    prepared = [prepare(order, host) for order in batch.orders]
    refuse_output(words.output, prepared)
    with Sessions(console) as sessions:
        expect(prepared, sessions)
        writer = _writer(words, console)
        _lock(prepared, sessions, writer)
        writer.finish(prepared[0].order.upgraded)
        _remember(prepared, sessions, writer, rests_on=batch.rests_on)
    return 0


def _run_many(root: Path, words: LockWords, console: Console) -> int:
    """Lock every project below *root*; one that fails does not stop the others, and the first gives the exit code."""
    host = host_of(console)
    batches, looked_at = batches_below(root, words, host)
    ready = [_prepared(batch, host) for batch in batches]
    refused, done = list[Refused](), list[PreparedOrder]()
    with Sessions(console) as sessions:
        ready = [_expected(each, batch, sessions) for each, batch in zip(ready, batches, strict=True)]
        writer = _writer(words, console)
        for batch, each in zip(batches, ready, strict=True):
            if isinstance(each, Refused):
                refused.append(each)
                continue
            try:
                _lock(each, sessions, writer)
                done += each
            except WheelpinError as error:
                refused.append(Refused(name=batch.name, error=error))
        writer.finish(done[0].order.upgraded if done else ())
        if not refused:
            _remember(done, sessions, writer, rests_on=looked_at)
    return _say_refused(refused, of=len(batches))


def _prepared(batch: Batch | Refused, host: Host) -> list[PreparedOrder] | Refused:
    if isinstance(batch, Refused):
        return batch
    try:
        return [prepare(order, host) for order in batch.orders]
    except WheelpinError as error:
        return Refused(name=batch.name, error=error)


def _expected(
    prepared: list[PreparedOrder] | Refused, batch: Batch | Refused, sessions: Sessions
) -> list[PreparedOrder] | Refused:
    if isinstance(prepared, Refused):
        return prepared
    try:
        expect(prepared, sessions)
    except WheelpinError as error:
        return Refused(name=batch.name, error=error)
    return prepared


def _writer(words: LockWords, console: Console) -> "Writer":
    from wheelpin.cli.lock_files import Writer  # noqa: PLC0415 - loads while the first pages are on their way

    return Writer(console=console, as_json=words.output.as_json)


def _lock(prepared: Sequence[PreparedOrder], sessions: Sessions, writer: "Writer") -> None:
    from wheelpin.orders.building import Builders  # noqa: PLC0415 - as above
    from wheelpin.orders.locking import lock_together  # noqa: PLC0415

    console = writer.console
    with console.working("resolving"), Builders(console, say=console.note, live=console.watch) as builders:
        locked = lock_together(prepared, sessions, console, builders)
    for each, done in zip(prepared, locked, strict=True):
        writer.write(done, each.order)


def _say_refused(refused: Sequence[Refused], *, of: int) -> int:
    from wheelpin.cli.render import error_text  # noqa: PLC0415 - the way without errors does not pay for it

    for each in refused:
        say(f"{each.name}: not locked")
        say(error_text(each.error))
    if not refused:
        return 0
    say(f"{label('error', 'red')} {len(refused)} of {counted(of, 'project')} not locked")
    return refused[0].error.exit_code


def _remember(
    prepared: Sequence[PreparedOrder], sessions: Sessions, writer: "Writer", *, rests_on: Sequence[str]
) -> None:
    from wheelpin.cli.remember import remember  # noqa: PLC0415 - as above

    # Built wheels are files of the user's, and a remembered answer would not bring them back.
    read = None if writer.has_builds else files_read(prepared)
    remember(
        sessions.opened,
        writer.console,
        read=None if read is None else (*read, *rests_on),
        outputs=writer.written,
        standard_output=writer.printed,
        longest_s=_MOVING_S if any(_moves(each) for each in prepared) else None,
    )


def _moves(prepared: PreparedOrder) -> bool:
    cut_off = prepared.opened.settings.exclude_newer
    return cut_off is not None and cut_off.age is not None


def files_read(prepared: Sequence[PreparedOrder]) -> tuple[str, ...] | None:
    """Return the files that the orders rest on; None if something else counted, too."""
    read: list[str] = []
    for each in prepared:
        opened, layer = each.opened, each.order.options.project_layer
        has_secret = any("@" in said.text for entries in layer.values() for said in entries)
        if opened.files is None or opened.inputs.options != IndexOptions() or has_secret:
            return None
        read += (str(each.order.folder / name) for name in opened.files)
        read += each.order.rests_on
    return tuple(read)


def refuse_output(output: OutputWords, prepared: Sequence[PreparedOrder]) -> None:
    """Refuse words on the output that cannot all be meant."""
    if output.output_file is not None and sum(len(each.targets) for each in prepared) > 1:
        if len(prepared) > 1 or prepared[0].order.outputs.formats != (LockFormat.PYLOCK,):
            raise click.UsageError("-o names one file, and there are several targets: use --output-dir")
        from wheelpin.locks.environments import require_distinct  # noqa: PLC0415 - one target is the rule

        require_distinct(prepared[0].targets)
    if output.as_json and output.output_file == STANDARD_OUTPUT:
        raise click.UsageError("-o - and --json both want standard output")
