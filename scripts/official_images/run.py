"""Compare the table with the registry, tell what differs, and write the table on request."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx

from official_images.registry import Registry, RegistryError
from official_images.rows import read_rows, to_toml
from official_images.update import add_tag, newest_tag, verified, without_the_useless

TABLE = Path("wheelpin/builder/images.toml")


def main(arguments: list[str] | None = None) -> int:
    """Return 0 if the table is as the registry says, 1 if it is or was not."""
    parser = argparse.ArgumentParser(prog="scripts/update_images", description=__doc__)
    parser.add_argument("--registry", default="https://quay.io", help="the address that answers under /v2/")
    parser.add_argument("--namespace", default="pypa", help="what stands before the images' names there")
    parser.add_argument("--tag", help="add the images of this tag for all policies that are kept up")
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--write", action="store_true", help="write the table instead of telling what differs")
    words = parser.parse_args(arguments)
    text = words.table.read_text(encoding="utf-8")
    today = datetime.now(UTC).date()
    rows = read_rows(text)
    with httpx.Client(base_url=words.registry, timeout=60, follow_redirects=True) as client:
        registry = Registry(client, words.namespace)
        try:
            if words.tag is not None:
                rows = add_tag(rows, words.tag, today)
            asked = [verified(row, registry, today) for row in rows]
            for policy in sorted({row.policy for row in rows if row.is_kept_up}):
                say(newest_tag(policy, rows, registry))
        except (RegistryError, httpx.HTTPError) as error:
            say(f"error: {error}")
            return 1
    for row, findings in asked:
        for finding in findings:
            say(f"{row.policy}:{row.tag}: {finding}")
    updated = to_toml(without_the_useless([row for row, _ in asked]))
    if words.write:
        words.table.write_text(updated, encoding="utf-8")
    return int(updated != text or any(findings for _, findings in asked))


def say(text: str | None) -> None:
    if text is not None:
        print(text, file=sys.stderr)
