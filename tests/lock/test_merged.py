"""What a merge left of a lock: both sides where all its marks are there, and the pins of both."""

import pytest

from tests.lock.examples import file, lock, pin
from wheelpin.locks.merged import joined, sides_of


@pytest.mark.parametrize(
    ("text", "ours", "theirs"),
    [
        pytest.param(
            "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\nd\n",
            ["a", "", "b", "", "", "", "d"],
            ["a", "", "", "", "c", "", "d"],
            id="two sides",
        ),
        pytest.param(
            "<<<<<<< HEAD\nb\n||||||| 123\nx\n=======\nc\n>>>>>>> other\n",
            ["", "b", "", "", "", "", ""],
            ["", "", "", "", "", "c", ""],
            id="and what they had before",
        ),
        pytest.param(
            "<<<<<<<\n=======\nc\n>>>>>>>\nd\n<<<<<<<\nb\n=======\n>>>>>>>\n",
            ["", "", "", "", "d", "", "b", "", ""],
            ["", "", "c", "", "d", "", "", "", ""],
            id="twice, one side empty",
        ),
    ],
)
def test_sides_keep_their_lines_where_they_stand(text: str, ours: list[str], theirs: list[str]) -> None:
    assert sides_of(text) == ("\n".join(ours), "\n".join(theirs))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\nb\n", id="no merge"),
        pytest.param("<<<<<<< HEAD\na\n=======\nb\n", id="no end"),
        pytest.param("a\n=======\nb\n>>>>>>> other\n", id="no beginning"),
        pytest.param("<<<<<<< HEAD\na\n>>>>>>> other\n", id="no middle"),
        pytest.param("<<<<<<<\n<<<<<<<\n=======\n>>>>>>>\n=======\n>>>>>>>\n", id="one in another"),
        pytest.param("<<<<<<<\n=======\n>>>>>>>\n<<<<<<<\n", id="a second without an end"),
    ],
)
def test_marks_that_are_not_whole_tell_no_sides(text: str) -> None:
    assert sides_of(text) is None


def test_pins_of_both_sides_count_and_ours_go_first() -> None:
    (a1, b1), (a2, c2) = (
        (pin(name, version, a_file=file(f"{name}-{version}-py3-none-any.whl")) for name in names)
        for names, version in (("ab", "1"), ("ac", "2"))
    )
    ours, theirs = lock(a1, b1), lock(a2, c2)
    assert joined(ours, theirs) == lock(a1, b1, c2)
    assert joined(ours, None) == ours
    assert joined(None, theirs) == theirs
    assert joined(None, None) is None
