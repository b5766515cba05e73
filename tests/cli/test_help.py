"""What ``--help`` says, and how a wrong command line is answered."""

import re
from collections.abc import Iterator

import click
import pytest

from tests.cli.golden_text import assert_golden
from tests.cli.running import Wheelpin
from wheelpin.cli.foreign_words import MEANT
from wheelpin.cli.main import group


def iter_commands(parent: click.Group, *words: str) -> Iterator[tuple[str, ...]]:
    yield words
    context = click.Context(parent)
    for name in parent.list_commands(context):
        command = parent.get_command(context, name)
        if isinstance(command, click.Group):
            yield from iter_commands(command, *words, name)
        else:
            yield *words, name


COMMANDS = list(iter_commands(group))


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_read_as_written(wheelpin: Wheelpin, words: tuple[str, ...]) -> None:
    said = wheelpin(*words, "--help")
    assert said.code == 0
    assert said.err == ""
    assert "\\b" not in said.out
    assert "\b" not in said.out
    assert_golden(f"help-{'-'.join(('wheelpin', *words))}.txt", said.out)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_short_help_is_the_same(wheelpin: Wheelpin, words: tuple[str, ...]) -> None:
    assert wheelpin(*words, "-h").out == wheelpin(*words, "--help").out


@pytest.mark.parametrize("words", [words for words in COMMANDS if len(words) < 2], ids=" ".join)
def test_commands_of_a_group_have_whole_sentences_beside_their_names(
    wheelpin: Wheelpin, words: tuple[str, ...]
) -> None:
    assert "..." not in wheelpin(*words, "--help").out.partition("Commands:")[2]


@pytest.mark.parametrize("words", [(), ("target",), ("cache",)], ids=["wheelpin", "target", "cache"])
def test_a_group_alone_shows_its_help(wheelpin: Wheelpin, words: tuple[str, ...]) -> None:
    said = wheelpin(*words)
    assert said.code == 2
    assert said.err == wheelpin(*words, "--help").out
    assert said.out == ""


def test_version_is_one_line(wheelpin: Wheelpin) -> None:
    said = wheelpin("--version")
    assert said.code == 0
    assert said.out.splitlines() == [said.out.strip()]
    assert said.out.startswith("wheelpin ")


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        pytest.param(("lokc",), "No such command 'lokc'", "see wheelpin --help", id="a command that is none"),
        pytest.param(("lock", "--targte", "x"), "No such option", "see wheelpin lock --help", id="an unknown option"),
        pytest.param(
            ("lock", "-e", "."),
            "No such option '-e'",
            "a lock has wheels: `wheelpin lock .` pins one that is built of the folder",
            id="pip's -e",
        ),
        pytest.param(
            ("lock", "--platform", "x"),
            "No such option",
            "--target says where the wheels run, for example --target cp312-manylinux_2_28_x86_64",
            id="pip's --platform",
        ),
        pytest.param(
            ("vendor", "--platform", "x"), "No such option", "see wheelpin vendor --help", id="the same elsewhere"
        ),
        pytest.param(("lock", "--target"), "requires an argument", "see wheelpin --help", id="no value"),
        pytest.param(("explain",), "Missing argument 'REQUIREMENT'", "see wheelpin explain --help", id="no argument"),
        pytest.param(("explain", "a", "b"), "unexpected extra argument (b)", "see wheelpin explain --help", id="two"),
        pytest.param(
            ("lock", "a", "--format", "yaml"),
            "'yaml' is not one of 'requirements', 'hashes'",
            "see wheelpin lock --help",
            id="a form that is none",
        ),
        pytest.param(
            ("lock", "a", "--marker", "platform_release"),
            "'platform_release' is not VARIABLE=VALUE, as in platform_release=5.10",
            "see wheelpin lock --help",
            id="a marker without a value",
        ),
        pytest.param(
            ("lock", "a", "--project-index", "torch"),
            "'torch' is not NAME=URL",
            "see wheelpin lock --help",
            id="a project's index without an address",
        ),
        pytest.param(("lock",), "nothing to lock: name requirements", "see wheelpin lock --help", id="nothing asked"),
        pytest.param(
            ("lock", "a", "-t", "cp312-win32", "-t", "cp311-win32", "-o", "x.txt"),
            "-o names one file, and there are several targets: use --output-dir",
            "see wheelpin lock --help",
            id="one file for two locks",
        ),
        pytest.param(
            ("lock", "a", "-t", "cp312-win32", "-o", "-", "--json"),
            "-o - and --json both want standard output",
            "see wheelpin lock --help",
            id="two texts for standard output",
        ),
        pytest.param(
            ("target", "show"), "Missing argument 'TARGET'", "see wheelpin target show --help", id="of a group"
        ),
        pytest.param(
            ("target", "show", "cp312-win32", "-t", "x"),
            "No such option",
            "see wheelpin target show --help",
            id="target show takes its target without an option",
        ),
    ],
)
def test_wrong_command_line_is_an_error_of_input(
    wheelpin: Wheelpin, words: tuple[str, ...], error: str, hint: str
) -> None:
    said = wheelpin(*words)
    assert said.code == 2
    (line,) = said.errors
    assert error in line
    assert said.hints == [hint]
    assert said.out == ""


def test_words_of_other_tools_are_none_of_wheelpins(wheelpin: Wheelpin) -> None:
    own = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", wheelpin("lock", "--help").out))
    assert own & MEANT.keys() == set()
    named = {word for hint in MEANT.values() for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", hint)}
    assert named - own - {"--no-binary"} == set()
