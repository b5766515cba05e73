"""What is left unread for want of an extra would have been read without an error, and would ask for nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.requirements import Requirement

from wheelpin.requirements import extra_behind
from wheelpin.requirements.pep508 import parse_pep508
from wheelpin.target import Target

TARGETS = tuple(map(Target.parse, ("cp312-manylinux_2_28_x86_64", "cp36-win_amd64", "pp310-macosx_11_0_arm64")))


@pytest.mark.parametrize(
    ("text", "extra"),
    [
        pytest.param('lib; extra == "Dev"', "dev", id="alone"),
        pytest.param("lib>=1.0 ; extra == 'dev_tools'", "dev-tools", id="a blank before the semicolon"),
        pytest.param("lib (>=1.0,<2) ; extra=='dev'", "dev", id="parentheses"),
        pytest.param(
            "lib[a, b]~=1.2,!=1.3.*; python_version < '3.9' and extra == 'dev'", "dev", id="a condition before"
        ),
        pytest.param("lib; extra == 'dev' and python_version < '3.9'", "dev", id="a condition behind"),
        pytest.param(
            "lib; (os_name == 'nt' or sys_platform not in 'linux') and extra == 'dev'", "dev", id="brackets around or"
        ),
        pytest.param("lib", None, id="no marker"),
        pytest.param("lib; os_name == 'nt'", None, id="another marker"),
        pytest.param("extra; os_name == 'nt'", None, id="a project of that name"),
        pytest.param("lib; os_name == 'nt' or extra == 'dev'", None, id="or"),
        pytest.param("lib; extra == 'dev' or os_name == 'nt'", None, id="or behind"),
        pytest.param("lib; os_name == 'nt' or os_name == 'posix' and extra == 'dev'", None, id="or without brackets"),
        pytest.param("lib; extra == 'dev' and os_name == 'nt' or os_name == 'posix'", None, id="or at the end"),
        pytest.param("lib; extra != 'dev'", None, id="not that extra"),
        pytest.param("lib; extra == ''", None, id="no extra"),
        pytest.param("lib; extra in 'dev'", None, id="part of a text"),
        pytest.param("lib; extra == 'a' and extra == 'b'", None, id="two extras"),
        pytest.param("lib; platform_release > '5' and extra == 'dev'", None, id="what a target does not know"),
        pytest.param("lib==1.0a1.*; extra == 'dev'", None, id="no specifier"),
        pytest.param("lib>=1.*; extra == 'dev'", None, id="a specifier to repair"),
        pytest.param("lib~=1; extra == 'dev'", None, id="too short a specifier"),
        pytest.param("lib @ https://files.example/lib-1-py3-none-any.whl ; extra == 'dev'", None, id="an address"),
        pytest.param("lib; extra == 'dev' # why", None, id="something behind"),
        pytest.param(f"lib; extra == '{'d' * 600}'", None, id="endless"),
    ],
)
def test_extra_behind(text: str, extra: str | None) -> None:
    assert extra_behind(text) == extra


versions = st.sampled_from(["1", "1.0", "2.0a1", "1.0.post1", "1.0.dev3", "1.*", "1.0a1.*", "x", "1.0.*"])
clauses = st.builds("{}{}".format, st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "~=", "=== "]), versions)
comparisons = st.builds(
    "{}{}'{}'".format,
    st.sampled_from(["os_name", "python_version", "python_full_version", "platform_release", "sys_platform"]),
    st.sampled_from([" == ", " != ", "<", ">=", " in ", " not in ", " ~= "]),
    st.sampled_from(["nt", "posix", "3.9", "3.12.1", "linux", ""]),
)
extras = st.builds("extra{}'{}'".format, st.sampled_from(["==", " == ", " != "]), st.sampled_from(["dev", "Doc_s"]))
markers = st.recursive(
    st.one_of(comparisons, extras),
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(["and", "or"]), inner), inner.map("({})".format)
    ),
    max_leaves=4,
)
lines = st.builds(
    "lib{}{}; {}".format, st.sampled_from(["", "[a]", " "]), st.lists(clauses, max_size=2).map(",".join), markers
)


@settings(max_examples=600, deadline=None)
@given(lines)
def test_a_line_with_an_extra_behind_it_is_right_and_false_without(text: str) -> None:
    extra = extra_behind(text)
    if extra is None:
        return
    assert str(parse_pep508(text).marker) == str(Requirement(text).marker)
    for target in TARGETS:
        for wanted in ([], ["", "other"], [""]):
            assert not target.applies(Marker(text.partition(";")[2]), wanted).holds
