"""``wheelpin bundle``: a lock and the user's own files in, a reproducible archive for a platform out."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec import Struct

from wheelpin.bundle import ARCHIVE_LAYOUTS, BudgetExceededError, OwnerSize, measure
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
from wheelpin.cli.reports import target_to_json
from wheelpin.cli.sizes import sizes_table
from wheelpin.cli.targets import stated_targets
from wheelpin.deliveries import Bundled, BundleJob, bundle, check_bundle, open_scratch, open_supply
from wheelpin.session import settings_of_host
from wheelpin.settings import ConfigurationError, ExplicitOptions
from wheelpin.values import Origin

_REPORT_ENDINGS = (".json", ".html")
_DATE_VARIABLE = "SOURCE_DATE_EPOCH"


class ArchiveWords(Struct, frozen=True, kw_only=True):
    """The user's words on the archive."""

    output: Path
    layout: str | None
    sources: tuple[Path, ...]
    slim: bool
    report: Path | None
    check: bool
    as_json: bool


archive_options = gathering(
    "words",
    ArchiveWords,
    click.option("-o", "--output", type=FILE, metavar="FILE", required=True, help="The archive, a ZIP: X.zip."),
    click.option(
        "--layout",
        type=click.Choice(sorted(ARCHIVE_LAYOUTS)),
        help="Where the platform looks for modules; else the target's name says it, and plain is for all others.",
    ),
    click.option(
        "--add",
        "sources",
        type=FILE,
        metavar="PATH",
        multiple=True,
        help="Your own files: a file, or what is in a folder but for what .gitignore and .wheelpinignore name.",
    ),
    click.option("--slim", is_flag=True, help="Leave out tests, stubs and sources of compiled code."),
    click.option(
        "--report", type=FILE, metavar="FILE", help="Print what takes room, and write it as .json or as an .html page."
    ),
    click.option("--check", is_flag=True, help="Write nothing; exit with 1 unless FILE is what would be written."),
    click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON."),
    taking=field_names(ArchiveWords),
)


@click.command(
    "bundle",
    short_help="Pack a lock's wheels and your files for a platform.",
    epilog="""\b
Examples:
  wheelpin bundle lambda.txt -o function.zip --add src
  wheelpin bundle lambda.txt -o layer.zip --layout aws-layer --slim --report sizes.html""",
)
@click.argument("lock")
@archive_options
@lock_target_options
@content_options
@index_options
@console_options
def command(
    *,
    lock: str,
    words: ArchiveWords,
    target_words: TargetWords,
    content: ContentWords,
    index_options: ExplicitOptions,
    console: Console,
) -> None:
    """Pack the wheels of LOCK and your own files as an archive that a platform takes, the same bytes from any host.

    The archive is held to what the platform takes unpacked before anything is written. Its members are dated 1980,
    or as SOURCE_DATE_EPOCH says.
    """
    if words.report is not None and words.report.suffix not in _REPORT_ENDINGS:
        raise click.UsageError(f"--report ends in {' or '.join(_REPORT_ENDINGS)}, and {words.report} does not")
    if words.check and words.report is not None:
        raise click.UsageError("--check writes nothing, and --report writes")
    _refuse_to_overwrite(words, lock)
    job = BundleJob(
        path=words.output,
        layout=words.layout,
        contents=content.contents,
        is_slim=words.slim,
        sources=words.sources,
        report=words.report,
        epoch_s=_stated_date(),
    )
    (source,) = read_locks([lock], stated_targets(target_words, console), console, content.selection)
    settings = settings_of_host(os.environ, options=index_options)
    act = check_bundle if words.check else bundle
    beside = None if words.check else words.output.absolute().parent
    try:
        with (
            open_scratch(settings) as scratch,
            open_supply(settings, console, beside=beside) as supply,
            console.working("fetching"),
        ):
            done = act(source, job, supply, scratch=scratch)
    except BudgetExceededError as error:
        _tell_sizes(error.owners, words)
        raise
    _tell_sizes(measure(done.tree), words)
    _tell(done, words, console)


def _refuse_to_overwrite(words: ArchiveWords, lock: str) -> None:
    """Refuse to write over what is packed: a lock or a file that was named for the archive."""
    read = {path.resolve() for path in (Path(lock), *words.sources)}
    for path in (words.output, words.report):
        if path is not None and path.resolve() in read:
            raise click.UsageError(f"{path.as_posix()} is one of the things that are packed, and would be overwritten")


def _tell_sizes(owners: Sequence[OwnerSize], words: ArchiveWords) -> None:
    if words.report is not None and not words.as_json:
        print_data(sizes_table(owners))


def _stated_date() -> int | None:
    if not (text := os.environ.get(_DATE_VARIABLE)):
        return None
    if not text.isascii() or not text.isdigit():
        raise ConfigurationError(Origin(_DATE_VARIABLE), f"{text!r} is not a number of seconds since 1970")
    return int(text)


def _tell(done: Bundled, words: ArchiveWords, console: Console) -> None:
    what = "is what would be written" if words.check else f"{counted(len(done.tree.wheels), 'wheel')}"
    sizes = f"{done.size_bytes / 1e6:.1f} MB, {done.tree.size_bytes / 1e6:.1f} MB unpacked"
    limit = "" if done.most_bytes is None else f" of {done.most_bytes / 1e6:.1f} MB"
    console.note(f"{done.path.as_posix()}: {what} for {done.target.name} as {done.layout.name}, {sizes}{limit}")
    if words.as_json:
        report = {
            "file": done.path.as_posix(),
            "sha256": done.sha256,
            "size_bytes": done.size_bytes,
            "unpacked_bytes": done.tree.size_bytes,
            "most_bytes": done.most_bytes,
            "layout": done.layout.name,
            "target": target_to_json(done.target),
            "files": len(done.tree.files),
            "wheels": [
                {"project": wheel.project, "version": str(wheel.version), "filename": wheel.filename}
                for wheel in done.tree.wheels
            ],
        }
        print_data(json.dumps(report, indent=2) + "\n")
