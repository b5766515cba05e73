"""What each Linux platform promises to binaries: auditwheel's policy tables (PEP 513, 571, 599, 600, 656).

The tables are read as data out of the installed auditwheel, whose code runs on Linux only and is never imported.
They are checked when they are loaded, because their form is not promised to anybody.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise

import msgspec
from msgspec import Struct

from wheelpin.errors import InputError
from wheelpin.target import Libc


class PolicyTablesError(InputError):
    """The installed auditwheel has no policy tables, or such as wheelpin does not understand."""

    def __init__(self, table: str, problem: str) -> None:
        super().__init__(table, problem)
        self.table, self.problem = table, problem
        self.hint = "install the newest auditwheel that wheelpin's own requirements allow"

    def __str__(self) -> str:
        return f"auditwheel's policy table {self.table} cannot be used: {self.problem}"


class Policy(Struct, frozen=True, kw_only=True):
    """One libc level on one architecture, and what a binary may rely on there."""

    name: str
    """``manylinux_2_17_x86_64``."""
    aliases: tuple[str, ...]
    """Legacy names for the same: ``manylinux2014_x86_64``."""
    minor: int
    """N of glibc 2.N or musl 1.N."""
    libraries: frozenset[str]
    """What every such system has."""
    versions: Mapping[str, frozenset[str]]
    """By prefix, such as ``GLIBC``: the versions without it that every such system's libraries define."""
    forbidden_symbols: Mapping[str, frozenset[str]]
    """By library: what some builds of it define and others do not."""


class _Row(msgspec.Struct, frozen=True, gc=False):
    name: str
    aliases: list[str]
    priority: int
    symbol_versions: dict[str, dict[str, list[str]]]
    lib_whitelist: list[str]
    blacklist: dict[str, list[str]]


_TABLES = {Libc.GLIBC: "manylinux-policy.json", Libc.MUSL: "musllinux-policy.json"}
_NAMES = {Libc.GLIBC: re.compile(r"manylinux_2_(\d+)"), Libc.MUSL: re.compile(r"musllinux_1_(\d+)")}
_LEGACY_NAMES = {5: ["manylinux1"], 12: ["manylinux2010"], 17: ["manylinux2014"]}
_LEAST_ARCHITECTURES = {"x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x"}
_ARCHITECTURE = re.compile(r"[a-z0-9_]+")


class PolicyTables:
    """All policies, by libc and architecture, oldest level first."""

    def __init__(self, tables: Mapping[Libc, bytes]) -> None:
        self._rows = {libc: _checked_rows(table, libc) for libc, table in tables.items()}
        self._policies: dict[tuple[Libc, str], tuple[Policy, ...]] = {}

    def policies(self, libc: Libc, architecture: str) -> tuple[Policy, ...]:
        """Return the levels of one libc on one architecture; empty if nobody defined any."""
        key = (libc, architecture)
        if key not in self._policies:
            rows = (row for row in self._rows[libc] if architecture in row.symbol_versions)
            self._policies[key] = tuple(_policy(row, architecture) for row in rows)
        return self._policies[key]

    def newest_within(self, libc: Libc, architecture: str, minor: int) -> Policy | None:
        """Return the policy that a system of this level keeps: there is not one for every minor of glibc."""
        policies = (policy for policy in self.policies(libc, architecture) if policy.minor <= minor)
        return max(policies, key=lambda policy: policy.minor, default=None)


@cache
def load_policy_tables() -> PolicyTables:
    """Read the tables of the installed auditwheel; raise `PolicyTablesError`."""
    tables = {}
    for libc, name in _TABLES.items():
        try:
            # A submodule's own resources would be asked through an import of its code.
            tables[libc] = files("auditwheel").joinpath("policy", name).read_bytes()
        except (ImportError, OSError) as error:
            raise PolicyTablesError(name, str(error)) from error
    return PolicyTables(tables)


def _checked_rows(table: bytes, libc: Libc) -> tuple[_Row, ...]:
    """Decode one table, oldest level first, and hold it to what the audit relies on."""
    name = _TABLES[libc]
    try:
        rows = msgspec.json.decode(table, type=list[_Row])
    except msgspec.MsgspecError as error:
        raise PolicyTablesError(name, str(error)) from error
    levels = sorted((row for row in rows if row.name != "linux"), key=lambda row: row.priority, reverse=True)
    if problem := _problem(levels, libc):
        raise PolicyTablesError(name, problem)
    return tuple(levels)


def _problem(levels: list[_Row], libc: Libc) -> str | None:
    """Tell what in the levels, highest priority first, contradicts PEP 600: newer ones only ever allow more."""
    minors = [int(match[1]) if (match := _NAMES[libc].fullmatch(row.name)) else -1 for row in levels]
    if -1 in minors:
        return f"{levels[minors.index(-1)].name!r} is no level of {libc}"
    if not levels or minors != sorted(set(minors)):
        return f"its levels, by priority, are not in order: {minors}"
    for row, minor in zip(levels, minors, strict=True):
        if libc is Libc.GLIBC and row.aliases != _LEGACY_NAMES.get(minor, []):
            return f"{row.name} has the aliases {row.aliases}"
        if odd := [arch for arch in row.symbol_versions if not _ARCHITECTURE.fullmatch(arch)]:
            return f"{row.name} is for {odd[0]!r}, which is no architecture"
    if missing := _LEAST_ARCHITECTURES - levels[-1].symbol_versions.keys():
        return f"{levels[-1].name} lacks {min(missing)}"
    for older, newer in pairwise(levels):
        if missing := set(older.lib_whitelist) - set(newer.lib_whitelist):
            return f"{newer.name} lacks {min(missing)}, which {older.name} allows"
        for arch, versions in older.symbol_versions.items():
            for prefix, known in versions.items():
                newer_known = newer.symbol_versions.get(arch, {}).get(prefix)
                if newer_known is not None and (gone := set(known) - set(newer_known)):
                    return f"{newer.name}_{arch} lacks {prefix}_{min(gone)}, which {older.name} allows"
    return None


def _policy(row: _Row, architecture: str) -> Policy:
    return Policy(
        name=f"{row.name}_{architecture}",
        aliases=tuple(f"{alias}_{architecture}" for alias in row.aliases),
        minor=int(row.name.rpartition("_")[2]),
        libraries=frozenset(row.lib_whitelist),
        versions={prefix: frozenset(known) for prefix, known in row.symbol_versions[architecture].items()},
        forbidden_symbols={library: frozenset(symbols) for library, symbols in row.blacklist.items()},
    )
