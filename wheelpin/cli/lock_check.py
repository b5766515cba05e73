"""``wheelpin lock --check``: whether the locks are what locking would write again, and what is wrong with them."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from msgspec.structs import asdict

from wheelpin.checks import Finding, Kind, Severity
from wheelpin.cli.annotations import Annotation, github_lines
from wheelpin.cli.console import Console, counted, label, print_data, say
from wheelpin.cli.inputs import host_of
from wheelpin.cli.lock_options import CheckWords, OutputWords
from wheelpin.cli.lock_words import LockWords
from wheelpin.cli.locking import refuse_output
from wheelpin.cli.ordering import Batch, Refused, batch_of, batches_below
from wheelpin.cli.reports import Json, target_to_json
from wheelpin.errors import CheckFailedError, WheelpinError
from wheelpin.locks.pin_places import lines_of_pins
from wheelpin.orders.checking import CheckedLock, ask_index, check_order, prepare_check, settle
from wheelpin.orders.inputs import Host
from wheelpin.orders.leftovers import Leftover, leftovers_of
from wheelpin.orders.model import STANDARD_OUTPUT
from wheelpin.orders.preparing import PreparedOrder, Sessions
from wheelpin.values import Origin

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: "cyan"}


def run(words: LockWords, how: CheckWords, console: Console) -> int:
    """Check, tell, and return the exit code."""
    _refuse_contradictions(words, how)
    host = host_of(console)
    refused: Sequence[Refused] = ()
    left: Sequence[Leftover]
    if words.root is None:
        batch = batch_of(words, host)
        prepared = [prepare_check(order, host) for order in batch.orders]
        refuse_output(words.output, prepared)
        left = _leftovers(batch, prepared, words)
    else:
        prepared, refused, left = _prepared_below(words.root, words, host)
    groups = [tuple(check_order(each)) for each in prepared]
    if how.with_index or how.with_advisories:
        groups = _ask(prepared, groups, how, console)
    checked = [each for group in groups for each in group]
    _tell(checked, left, words.output, how, console)
    _say_refused(refused)
    is_sound = all(each.is_sound for each in checked)
    return refused[0].error.exit_code if refused else 0 if is_sound else CheckFailedError.exit_code


def _leftovers(batch: Batch, prepared: Sequence[PreparedOrder], words: LockWords) -> tuple[Leftover, ...]:
    """Return the locks that nothing asks for any more, if all that the project's file asks for is checked."""
    output = words.output
    says_more = words.targets.targets or words.inputs.are_given or output.output_file or output.output_dir
    if not batch.name or says_more or output.lock_format is not None:
        return ()
    return leftovers_of(batch.name, prepared)


def _prepared_below(
    root: Path, words: LockWords, host: Host
) -> tuple[list[PreparedOrder], list[Refused], list[Leftover]]:
    """Read every project below *root*, and look for leftovers; what cannot be read does not stop the others."""
    prepared, refused, left = list[PreparedOrder](), list[Refused](), list[Leftover]()
    batches, _ = batches_below(root, words, host)
    for batch in batches:
        if isinstance(batch, Refused):
            refused.append(batch)
            continue
        try:
            found = [prepare_check(order, host) for order in batch.orders]
            for each in found:
                settle(each)
            prepared += found
            left += _leftovers(batch, found, words)
        except WheelpinError as error:
            refused.append(Refused(name=batch.name, error=error))
    return prepared, refused, left


def _say_refused(refused: Sequence[Refused]) -> None:
    from wheelpin.cli.render import error_text  # noqa: PLC0415 - the way without errors does not pay for it

    for each in refused:
        say(f"{each.name}: not checked")
        say(error_text(each.error))


def _tell(
    checked: Sequence[CheckedLock], left: Sequence[Leftover], output: OutputWords, how: CheckWords, console: Console
) -> None:
    if output.as_json:
        leftovers = [{"file": each.path.as_posix(), "target": each.target, "project": each.project} for each in left]
        print_data(json.dumps({"locks": [_to_json(each) for each in checked], "leftovers": leftovers}, indent=2) + "\n")
    elif how.annotations is not None:
        remarks = [*(said for each in checked for said in _annotations(each)), *map(_annotation_of, left)]
        print_data("".join(f"{line}\n" for line in github_lines(remarks)))
    else:
        print_data("".join(f"{line}\n" for each in checked for line in _lines(each)))
    for each in checked:
        if each.is_sound and each.lock is not None:
            console.note(f"{each.path.as_posix()}: {counted(len(each.lock.pins), 'pin')}, as locked for {each.target}")
        elif output.as_json or how.annotations is not None:
            errors = sum(finding.severity is Severity.ERROR for finding in each.findings)
            console.note(f"{each.path.as_posix()}: {counted(errors, 'difference')}")
    for remedy in dict.fromkeys(each.remedy for each in checked if not each.is_sound):
        console.note(f"{label('hint', 'cyan')} {remedy}")
    for leftover in left:
        console.warning(f"{leftover.path.as_posix()}: {leftover}")
    if left:
        console.note(f"{label('hint', 'cyan')} delete what nobody needs, or name its target in {left[0].project} again")


