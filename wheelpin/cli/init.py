"""``wheelpin init``: write a project's file from what lies in the folder."""

from pathlib import Path

import click

from wheelpin.cli.console import Console, counted, print_data
from wheelpin.cli.params import console_options
from wheelpin.errors import InputError
from wheelpin.orders.finding import read_project_in
from wheelpin.orders.survey import Survey, survey
from wheelpin.orders.targets import TargetText, read_target
from wheelpin.project.draft import Draft, DraftTarget, draft_to_toml, targets_of
from wheelpin.project.reading import OWN_FILE, parse_own_file
from wheelpin.safe_write import write_text_atomically


class ProjectFileThereError(InputError):
    """There is a project's file already."""

    hint = "wheelpin init --print shows what it would write"

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.file = file

    def __str__(self) -> str:
        return f"{self.file} says already what to lock, and is not overwritten"


class NothingFoundError(InputError):
    """The folder does not tell what a project's file needs."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what, hint)
        self.what, self.hint = what, hint

    def __str__(self) -> str:
        return f"nothing in this folder says {self.what}"


@click.command(
    "init",
    short_help="Write a project's file from what lies here.",
    epilog="""\b
Examples:
  wheelpin init --print
  wheelpin init --target cp36-manylinux1_x86_64""",
)
@click.option(
    "-t",
    "--target",
    "targets",
    metavar="TARGET",
    multiple=True,
    help="Tags, a preset's name or a captured target file, beside what is found; may be given several times.",
)
@click.option("--print", "is_printed", is_flag=True, help="Print the file instead of writing it.")
@console_options
def command(*, targets: tuple[str, ...], is_printed: bool, console: Console) -> None:
    """Write wheelpin.toml for the working folder: what to lock, and for which targets.

    Requirements come from requirements*.in and requirements*.txt or the pyproject.toml, targets from the functions of
    a SAM or CloudFormation template (template.yaml) and of serverless.yml: their runtimes and architectures. A
    project's file that is there is never overwritten.
    """
    folder = Path.cwd()
    if not is_printed and (there := read_project_in(folder, folder)) is not None:
        raise ProjectFileThereError(there.project.file)
    found = survey(folder)
    draft = Draft(requirements=found.requirements, targets=_targets(found, targets, folder))
    _tell(found, console)
    needs_common = not draft.targets or any(target.requirements is None for target in draft.targets.values())
    if found.requirements == () and needs_common:
        raise NothingFoundError("what to lock", "write a requirements.in, a line for each project that is needed")
    if not draft.targets:
        hint = "say it with --target, for example --target aws-lambda-python3.12; `wheelpin target list` has names"
        raise NothingFoundError("where the wheels will run", hint)
    text = draft_to_toml(draft)
    parse_own_file(text, OWN_FILE)
    if is_printed:
        print_data(text)
    else:
        write_text_atomically(folder / OWN_FILE, text)
        console.note(f"{OWN_FILE}: {counted(len(draft.targets), 'target')}; next: wheelpin lock")


def _targets(found: Survey, words: tuple[str, ...], folder: Path) -> dict[str, DraftTarget]:
    targets = dict(targets_of([(function, own) for _, function, own in found.functions]))
    for word in words:
        target = read_target(TargetText(text=word), folder)
        targets[target.name] = DraftTarget(tags=word)
    return targets


def _tell(found: Survey, console: Console) -> None:
    """Say what was found where."""
    if found.requirements is None:
        console.note("pyproject.toml: the project's dependencies")
    for name in found.requirements or ():
        console.note(f"{name}: requirements")
    for name in found.others:
        console.note(f"{name}: left alone")
    for name, function, own in found.functions:
        console.note(f"{name}: {function.name} runs on {function.preset}{f' with {own}' if own else ''}")
    for name, passed in found.passed_over:
        console.warning(f"{name}: no target for {passed.name}: {passed.reason}")
