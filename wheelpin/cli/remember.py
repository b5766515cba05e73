"""Keep a run's answer for `wheelpin.cli.recall`, where all that it rests on can be watched."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from wheelpin.answers import ANSWERS, Answer, Output, encode_answer, question_of, watch
from wheelpin.cache import Cache
from wheelpin.cli.console import Console, Volume
from wheelpin.index import PageState
from wheelpin.session import Session
from wheelpin.settings import host_places


def remember(
    sessions: Sequence[Session],
    console: Console,
    *,
    read: Iterable[str] | None,
    outputs: Sequence[Output],
    standard_output: str,
    longest_s: float | None = None,
) -> None:
    """Keep what was said and written; *read* are the files that were read, None if more than files was.

    After *longest_s* the answer may be another one though no page has changed; with None it is not.
    """
    words: Sequence[str] = click.get_current_context().find_root().obj
    question = question_of(words, os.environ, str(Path.cwd()))
    if question is None or read is None or console.volume is Volume.VERBOSE:
        return
    if (pages := _pages(sessions)) is None:
        return
    fresh_until = min((page.fresh_until for page in pages), default=0.0)
    if longest_s is not None:
        fresh_until = min(fresh_until, time.time() + longest_s)
        pages = [replace(page, expected_status=None) for page in pages]  # so that none can confirm it
    answer = Answer(
        watched=watch([*read, *configuration_files()]),
        pages=[(page.url, _spelled(page.headers), str(page.expected_status or "")) for page in pages],
        outputs=outputs,
        warnings=console.said,
        fresh_until=fresh_until,
        standard_output=standard_output,
    )
    if (blob := encode_answer(answer)) is not None:
        Cache(sessions[0].settings.cache_dir, console).put(ANSWERS, question, blob)


def _pages(sessions: Sequence[Session]) -> Sequence[PageState] | None:
    """Return the pages that the answers rest on, each once; None where there is more, or nothing may be kept."""
    pages: dict[str, PageState] = {}
    for session in sessions:
        settings, asked = session.settings, session.pages_asked()
        if (
            asked is None
            or session.publishers.has_failed
            or settings.refresh
            or settings.is_offline
            or not settings.use_cache
        ):
            return None
        pages |= {page.url: page for page in asked}
    return tuple(pages.values()) if sessions else None


def _spelled(headers: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def configuration_files() -> list[str]:
    """Return every file in which pip's configuration may stand, there or not."""
    places = host_places(os.environ)
    said = os.environ.get("PIP_CONFIG_FILE")
    return [*map(str, (*places.pip_global, *places.pip_user, *places.pip_site)), *([said] if said else [])]
