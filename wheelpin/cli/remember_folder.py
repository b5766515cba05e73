"""Keep what a run of ``wheelpin vendor`` laid, for `wheelpin.cli.recall_folder`."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from wheelpin.answers import question_of, watch
from wheelpin.cache import Cache
from wheelpin.cli.console import Console, Volume
from wheelpin.deliveries import Vendored
from wheelpin.folders.kept_tree import KEPT_TREES, KeptTree, encode_tree, halves_of
from wheelpin.settings import Settings


def remember_folder(done: Vendored, settings: Settings, console: Console, *, lock: str, said: tuple[str, str]) -> None:
    """Keep the tree of *done* if files of the cache make it up, and nothing but files led to it."""
    words: Sequence[str] = click.get_current_context().find_root().obj
    question = question_of(words, os.environ, str(Path.cwd()))
    is_plain = settings.use_cache and not settings.refresh and console.volume is not Volume.VERBOSE
    if done.files is None or question is None or not is_plain or not Path(lock).is_file():
        return
    if (halves := halves_of(done.files)) is None:
        return
    tree = KeptTree(
        destination=str(done.folder.absolute()),
        watched=watch(word for word in _values(words) if Path(word).is_file()),
        said=said if console.volume >= Volume.NORMAL else ("", ""),
        warnings=console.said,
        halves=halves,
    )
    if (blob := encode_tree(tree)) is not None:
        Cache(settings.cache_dir, console).put(KEPT_TREES, question, blob)


def _values(words: Sequence[str]) -> list[str]:
    """Return all that may be a file's name: the lock's, and a captured target's."""
    return [value for word in words for value in (word, word.partition("=")[2])]
