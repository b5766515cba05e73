"""README.md says what is there: its commands run, its options exist, and what it calls missing is missing."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from wheelpin.cli.main import group
from wheelpin.errors import WheelpinError
from wheelpin.project.recipe import Recipe

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
THERE, _, REST = README.partition("## What is not there yet")
MISSING, _, _ = REST.partition("\n## ")

NOT_OURS = {"--no-deps", "--require-hashes", "--hash", "--fast"}
"""Options of pip and of the scripts."""


def iter_commands(parent: click.Group, name: str = "wheelpin") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(parent)
    for each in parent.list_commands(context):
        command = parent.get_command(context, each)
        assert command is not None
        yield f"{name} {each}", command
        if isinstance(command, click.Group):
            yield from iter_commands(command, f"{name} {each}")


COMMANDS = dict(iter_commands(group))
OPTIONS = {
    option
    for command in COMMANDS.values()
    for parameter in command.params
    for option in (*parameter.opts, *parameter.secondary_opts)
}
EXAMPLES = [
    line.partition("wheelpin ")[2]
    for line in re.findall(r"(?:`|&& )(?:\.venv/bin/)?(wheelpin [a-z][^`\n]*)", THERE)
    if "TARGET" not in line and "PATH" not in line and "|" not in line
]


def test_first_two_commands_set_up_and_run_and_set_up_and_test() -> None:
    run, test = re.findall(r"^```sh\n(.*)\n```$", README, flags=re.MULTILINE)[:2]
    assert run.startswith("python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/wheelpin lock ")
    assert test == "python3 scripts/test"
    assert '"$python" scripts/test' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_key_of_a_recipe_is_described() -> None:
    page = (ROOT / "docs" / "building.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `([a-z-]+)` \|", page, flags=re.MULTILINE)) == sorted(
        name.replace("_", "-") for name in Recipe.__struct_fields__
    )


def test_examples_are_found() -> None:
    assert len(EXAMPLES) >= 2


def accept(name: str, *arguments: str) -> None:
    """Have a command take its arguments, or raise what click says of them."""
    words = list(arguments)
    command = COMMANDS[f"wheelpin {name}"]
    while isinstance(command, click.Group):
        name = f"{name} {words.pop(0)}"
        command = COMMANDS[f"wheelpin {name}"]
    # A command remembers its help option from the first context that it meets.
    command.make_context(name, words, parent=group.make_context("wheelpin", [name], resilient_parsing=True))


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_is_a_command_that_exists(example: str) -> None:
    accept(*shlex.split(example))


@pytest.mark.parametrize("option", sorted(set(re.findall(r"--[a-z][a-z-]+", THERE)) - NOT_OURS))
def test_option_that_is_described_exists(option: str) -> None:
    assert option in OPTIONS


@pytest.mark.parametrize("command", [name for name in COMMANDS if name.count(" ") == 1])
def test_command_that_exists_is_described(command: str) -> None:
    assert command in THERE


@pytest.mark.parametrize("word", sorted(set(re.findall(r"`(-{0,2}[a-z][a-z-]*)[` ]", MISSING)) - {"wheelpin"}))
def test_what_is_called_missing_is_missing(word: str) -> None:
    assert word not in OPTIONS
    assert f"wheelpin {word}" not in COMMANDS


@pytest.mark.parametrize("branch", WheelpinError.__subclasses__(), ids=lambda branch: branch.__name__)
def test_exit_code_of_every_branch_of_errors_is_explained(branch: type[WheelpinError]) -> None:
    assert f"\n| {branch.exit_code} | " in README
