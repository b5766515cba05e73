"""The offline check says of a lock what locking again would show: the same bytes, or others, or no answer at all."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from tests.checks.worlds import FILENAMES, PROJECTS, Asked, checked, locked, relocked, url_of
from tests.lock.examples import ORIGIN
from wheelpin.errors import WheelpinError
from wheelpin.locks import LockFormat
from wheelpin.requirements import IndexOptions, parse_requirement
from wheelpin.target import Target

projects = st.sampled_from(PROJECTS)
extras = st.sampled_from(["", "", "", "[x]", "[y]", "[x,y]"])
specifiers = st.sampled_from(["", "", "", ">=1", "<2", "==1.0", "==1.5", ">=1.5,<2", ">=2", "!=1.0", ">=2.0rc1"])
markers = st.sampled_from(["", "", "", "; sys_platform == 'win32'", "; python_version > '3'"])
sources = st.sampled_from(["a.in", "a.in", "b.in"])
files = st.sampled_from([name for names in FILENAMES.values() for name in names])


@st.composite
def texts(draw: st.DrawFn) -> str:
    project = draw(projects)
    if draw(st.integers(0, 9)) == 0:
        filename = draw(files)
        return f"{filename.partition('-')[0]} @ {url_of(filename)} {draw(markers)}".rstrip()
    return f"{project}{draw(extras)}{draw(specifiers)}{draw(markers)}"


limits = st.builds(lambda project, specifier, marker: f"{project}{specifier}{marker}", projects, specifiers, markers)
hashes = st.dictionaries(projects, st.frozensets(files, min_size=1), max_size=1).map(
    lambda found: tuple(sorted(found.items()))
)
requirement_lines = st.lists(st.tuples(sources, texts()), min_size=1, max_size=4).map(tuple)
PARTS: dict[str, st.SearchStrategy[object]] = {
    "requirements": requirement_lines,
    "constraints": st.lists(limits, max_size=2).map(tuple),
    "overrides": st.lists(texts(), max_size=1).map(tuple),
    "hashes": hashes,
    "no_binary": st.frozensets(projects, max_size=1),
    "exclude_newer": st.sampled_from([None, None, datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)]),
    "prereleases": st.booleans(),
    "target": st.sampled_from(
        [
            *[Target.parse("cp312-manylinux_2_28_x86_64")] * 4,
            Target.parse("cp312-manylinux_2_28_x86_64", python_full_version="3.12.1"),
            Target.parse("cp312-manylinux_2_28_x86_64", marker_values={"platform_release": "5.10"}),
            Target.parse("cp311-manylinux_2_28_x86_64"),
        ]
    ),
    "options": st.sampled_from([IndexOptions(), IndexOptions(), IndexOptions(find_links=("wheels",))]),
}
asked = st.builds(Asked, **PARTS)
forms = st.sampled_from(LockFormat)


@st.composite
def edits(draw: st.DrawFn) -> tuple[Asked, Asked]:
    """Return what was asked, and the same with an edit or two."""
    before = after = draw(asked)
    for part in draw(st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=2)):
        after = replace(after, **{part: draw(PARTS[part])})  # type: ignore[arg-type]
    if draw(st.booleans()):
        lines = list(before.requirements)
        place = draw(st.integers(0, len(lines) - 1))
        lines[place : place + draw(st.integers(0, 1))] = [(draw(sources), draw(texts()))]
        after = replace(before, requirements=tuple(lines))
    return before, after


def names_file_of_asked_project(said: Asked) -> bool:
    """Tell whether a project is asked for by an address and, elsewhere, without one."""
    read = [parse_requirement(text, ORIGIN) for _, text in said.requirements]
    direct = {each.name for each in read if each.url is not None}
    return any(each.url is None and each.name in direct for each in read)


@settings(max_examples=200, deadline=None)
@given(edits(), forms)
def test_check_is_green_if_and_only_if_the_same_would_be_written(pair: tuple[Asked, Asked], form: LockFormat) -> None:
    before, after = pair
    # The solver meets asks one by one: whether it learns of the address in time hangs on the order of the lines.
    assume(not names_file_of_asked_project(after))
    try:
        text = locked(before, form=form)
    except WheelpinError:
        assume(False)
        raise
    again = relocked(after, form=form, previous=text)
    try:
        findings = checked(text, after, form=form)
    except WheelpinError:  # inputs that cannot be settled, or a pylock.toml for another target
        assert again != text
        return
    event("the same" if again == text else "no answer" if again is None else "another")
    assert (not findings) is (again == text), (findings, again)


@settings(max_examples=50, deadline=None)
@given(asked, forms, st.randoms(use_true_random=False))
def test_order_and_repetition_of_lines_change_nothing(given_: Asked, form: LockFormat, random: object) -> None:
    try:
        text = locked(given_, form=form)
    except WheelpinError:
        assume(False)
        raise
    lines = [*given_.requirements, *given_.requirements]
    random.shuffle(lines)  # type: ignore[attr-defined]
    assert checked(text, replace(given_, requirements=tuple(lines)), form=form) == ()
