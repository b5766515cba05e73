"""``wheelpin vendor``: a lock in, a folder that its target imports from out."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import click

from wheelpin.cli.console import Console, counted, print_data
from wheelpin.cli.contents import ContentWords, content_options
from wheelpin.cli.locks import read_locks, stated_targets
from wheelpin.cli.params import (
    FILE,
    TargetWords,
    console_options,
    field_names,
    gathering,
    index_options,
    lock_target_options,
)
from wheelpin.cli.reports import target_to_json
from wheelpin.cli.trials import TrialWords, trial_options, try_out
from wheelpin.deliveries import Vendored, check_vendored, open_scratch, open_supply, vendor
from wheelpin.session import settings_of_host
from wheelpin.settings import ExplicitOptions
from wheelpin.target import Target, TargetSyntaxError


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderWords:
    """The user's words on the folder."""

    folder: Path
    check: bool
    as_json: bool


folder_options = gathering(
    "words",
    FolderWords,
    click.option("-t", "--to", "folder", type=FILE, metavar="DIR", required=True, help="The folder to import from."),
    click.option("--check", is_flag=True, help="Change nothing; exit with 1 if the folder is not what the lock says."),
    click.option("--json", "as_json", is_flag=True, help="Print what lies there as JSON."),
    taking=field_names(FolderWords),
)


@click.command(
    "vendor",
    short_help="Lay a lock's wheels out as an importable folder.",
    epilog="""\b
Examples:
  wheelpin vendor lockfiles/cp36-manylinux1_x86_64.txt -t vendored
  wheelpin vendor pylock.toml --target aws-lambda-python3.12-arm64 -t build""",
)
@click.argument("lock")
@folder_options
@lock_target_options
@content_options
@trial_options
@index_options
@console_options
def command(
    *,
    lock: str,
    words: FolderWords,
    target_words: TargetWords,
    content: ContentWords,
    trial: TrialWords,
    index_options: ExplicitOptions,
    console: Console,
) -> None:
    """Lay the wheels of LOCK out as a folder that its target imports from, on any host.

    LOCK is a lock of wheelpin's, a pylock.toml of any tool or a file of name==version --hash=… lines; - is standard
    input. Modules lie at the top, scripts in bin/. The folder changes as a whole or not at all, and what wheelpin
    did not put there stays.
    """
    _refuse_target(words.folder)
    trial.check()
    if words.check and trial.compile_modules:
        raise click.UsageError("--check changes nothing, and --compile writes")
    (source,) = read_locks([lock], stated_targets(target_words, console), console)
    settings = settings_of_host(os.environ, options=index_options)
    act = check_vendored if words.check else vendor
    with open_scratch(settings) as scratch, open_supply(settings, console) as supply, console.working("fetching"):
        done = act(source, words.folder, content.contents, supply, scratch=scratch)
    _tell(done, words, console)
    with console.working("trying"):
        try_out(done, trial, console)


def _refuse_target(folder: Path) -> None:
    """Catch the ``-t`` of other commands, which names a target."""
    if folder.exists() or len(folder.parts) != 1:
        return
    try:
        Target.parse(folder.name)
    except TargetSyntaxError:
        return
    raise click.UsageError(f"-t names the folder here, and {folder.name} is a target: use --target")


def _tell(done: Vendored, words: FolderWords, console: Console) -> None:
    folder, size_bytes = done.folder.as_posix(), done.tree.size_bytes
    wheels = counted(len(done.tree.wheels), "wheel")
    what = "is what the lock says" if words.check else done.outcome.value
    console.note(f"{folder}: {what}, {wheels} for {done.target.name}, {size_bytes / 1e6:.1f} MB")
    if words.as_json:
        report = {
            "dir": folder,
            "target": target_to_json(done.target),
            "outcome": done.outcome.value,
            "size_bytes": size_bytes,
            "files": len(done.tree.files),
            "wheels": [
                {"project": wheel.project, "version": str(wheel.version), "filename": wheel.filename}
                for wheel in done.tree.wheels
            ],
        }
        print_data(json.dumps(report, indent=2) + "\n")
