"""From the user's words on targets to targets."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from wheelpin.cli.params import TargetWords
from wheelpin.cli.texts import read_text
from wheelpin.errors import InputError
from wheelpin.requirements import Inputs
from wheelpin.target import Target, parse_target_file
from wheelpin.values import COMMAND_LINE, Origin


class TargetMissingError(InputError):
    """Nobody said where the wheels will run."""

    hint = "say where with --target, for example --target cp312-manylinux_2_28_x86_64; `wheelpin target list` has names"

    def __str__(self) -> str:
        return "no target: the machine that wheelpin runs on is never taken for one"


class SameTargetNameError(InputError):
    """Two different targets would have the same name, and so the same lock."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"two different targets are named {self.name}"


def read_targets(words: TargetWords, inputs: Inputs) -> tuple[Target, ...]:
    """Read the targets of the command line, else that of the files' directive, else that of inline tags."""
    if words.targets:
        targets = [_read(text, words, COMMAND_LINE) for text in words.targets]
    elif inputs.target is not None:
        targets = [_read(inputs.target, _with_python_of(inputs, words), inputs.directive_origin or COMMAND_LINE)]
    else:
        targets = [_from_inline_tags(inputs, words)]
    by_name: dict[str, Target] = {}
    for target in targets:
        if by_name.setdefault(target.name, target) != target:
            raise SameTargetNameError(target.name)
    return tuple(by_name.values())


def words_for(targets: Collection[Target], words: TargetWords) -> TargetWords:
    """Return the words that lead to *targets* alone, tags in their canonical spelling."""
    wanted = {target.name for target in targets}
    by_name = {_read(text, words, COMMAND_LINE).name: text for text in words.targets}
    spelled = (text if _names_file(text) else name for name, text in by_name.items() if name in wanted)
    return replace(words, targets=tuple(spelled))


def _read(text: str, words: TargetWords, origin: Origin) -> Target:
    version, markers = words.python_full_version, dict(words.marker_values)
    if not _names_file(text):
        return Target.parse(text, python_full_version=version, marker_values=markers, origin=origin)
    path = Path(text)
    target = parse_target_file(read_text(path), path.stem, Origin(path.as_posix()))
    return target.stating(python_full_version=version, marker_values=markers, origin=origin)


def _names_file(text: str) -> bool:
    return text.endswith(".json") or (path := Path(text)).parent != Path() or path.is_file()


def _with_python_of(inputs: Inputs, words: TargetWords) -> TargetWords:
    return replace(words, python_full_version=words.python_full_version or inputs.python_full_version)


def _from_inline_tags(inputs: Inputs, words: TargetWords) -> Target:
    """Make a target of the tags beside requirements, where all have them and mean the same."""
    if not inputs.requirements or not all(requirement.tags for requirement in inputs.requirements):
        raise TargetMissingError
    found = {_read("-".join(need.tags), words, need.origin).name: need for need in inputs.requirements}
    if len(found) > 1:
        raise TargetMissingError
    (only,) = found.values()
    return _read("-".join(only.tags), words, only.origin)
