"""A file that is written reads back as what was meant."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheelpin.project import parse_own_file
from wheelpin.project.draft import Draft, DraftTarget, choose_requirements, draft_to_toml, targets_of
from wheelpin.project.functions import Function

CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"])
TEXTS = st.text(CHARACTERS, min_size=1, max_size=20).filter(lambda text: text.strip())
NAMES = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=10)
TARGETS = st.builds(DraftTarget, tags=TEXTS, requirements=st.none() | TEXTS)
DRAFTS = st.builds(
    Draft,
    requirements=st.none() | st.lists(TEXTS, max_size=3).map(tuple),
    targets=st.dictionaries(NAMES, TARGETS, max_size=4),
)


@given(DRAFTS)
def test_draft_reads_back_as_it_was_meant(draft: Draft) -> None:
    found = parse_own_file(draft_to_toml(draft), "wheelpin.toml")
    assert found.inputs.requirements == draft.requirements
    assert {target.name: target.tags for target in found.targets} == {
        name: target.tags for name, target in draft.targets.items()
    }
    for target in found.targets:
        own = draft.targets[target.name or ""].requirements
        assert target.inputs.requirements == (draft.requirements if own is None else (own,))


@given(st.lists(st.tuples(st.builds(Function, name=st.text(max_size=8), preset=NAMES), st.none() | TEXTS), max_size=6))
def test_every_function_has_its_target_under_a_name_that_reads_back(
    functions: list[tuple[Function, str | None]],
) -> None:
    targets = targets_of(functions)
    assert {(target.tags, target.requirements) for target in targets.values()} == {
        (function.preset, own) for function, own in functions
    }
    parse_own_file(draft_to_toml(Draft(requirements=(), targets=targets)), "wheelpin.toml")


@pytest.mark.parametrize(
    ("names", "has_dependencies", "chosen"),
    [
        pytest.param(["requirements.in", "requirements.txt"], True, ("requirements.in",), id="what people write"),
        pytest.param(["requirements.txt"], True, None, id="the project's own"),
        pytest.param(["requirements-dev.txt", "requirements.txt"], False, ("requirements.txt",), id="the main one"),
        pytest.param(["requirements-prod.txt"], False, ("requirements-prod.txt",), id="the only one"),
        pytest.param(["requirements-a.txt", "requirements-b.txt"], False, (), id="nobody knows which"),
        pytest.param([], False, (), id="none"),
    ],
)
def test_requirements_are_chosen(names: list[str], has_dependencies: bool, chosen: tuple[str, ...] | None) -> None:
    assert choose_requirements(names, has_dependencies=has_dependencies) == chosen
