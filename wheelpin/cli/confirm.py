"""Ask an index, in one burst, whether all pages that a remembered answer rests on still hold."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from wheelpin.answers import ANSWERS, AskedPage, encode_answer, question_of
from wheelpin.cache import Cache
from wheelpin.cli.console import Console
from wheelpin.cli.recall import repeat, undisturbed_answer
from wheelpin.errors import WheelpinError
from wheelpin.ports import Request
from wheelpin.settings import ExplicitOptions, Settings, host_places, read_configuration_file, read_settings
from wheelpin.transport import HttpTransport
from wheelpin.transport.freshness import fresh_until_of


def confirm(words: Sequence[str], options: ExplicitOptions, console: Console) -> bool:
    """Repeat a stale answer if every page that it rests on is unchanged; else keep what was confirmed."""
    answer = undisturbed_answer(words)
    if answer is None or not answer.pages or not all(status for _, _, status in answer.pages):
        return False
    settings = read_settings(os.environ, read_configuration_file, places=host_places(os.environ), options=options)
    cache = Cache(settings.cache_dir, console)
    confirmed = _ask(answer.pages, settings, console)
    if len(confirmed) < len(answer.pages):
        _keep_confirmed(cache, confirmed)
        return False
    answer.fresh_until = min(confirmed.values())
    question = question_of(words, os.environ, str(Path.cwd()))
    if question is not None and (blob := encode_answer(answer)) is not None:
        cache.put(ANSWERS, question, blob)
    repeat(answer)
    return True


def _ask(pages: Sequence[AskedPage], settings: Settings, console: Console) -> Mapping[str, float]:
    """Return until when the pages hold that are unchanged, by address."""
    now = time.time()
    confirmed: dict[str, float] = {}
    with HttpTransport(settings, console) as transport:
        asked = [(page, transport.fetch(Request(url=page[0], headers=_headers(page)))) for page in pages]
        for (url, _, status), future in asked:
            try:
                response = future.result()
            except WheelpinError:
                return confirmed  # the full run meets it again, and words it
            fresh_until = fresh_until_of(response, now)
            if str(response.status) == status and fresh_until is not None:
                confirmed[url] = fresh_until
    return confirmed


def _headers(page: AskedPage) -> Mapping[str, str]:
    return dict(line.split(": ", 1) for line in page[1].split("\n"))


def _keep_confirmed(cache: Cache, confirmed: Mapping[str, float]) -> None:
    from wheelpin.index.pages import confirm_kept  # noqa: PLC0415 - the full run that follows needs that room anyway

    for url, fresh_until in confirmed.items():
        confirm_kept(cache, url, fresh_until)
