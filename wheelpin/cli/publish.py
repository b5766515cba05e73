"""``wheelpin publish``: hand the wheels and sdists of a folder to twine."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wheelpin.cli.console import Console, counted, label, print_data, say
from wheelpin.cli.params import FILE, console_options
from wheelpin.errors import CheckFailedError
from wheelpin.settings import ExplicitOptions

if TYPE_CHECKING:
    from wheelpin.deliveries.publishing import Upload


@click.command(
    "publish",
    short_help="Upload a folder's wheels and sdists with twine.",
    epilog="""\b
Examples:
  wheelpin publish wheels --repository testpypi --dry-run
  wheelpin publish wheels --repository https://upload.index.example/ --skip-existing""",
)
@click.argument("folder", type=FILE, metavar="DIR")
@click.option(
    "--repository", metavar="NAME|URL", help="A name of your .pypirc, or an address; else what twine takes for its own."
)
@click.option("--skip-existing", is_flag=True, help="Pass over files that the repository has already.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Upload nothing: check the metadata, tell what would go where, what is there.",
)
@console_options
def command(*, folder: Path, repository: str | None, skip_existing: bool, dry_run: bool, console: Console) -> int:
    """Upload the wheels and sdists that lie in DIR, and nothing else that lies there.

    twine does it, with its own configuration and credentials: pip install 'wheelpin[publish]'.

    With --dry-run, the exit code is 1 where twine finds fault with the metadata, and where a file is on PyPI or
    TestPyPI already without --skip-existing. Other repositories are not asked, and nobody's credentials are needed.
    """
    from wheelpin.deliveries.publishing import Upload, publish  # noqa: PLC0415 - --help does without

    upload = Upload(repository=repository, skips_existing=skip_existing)
    if dry_run:
        return _rehearse(folder, upload, console)
    done = publish(folder, upload)
    there = f", {done.passed_over} were there" if done.passed_over else ""
    console.note(f"{folder.as_posix()}: handed over {counted(done.handed_over, 'file')}{there}")
    return 0


def _rehearse(folder: Path, upload: "Upload", console: Console) -> int:
    from wheelpin.deliveries.rehearsing import Presence, rehearse  # noqa: PLC0415 - as above
    from wheelpin.session import settings_of_host  # noqa: PLC0415

    found = rehearse(folder, upload, settings_of_host(os.environ, options=ExplicitOptions()), console)
    for file, presence in found.files:
        print_data(f"{file.name}: {presence.value}\n")
    there = found.count(Presence.THERE, Presence.OTHER)
    would = counted(len(found.files) - there, "file")
    had = f", {there} {'is' if there == 1 else 'are'} there" if there else ""
    console.note(f"{folder.as_posix()}: would hand over {would} to {found.address}{had}")
    if there and not upload.skips_existing:
        say(f"{label('hint', 'cyan')} --skip-existing passes over what is there")
    return CheckFailedError.exit_code if there and not upload.skips_existing else 0
