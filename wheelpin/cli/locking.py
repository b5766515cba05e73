"""What ``wheelpin lock`` does when no remembered answer holds."""

from collections.abc import Sequence

import click

from wheelpin.cli.console import Console
from wheelpin.cli.inputs import host_of
from wheelpin.cli.lock_files import Writer
from wheelpin.cli.lock_options import OutputWords
from wheelpin.cli.lock_words import LockWords
from wheelpin.cli.ordering import batch_of
from wheelpin.cli.remember import remember
from wheelpin.orders.locking import PreparedOrder, Sessions, expect, lock_together, prepare
from wheelpin.orders.model import STANDARD_OUTPUT
from wheelpin.requirements import IndexOptions


def run(words: LockWords, console: Console) -> None:
    """Lock, write, print and remember."""
    host = host_of(console)
    batch = batch_of(words, host)
    prepared = [prepare(order, host) for order in batch.orders]
    _check_output(words.output, prepared)
    writer = Writer(console=console, as_json=words.output.as_json)
    with Sessions(console) as sessions:
        with console.working("resolving"):
            expect(prepared, sessions)
            locked = lock_together(prepared, sessions, console)
        for each, done in zip(prepared, locked, strict=True):
            writer.write(done, each.order)
        writer.finish()
        read = files_read(prepared)
        remember(
            sessions.opened,
            console,
            read=None if read is None else (*read, *batch.rests_on),
            outputs=writer.written,
            standard_output=writer.printed,
        )


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


def _check_output(output: OutputWords, prepared: Sequence[PreparedOrder]) -> None:
    if output.output_file is not None and sum(len(each.targets) for each in prepared) > 1:
        raise click.UsageError("-o names one file, and there are several targets: use --output-dir")
    if output.as_json and output.output_file == STANDARD_OUTPUT:
        raise click.UsageError("-o - and --json both want standard output")
