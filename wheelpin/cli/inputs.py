"""From the words that name requirements to requirements, and to the command that repeats a run."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from wheelpin.cli.console import Console
from wheelpin.cli.input_options import InputWords
from wheelpin.cli.params import TargetWords
from wheelpin.orders.finding import find_project
from wheelpin.orders.inputs import Host, OpenedInputs, read_sources, with_format_control
from wheelpin.orders.model import RefreshCommand, described, posix
from wheelpin.requirements import FormatControl, Sources
from wheelpin.settings import ExplicitOptions
from wheelpin.values import without_secrets

if TYPE_CHECKING:
    from wheelpin.project.model import Project

PROJECT_FILE = "pyproject.toml"


@contextmanager
def open_inputs(words: InputWords, options: ExplicitOptions, console: Console) -> Iterator[OpenedInputs]:
    """Read all that *words* name; the pyproject.toml of the working folder where they name nothing.

    The indexes and rules of the project that the working folder belongs to hold.
    """
    host = host_of(console)
    found = find_project(host.folder).found
    if found is not None:
        from wheelpin.orders.project_settings import options_within  # noqa: PLC0415 - without a project no need

        options = options_within(found, options)
    opened = read_sources(sources_of(words), words.override_files, folder=host.folder, options=options, host=host)
    yield opened if found is None else _ruled(opened, found.project)


def _ruled(opened: OpenedInputs, project: "Project") -> OpenedInputs:
    control = FormatControl(only_binary=project.only_binary, no_binary=project.no_binary)
    inputs = replace(opened.inputs, allow_prereleases=opened.inputs.allow_prereleases or project.prereleases)
    return replace(opened, inputs=with_format_control(inputs, control))


def host_of(console: Console) -> Host:
    """Return what a run takes of this machine."""
    return Host(environ=os.environ, folder=Path.cwd(), standard_input=sys.stdin.buffer, reporter=console)


def sources_of(words: InputWords) -> Sources:
    """Return what *words* name, the pyproject.toml of the working folder where they name nothing."""
    files = words.requirement_files
    if not words.are_given:
        if not Path(PROJECT_FILE).is_file():
            raise click.UsageError("nothing to lock: name requirements, or files of them with -r")
        files = (PROJECT_FILE,)
    return replace(_sources(words), requirement_files=files)


def _sources(words: InputWords) -> Sources:
    return Sources(
        requirements=words.requirements,
        requirement_files=words.requirement_files,
        constraint_files=words.constraint_files,
        extras=words.extras,
        all_extras=words.all_extras,
        groups=words.groups,
        environ=os.environ,
    )


def describe_inputs(words: InputWords) -> tuple[str, ...]:
    """Spell the inputs one by one, in the user's words."""
    return described(_sources(words), words.override_files)


def refresh_command(
    inputs: InputWords, targets: TargetWords, index: ExplicitOptions, more: tuple[str, ...]
) -> RefreshCommand:
    """Return the words that make a lock anew: the same in a fixed order, without secrets and targets."""
    words = [*inputs.requirements]
    for option, values in (
        ("-r", inputs.requirement_files),
        ("-c", inputs.constraint_files),
        ("--override", inputs.override_files),
    ):
        words += [word for value in values for word in (option, posix(value))]
    words += [word for value in inputs.extras for word in ("--extra", value)]
    words += ["--all-extras"] if inputs.all_extras else []
    words += [word for value in inputs.groups for word in ("--group", value)]
    options: list[str] = []
    if targets.python_full_version is not None:
        options += ["--python-full-version", targets.python_full_version]
    options += [word for name, value in sorted(targets.marker_values) for word in ("--marker", f"{name}={value}")]
    options += _index_words(index)
    return RefreshCommand(inputs=tuple(words), options=(*options, *more))


def _index_words(index: ExplicitOptions) -> list[str]:
    words: list[str] = []
    if index.index_url is not None:
        words += ["-i", without_secrets(index.index_url)]
    words += [word for url in index.extra_index_urls for word in ("--extra-index-url", without_secrets(url))]
    words += [word for place in index.find_links for word in ("-f", without_secrets(posix(place)))]
    if index.no_index:
        words.append("--no-index")
    for project, url in sorted(index.project_indexes.items()):
        words += ["--project-index", f"{project}={without_secrets(url)}"]
    if index.exclude_newer is not None:
        words += ["--exclude-newer", index.exclude_newer]
    return words
