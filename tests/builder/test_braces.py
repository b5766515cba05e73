import pytest

from wheelpin.builder import BracesError, expand_braces


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("cp39-win32", ("cp39-win32",), id="no braces"),
        pytest.param("cp3{9..11}-x", ("cp39-x", "cp310-x", "cp311-x"), id="a range"),
        pytest.param("cp3{11..9}-x", ("cp311-x", "cp310-x", "cp39-x"), id="a range downwards"),
        pytest.param("{cp39,cp310}-{a,b}", ("cp39-a", "cp39-b", "cp310-a", "cp310-b"), id="two lists"),
        pytest.param("cp3{6,8..9}m", ("cp36m", "cp38m", "cp39m"), id="a range in a list"),
        pytest.param("cp3{9,9}", ("cp39",), id="each once"),
    ],
)
def test_braces_stand_for_every_word_in_order(text: str, words: tuple[str, ...]) -> None:
    assert expand_braces(text) == words


@pytest.mark.parametrize("text", ["cp3{9..13", "cp3}", "{a{b}}", "{1..9999}"])
def test_braces_that_mean_nothing_or_too_much_are_refused(text: str) -> None:
    with pytest.raises(BracesError):
        expand_braces(text)