def _ask(
    prepared: Sequence[PreparedOrder],
    checked: Sequence[tuple[CheckedLock, ...]],
    how: CheckWords,
    console: Console,
) -> list[tuple[CheckedLock, ...]]:
    with Sessions(console) as sessions, console.working("asking the index"):
        opened = [sessions.of(each.opened.settings) for each in prepared]
        found = list(checked)
        if how.with_index:
            found = [ask_index(group, session) for group, session in zip(found, opened, strict=True)]
        if how.with_advisories:
            from wheelpin.orders.advising import ask_advisories  # noqa: PLC0415 - for those who ask

            found = [ask_advisories(group, session) for group, session in zip(found, opened, strict=True)]
        return found


def _refuse_contradictions(words: LockWords, how: CheckWords) -> None:
    if words.choice.upgrade or words.choice.upgraded:
        raise click.UsageError("--check changes nothing, and --upgrade asks for changes")
    if words.output.output_file == STANDARD_OUTPUT:
        raise click.UsageError("--check reads locks where they lie, and -o - names none")
    if (how.with_index or how.with_advisories) and words.index_options.is_offline:
        asking = "--index" if how.with_index else "--advisories"
        raise click.UsageError(f"{asking} asks the index, and --offline forbids it")


def _lines(checked: CheckedLock) -> Iterator[str]:
    if not checked.findings:
        return
    yield click.style(checked.path.as_posix(), bold=True) + _verdict(checked)
    for finding, place in _placed(checked):
        colour = _COLOURS[finding.severity]
        yield f"  {click.style(finding.severity.value, fg=colour)}: {place}: {finding.message}"


def _verdict(checked: CheckedLock) -> str:
    errors = {finding.kind for finding in checked.findings if finding.severity is Severity.ERROR}
    return "" if not errors else " has known vulnerabilities" if errors == {Kind.VULNERABLE} else " is out of date"


def _placed(checked: CheckedLock) -> Iterator[tuple[Finding, Origin]]:
    """Yield every finding with the line that it is about, of an input or of the lock."""
    lines = lines_of_pins(checked.text)
    for finding in checked.findings:
        line = finding.line if finding.project is None else lines.get(finding.project)
        yield finding, finding.origin or Origin(checked.path.as_posix(), line)


def _annotations(checked: CheckedLock) -> Iterator[Annotation]:
    for finding, place in _placed(checked):
        path = checked.folder / _file_of(place) if finding.origin is not None else checked.path
        # The command line and standard input are no files of the repository.
        is_file = path.is_file()
        yield Annotation(
            severity=finding.severity.value,
            title=f"{checked.path.name}: {finding.kind.value}",
            message=finding.message,
            file=_in_repository(path if is_file else checked.path),
            line=place.line if is_file else None,
        )


def _annotation_of(left: Leftover) -> Annotation:
    return Annotation(
        severity=Severity.WARNING.value,
        title=f"{left.path.name}: leftover",
        message=str(left),
        file=_in_repository(left.path),
        line=None,
    )


def _file_of(origin: Origin) -> str:
    """Return the file of an origin, which may name a table in it, too."""
    return origin.source.partition(", [")[0]


def _in_repository(path: Path) -> str:
    """Spell *path* as the service wants it: from the top of what it checked out, if it says where that is."""
    return Path(os.path.relpath(path, os.environ.get("GITHUB_WORKSPACE") or os.curdir)).as_posix()


def _to_json(checked: CheckedLock) -> Json:
    return {
        "file": checked.path.as_posix(),
        "target": target_to_json(checked.target),
        "is_sound": checked.is_sound,
        "remedy": checked.remedy,
        "findings": [
            {
                "kind": finding.kind.value,
                "severity": finding.severity.value,
                "message": finding.message,
                "project": finding.project,
                "file": _file_of(place),
                "line": place.line,
                **({} if finding.advisory is None else {"advisory": asdict(finding.advisory)}),
            }
            for finding, place in _placed(checked)
        ],
    }
