"""Lay a folder out again as an earlier run of the same command did, loading next to nothing."""

import os
from _collections_abc import Sequence

from wheelpin.answers import question_of
from wheelpin.blobs import blob_path, read_blob
from wheelpin.cli.recall import cache_dir_of, say_again
from wheelpin.folders.kept_tree import KEPT_TREES, decode_tree, lay_again
from wheelpin.folders.workspace import FolderBusyError


def recall_folder(words: Sequence[str]) -> bool:
    """Do what an earlier run of the same command did, if nothing it rests on has changed."""
    question = question_of(words, os.environ, os.getcwd())  # noqa: PTH109 - pathlib costs more than all of this
    if question is None:
        return False
    cache_dir = cache_dir_of(words)
    try:
        with open(f"{cache_dir}/{blob_path(KEPT_TREES, question)}", "rb", buffering=0) as file:  # noqa: PTH123
            blob = read_blob(file)
        tree = decode_tree(blob) if blob is not None else None
        outcome = lay_again(tree, cache_dir) if tree is not None else None
    except (OSError, FolderBusyError):
        return False  # the full run meets it again, and words it
    if tree is None or outcome is None:
        return False
    before, after = tree.said
    say_again(tree.warnings, f"{before}{outcome}{after}" if before else "")
    return True
