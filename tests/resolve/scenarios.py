"""The case files of the resolver: what an index has, what is asked, and what must come out."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.resolve.universe import Release, requirements
from wheelpin.candidates.cut_off import CutOff
from wheelpin.candidates.rules import Rules
from wheelpin.resolve.task import Task
from wheelpin.target import Target

CASES = Path(__file__).parents[1] / "cases" / "resolve"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Demanded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who asks for what, up to the user's own words."""

    asked: str
    chain: list[str]


class NothingFits(
    msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, rename="kebab", tag="nothing-fits"
):
    """Facts of a `NothingFitsError`; what is not said is not looked at, but for what is empty by default."""

    project: str
    outcome: str
    demanders: list[Demanded] | None = None
    rejections: list[list[str]] | None = None
    """File name, reason and, where it is not the target's own wording, detail; nearest miss first."""
    in_range: list[str] | None = None
    newest: str | None = None
    newest_fitting: str | None = None
    lowest_target: tuple[str, str] | None = None
    sdist: str | None = None
    status_reason: str | None = None
    unreadable: list[tuple[str, str]] = []


class Conflict(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, tag="conflict"):
    """Facts of a `ConflictError`."""

    clashes: dict[str, list[Demanded]]


class Undecided(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, tag="undecided"):
    """Facts of an `UndecidedRequirementError`."""

    requirement: str
    asker: str
    variable: str


class Scenario(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One case."""

    id: str
    index: dict[str, list[Release | str]] = {}
    quarantined: dict[str, str] = {}
    asked: list[str]
    constraints: list[str] = []
    overrides: list[str] = []
    target: str = "cp312-manylinux_2_28_x86_64"
    python: str | None = None
    markers: dict[str, str] = {}
    prefers: dict[str, str] = {}
    pre: bool = False
    exclude_newer: str | None = None
    no_binary: list[str] = []
    pins: list[str] | None = None
    """``name[extras] version``, every one."""
    files: dict[str, str] = {}
    """File names of some pins."""
    hashes: dict[str, str] = {}
    """sha256 of some pins."""
    via: dict[str, list[str]] = {}
    requires: dict[str, list[str]] = {}
    warnings: list[str] = []
    """Every one."""
    reads: list[str] | None = None
    """The files whose metadata is read when nothing is fetched ahead."""
    fails: NothingFits | Conflict | Undecided | None = None

    def task(self) -> Task:
        """Return what is asked as the resolver wants it."""
        return Task(
            target=Target.parse(self.target, python_full_version=self.python, marker_values=self.markers),
            requirements=requirements(*self.asked),
            constraints=requirements(*self.constraints, source="constraints.txt"),
            overrides=requirements(*self.overrides, source="overrides.txt"),
            rules=Rules(
                allow_prereleases=self.pre,
                exclude_newer=None if self.exclude_newer is None else CutOff.parse(self.exclude_newer, _NOW),
                wheels_forbidden=frozenset(map(canonicalize_name, self.no_binary)),
                all_wheels_forbidden=":all:" in self.no_binary,
            ),
            preferences={canonicalize_name(name): Version(version) for name, version in self.prefers.items()},
        )


def read_scenarios() -> Iterator[tuple[str, Scenario]]:
    """Yield every case with the name of its file; a misspelled key is an error."""
    for path in sorted(CASES.glob("*.toml")):
        with path.open("rb") as stream:
            for case in tomllib.load(stream)["case"]:
                yield path.stem, msgspec.convert(case, Scenario)
