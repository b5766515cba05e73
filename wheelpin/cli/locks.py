"""From the user's words on locks to locks."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import canonicalize_name

from wheelpin.cli.console import Console
from wheelpin.deliveries import LockText, open_lock
from wheelpin.locks import Lock
from wheelpin.locks.pylock_form import DEFAULTS, Selection
from wheelpin.target import Target
from wheelpin.texts import decoded, read_text
from wheelpin.wheelhouse import LockSource

_STANDARD_INPUT = "-"
_LOCK_ENDINGS = (".txt", ".toml", ".lock", ".in")
_DISTRIBUTION_ENDINGS = (".whl", ".tar.gz", ".zip")


def names_lock(word: str) -> bool:
    """Tell whether *word* names a lock and no requirement, where either may stand."""
    if word == _STANDARD_INPUT or word.endswith(_LOCK_ENDINGS):
        return True
    has_folder = "/" in word or os.sep in word
    return has_folder and not word.endswith(_DISTRIBUTION_ENDINGS) and Path(word).is_file()


def read_locks(
    names: Iterable[str], targets: tuple[Target, ...], console: Console, selection: Selection = DEFAULTS
) -> tuple[LockSource, ...]:
    """Read every lock, once for each of *targets* if there are any; tell of those that were edited since."""
    texts, folder = [_read(name) for name in names], Path.cwd()
    pairs = [(text, target) for text in texts for target in targets or (None,)]
    sources = tuple(
        open_lock(text, target=target, folder=folder, reporter=console, selection=selection) for text, target in pairs
    )
    for name in dict.fromkeys(source.name for source in sources if _is_edited(source.lock)):
        console.warning(
            f"{name} is not as it was locked: somebody edited its pins or who asked for them, or merged them; "
            "`wheelpin lock --check` tells whether they answer"
        )
    return sources


def _is_edited(lock: Lock) -> bool:
    return lock.proof is not None and not lock.proof.is_intact


def _read(name: str) -> LockText:
    if name == _STANDARD_INPUT:
        text = decoded(sys.stdin.buffer.read(), "standard input")
        return LockText(name="standard input", text=text, folder=Path.cwd())
    path = Path(name)
    return LockText(name=path.as_posix(), text=read_text(path), folder=path.parent)


def selection_of(extras: Iterable[str], groups: Iterable[str]) -> Selection:
    """Return what options name of the optional packages of a lock."""
    return Selection(extras=frozenset(map(canonicalize_name, extras)), groups=frozenset(map(canonicalize_name, groups)))
