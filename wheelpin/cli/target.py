"""``wheelpin target``: list presets, show what a target means, capture one from a real interpreter."""

import json
import shutil
import subprocess
from pathlib import Path

import click

from wheelpin.cli.console import Console, Volume, print_data, say
from wheelpin.cli.params import FILE, TargetWords, one_target
from wheelpin.cli.reports import target_to_json
from wheelpin.cli.targets import read_targets
from wheelpin.errors import InputError
from wheelpin.requirements import Inputs
from wheelpin.safe_write import write_text_atomically
from wheelpin.target import TargetFileError, presets
from wheelpin.target.capture import capture_script, parse_target_file, target_file_text
from wheelpin.target.markers import VARIABLES
from wheelpin.values import Origin

_CAPTURE_TIMEOUT_S = 60


class CaptureFailedError(InputError):
    """An interpreter could not be asked what it is."""

    def __init__(self, python: str, reason: str) -> None:
        super().__init__(python, reason)
        self.python, self.reason = python, reason

    def __str__(self) -> str:
        return f"cannot capture a target from {self.python}: {self.reason}"


@click.group("target", short_help="Look at targets, capture them from interpreters.")
def command() -> None:
    """Look at targets: named ones, what a target takes, and real interpreters."""


@command.command("list", short_help="List the named targets.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def list_presets(*, as_json: bool) -> None:
    """List the named targets, with what is known of each and since when."""
    if as_json:
        rows = [
            {
                "name": preset.name,
                "tags": preset.tags,
                "python_full_version": preset.python_full_version,
                "is_verified": preset.is_verified,
                "source": preset.source,
                "checked_on": preset.checked_on.isoformat(),
            }
            for preset in presets().values()
        ]
        print_data(json.dumps(rows, indent=2) + "\n")
        return
    width = max(len(name) for name in presets())
    for preset in presets().values():
        mark = "verified" if preset.is_verified else "unverified"
        print_data(f"{preset.name:<{width}}  {preset.tags}  {mark} {preset.checked_on}: {preset.source}\n")
    say("\nBesides these names, any tags: cp36-manylinux1_x86_64, cp313t-musllinux_1_2_aarch64, cp312-win_amd64 …")


@command.command("show", short_help="Print what a target takes, and its markers.")
@one_target
@click.option("--json", "as_json", is_flag=True, help="Print markers and tags as JSON.")
def show(*, target_words: TargetWords, as_json: bool) -> None:
    """Print the marker environment of TARGET, and the tags it takes, best first.

    TARGET is tags, a preset's name or a captured target file.
    """
    (target,) = read_targets(target_words, Inputs())
    console = Console(Volume.NORMAL)
    for warning in target.warnings:
        console.warning(warning)
    if as_json:
        markers = {variable: target.markers.get(variable) for variable in VARIABLES}
        shown = {**target_to_json(target), "markers": markers, "tags": list(target.tags)}
        print_data(json.dumps(shown, indent=2) + "\n")
        return
    assumed = " (the last known patch, assumed)" if target.is_patch_assumed else ""
    lines = [
        f"{target.name}: {target.spelling}, Python {target.python_full_version}{assumed}",
        "\nmarkers:",
        *(f"  {variable} = {_spelled(target.markers.get(variable))}" for variable in VARIABLES),
        "\ntags, best first:",
        *(f"  {tag}" for tag in target.tags),
    ]
    print_data("\n".join(lines) + "\n")


def _spelled(value: str | None) -> str:
    return "unknown until --marker says it" if value is None else repr(value)


@command.command("capture")
@click.option(
    "--python", "python", metavar="PATH", required=True, help="The interpreter to ask; it needs nothing installed."
)
@click.option("-o", "--output", type=FILE, metavar="FILE", default=Path("-"), help="The target file; - prints it.")
def capture(*, python: str, output: Path) -> None:
    """Write a target file from a real interpreter, for --target FILE.

    Run it where the wheels will run, or copy the interpreter's machine with it.
    """
    facts = _ask(python)
    try:
        text = target_file_text(facts, Origin(python))
    except TargetFileError as error:
        raise CaptureFailedError(python, error.problem if facts else "it says nothing, and so is no Python") from error
    if output == Path("-"):
        print_data(text)
    else:
        target = parse_target_file(text, output.stem, Origin(output.as_posix()))
        write_text_atomically(output, text)
        say(f"{output.as_posix()}: {target.spelling}, Python {target.python_full_version}")


def _ask(python: str) -> str:
    # Isolated from the caller's PYTHON* variables and working folder; -I is unknown to Python 2.
    program = Path(shutil.which(python) or python).absolute()
    argv = [str(program), "-E", "-s", "-c", capture_script()]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=_CAPTURE_TIMEOUT_S, check=False, cwd=Path("/").anchor)
    except FileNotFoundError as error:
        raise CaptureFailedError(python, "there is no such program") from error
    except subprocess.TimeoutExpired as error:
        raise CaptureFailedError(python, f"it did not answer within {_CAPTURE_TIMEOUT_S} s") from error
    except OSError as error:
        raise CaptureFailedError(python, error.strerror or str(error)) from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise CaptureFailedError(python, said[-1] if said else f"it ended with exit code {done.returncode}")
    return done.stdout.decode("utf-8", "replace")
