import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheelpin.errors import InputError
from wheelpin.requirements import UnsupportedRequirementError
from wheelpin.requirements.logical_lines import Directive, DirectiveSyntaxError, iter_logical_lines, read_directive
from wheelpin.requirements.pip_file import (
    IgnoredOption,
    IncludeLine,
    OptionSyntaxError,
    RequirementLine,
    Setting,
    SettingLine,
    Statement,
    iter_statements,
)
from wheelpin.values import Origin, Sha256

A, B = Sha256("a" * 64), Sha256("b" * 64)
FIRST = Origin("r.in", 1)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("# one\n\nx\n  # two\ny # three\n", [(3, "x"), (5, "y")], id="comments and empty lines"),
        pytest.param("x@https://h/y#egg=x\n", [(1, "x@https://h/y#egg=x")], id="no blank before it, no comment"),
        pytest.param(
            "x \\\n  >=1 \\\n  ,<2\ny", [(1, "x   >=1   ,<2"), (4, "y")], id="joined lines count as the first"
        ),
        pytest.param("x \\\n# why\ny", [(1, "x"), (3, "y")], id="a comment ends a joined line"),
        pytest.param("# c \\\nx", [(2, "x")], id="a comment is not joined"),
        pytest.param("x \\", [(1, "x")], id="the end of the text ends a joined line"),
        pytest.param("x\r\ny\r\n", [(1, "x"), (2, "y")], id="line ends of Windows"),
        pytest.param("x==${V}${V_2}", [(1, "x==1.0two")], id="variables are filled in"),
        pytest.param(
            "${v}$V${UNSET}${EMPTY}", [(1, "${v}$V${UNSET}${EMPTY}")], id="only set ones in capitals and braces"
        ),
        pytest.param("${HASH}", [(1, "a #b")], id="a value may look like a comment"),
        pytest.param("${NESTED}", [(1, "${V}")], id="a value is not filled in again"),
    ],
)
def test_lines_are_joined_stripped_and_filled(text: str, lines: list[tuple[int, str]]) -> None:
    environ = {"V": "1.0", "V_2": "two", "v": "small", "EMPTY": "", "HASH": "a #b", "NESTED": "${V}"}
    assert list(iter_logical_lines(text, environ)) == lines


def setting(option: Setting, value: str = "") -> SettingLine:
    return SettingLine(setting=option, value=value, origin=FIRST)


def include(location: str, *, is_constraint: bool = False) -> IncludeLine:
    return IncludeLine(location=location, is_constraint=is_constraint, origin=FIRST)


