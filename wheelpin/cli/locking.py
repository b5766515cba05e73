"""What ``wheelpin lock`` does when no remembered answer holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from packaging.utils import canonicalize_name

from wheelpin.answers import Output, digest_of
from wheelpin.cli.console import Console, Volume, counted, print_data
from wheelpin.cli.input_options import InputWords
from wheelpin.cli.inputs import OpenedInputs, describe_inputs, open_inputs, spell_command
from wheelpin.cli.lock_options import STANDARD_OUTPUT, ChoiceWords, OutputWords
from wheelpin.cli.params import TargetWords
from wheelpin.cli.remember import remember
from wheelpin.cli.targets import read_targets, words_for
from wheelpin.cli.texts import read_text
from wheelpin.locks import Lock, LockedFile, LockFormat, parse_lock, to_text
from wheelpin.requirements import IndexOptions
from wheelpin.safe_write import write_text_atomically
from wheelpin.session import open_session
from wheelpin.settings import ExplicitOptions
from wheelpin.target import Target
from wheelpin.values import Origin

if TYPE_CHECKING:
    from wheelpin.workflows import Locked, LockJob


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
    with open_inputs(words.inputs, words.index_options, console) as opened:
        targets = read_targets(words.targets, opened.inputs)
        _check_output(words.output, targets)
        previous = {} if words.choice.upgrade else _previous(words.output, targets)
        upgraded = frozenset(map(canonicalize_name, words.choice.upgraded))
        with open_session(opened.settings, console) as session, console.working("resolving"):
            session.expect(need.name for need in opened.inputs.requirements if need.url is None and need.marker is None)
            session.expect_files(
                (pin.project, pin.file.filename)
                for lock in previous.values()
                for pin in lock.pins
                if isinstance(pin.file, LockedFile) and pin.project not in upgraded
            )
            from wheelpin.workflows import lock  # noqa: PLC0415 - loads while the first pages are on their way

            locked = lock(_job(words, opened, targets, previous), session.index, console)
        outputs, printed = _write(locked, words.output, console)
        is_plain = opened.files is not None and opened.inputs.options == IndexOptions()
        read = (*(opened.files or ()), *words.targets.targets) if is_plain else None
        remember(session, console, read=read, outputs=outputs, standard_output=printed)


def _job(
    words: LockWords, opened: OpenedInputs, targets: tuple[Target, ...], previous: Mapping[str, Lock]
) -> "LockJob":
    from wheelpin.workflows import LockJob, Upgrade, rules_of  # noqa: PLC0415 - as above

    choice, settings = words.choice, opened.settings
    return LockJob(
        targets=targets,
        inputs=opened.inputs,
        overrides=opened.overrides,
        rules=rules_of(opened.inputs, settings, prereleases=choice.pre),
        previous=previous,
        upgrade=Upgrade(everything=choice.upgrade, projects=frozenset(map(canonicalize_name, choice.upgraded))),
        align=choice.align,
        described_inputs=describe_inputs(words.inputs),
        refresh_commands={
            target.name: spell_command(
                words.inputs,
                words_for(targets if choice.align else (target,), words.targets),
                words.index_options,
                (*choice.command_words, *words.output.command_words),
            )
            for target in targets
        },
        indexes=tuple(location.url for location in settings.indexes),
        folder=Path.cwd(),
    )


def _check_output(output: OutputWords, targets: tuple[Target, ...]) -> None:
    if output.output_file is not None and len(targets) > 1:
        raise click.UsageError("-o names one file, and there are several targets: use --output-dir")
    if output.as_json and output.output_file == STANDARD_OUTPUT:
        raise click.UsageError("-o - and --json both want standard output")


def _previous(output: OutputWords, targets: tuple[Target, ...]) -> Mapping[str, Lock]:
    """Read the locks that stand where the new ones will; raise `LockSyntaxError` for one that cannot be read."""
    found: dict[str, Lock] = {}
    for target in targets:
        path = output.path_for(target)
        if path != STANDARD_OUTPUT and path.is_file():
            found[target.name] = parse_lock(read_text(path), Origin(path.as_posix()))
    return found


def _write(locked: "Sequence[Locked]", output: OutputWords, console: Console) -> tuple[list[Output], str]:
    """Write and print the locks; return the files written and what was printed."""
    outputs, printed = list[Output](), ""
    for done in locked:
        for warning in done.warnings:
            console.warning(warning)
        path = output.path_for(done.target)
        text = to_text(done.lock, LockFormat(output.lock_format))
        if path == STANDARD_OUTPUT:
            printed += text
        else:
            before = digest_of(str(path))
            has_changed = write_text_atomically(path, text)
            said = "" if has_changed else " (unchanged)"
            summary = f"{path.as_posix()}: {counted(len(done.lock.pins), 'pin')} for {done.target.name}"
            console.note(summary + said)
            told = summary if console.volume >= Volume.NORMAL else ""
            outputs.append((str(path.absolute()), before, text, told))
    if output.as_json:
        from wheelpin.cli.reports import locked_to_json  # noqa: PLC0415 - reports know every room

        report = [locked_to_json(done, output.path_for(done.target)) for done in locked]
        printed += json.dumps({"locks": report}, indent=2) + "\n"
    if printed:
        print_data(printed)
    return outputs, printed
