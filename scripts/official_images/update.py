"""What the registry says of the table's rows, and which rows the table needs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from official_images.layers import pythons_of
from official_images.registry import Registry
from official_images.rows import Row, in_order
from wheelpin.engines.architectures import architecture_of, platform_of

_DATED = re.compile(r"20\d\d[.-]\d\d[.-]\d\d-\w+")


def add_tag(rows: Sequence[Row], tag: str, today: date) -> list[Row]:
    """Add a row of *tag* for each policy that is kept up, after its newest one and with its architectures."""
    found: list[Row] = []
    for number, row in enumerate(rows):
        found.append(row)
        is_last = all(other.policy != row.policy for other in rows[number + 1 :])
        if row.is_kept_up and is_last and row.tag != tag:
            found.append(replace(row, tag=tag, digests={}, is_verified=False, checked_on=today))
    return found


def verified(row: Row, registry: Registry, today: date) -> tuple[Row, list[str]]:
    """Return the row as the registry has it, and what it does not have as the row says."""
    digests: dict[str, str] = {}
    held: dict[str, tuple[str, ...]] = {}
    findings: list[str] = []
    for architecture in row.architectures:
        repository = f"{row.policy}_{architecture}"
        oci = (platform_of(architecture) or "").removeprefix("linux/")
        manifest = registry.manifest(repository, row.digests.get(architecture) or row.tag, oci)
        if manifest is None:
            findings.append(f"the registry has none for {architecture}")
            continue
        if (said := architecture_of(registry.architecture(repository, manifest))) != architecture:
            findings.append(f"what is called {architecture} is of {said}")
            continue
        held[architecture] = in_order(pythons_of(repository, manifest, registry))
        if held[architecture] != in_order(row.pythons):
            findings.append(f"{architecture} holds {' '.join(held[architecture]) or 'no Python'}")
        digests[architecture] = manifest.digest
    same = set(held.values())
    if len(digests) < len(row.architectures) or len(same) != 1 or not min(same):
        return replace(row, digests=digests, is_verified=False), findings
    return replace(
        row, digests=digests, pythons=same.pop(), is_verified=True, checked_on=today, source="the registry"
    ), findings


def newest_tag(policy: str, rows: Iterable[Row], registry: Registry) -> str | None:
    """Tell of a tag that is newer than the table's, None if there is none."""
    newest = max((row for row in rows if row.policy == policy), key=lambda row: row.age)
    dated = [tag for tag in registry.tags(f"{policy}_{newest.architectures[0]}") if _DATED.fullmatch(tag)]
    latest = max(dated, key=lambda tag: tag.replace("-", "."), default=newest.tag)
    if latest.replace("-", ".") <= newest.age:
        return None
    return f"{policy} has {latest}, and the table {newest.tag}: --tag {latest} adds it if it is kept there"


def without_the_useless(rows: Sequence[Row]) -> list[Row]:
    """Leave away rows whose every Python stands in a newer row of the policy for each of their architectures."""
    kept: list[Row] = []
    for row in rows:
        newer = [other for other in rows if other.policy == row.policy and other.age > row.age]
        is_needed = any(
            not any(architecture in other.architectures and python in other.pythons for other in newer)
            for architecture in row.architectures
            for python in row.pythons
        )
        if is_needed:
            kept.append(row)
    return kept
