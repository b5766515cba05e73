"""Give the answer of an earlier run again where it still holds, loading next to nothing."""

import os
import sys
import time
from _collections_abc import Sequence

from wheelpin.answers import ANSWERS, Answer, decode_answer, digest_of, digest_of_text, is_undisturbed, question_of
from wheelpin.blobs import blob_path, read_blob


def recall(words: Sequence[str]) -> bool:
    """Repeat what an earlier run of the same command said and wrote, if nothing it rests on has changed."""
    try:
        answer = undisturbed_answer(words)
        if answer is None or time.time() >= answer.fresh_until:
            return False
        repeat(answer)
    except OSError:
        return False  # the full run meets it again, and words it
    return True


def undisturbed_answer(words: Sequence[str]) -> Answer | None:
    """Return the answer to *words* if its files are as they were, whatever may have become of its pages."""
    question = question_of(words, os.environ, os.getcwd())  # noqa: PTH109 - pathlib costs more than all of this
    answer = _kept(words, question) if question is not None else None
    return answer if answer is not None and is_undisturbed(answer) else None


def _kept(words: Sequence[str], question: str) -> Answer | None:
    try:
        with open(f"{cache_dir_of(words)}/{blob_path(ANSWERS, question)}", "rb", buffering=0) as file:  # noqa: PTH123
            blob = read_blob(file)
    except OSError:
        return None
    return decode_answer(blob) if blob is not None else None


def cache_dir_of(words: Sequence[str]) -> str:
    """Return the cache's folder as the settings would have it; a wrong guess finds nothing."""
    for place, word in enumerate(words[:-1]):
        if word == "--cache-dir":
            return words[place + 1]
    if folder := os.environ.get("WHEELPIN_CACHE_DIR"):
        return folder
    if sys.platform.startswith("linux"):
        caches = os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")  # noqa: PTH111
        return f"{caches}/wheelpin"
    from wheelpin.settings.places import user_cache_dir  # noqa: PLC0415 - other systems' folders are not a constant

    return str(user_cache_dir())


def repeat(answer: Answer) -> None:
    """Say and write what the run said and wrote."""
    say_again(answer.warnings)
    for path, _, text, summary in answer.outputs:
        is_there = digest_of(path) == digest_of_text(text)
        if not is_there:
            from pathlib import Path  # noqa: PLC0415

            from wheelpin.safe_write import write_text_atomically  # noqa: PLC0415

            write_text_atomically(Path(path), text)
        if summary:
            say_again((), f"{summary} (unchanged)" if is_there else summary)
    if answer.standard_output and sys.stdout is not None:
        _print(answer.standard_output)


def say_again(warnings: Sequence[str], summary: str = "") -> None:
    """Say what a run said on standard error."""
    is_watched = sys.stderr is not None and sys.stderr.isatty()
    say = _say_in_colour if is_watched else _say_plainly
    for warning in warnings:
        say(f"warning: {warning}")
    if summary:
        say(summary)


def _print(text: str) -> None:
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        from wheelpin.cli.console import drop_output  # noqa: PLC0415 - the reader went away, as head does

        drop_output()


def _say_plainly(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"{text}\n")


def _say_in_colour(text: str) -> None:
    from wheelpin.cli.console import label, say  # noqa: PLC0415 - a person does not notice what that costs

    head, colon, rest = text.partition(": ")
    say(f"{label('warning', 'yellow')} {rest}" if colon and head == "warning" else text)
