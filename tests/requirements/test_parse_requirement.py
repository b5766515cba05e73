import re
from contextlib import suppress

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as PackagingRequirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.errors import InputError
from wheelpin.requirements import (
    Requirement,
    RequirementSyntaxError,
    UnsupportedRequirementError,
    parse_requirement,
)
from wheelpin.requirements.pep508 import Parsed, parse_pep508
from wheelpin.requirements.syntax import InvalidText
from wheelpin.values import Origin

LINE_3 = Origin("requirements.in", 3)
WHEEL = "https://files.example/x-1.0-py3-none-any.whl"
DIGEST = "0123456789abcdef" * 4


def wanted(
    name: str,
    specifier: str = "",
    *,
    extras: tuple[str, ...] = (),
    url: str | None = None,
    marker: str | None = None,
    tags: tuple[str, ...] = (),
) -> Requirement:
    return Requirement(
        name=NormalizedName(name),
        extras=frozenset(map(NormalizedName, extras)),
        specifier=SpecifierSet(specifier),
        url=url,
        marker=Marker(marker) if marker else None,
        tags=tags,
        origin=LINE_3,
    )


@pytest.mark.parametrize(
    ("text", "requirement"),
    [
        pytest.param("flask", wanted("flask"), id="a name alone takes any version"),
        pytest.param(" Zope.Interface_x ", wanted("zope-interface-x"), id="names are normalised"),
        pytest.param("flask>=1.0,<2", wanted("flask", ">=1.0,<2"), id="conditions are joined by commas"),
        pytest.param("flask (>=1.0)", wanted("flask", ">=1.0"), id="parentheses as in old metadata"),
        pytest.param("flask===1.0-x", wanted("flask", "===1.0-x"), id="arbitrary equality"),
        pytest.param("x==1!2.0+cpu.1", wanted("x", "==1!2.0+cpu.1"), id="epoch and local version"),
        pytest.param(
            "Requests[Socks, use_chardet_on_py3]>=2",
            wanted("requests", ">=2", extras=("socks", "use-chardet-on-py3")),
            id="extras are normalised (PEP 685)",
        ),
        pytest.param("requests[]", wanted("requests"), id="no extras in brackets"),
        pytest.param(
            "a; python_version < '3' and os_name == 'nt'",
            wanted("a", marker='python_version < "3" and os_name == "nt"'),
            id="a marker follows a semicolon",
        ),
        pytest.param(
            r"a; os_name == '\\'", wanted("a", marker=r"os_name == '\\'"), id="a marker's value may hold an escape"
        ),
    ],
)
def test_pep_508_is_read(text: str, requirement: Requirement) -> None:
    assert parse_requirement(text, LINE_3) == requirement


@pytest.mark.parametrize(
    ("text", "requirement"),
    [
        pytest.param(
            "pip==1.3.1[manylinux1,cp36,x86_64]",
            wanted("pip", "==1.3.1", tags=("manylinux1", "cp36", "x86_64")),
            id="brackets after the specifier hold tags",
        ),
        pytest.param("requests[socks]==2.0", wanted("requests", "==2.0", extras=("socks",)), id="before it, extras"),
        pytest.param(
            'requests[socks]==2.31[cp36, manylinux1 ,x86_64] ; python_version > "3"',
            wanted(
                "requests",
                "==2.31",
                extras=("socks",),
                tags=("cp36", "manylinux1", "x86_64"),
                marker='python_version > "3"',
            ),
            id="both, and a marker",
        ),
        pytest.param("pip[cp36]", wanted("pip", extras=("cp36",)), id="after a bare name always extras"),
        pytest.param("pip[][cp36]", wanted("pip", tags=("cp36",)), id="empty extras make room for tags"),
        pytest.param("pip (>=1,<2) [cp36]", wanted("pip", ">=1,<2", tags=("cp36",)), id="after parentheses"),
        pytest.param(
            "pip==1.*[cp36-manylinux_2_17_x86_64]",
            wanted("pip", "==1.*", tags=("cp36-manylinux_2_17_x86_64",)),
            id="a whole target is one tag",
        ),
    ],
)
def test_tags_follow_one_requirement(text: str, requirement: Requirement) -> None:
    assert parse_requirement(text, LINE_3) == requirement


