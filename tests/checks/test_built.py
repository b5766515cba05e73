"""Wheels of one's own making in locks: checked without building anything."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from packaging.utils import NormalizedName

from tests.lock.examples import ORIGIN
from tests.workflows.test_built import Pretending, built_by
from tests.workflows.test_lock import LINUX, job, metadata
from wheelpin.candidates.rules import Rules
from wheelpin.locks import LockFormat, parse_lock, to_text
from wheelpin.orders.lock_check import LockAtHand, check_lock
from wheelpin.values import Sha256
from wheelpin.workflows import LockJob

OLD = NormalizedName("old")


@pytest.fixture
def builder(tmp_path: Path) -> Pretending:
    said = {"old-2.0.tar.gz": metadata("old", "2.0", "leaf")}
    return Pretending(wheelhouse=tmp_path / "wheelhouse", said=dict(said))


def found(before: LockJob, after: LockJob, builder: Pretending, digest: Sha256 | None = None) -> list[str]:
    text = to_text(built_by(builder, replace(before, builder=builder)).lock, LockFormat.REQUIREMENTS)
    at_hand = LockAtHand(lock=parse_lock(text, ORIGIN), text=text, form=LockFormat.REQUIREMENTS)
    return [finding.message for finding in check_lock(at_hand, after, LINUX, lambda _: digest)]


@pytest.mark.parametrize("url", [None, "https://wheels.example/team/"], ids=["by its path", "by its address"])
def test_built_pin_is_green_without_an_engine(builder: Pretending, tmp_path: Path, url: str | None) -> None:
    asked = job("app", folder=tmp_path, wheelhouse_url=url)
    assert found(asked, asked, builder) == []
    assert found(asked, asked, builder, Sha256("b" * 64)) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param(
            {"rules": Rules(builds_only=frozenset())},
            "a built wheel of old is pinned, and --build never forbids it",
            id="no builds",
        ),
        pytest.param(
            {"rules": Rules(builds_forbidden=frozenset({OLD}))},
            "a built wheel of old is pinned, and --only-binary forbids to build it",
            id="wheels only",
        ),
        pytest.param(
            {"rules": Rules(wheels_forbidden=frozenset({OLD}))},
            "--no-binary names other projects than when it was locked",
            id="a build that is asked for now",
        ),
        pytest.param(
            {"recipe_digest": lambda project: "1f0c" if project == OLD else None},
            "wheels would be built in another way than when it was locked",
            id="a recipe",
        ),
        pytest.param(
            {"wheelhouse_url": "https://wheels.example/"},
            "wheels would be built in another way than when it was locked",
            id="a published wheelhouse",
        ),
    ],
)
def test_what_would_be_built_otherwise_is_told(
    builder: Pretending, tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    asked = job("app", folder=tmp_path)
    assert found(asked, replace(asked, **changes), builder) == [told]


def test_wheel_that_was_replaced_is_told(builder: Pretending, tmp_path: Path) -> None:
    asked = job("app", folder=tmp_path)
    (message,) = found(asked, asked, builder, Sha256("c" * 64))
    assert message.startswith("wheelhouse/old-2.0-py3-none-any.whl is not the file that was locked")


def test_projects_recipe_counts_for_what_is_built_only(builder: Pretending, tmp_path: Path) -> None:
    asked = job("leaf", folder=tmp_path)
    assert found(asked, replace(asked, recipe_digest=lambda _: "1f0c"), builder) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param("file:///srv/old#sha256={a}", "file:///srv/old#sha256={a}", [], id="a folder"),
        pytest.param(
            "file:///srv/old#sha256={a}",
            "file:///srv/old#sha256={b}",
            ["old is pinned as it was built of ", ", which has changed since"],
            id="a folder that has changed",
        ),
        pytest.param("https://h.example/old-2.0.tar.gz", "https://h.example/old-2.0.tar.gz", [], id="an sdist"),
        pytest.param(
            "https://h.example/old-2.0.tar.gz", "https://h.example/x/old-2.0.tar.gz", ["another file"], id="another"
        ),
        pytest.param(
            "https://h.example/old-2.0.tar.gz#sha256={a}", "https://h.example/old-2.0.tar.gz#sha256={a}", [], id="hash"
        ),
    ],
)
def test_what_was_built_is_held_to_its_source(
    builder: Pretending, tmp_path: Path, before: str, after: str, told: list[str]
) -> None:
    asked = [job(f"old @ {each.format(a='d' * 64, b='e' * 64)}", folder=tmp_path) for each in (before, after)]
    messages = found(asked[0], asked[1], builder)
    assert bool(messages) is bool(told)
    assert all(each in messages[0] for each in told)
