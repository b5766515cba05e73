"""``wheelpin vendor``: a lock in, a folder that its target imports from out."""

import json
import os
from contextlib import nullcontext
from pathlib import Path

import click
from msgspec import Struct
from msgspec.structs import replace

from wheelpin.bundle import Hands, open_hands
from wheelpin.cli.console import Console, counted, print_data
from wheelpin.cli.contents import ContentWords, content_options
from wheelpin.cli.locks import read_locks
from wheelpin.cli.params import (
    FILE,
    TargetWords,
    console_options,
    field_names,
    gathering,
    index_options,
    lock_target_options,
)
from wheelpin.cli.remember_folder import remember_folder
from wheelpin.cli.reports import target_to_json
from wheelpin.cli.targets import stated_targets
from wheelpin.cli.trials import TrialWords, trial_options, try_out
from wheelpin.deliveries import Contents, Vendored, check_vendored, open_scratch, open_supply, vendor
from wheelpin.folders.kept_files import KeptFiles
from wheelpin.session import settings_of_host
from wheelpin.settings import ExplicitOptions, Settings
from wheelpin.target import Target, TargetSyntaxError
from wheelpin.wheelhouse import LockSource

_HARDLINK, _COPY = "hardlink", "copy"


class FolderWords(Struct, frozen=True, kw_only=True):
    """The user's words on the folder."""

    folder: Path
    check: bool
    link_mode: str
    as_json: bool

    @property
    def shares_files(self) -> bool:
        """Tell whether files of the folder may be files of the cache."""
        return self.link_mode == _HARDLINK


folder_options = gathering(
    "words",
    FolderWords,
    click.option("-t", "--to", "folder", type=FILE, metavar="DIR", required=True, help="The folder to import from."),
    click.option("--check", is_flag=True, help="Change nothing; exit with 1 if the folder is not what the lock says."),
    click.option(
        "--link-mode",
        type=click.Choice([_HARDLINK, _COPY]),
        default=_HARDLINK,
        show_default=True,
        help="Whether files are links to unpacked ones in the cache, where it is on the same file system, or copies.",
    ),
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
    (source,) = read_locks([lock], stated_targets(target_words, console), console, content.selection)
    settings = settings_of_host(os.environ, options=index_options)
    # Before anything starts threads, which the indicator of work does too.
    with nullcontext() if words.check else open_hands() as hands:
        done = _act(source, words, content.contents, _Means(settings=settings, console=console, hands=hands))
    said = _tell(done, words, console)
    if not (words.as_json or content.audit or trial.compile_modules or trial.verify):
        remember_folder(done, settings, console, lock=lock, said=said)
    with console.working("trying"):
        try_out(done, trial, console)


class _Means(Struct, frozen=True, kw_only=True):
    settings: Settings
    console: Console
    hands: Hands | None


def _act(source: LockSource, words: FolderWords, contents: Contents, means: _Means) -> Vendored:
    settings, console = means.settings, means.console
    beside = None if words.check else words.folder.absolute().parent
    with (
        open_scratch(settings) as scratch,
        open_supply(settings, console, beside=beside) as supply,
        console.working("fetching"),
    ):
        files = supply.files if words.shares_files else KeptFiles(None)
        wanted = replace(supply, files=files)
        if words.check:
            return check_vendored(source, words.folder, contents, wanted, scratch=scratch)
        return vendor(source, words.folder, contents, wanted, scratch=scratch, hands=means.hands)


def _refuse_target(folder: Path) -> None:
    """Catch the ``-t`` of other commands, which names a target."""
    if folder.exists() or len(folder.parts) != 1:
        return
    try:
        Target.parse(folder.name)
    except TargetSyntaxError:
        return
    raise click.UsageError(f"-t names the folder here, and {folder.name} is a target: use --target")


def _tell(done: Vendored, words: FolderWords, console: Console) -> tuple[str, str]:
    """Say what was done; return what stands before and after the word for it."""
    folder, size_bytes = done.folder.as_posix(), done.tree.size_bytes
    wheels = counted(len(done.tree.wheels), "wheel")
    what = "is what the lock says" if words.check else done.outcome.value
    before, after = f"{folder}: ", f", {wheels} for {done.target.name}, {size_bytes / 1e6:.1f} MB"
    console.note(f"{before}{what}{after}")
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
    return before, after
