"""``wheelpin publish``: hand the wheels and sdists of a folder to twine."""

from pathlib import Path

import click

from wheelpin.cli.console import Console, counted
from wheelpin.cli.params import FILE, console_options


@click.command(
    "publish",
    short_help="Upload a folder's wheels and sdists with twine.",
    epilog="""\b
Examples:
  wheelpin publish wheels --repository testpypi
  wheelpin publish wheels --repository https://upload.index.example/ --skip-existing""",
)
@click.argument("folder", type=FILE, metavar="DIR")
@click.option(
    "--repository", metavar="NAME|URL", help="A name of your .pypirc, or an address; else what twine takes for its own."
)
@click.option("--skip-existing", is_flag=True, help="Pass over files that the repository has already.")
@console_options
def command(*, folder: Path, repository: str | None, skip_existing: bool, console: Console) -> None:
    """Upload the wheels and sdists that lie in DIR, and nothing else that lies there.

    twine does it, with its own configuration and credentials: pip install 'wheelpin[publish]'.
    """
    from wheelpin.deliveries.publishing import Upload, publish  # noqa: PLC0415 - --help does without

    done = publish(folder, Upload(repository=repository, skips_existing=skip_existing))
    there = f", {done.passed_over} were there" if done.passed_over else ""
    console.note(f"{folder.as_posix()}: handed over {counted(done.handed_over, 'file')}{there}")
