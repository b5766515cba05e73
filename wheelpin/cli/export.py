"""``wheelpin export``: a lock in, the same in another form out."""

from pathlib import Path

import click
from msgspec import Struct

from wheelpin.cli.console import Console, print_data
from wheelpin.cli.locks import read_locks
from wheelpin.cli.params import FILE, TargetWords, console_options, field_names, gathering, lock_target_options
from wheelpin.cli.targets import stated_targets
from wheelpin.deliveries.exports import Exported, export, export_sbom, export_together
from wheelpin.orders.model import STANDARD_OUTPUT, Output, check_place
from wheelpin.safe_write import write_text_atomically
from wheelpin.values import LockFormat
from wheelpin.wheelhouse import LockSource

_SBOM = "cyclonedx"
FORMATS = (*(each.value for each in LockFormat), _SBOM)


class ExportWords(Struct, frozen=True, kw_only=True):
    """The user's words on what becomes what."""

    locks: tuple[str, ...]
    form: str
    output_file: Path

    @property
    def folder(self) -> Path:
        """Where the paths in the text start: pip's forms in the working folder, a pylock.toml at its own."""
        if self.form != LockFormat.PYLOCK.value or self.output_file == STANDARD_OUTPUT:
            return Path.cwd()
        return self.output_file.absolute().parent


export_options = gathering(
    "words",
    ExportWords,
    click.argument("locks", metavar="LOCK...", nargs=-1, required=True),
    click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        required=True,
        help="The form to write; pylock.toml (PEP 751) for pylock, a bill of materials for cyclonedx.",
    ),
    click.option(
        "-o",
        "--output",
        "output_file",
        type=FILE,
        metavar="FILE",
        default=STANDARD_OUTPUT,
        help="Where to write it, instead of standard output.",
    ),
    taking=field_names(ExportWords),
)


@click.command(
    "export",
    short_help="Write a lock in another form.",
    epilog="""\b
Examples:
  wheelpin export lockfiles/cp36-manylinux1_x86_64.txt --format hashes
  wheelpin export linux.txt windows.txt --format pylock -o pylock.toml
  wheelpin export lambda.txt --format cyclonedx -o lambda.cdx.json""",
)
@export_options
@lock_target_options
@console_options
def command(*, words: ExportWords, target_words: TargetWords, console: Console) -> None:
    """Write LOCK, of any form, in another, without asking an index, and say what that form has no place for.

    Several locks become one pylock.toml, if an installer can tell their targets apart.
    """
    if words.form == LockFormat.PYLOCK.value:
        check_place(Output(path=words.output_file, lock_format=LockFormat.PYLOCK))
    sources = read_locks(words.locks, stated_targets(target_words, console), console)
    done = _export(sources, words)
    if done.lost:
        console.note(f"the form {words.form} carries no {_listed(done.lost)}; they are left out")
    if words.output_file == STANDARD_OUTPUT:
        print_data(done.text)
    else:
        write_text_atomically(words.output_file, done.text)


def _export(sources: tuple[LockSource, ...], words: ExportWords) -> Exported:
    if len(sources) > 1:
        if words.form != LockFormat.PYLOCK.value:
            raise click.UsageError(f"the form {words.form} holds one lock, and there are {len(sources)}")
        return export_together(sources, folder=words.folder)
    (source,) = sources
    if words.form == _SBOM:
        return export_sbom(source, Path(source.name).name, folder=words.folder)
    return export(source, LockFormat(words.form), folder=words.folder)


def _listed(words: tuple[str, ...]) -> str:
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last
