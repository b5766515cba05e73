"""The options of ``wheelpin lock``: where the locks go, and which versions to take."""

from pathlib import Path
from typing import Self

import click
from msgspec import Struct
from msgspec.structs import replace

from wheelpin.cli.params import FILE, field_names, gathering

FORMATS = ("requirements", "hashes", "pylock")
"""The values of `wheelpin.locks.LockFormat`, the usual one first; that room loads later."""

ANNOTATIONS = ("github",)
"""Further words of ``--format``: what ``--check`` finds as annotations of a CI service."""

DEFAULT_FOLDER = Path("lockfiles")


class OutputWords(Struct, frozen=True, kw_only=True):
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


def _form_of(context: click.Context, _: click.Parameter, said: tuple[str, ...]) -> str | None:
    """Tell the lock's form from the words on how to say what a check finds, which become a value of their own."""
    context.params["annotations"] = next((word for word in said if word in ANNOTATIONS), None)
    forms = dict.fromkeys(word for word in said if word in FORMATS)
    if len(forms) > 1:
        raise click.BadParameter(f"a lock has one form, not {' and '.join(forms)}")
    return next(iter(forms), None)


output_options = gathering(
    "output",
    OutputWords,
    click.option(
        "-o",
        "--output",
        "output_file",
        type=FILE,
        metavar="FILE",
        help="The one target's lock, or a pylock.toml for several; - prints it.",
    ),
    click.option(
        "--output-dir",
        type=FILE,
        metavar="DIR",
        show_default=DEFAULT_FOLDER.as_posix(),
        help="The folder of <target>.txt or pylock.<target>.toml.",
    ),
    click.option(
        "--format",
        "lock_format",
        type=click.Choice((*FORMATS, *ANNOTATIONS)),
        multiple=True,
        show_default=FORMATS[0],
        callback=_form_of,
        help="name @ URL#sha256=… for pip 10 and later, name==version --hash=… for any pip and mirror, or pylock.toml;"
        " with --check also github: annotations.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print what was locked as JSON."),
    taking=field_names(OutputWords),
)


class ChoiceWords(Struct, frozen=True, kw_only=True):
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


class CheckWords(Struct, frozen=True, kw_only=True):
    """The user's words on looking instead of locking."""

    check: bool
    with_index: bool
    with_advisories: bool
    annotations: str | None

    def __post_init__(self) -> None:
        if not self.check and self.with_index:
            raise click.UsageError("--index belongs to --check")
        if not self.check and self.with_advisories:
            raise click.UsageError("--advisories belongs to --check")
        if not self.check and self.annotations is not None:
            raise click.UsageError(f"--format {self.annotations} belongs to --check")


check_options = gathering(
    "check",
    CheckWords,
    click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a lock is not what would be written."),
    click.option("--index", "with_index", is_flag=True, help="With --check: ask the index what became of the files."),
    click.option(
        "--advisories",
        "with_advisories",
        is_flag=True,
        help="With --check: ask the index for known vulnerabilities of what is pinned.",
    ),
    taking=field_names(CheckWords),
)
