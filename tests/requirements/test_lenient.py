from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheelpin.requirements import RequirementSyntaxError, parse_metadata_requirement, parse_requires_python
from wheelpin.values import Origin

FLASK = Origin("flask 0.1")


@pytest.mark.parametrize(
    ("text", "repaired", "read"),
    [
        pytest.param("x (>=4.0.*)", "x (>=4.0)", "x>=4.0", id="a wildcard after at-least adds nothing"),
        pytest.param("x<3.*", "x<3", "x<3", id="a wildcard after less-than adds nothing"),
        pytest.param("x!=3.0*", "x!=3.0.*", "x!=3.0.*", id="the dot before a wildcard is missing"),
        pytest.param("x>=9.0.0a1.0", "x>=9.0.0a1", "x>=9.0.0a1", id="zeros after a pre-release"),
        pytest.param("x>='2.7'", "x>=2.7", "x>=2.7", id="quotes around a version"),
        pytest.param('"x>=2.7"', "x>=2.7", "x>=2.7", id="quotes around everything"),
        pytest.param("x>=1.0<2", "x>=1.0,<2", "x<2,>=1.0", id="no comma"),
        pytest.param("x (>=1.0 !=1.5 <2)", "x (>=1.0,!=1.5,<2)", "x!=1.5,<2,>=1.0", id="blanks for commas"),
        pytest.param("x (!=~5.0,>=4.12)", "x (!=5.0.*,>=4.12)", "x!=5.0.*,>=4.12", id="not-compatible"),
        pytest.param(
            "x>=4.* ; python_version == '2.7'",
            "x>=4 ; python_version == '2.7'",
            'x>=4; python_version == "2.7"',
            id="the marker keeps its quotes",
        ),
    ],
)
def test_a_mistake_with_one_meaning_is_repaired_and_reported(text: str, repaired: str, read: str) -> None:
    requirement, fix = parse_metadata_requirement(text, FLASK)
    assert (str(requirement), fix, requirement.origin) == (read, repaired, FLASK)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x (>=3.6,)", id="trailing comma"),
        pytest.param('x ; extra == "A_b"', id="extra"),
        pytest.param("x @ git+https://git.example/x", id="address of a checkout: its marker may not hold"),
        pytest.param("x; python_version in '3.6, 3.7'", id="versions in a string"),
        pytest.param("x; platform_release >= '5.10-linuxkit'", id="a release that is no version"),
    ],
)
def test_what_the_standard_allows_is_not_repaired(text: str) -> None:
    assert parse_metadata_requirement(text, FLASK)[1] is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x>4.0.*", id="more than any, or more than the first"),
        pytest.param("x<=4.*", id="up to the first, or up to the last"),
        pytest.param("x>=2004d", id="legacy version"),
        pytest.param("x==latest", id="a word"),
        pytest.param("x 1.0", id="no operator"),
        pytest.param("", id="nothing"),
        pytest.param("./x-1.0-py3-none-any.whl", id="a path, which only users can write"),
        pytest.param("pip==1.3.1[cp36]", id="tags, which only users can write"),
    ],
)
def test_what_could_mean_two_things_stays_an_error_with_the_text_as_written(text: str) -> None:
    with pytest.raises(RequirementSyntaxError) as caught:
        parse_metadata_requirement(text, FLASK)
    assert (caught.value.text, caught.value.origin) == (text, FLASK)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param(">=3.6", ">=3.6", id="the usual"),
        pytest.param("", "", id="nothing asks for nothing"),
        pytest.param(">=3.6,", ">=3.6", id="trailing comma"),
        pytest.param(">=3.6.*", ">=3.6", id="wildcard after at-least"),
        pytest.param(">=2.7 !=3.0*", "!=3.0.*,>=2.7", id="two mistakes"),
        pytest.param('">=3.6"', ">=3.6", id="quotes"),
    ],
)
def test_requires_python_is_repaired_alike(text: str, read: str) -> None:
    assert str(parse_requires_python(text)) == read


@pytest.mark.parametrize("text", ["3.6", "*", ">3.5.*", ">=three", f">={'9' * 2000}"], ids=lambda text: text[:8])
def test_requires_python_without_one_meaning_is_an_error(text: str) -> None:
    with pytest.raises(RequirementSyntaxError, match=r"^Requires-Python: "):
        parse_requires_python(text)


@given(st.text("x><=!~.,*'\"() 013ab;", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(RequirementSyntaxError):
        assert str(parse_metadata_requirement(text, FLASK)[0])
    with suppress(RequirementSyntaxError):
        assert parse_requires_python(text) == parse_requires_python(text)
