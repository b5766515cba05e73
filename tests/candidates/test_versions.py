"""The order of versions without `Version`, held against that of `Version`."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from wheelpin.candidates.versions import order_of, order_of_text, parse_version

numbers = st.integers(0, 12).map(str)
releases = st.lists(st.one_of(numbers, st.just("0")), min_size=1, max_size=4).map(".".join)
locals_ = st.lists(st.one_of(numbers, st.sampled_from(["cu", "abc", "1a"])), min_size=1, max_size=3).map(".".join)
texts = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "", "", "0!", "1!", "v"]),
        releases,
        st.one_of(st.just(""), st.builds("{}{}".format, st.sampled_from(["a", "b", "rc", ".ALPHA", "-c"]), numbers)),
        st.one_of(st.just(""), numbers.map(".post{}".format)),
        st.one_of(st.just(""), numbers.map(".dev{}".format)),
        st.one_of(st.just(""), locals_.map("+{}".format)),
    ),
)


@settings(max_examples=1000, deadline=None)
@given(texts, texts)
def test_it_is_the_order_of_pep_440(one: str, other: str) -> None:
    first, second = order_of_text(one), order_of_text(other)
    assert first is not None
    assert second is not None
    assert (first < second) is (Version(one) < Version(other))
    assert (first == second) is (Version(one) == Version(other))
    assert order_of(Version(one)) == first


@pytest.mark.parametrize("text", ["", "1.", "1..2", "x", "1_0x", "9" * 5000, "1." + "9" * 5000])
def test_what_is_no_version_has_no_place(text: str) -> None:
    assert order_of_text(text) is None


def test_a_plain_version_is_not_made_for_its_place() -> None:
    parse_version.cache_clear()
    assert order_of_text("1.20.0") == order_of_text("01.20")
    assert parse_version.cache_info().misses == 0
    assert order_of_text("1.20rc1") is not None
    assert parse_version.cache_info().misses == 1