def line(text: str, *hashes: Sha256) -> RequirementLine:
    return RequirementLine(text=text, hashes=frozenset(hashes), origin=FIRST)


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        pytest.param("-r a.txt", [include("a.txt")], id="short option"),
        pytest.param("-ra.txt", [include("a.txt")], id="short option without a blank"),
        pytest.param("--requirement=a.txt", [include("a.txt")], id="long option"),
        pytest.param("--requirement a.txt", [include("a.txt")], id="long option with a blank"),
        pytest.param("--requirem a.txt", [include("a.txt")], id="long option cut short"),
        pytest.param("-r 'my file.txt'", [include("my file.txt")], id="quotes as in a shell"),
        pytest.param("-c a.txt", [include("a.txt", is_constraint=True)], id="constraints"),
        pytest.param("-i https://index.example/", [setting(Setting.INDEX_URL, "https://index.example/")], id="index"),
        pytest.param("--pypi-url x", [setting(Setting.INDEX_URL, "x")], id="index by its old name"),
        pytest.param("--extra-index-url=x", [setting(Setting.EXTRA_INDEX_URL, "x")], id="further index"),
        pytest.param("-f x", [setting(Setting.FIND_LINKS, "x")], id="find-links"),
        pytest.param("--trusted-host h", [setting(Setting.TRUSTED_HOST, "h")], id="trusted host"),
        pytest.param("--only-binary=:all:", [setting(Setting.ONLY_BINARY, ":all:")], id="only binary"),
        pytest.param("--no-binary a,b", [setting(Setting.NO_BINARY, "a,b")], id="no binary"),
        pytest.param(
            "--no-index --pre -f x --require-hashes",
            [
                setting(Setting.NO_INDEX),
                setting(Setting.PRE),
                setting(Setting.FIND_LINKS, "x"),
                setting(Setting.REQUIRE_HASHES),
            ],
            id="several options",
        ),
        pytest.param("--prefer-binary", [], id="what wheelpin does anyway"),
        pytest.param(
            "--use-feature x", [IgnoredOption(option="--use-feature", origin=FIRST)], id="what changes nothing here"
        ),
        pytest.param('x ; os_name == "a b"', [line('x ; os_name == "a b"')], id="a marker keeps its quotes"),
        pytest.param(f"x==1 --hash=sha256:{A} --hash sha256:{'B' * 64}", [line("x==1", A, B)], id="hashes"),
        pytest.param(f"x==1\t--hash=sha256:{A}", [line("x==1", A)], id="a tab before an option"),
        pytest.param(
            "x==1 --config-settings=a=b --pre",
            [
                line("x==1"),
                IgnoredOption(option="--config-settings", origin=FIRST),
                IgnoredOption(option="--pre", origin=FIRST),
            ],
            id="options that one requirement cannot have",
        ),
        pytest.param(
            "x --no-binary=x", [line("x"), setting(Setting.NO_BINARY, "x")], id="binary choices count anywhere"
        ),
        pytest.param(
            f"--hash=sha256:{A}", [IgnoredOption(option="--hash", origin=FIRST)], id="a hash without a requirement"
        ),
        pytest.param("x-y", [line("x-y")], id="a hyphen within a name"),
    ],
)
def test_a_line_says(text: str, statements: list[Statement]) -> None:
    assert list(iter_statements(text, "r.in", {})) == statements


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("--frobnicate", "--frobnicate not recognized", id="unknown option"),
        pytest.param("-x", "-x not recognized", id="unknown short option"),
        pytest.param("-r", "-r requires argument", id="nothing to read"),
        pytest.param("--no-index=1", "must not have an argument", id="a flag with a value"),
        pytest.param("--no", "not a unique prefix", id="cut too short"),
        pytest.param("-r a b", "'b' belongs to no option", id="two files after one option"),
        pytest.param("-r 'a", "No closing quotation", id="open quotes"),
        pytest.param(f"x --hash=md5:{'a' * 32}", "--hash takes sha256", id="a weak hash"),
        pytest.param(f"x --hash=sha512:{'a' * 128}", "--hash takes sha256", id="a hash that no lock has"),
        pytest.param("x --hash=sha256:abc", "64 hexadecimal digits", id="a short hash"),
    ],
)
def test_a_line_that_is_not_understood_is_named(text: str, reason: str) -> None:
    with pytest.raises(OptionSyntaxError, match=re.escape(reason)) as caught:
        list(iter_statements(f"# first\n{text}", "r.in", {}))
    assert str(caught.value).startswith("r.in, line 2: ")


def test_an_editable_project_is_refused_with_its_line() -> None:
    with pytest.raises(UnsupportedRequirementError, match=r"^r\.in, line 1: '-e \.' is an editable project"):
        list(iter_statements("-e .", "r.in", {}))


def test_a_secret_from_the_environment_stays_out_of_errors() -> None:
    with pytest.raises(OptionSyntaxError) as caught:
        list(iter_statements("-i https://u:${TOKEN}@index.example/ --frobnicate", "r.in", {"TOKEN": "hunter2"}))
    assert "hunter2" not in f"{caught.value} {caught.value!r}"


@given(st.text() | st.lists(st.sampled_from([*"-\\#'\"\n =${}", "x", "--hash", "-r", "--pre"])).map("".join))
def test_any_text_is_statements_or_an_input_error(text: str) -> None:
    with suppress(InputError):
        assert all(statement.origin.line for statement in iter_statements(text, "r.in", {}))


@pytest.mark.parametrize(
    ("text", "directive"),
    [
        pytest.param(
            "\n# Wheels.\n# wheelpin: target=cp36-manylinux1_x86_64 python-full-version=3.6.15\nx\n",
            Directive(target="cp36-manylinux1_x86_64", python_full_version="3.6.15", origin=Origin("r.in", 3)),
            id="among the first comments",
        ),
        pytest.param("#wheelpin:target=a", Directive(target="a", origin=FIRST), id="without blanks"),
        pytest.param("x\n# wheelpin: target=a", None, id="not after the first requirement"),
        pytest.param("# made by wheelpin: read the manual", None, id="not within a sentence"),
        pytest.param("x", None, id="not at all"),
    ],
)
def test_a_directive_stands_at_the_top(text: str, directive: Directive | None) -> None:
    assert read_directive(text, "r.in") == directive


@pytest.mark.parametrize("words", ["target", "target=", "targets=a", "target=a target=b", "a"])
def test_a_directive_of_other_words_is_an_error(words: str) -> None:
    with pytest.raises(DirectiveSyntaxError, match=r"^r\.in, line 1: ") as caught:
        read_directive(f"# wheelpin: {words}", "r.in")
    assert caught.value.hint