@pytest.mark.parametrize(
    ("text", "requirement"),
    [
        pytest.param(
            f"x @ {WHEEL}#sha256={DIGEST}", wanted("x", url=f"{WHEEL}#sha256={DIGEST}"), id="named, with its hash"
        ),
        pytest.param(f"x@{WHEEL}", wanted("x", url=WHEEL), id="no blanks around the at sign"),
        pytest.param(
            f"x[a] @ {WHEEL} ; os_name == 'a'",
            wanted("x", extras=("a",), url=WHEEL, marker="os_name == 'a'"),
            id="named, with extras and marker",
        ),
        pytest.param(
            "x @ https://files.example/main.zip",
            wanted("x", url="https://files.example/main.zip"),
            id="a named archive needs no version in its name",
        ),
        pytest.param(
            f"x @ ./dist/x-1.0-py3-none-any.whl#sha256={DIGEST}",
            wanted("x", url=f"file:./dist/x-1.0-py3-none-any.whl#sha256={DIGEST}"),
            id="named, a path with its hash",
        ),
        pytest.param(
            f"./dist/x-1.0-py3-none-any.whl#sha256={DIGEST}",
            wanted("x", url=f"file:./dist/x-1.0-py3-none-any.whl#sha256={DIGEST}"),
            id="a path with its hash",
        ),
        pytest.param(
            "x @ ./dist/x-1.0-py3-none-any.whl",
            wanted("x", url="file:./dist/x-1.0-py3-none-any.whl"),
            id="a named path",
        ),
        pytest.param(WHEEL, wanted("x", url=WHEEL), id="a bare address tells the name by its file"),
        pytest.param(
            f"{WHEEL}; os_name == 'a'",
            wanted("x", url=WHEEL, marker="os_name == 'a'"),
            id="a bare address with a marker",
        ),
        pytest.param(
            "https://files.example/a;b/x-1.0.tar.gz",
            wanted("x", url="https://files.example/a;b/x-1.0.tar.gz"),
            id="a semicolon within an address",
        ),
        pytest.param(
            "https://files.example/main.zip#egg=X.y[a]",
            wanted("x-y", extras=("a",), url="https://files.example/main.zip#egg=X.y[a]"),
            id="egg names an archive that has no name",
        ),
        pytest.param(
            "https://files.example/x-1.0%2Bcpu-py3-none-any.whl",
            wanted("x", url="https://files.example/x-1.0%2Bcpu-py3-none-any.whl"),
            id="escapes in the address are undone for the name",
        ),
        pytest.param("file:///srv/x-1.0.zip", wanted("x", url="file:///srv/x-1.0.zip"), id="a file address"),
        pytest.param(
            "./dist/x-1.0-py3-none-any.whl[a,B];os_name == 'a'",
            wanted("x", extras=("a", "b"), url="file:./dist/x-1.0-py3-none-any.whl", marker="os_name == 'a'"),
            id="a path with extras and marker",
        ),
        pytest.param(
            "x-1.0-py3-none-any.whl", wanted("x", url="file:x-1.0-py3-none-any.whl"), id="a file in the working folder"
        ),
        pytest.param(
            "/srv/my wheels/x-1.0-py3-none-any.whl",
            wanted("x", url="file:///srv/my%20wheels/x-1.0-py3-none-any.whl"),
            id="an absolute path with a blank",
        ),
        pytest.param(
            r"dist\x-1.0-py3-none-any.whl",
            wanted("x", url="file:dist/x-1.0-py3-none-any.whl"),
            id="backslashes separate on every host",
        ),
        pytest.param(
            r"C:\dist\x-1.0-py3-none-any.whl",
            wanted("x", url="file:///C:/dist/x-1.0-py3-none-any.whl"),
            id="a drive is no scheme",
        ),
        pytest.param("x-1.0.tar.bz2", wanted("x", url="file:x-1.0.tar.bz2"), id="an sdist of an old format"),
    ],
)
def test_addresses_and_paths_name_one_file(text: str, requirement: Requirement) -> None:
    assert parse_requirement(text, LINE_3) == requirement


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        pytest.param("foo=1.0", "Expected semicolon", "write ==", id="one equals sign"),
        pytest.param("foo[a]=1.0", "Expected semicolon", "write ==", id="one equals sign after extras"),
        pytest.param("foo>1.0<2", "Expected comma", "put a comma", id="no comma"),
        pytest.param("foo (>=1 <2)", "RIGHT_PARENTHESIS", "put a comma", id="no comma in parentheses"),
        pytest.param("foo 1.0", "Expected semicolon", "write == before", id="no operator"),
        pytest.param("foo=>1", "Expected semicolon", "not =>", id="turned operator"),
        pytest.param("foo^1.0", "Expected semicolon", "^ is another tool's", id="caret"),
        pytest.param("foo~1.0", "Expected semicolon", "~ is another tool's", id="tilde"),
        pytest.param("foo==1 bar==2", "Expected comma", "one requirement a line", id="two on one line"),
        pytest.param("foo>=1.*", "suffix", "== and != only", id="wildcard with an order"),
        pytest.param("foo;python_version>3", "marker variable", "in quotes", id="unquoted value"),
        pytest.param("foo==${FOO_VERSION}", "Expected", "FOO_VERSION is not set", id="unset variable"),
        pytest.param("--pre", "Expected package name", "options belong", id="an option"),
        pytest.param("", "Expected package name", None, id="nothing"),
        pytest.param("foo_", "ends in a letter or a digit", None, id="a name that ends in an underscore"),
        pytest.param("foo==1[cp36,]", "'' in the brackets is no tag", None, id="an empty tag"),
        pytest.param("foo==1[cp 36]", "'cp 36' in the brackets is no tag", None, id="a blank in a tag"),
        pytest.param(f"y @ {WHEEL}", "a file of x", None, id="another project's wheel"),
        pytest.param("https://[", "the address is broken", None, id="a broken address"),
        pytest.param("https://files.example/a b-1.0.zip", "a blank in the address", None, id="a blank in an address"),
        pytest.param("./simple-0.1_1-py2-none-any.whl", "no valid name of a wheel", None, id="an invalid wheel name"),
        pytest.param(f"x @ {WHEEL}#sha256=abc", "64 hexadecimal digits", None, id="a hash that is too short"),
        pytest.param(f"foo=={'9' * 2000}", "more digits", None, id="a number without end"),
        pytest.param(f"foo; {'(' * 5000}os_name", "longer than", None, id="a text without end"),
        pytest.param(f"foo; {'(' * 3000}os_name", "nested too deeply", None, id="a marker without end"),
        pytest.param(r"foo; os_name == 'a\x27\x22'", "cannot be spelled", None, id="a marker that has no spelling"),
    ],
)
def test_what_is_no_requirement_is_told_with_place_reason_and_hint(text: str, reason: str, hint: str | None) -> None:
    with pytest.raises(RequirementSyntaxError, match=re.escape(reason)) as caught:
        parse_requirement(text, LINE_3)
    assert str(caught.value).startswith("requirements.in, line 3: ")
    assert "\n" not in str(caught.value)
    assert (caught.value.hint is None) if hint is None else (hint in (caught.value.hint or ""))


