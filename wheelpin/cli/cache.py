"""``wheelpin cache``: where it is, how much it holds, making it smaller."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from wheelpin.cache import Cache, Usage
from wheelpin.cli.console import Console, Volume, print_data, say
from wheelpin.session import settings_of_host
from wheelpin.settings import ExplicitOptions

_cache_dir = click.option("--cache-dir", metavar="DIR", help="Where the cache lies (WHEELPIN_CACHE_DIR).")


@click.group("cache", short_help="Look at the cache, or make it smaller.")
def command() -> None:
    """Look at the cache of pages, metadata, wheels and their unpacked files, or make it smaller."""


@command.command("dir")
@_cache_dir
def show_dir(*, cache_dir: str | None) -> None:
    """Print the cache's folder."""
    print_data(f"{_folder(cache_dir)}\n")


@command.command("info", short_help="Print how much the cache holds.")
@_cache_dir
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
def info(*, cache_dir: str | None, as_json: bool) -> None:
    """Print how many entries of each kind the cache holds, and their size."""
    folder = _folder(cache_dir)
    usage = _open(folder).usage()
    if as_json:
        kinds = {kind: {"entries": used.blobs, "size_bytes": used.size_bytes} for kind, used in usage.items()}
        print_data(json.dumps({"dir": str(folder), "kinds": kinds}, indent=2) + "\n")
        return
    print_data("\n".join([str(folder), *(f"  {kind}: {_spell(used)}" for kind, used in usage.items())]) + "\n")


@command.command("prune")
@_cache_dir
@click.option("--days", type=click.IntRange(min=0), default=30, show_default=True, help="Unused for longer than this.")
def prune(*, cache_dir: str | None, days: int) -> None:
    """Remove entries that were not used for some time."""
    removed = _open(_folder(cache_dir)).prune(datetime.now(UTC), timedelta(days=days))
    say(f"removed {_spell(removed)}")


@command.command("clear")
@_cache_dir
def clear(*, cache_dir: str | None) -> None:
    """Remove every entry."""
    say(f"removed {_spell(_open(_folder(cache_dir)).clear())}")


def _folder(cache_dir: str | None) -> Path:
    return settings_of_host(os.environ, options=ExplicitOptions(cache_dir=cache_dir)).cache_dir


def _open(folder: Path) -> Cache:
    return Cache(folder, Console(Volume.NORMAL))


def _spell(usage: Usage) -> str:
    return f"{usage.blobs} entries, {usage.size_bytes / 1_000_000:.1f} MB"
