"""``wheelpin lock``: requirements and targets in, one lock a target out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from packaging.utils import canonicalize_name

from wheelpin.answers import Output, digest_of
from wheelpin.cli.console import Console, Volume, print_data
from wheelpin.cli.inputs import InputWords, describe_inputs, input_options, open_inputs, rules_of, spell_command
from wheelpin.cli.params import (
    FILE,
    TargetWords,
    console_options,
    field_names,
    gathering,
    index_options,
    target_options,
)
from wheelpin.cli.remember import remember
from wheelpin.cli.reports import locked_to_json
from wheelpin.cli.targets import read_targets, words_for
from wheelpin.cli.texts import read_text
from wheelpin.lock import Lock, LockFormat, parse_lock, to_text
from wheelpin.safe_write import write_text_atomically
from wheelpin.session import open_session
from wheelpin.settings import ExplicitOptions
from wheelpin.target import Target
from wheelpin.values import Origin
from wheelpin.workflows import Locked, LockJob, Upgrade
from wheelpin.workflows import lock as run_lock

STANDARD_OUTPUT = Path("-")
DEFAULT_FOLDER = Path("lockfiles")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputWords:
    """The user's words on where the locks go, and in which form."""

    output_file: Path | None
    output_dir: Path
    lock_format: str
    as_json: bool

    def path_for(self, target: Target) -> Path:
        """Return the file for a target's lock; ``-`` is standard output."""
        return self.output_file if self.output_file is not None else self.output_dir / f"{target.name}.txt"

    @property
    def command_words(self) -> tuple[str, ...]:
        """The options that lead here, as far as they are not the default."""
        words: list[str] = []
        if self.lock_format != LockFormat.REQUIREMENTS.value:
            words += ["--format", self.lock_format]
        if self.output_file is not None and self.output_file != STANDARD_OUTPUT:
            words += ["-o", self.output_file.as_posix()]
        elif self.output_file is None and self.output_dir != DEFAULT_FOLDER:
            words += ["--output-dir", self.output_dir.as_posix()]
        return tuple(words)


output_options = gathering(
    "output",
    OutputWords,
    click.option(
        "-o", "--output", "output_file", type=FILE, metavar="FILE", help="The one target's lock; - prints it."
    ),
    click.option(
        "--output-dir",
        type=FILE,
        metavar="DIR",
        default=DEFAULT_FOLDER,
        show_default=True,
        help="The folder of <target>.txt.",
    ),
    click.option(
        "--format",
        "lock_format",
        type=click.Choice([form.value for form in LockFormat]),
        default=LockFormat.REQUIREMENTS.value,
        show_default=True,
        help="name @ URL#sha256=… for pip 10 and later, or name==version --hash=… for any pip and mirror.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print what was locked as JSON."),
    taking=field_names(OutputWords),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceWords:
    """The user's words on which versions to take."""

    upgrade: bool
    upgraded: tuple[str, ...]
    align: bool
    pre: bool

    @property
    def command_words(self) -> tuple[str, ...]:
        """The options that shape the answer for good; an upgrade is over once it is done."""
        return (*(["--align"] if self.align else []), *(["--pre"] if self.pre else []))


choice_options = gathering(
    "choice",
    ChoiceWords,
    click.option("-U", "--upgrade", is_flag=True, help="Do not prefer what the existing lock has."),
    click.option(
        "-P", "--upgrade-package", "upgraded", metavar="NAME", multiple=True, help="The same for one project."
    ),
    click.option("--align", is_flag=True, help="Prefer the same version of a project on all targets."),
    click.option("--pre", is_flag=True, help="Take pre-releases like final ones."),
    taking=field_names(ChoiceWords),
)


@click.command(
    "lock",
    short_help="Pin requirements and all that they need for targets.",
    epilog="""\b
Examples:
  wheelpin lock cryptography --target manylinux1-cp36-x86_64
  wheelpin lock -r requirements.in --target aws-lambda-python3.12-arm64 -o requirements.txt""",
)
@input_options
@target_options
@output_options
@choice_options
@index_options
@console_options
def command(
    *,
    input_words: InputWords,
    target_words: TargetWords,
    output: OutputWords,
    choice: ChoiceWords,
    index_options: ExplicitOptions,
    console: Console,
) -> None:
    """Pin REQUIREMENTs and all that they need for each target, one lock a target.

    Only wheels that the target can load are chosen. The pins of an existing lock are kept where they still answer.
    With nothing named, the pyproject.toml of the working folder says what is required.
    """
    with open_inputs(input_words, index_options, console) as opened:
        targets = read_targets(target_words, opened.inputs)
        _check_output(output, targets)
        settings = opened.settings
        job = LockJob(
            targets=targets,
            inputs=opened.inputs,
            overrides=opened.overrides,
            rules=rules_of(opened.inputs, settings, prereleases=choice.pre),
            previous={} if choice.upgrade else _previous(output, targets),
            upgrade=Upgrade(everything=choice.upgrade, projects=frozenset(map(canonicalize_name, choice.upgraded))),
            align=choice.align,
            described_inputs=describe_inputs(input_words),
            refresh_commands={
                target.name: spell_command(
                    input_words,
                    words_for(targets if choice.align else (target,), target_words),
                    index_options,
                    (*choice.command_words, *output.command_words),
                )
                for target in targets
            },
            indexes=tuple(location.url for location in settings.indexes),
            folder=Path.cwd(),
        )
        with open_session(settings, console) as session:
            with console.working("resolving"):
                locked = run_lock(job, session.index, console)
            outputs, printed = _write(locked, output, console)
            read = None if opened.files is None else (*opened.files, *target_words.targets)
            remember(session, console, read=read, outputs=outputs, standard_output=printed)


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


def _write(locked: Sequence[Locked], output: OutputWords, console: Console) -> tuple[list[Output], str]:
    """Write and print the locks; return the files written and what was printed."""
    report, outputs, printed = [], list[Output](), ""
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
            summary = f"{path.as_posix()}: {_count(len(done.lock.pins), 'pin')} for {done.target.name}"
            console.note(summary + said)
            told = summary if console.volume >= Volume.NORMAL else ""
            outputs.append((str(path.absolute()), before, text, told))
        report.append(locked_to_json(done, path))
    if output.as_json:
        printed += json.dumps({"locks": report}, indent=2) + "\n"
    if printed:
        print_data(printed)
    return outputs, printed


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
