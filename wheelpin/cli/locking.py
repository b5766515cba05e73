"""What ``wheelpin lock`` does when no remembered answer holds."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from packaging.utils import canonicalize_name

from wheelpin.answers import Output as WrittenFile
from wheelpin.answers import digest_of
from wheelpin.cli.console import Console, Volume, counted, print_data
from wheelpin.cli.input_options import InputWords
from wheelpin.cli.inputs import describe_inputs, host_of, refresh_command, sources_of
from wheelpin.cli.lock_options import ChoiceWords, OutputWords
from wheelpin.cli.params import TargetWords
from wheelpin.cli.remember import remember
from wheelpin.cli.targets import stated_by
from wheelpin.locks import LockFormat, to_text
from wheelpin.orders.locking import PreparedOrder, Sessions, lock_together, prepare
from wheelpin.orders.model import STANDARD_OUTPUT, LockOrder, Outputs
from wheelpin.requirements import IndexOptions
from wheelpin.safe_write import write_text_atomically
from wheelpin.settings import ExplicitOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wheelpin.workflows import Locked


@dataclass(frozen=True, slots=True, kw_only=True)
class LockWords:
    """All that the user said."""

    inputs: InputWords
    targets: TargetWords
    output: OutputWords
    choice: ChoiceWords
    index_options: ExplicitOptions


def run(words: LockWords, console: Console) -> None:
    """Lock, write, print and remember."""
    prepared = prepare(order_of(words), host_of(console))
    _check_output(words.output, prepared)
    with Sessions(console) as sessions:
        with console.working("resolving"):
            (locked,) = lock_together([prepared], sessions, console)
        outputs, printed = _write(locked, prepared.order, words.output, console)
        is_plain = prepared.opened.files is not None and prepared.opened.inputs.options == IndexOptions()
        read = (*(prepared.opened.files or ()), *words.targets.targets) if is_plain else None
        remember(sessions.opened[0], console, read=read, outputs=outputs, standard_output=printed)


def order_of(words: LockWords) -> LockOrder:
    """Return what the words of the command line alone ask for."""
    choice, output = words.choice, words.output
    return LockOrder(
        folder=Path.cwd(),
        sources=sources_of(words.inputs),
        override_files=words.inputs.override_files,
        described_inputs=describe_inputs(words.inputs),
        targets=stated_by(words.targets),
        python_full_version=words.targets.python_full_version,
        marker_values=words.targets.marker_values,
        options=words.index_options,
        prereleases=choice.pre,
        align=choice.align,
        upgrade=choice.upgrade,
        upgraded=frozenset(map(canonicalize_name, choice.upgraded)),
        outputs=Outputs(formats=(LockFormat(output.lock_format),), folder=output.output_dir, file=output.output_file),
        refresh=refresh_command(
            words.inputs, words.targets, words.index_options, (*choice.command_words, *output.command_words)
        ),
    )


def _check_output(output: OutputWords, prepared: PreparedOrder) -> None:
    if output.output_file is not None and len(prepared.targets) > 1:
        raise click.UsageError("-o names one file, and there are several targets: use --output-dir")
    if output.as_json and output.output_file == STANDARD_OUTPUT:
        raise click.UsageError("-o - and --json both want standard output")


def _write(
    locked: "Sequence[Locked]", order: LockOrder, words: OutputWords, console: Console
) -> tuple[list[WrittenFile], str]:
    """Write and print the locks; return the files written and what was printed."""
    written, printed, report = list[WrittenFile](), "", list[object]()
    for done in locked:
        for warning in done.warnings:
            console.warning(warning)
        for output in order.outputs.of(done.target):
            text = to_text(done.lock, output.lock_format)
            if output.path == STANDARD_OUTPUT:
                printed += text
            else:
                written.append(_write_file(output.path, text, done, console))
            if words.as_json:
                from wheelpin.cli.reports import locked_to_json  # noqa: PLC0415 - reports know every room

                report.append(locked_to_json(done, output.path))
    if words.as_json:
        printed += json.dumps({"locks": report}, indent=2) + "\n"
    if printed:
        print_data(printed)
    return written, printed


def _write_file(path: Path, text: str, done: "Locked", console: Console) -> WrittenFile:
    before = digest_of(str(path))
    has_changed = write_text_atomically(path, text)
    summary = f"{path.as_posix()}: {counted(len(done.lock.pins), 'pin')} for {done.target.name}"
    console.note(summary if has_changed else f"{summary} (unchanged)")
    return str(path.absolute()), before, text, summary if console.volume >= Volume.NORMAL else ""
