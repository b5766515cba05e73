"""From the user's words on targets to targets."""

from collections.abc import Mapping
from pathlib import Path

import click

from wheelpin.cli.console import Console
from wheelpin.cli.params import TargetWords
from wheelpin.orders.model import posix
from wheelpin.orders.targets import TargetText, each_once, read_target, spelled, target_of_inputs
from wheelpin.requirements import Inputs
from wheelpin.target import Target


def read_targets(words: TargetWords, inputs: Inputs) -> tuple[Target, ...]:
    """Read the targets of the command line, where a project's file may name them.

    Where the command line names none: that of the files' directive, that of inline tags, all of the project's file.
    """
    if words.targets:
        return project_targets(words) or stated_by(words)
    has_own = inputs.target is not None or any(requirement.tags for requirement in inputs.requirements)
    targets = () if has_own else project_targets(words)
    return targets or (target_of_inputs(inputs, _text("", words), Path()),)


def project_targets(words: TargetWords) -> tuple[Target, ...]:
    """Read the targets that *words* name in the project of the working folder, all of it where they name none."""
    from wheelpin.orders.finding import find_project  # noqa: PLC0415 - `wheelpin lock` has its own way there

    if (found := find_project(Path.cwd()).found) is None:
        return ()
    from wheelpin.orders.overruling import Overruling  # noqa: PLC0415 - without a project's file no need
    from wheelpin.orders.project_targets import wanted_targets  # noqa: PLC0415 - the same

    over = Overruling(
        targets=words.targets, python_full_version=words.python_full_version, marker_values=words.marker_values
    )
    return each_once(wanted.target for wanted in wanted_targets(found, over, Path.cwd()))


def stated_by(words: TargetWords) -> tuple[Target, ...]:
    """Read the targets of the command line; none where it names none."""
    return each_once(read_target(_text(text, words), Path()) for text in words.targets)


def stated_targets(words: TargetWords, console: Console) -> tuple[Target, ...]:
    """Read the targets of the command line; none where each lock says its own."""
    if words.targets:
        targets = read_targets(words, Inputs())
        for target in targets:
            for warning in target.warnings:
                console.warning(warning)
        return targets
    if words.python_full_version is not None or words.marker_values:
        raise click.UsageError("--python-full-version and --marker speak of a --target, and none is given")
    return ()


def spellings_of(words: TargetWords) -> Mapping[str, str]:
    """Return by target name what ``--target`` has to say to lead there."""
    found: dict[str, str] = {}
    for text in words.targets:
        said = _text(text, words)
        target = read_target(said, Path())
        found[target.name] = posix(spelled(said, target, Path()))
    return found


def _text(text: str, words: TargetWords) -> TargetText:
    return TargetText(text=text, python_full_version=words.python_full_version, marker_values=words.marker_values)
