"""``wheelpin diff``: two locks in, what makes the second another one out."""

import json

import click
from msgspec import Struct

from wheelpin.cli.console import Console, print_data
from wheelpin.cli.differences import FileDifference, difference_to_json, markdown_of, text_of
from wheelpin.cli.lock_sides import Side, open_side
from wheelpin.cli.params import TargetWords, console_options, field_names, gathering, lock_target_options
from wheelpin.cli.targets import stated_targets
from wheelpin.locks import Lock
from wheelpin.locks.difference import How, Replaced, compare_locks
from wheelpin.target import Target

_EMPTY = Lock(target=None, pins=())


class DiffWords(Struct, frozen=True, kw_only=True):
    """The user's words on what to compare, and how to say it."""

    before: str
    after: str
    form: str
    as_json: bool


diff_options = gathering(
    "words",
    DiffWords,
    click.argument("before", metavar="A"),
    click.argument("after", metavar="B"),
    click.option(
        "--format",
        "form",
        type=click.Choice(("text", "markdown")),
        default="text",
        show_default=True,
        help="Lines for a terminal, or tables with links for a pull request.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON."),
    taking=field_names(DiffWords),
)


@click.command(
    "diff",
    short_help="Tell what became of a lock.",
    epilog="""\b
Examples:
  wheelpin diff old.txt new.txt
  wheelpin diff HEAD:lockfiles lockfiles --format markdown

Exit codes: 0 both say the same, 1 they differ.""",
)
@diff_options
@lock_target_options
@console_options
def command(*, words: DiffWords, target_words: TargetWords, console: Console) -> int:
    """Tell what makes the lock B another one than A: pins and files, target, Python and rules.

    Either is a lock of wheelpin's or another tool's in any form, a folder of locks, or one of these as git has
    it, named REV:PATH.
    """
    target = next(iter(stated_targets(target_words, console)), None)
    found = _compare(open_side(words.before), open_side(words.after), target, console)
    if words.as_json:
        report = {"is_equal": not found, "locks": [difference_to_json(each) for each in found]}
        print_data(json.dumps(report, indent=2) + "\n")
    elif found:
        print_data(markdown_of(found) if words.form == "markdown" else text_of(found))
    for each in found:
        for change in each.difference.pins:
            if isinstance(change, Replaced) and change.how is How.FILE_CHANGED:
                project, version = change.after.project, change.after.version
                console.warning(f"{each.name}: {project} {version} is another file than before at the same version")
    if not found:
        console.note(f"{words.before} and {words.after} say the same")
    return 1 if found else 0


def _compare(before: Side, after: Side, target: Target | None, console: Console) -> list[FileDifference]:
    """Compare locks of the same name in two folders, else the two files."""
    if not (before.is_folder or after.is_folder):
        ((old_name, new_name),) = zip(before.texts, after.texts, strict=True)
        pairs = [(after.name, old_name, new_name)]
    elif before.is_folder and after.is_folder:
        pairs = [(name, name, name) for name in sorted({*before.texts, *after.texts})]
    else:
        folder, single = (before, after) if before.is_folder else (after, before)
        raise click.UsageError(f"{folder.name} is a folder and {single.name} is not: name two of a kind")
    found: list[FileDifference] = []
    for title, old, new in pairs:
        old_lock = before.lock(old, target, console) if old in before.texts else None
        new_lock = after.lock(new, target, console) if new in after.texts else None
        difference = compare_locks(old_lock or _EMPTY, new_lock or _EMPTY)
        if not difference.is_empty or old_lock is None or new_lock is None:
            presence = "added" if old_lock is None else "removed" if new_lock is None else None
            found.append(FileDifference(name=title, presence=presence, difference=difference))
    return found
