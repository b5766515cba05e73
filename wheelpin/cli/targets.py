"""From the user's words on targets to targets."""

from collections.abc import Mapping
from pathlib import Path

from wheelpin.cli.params import TargetWords
from wheelpin.orders.model import posix
from wheelpin.orders.targets import TargetText, each_once, read_target, spelled, target_of_inputs
from wheelpin.requirements import Inputs
from wheelpin.target import Target


def read_targets(words: TargetWords, inputs: Inputs) -> tuple[Target, ...]:
    """Read the targets of the command line, else that of the files' directive, else that of inline tags."""
    return stated_by(words) or (target_of_inputs(inputs, _text("", words), Path()),)


def stated_by(words: TargetWords) -> tuple[Target, ...]:
    """Read the targets of the command line; none where it names none."""
    return each_once(read_target(_text(text, words), Path()) for text in words.targets)


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
