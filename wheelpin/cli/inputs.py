"""From the words that name requirements to requirements, and to the command that repeats a run."""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

from wheelpin.cli.console import Console
from wheelpin.cli.input_options import InputWords
from wheelpin.cli.params import TargetWords
from wheelpin.requirements import Document, Inputs, Reader, Requirement, Sources, read_inputs
from wheelpin.session import settings_of_host
from wheelpin.settings import ExplicitOptions, Settings
from wheelpin.sources import SourceReader
from wheelpin.transport import HttpTransport
from wheelpin.values import Origin, without_secrets

PROJECT_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedInputs:
    """What the words name, read, and the settings for asking the index about it."""

    inputs: Inputs
    overrides: tuple[Requirement, ...]
    settings: Settings
    files: tuple[str, ...] | None
    """The files that were read; None if more than files was."""


@contextmanager
def open_inputs(words: InputWords, options: ExplicitOptions, console: Console) -> Iterator[OpenedInputs]:
    """Read all that *words* name; the pyproject.toml of the working folder where they name nothing."""
    files = words.requirement_files
    if not words.are_given:
        if not Path(PROJECT_FILE).is_file():
            raise click.UsageError("nothing to lock: name requirements, or files of them with -r")
        files = (PROJECT_FILE,)
    sources = Sources(
        requirements=words.requirements,
        requirement_files=files,
        constraint_files=words.constraint_files,
        extras=words.extras,
        all_extras=words.all_extras,
        groups=words.groups,
        environ=os.environ,
    )
    with ExitStack() as stack:
        plain = settings_of_host(os.environ, options=options)
        transports = cache(lambda: stack.enter_context(HttpTransport(plain, console)))
        reader = _Noting(SourceReader(folder=Path.cwd(), standard_input=sys.stdin.buffer, open_transport=transports))
        inputs = read_inputs(sources, reader)
        overrides = read_inputs(Sources(requirement_files=words.override_files), reader).requirements
        for warning in inputs.warnings:
            console.warning(warning)
        settings = settings_of_host(os.environ, options=options, asked=inputs.options)
        yield OpenedInputs(inputs=inputs, overrides=overrides, settings=settings, files=reader.files)


class _Noting:
    """Passes a reader's texts on and notes where they came from."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.address_of, self.find_links = reader.address_of, reader.find_links
        self._locations: list[str] = []
        self._is_all_files = True

    @property
    def files(self) -> tuple[str, ...] | None:
        return tuple(self._locations) if self._is_all_files else None

    def read(self, location: str, *, relative_to: str | None, asked_by: Origin) -> Document:
        document = self._reader.read(location, relative_to=relative_to, asked_by=asked_by)
        self._locations.append(document.location)
        # A variable's value is part of the question and stands nowhere else.
        self._is_all_files &= document.location != "-" and ":" not in document.location and "${" not in document.text
        return document


def describe_inputs(words: InputWords) -> tuple[str, ...]:
    """Spell the inputs one by one, in the user's words."""
    return (
        *words.requirements,
        *(f"-r {_posix(name)}" for name in words.requirement_files),
        *(f"-c {_posix(name)}" for name in words.constraint_files),
        *(f"--override {_posix(name)}" for name in words.override_files),
        *(f"--extra {name}" for name in words.extras),
        *(["--all-extras"] if words.all_extras else []),
        *(f"--group {name}" for name in words.groups),
    )


def spell_command(inputs: InputWords, targets: TargetWords, index: ExplicitOptions, more: tuple[str, ...]) -> str:
    """Spell the command that makes a lock anew: the same words in a fixed order, without secrets."""
    words: list[str] = ["wheelpin", "lock"]
    words += inputs.requirements
    for option, values in (
        ("-r", inputs.requirement_files),
        ("-c", inputs.constraint_files),
        ("--override", inputs.override_files),
    ):
        words += [word for value in values for word in (option, _posix(value))]
    words += [word for value in inputs.extras for word in ("--extra", value)]
    words += ["--all-extras"] if inputs.all_extras else []
    words += [word for value in inputs.groups for word in ("--group", value)]
    words += [word for value in targets.targets for word in ("--target", _posix(value))]
    if targets.python_full_version is not None:
        words += ["--python-full-version", targets.python_full_version]
    words += [word for name, value in sorted(targets.marker_values) for word in ("--marker", f"{name}={value}")]
    words += _index_words(index)
    words += more
    return shlex.join(words)


def _index_words(index: ExplicitOptions) -> list[str]:
    words: list[str] = []
    if index.index_url is not None:
        words += ["-i", without_secrets(index.index_url)]
    words += [word for url in index.extra_index_urls for word in ("--extra-index-url", without_secrets(url))]
    words += [word for place in index.find_links for word in ("-f", without_secrets(_posix(place)))]
    if index.no_index:
        words.append("--no-index")
    for project, url in sorted(index.project_indexes.items()):
        words += ["--project-index", f"{project}={without_secrets(url)}"]
    if index.exclude_newer is not None:
        words += ["--exclude-newer", index.exclude_newer]
    return words


def _posix(path: str) -> str:
    return path.replace("\\", "/") if os.sep == "\\" else path