def test_the_position_of_a_mistake_is_kept() -> None:
    with pytest.raises(RequirementSyntaxError) as caught:
        parse_requirement("flask>=1.0 <2", LINE_3)
    assert caught.value.position == 11


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("-e .", "is an editable project", id="editable"),
        pytest.param("--editable=git+https://git.example/x", "is an editable project", id="editable, long"),
        pytest.param("git+https://git.example/x@v1#egg=x", "is a checkout", id="bare checkout"),
        pytest.param("x @ git+ssh://git@git.example/x", "is a checkout", id="named checkout"),
        pytest.param("git://git.example/x", "is a checkout", id="git's own protocol"),
        pytest.param("x @ ftp://files.example/x-1.0.zip", "has a ftp: address", id="another protocol"),
        pytest.param(".", "does not tell which project", id="this folder"),
        pytest.param("./project[extra]", "does not tell which project", id="a folder with extras"),
        pytest.param("https://files.example/main.zip", "does not tell which project", id="an archive without a name"),
        pytest.param("requirements.txt", "looks like a file", id="a file that is not announced by -r"),
    ],
)
def test_what_wheelpin_does_not_take_is_said_to_be_so(text: str, reason: str) -> None:
    with pytest.raises(UnsupportedRequirementError, match=reason) as caught:
        parse_requirement(text, LINE_3)
    assert str(caught.value).startswith("requirements.in, line 3: ")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x @ git+https://user:hunter2@git.example/x", id="checkout"),
        pytest.param("https://user:hunter2@files.example/x", id="no file"),
        pytest.param("https://files.example/main.zip?signature=hunter2", id="no name, signed"),
        pytest.param("x @ https://user:hunter2@files.example/y-1.0-py3-none-any.whl", id="another project"),
        pytest.param("x @ https://user:hunter2@[files.example/x-1.0-py3-none-any.whl", id="broken"),
        pytest.param("x == https://user:hunter2@files.example/x-1.0-py3-none-any.whl", id="no syntax"),
    ],
)
def test_no_error_shows_a_secret(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_requirement(text, LINE_3)
    shown = f"{caught.value!s} {caught.value!r} {getattr(caught.value, 'hint', '')}"
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        pytest.param("B[z,a]<2,>=1;os_name=='a'", 'b[a,z]<2,>=1; os_name == "a"', id="extras sorted, blanks as usual"),
        pytest.param(f"x@{WHEEL} ;os_name=='a'", f'x @ {WHEEL} ; os_name == "a"', id="a blank after an address"),
        pytest.param(
            "x @ https://u:p@files.example/x-1.0.zip?s=1#sha256=" + DIGEST,
            "x @ https://files.example/x-1.0.zip",
            id="no secrets",
        ),
        pytest.param("pip==1[cp36]", "pip==1", id="no tags"),
    ],
)
def test_a_requirement_prints_as_pep_508_has_it(text: str, spelled: str) -> None:
    assert str(parse_requirement(text, LINE_3)) == spelled


names = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).map(canonicalize_name)
versions = st.from_regex(r"([1-9]!)?[1-9]?[0-9](\.[0-9]){0,3}(rc1|\.post2|\.dev3)?", fullmatch=True)
clauses = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["==", "!=", ">=", "<=", "<", ">"]), versions),
    st.builds("{}{}.*".format, st.sampled_from(["==", "!="]), st.from_regex(r"[1-9](\.[0-9]){0,2}", fullmatch=True)),
    st.from_regex(r"~=[1-9](\.[0-9]){1,2}", fullmatch=True),
)
comparisons = st.builds(
    '{} {} "{}"'.format,
    st.sampled_from(["python_version", "sys_platform", "platform_release", "extra"]),
    st.sampled_from(["==", "!=", "in", "not in"]),
    st.from_regex(r"[a-z0-9.]{1,5}", fullmatch=True),
)
markers = st.recursive(
    comparisons,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=4,
).map(Marker)


@st.composite
def requirements(draw: st.DrawFn) -> Requirement:
    name = draw(names)
    by_address = draw(st.booleans())
    address = f"https://files.example/{draw(st.sampled_from(['a/', 'a;b/', '']))}{name.replace('-', '_')}-1.0.tar.gz"
    return Requirement(
        name=name,
        extras=frozenset(draw(st.lists(names, max_size=3))),
        specifier=SpecifierSet("" if by_address else ",".join(draw(st.lists(clauses, max_size=3)))),
        url=address if by_address else None,
        marker=draw(st.none() | markers),
        origin=LINE_3,
    )


@given(requirements())
def test_parsing_undoes_printing(requirement: Requirement) -> None:
    assert parse_requirement(str(requirement), LINE_3) == requirement


pieces = st.sampled_from(
    [
        *"[]()<>=!~;,@#. -_\\/'\"$\t\x00",
        "==",
        ">=",
        " @ ",
        "; ",
        "1.0",
        "x",
        ".whl",
        "extra",
        "python_version",
        "file:",
        "https://",
        "-e ",
    ]
)
noise = st.one_of(st.text(), st.lists(pieces | st.text(max_size=3)).map("".join))


@given(noise)
@example('x ; extra == "\\"')
@example("x @ file:[")
def test_any_text_is_a_requirement_or_an_input_error(text: str) -> None:
    with suppress(InputError):
        assert str(parse_requirement(text, LINE_3))


spelled = st.one_of(
    requirements().map(str),
    st.builds("{} [{}] ({}) ;{}".format, names, names, clauses, markers),
    st.lists(pieces).map(lambda found: "x" + "".join(found)),
)


@given(spelled)
def test_the_short_way_agrees_with_packaging(text: str) -> None:
    try:
        expected = PackagingRequirement(text)
    except InvalidRequirement:
        with pytest.raises(InvalidText):
            parse_pep508(text)
        return
    assume(expected.name[-1].isalnum())
    assert parse_pep508(text) == Parsed(
        name=canonicalize_name(expected.name),
        extras=frozenset(map(canonicalize_name, expected.extras)),
        specifier=expected.specifier,
        url=expected.url,
        marker=expected.marker,
    )
