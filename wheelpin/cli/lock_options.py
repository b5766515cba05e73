"""The options of ``wheelpin lock``: where the locks go, and which versions to take."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import click

from wheelpin.cli.params import FILE, field_names, gathering

FORMATS = ("requirements", "hashes")
"""The values of `wheelpin.locks.LockFormat`, the usual one first; that room loads later."""

DEFAULT_FOLDER = Path("lockfiles")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputWords:
    """The user's words on where the locks go, and in which form."""

    output_file: Path | None
    output_dir: Path | None
    """None: ``lockfiles``, or what the project's file says."""
    lock_format: str | None
    """None: the usual one, or what the project's file says."""
    as_json: bool

    @property
    def command_words(self) -> tuple[str, ...]:
        """The options that lead here."""
        words: list[str] = []
        if self.lock_format is not None:
            words += ["--format", self.lock_format]
        if self.output_file is not None and self.output_file != Path("-"):
            words += ["-o", self.output_file.as_posix()]
        elif self.output_file is None and self.output_dir is not None:
            words += ["--output-dir", self.output_dir.as_posix()]
        return tuple(words)

    def without_defaults(self) -> Self:
        """Return the same, unsaid what would be so anyway where there is no project's file."""
        return replace(
            self,
            output_dir=None if self.output_dir == DEFAULT_FOLDER else self.output_dir,
            lock_format=None if self.lock_format == FORMATS[0] else self.lock_format,
        )


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
        show_default=DEFAULT_FOLDER.as_posix(),
        help="The folder of <target>.txt.",
    ),
    click.option(
        "--format",
        "lock_format",
        type=click.Choice(FORMATS),
        show_default=FORMATS[0],
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
    click.option(
        "-U",
        "--upgrade",
        is_flag=True,
        help="Do not prefer what the existing lock has; with a project's file, of the projects named beside it only.",
    ),
    click.option(
        "-P", "--upgrade-package", "upgraded", metavar="NAME", multiple=True, help="The same for one project."
    ),
    click.option("--align", is_flag=True, help="Prefer the same version of a project on all targets."),
    click.option("--pre", is_flag=True, help="Take pre-releases like final ones."),
    taking=field_names(ChoiceWords),
)
