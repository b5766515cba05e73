"""Fetch index pages, and keep them in one compact form until they are stale."""

from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.cache import Cache
from wheelpin.errors import IndexUnavailableError
from wheelpin.files import ProjectPage
from wheelpin.index.access import Access, IndexRefusedError, NotCachedError
from wheelpin.index.chores import Chores
from wheelpin.index.entries import PageAddress
from wheelpin.index.file_hosts import FileHosts
from wheelpin.index.json_entries import MAX_PAGE_BYTES, JsonEntries, PageText, Unpacked
from wheelpin.index.kept_pages import (
    PAGES,
    TEXTS,
    Freshness,
    KeptPage,
    PageFacts,
    content_of,
    decode_page,
    decode_text,
    encode_page,
    encode_text,
    entries_to_keep,
    facts_of,
    page_of,
    text_key,
)
from wheelpin.index.once import finished, settle
from wheelpin.index.simple_json import parse_json_page
from wheelpin.ports import Request, Response
from wheelpin.transport.freshness import DEFAULT_FRESHNESS_S, fresh_until_of
from wheelpin.values import without_secrets

ACCEPT: Final = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"


class PageStatusError(IndexUnavailableError):
    """An index answers with a status that is neither yes nor no."""

    def __init__(self, url: str, status: int) -> None:
        url = without_secrets(url)
        super().__init__(url, status)
        self.url, self.status = url, status

    def __str__(self) -> str:
        return f"{self.url} answers with status {self.status}"


class PageLostError(IndexUnavailableError):
    """The cache lost what it held of a page while that was used, and the index has another page by now."""

    hint = "run again"

    def __init__(self, url: str) -> None:
        url = without_secrets(url)
        super().__init__(url)
        self.url = url

    def __str__(self) -> str:
        return f"{self.url} changed while it was read, and the cache has lost what it was before"


class Pages:
    """Index pages by address, from the cache or over the transport."""

    def __init__(self, access: Access, chores: Chores | None = None) -> None:
        """Take over *chores* what can be kept before the end."""
        self._access, self._chores = access, chores or Chores()
        self._now = access.now.timestamp()
        self._states: dict[str, Freshness | None] = {}
        self._file_hosts = FileHosts(access)
        self._unpacked = Unpacked()
        self._unkept: dict[str, _Unkept] = {}

    def keep(self) -> None:
        """Put what was fetched, and what was read of it, into the cache: at the end, when nobody waits any more."""
        self._chores.finish()
        for key in list(self._unkept):
            self._keep_one(key)
        self._unkept.clear()

    def _keep_text(self, key: str, content: int, text: PageText, *, instead_of: int | None) -> None:
        """Put what a new page lists into the cache, and let go of what it listed two texts ago.

        The page follows, unless nobody has looked at it yet: what he reads is to be kept with it.
        """
        self._access.keep(TEXTS, text_key(key, content), *encode_text(text))
        if instead_of is not None and instead_of != content:
            self._access.drop(TEXTS, text_key(key, instead_of))
        if (unkept := self._unkept.get(key)) is not None and unkept.entries.notes:
            self._keep_one(key)

    def _keep_one(self, key: str) -> None:
        unkept = self._unkept.get(key)
        if unkept is None or (notes := unkept.entries.notes) == unkept.notes:
            return
        facts = facts_of(unkept.page, unkept.entries)
        kept = KeptPage(freshness=unkept.freshness, facts=facts, content_before=unkept.content_before)
        self._access.keep(PAGES, key, encode_page(kept))
        for file in tuple(unkept.entries.known.values())[:1]:  # others may be reading more at this moment
            self._file_hosts.learn(unkept.page.index, file)
        self._unkept[key] = replace(unkept, notes=notes)

    def states(self) -> Mapping[str, Freshness | None]:
        """Return what is known of every page answered so far, by address; None for one that may not be kept."""
        return dict(self._states)

    def future(self, address: PageAddress) -> Future[ProjectPage | None]:
        """Return the future of the page, None if the index says that there is none (404, 410).

        Raise or let it raise `NotCachedError`, `IndexRefusedError`, `PageStatusError`, and what the parsers raise.
        """
        access = self._access
        kept = self._kept(address)
        if kept is not None and (access.is_offline or self._is_fresh(kept)):
            self._states[address.url] = kept.freshness
            return finished(kept.page)
        if access.is_offline and not _is_local(address):
            raise NotCachedError(address.url)
        done: Future[ProjectPage | None] = Future()
        request = Request(url=address.url, headers=self._headers(kept), max_bytes=MAX_PAGE_BYTES)
        settle(access.transport.fetch(request), done, lambda response: self._take(address, kept, response))
        self._file_hosts.expect(address.index)
        return done

    def _is_fresh(self, kept: "_Kept") -> bool:
        return not self._access.must_revalidate and self._now < kept.freshness.fresh_until

    def _headers(self, kept: "_Kept | None") -> dict[str, str]:
        headers = request_headers(kept.freshness if kept is not None else None)
        if self._access.must_revalidate:
            headers["cache-control"] = "no-cache"  # for the caches between here and the index
        return headers

    def _take(self, address: PageAddress, kept: "_Kept | None", response: Response) -> ProjectPage | None:
        """Make a page of the answer, and keep it."""
        match response.status:
            case 200:
                page = _parse(response, address, self._unpacked)
                self._keep(address, kept, response, page)
                return page
            case 304 if kept is not None and kept.page is not None:
                self._confirm(address, response, kept.freshness)
                return kept.page
            case 404 | 410:
                if not _is_local(address):
                    # For runs offline only: online, a project may appear at any moment.
                    missing = KeptPage(freshness=Freshness(None, None, 0.0, None), facts=None)
                    self._access.keep(PAGES, _key(address), encode_page(missing))
                self._states[address.url] = Freshness(None, None, self._now + DEFAULT_FRESHNESS_S, None)
                return None
            case 401 | 403:
                raise IndexRefusedError(address.url, response.status)
            case _:
                raise PageStatusError(address.url, response.status)

    def _keep(self, address: PageAddress, kept: "_Kept | None", response: Response, page: ProjectPage) -> None:
        fresh_until = fresh_until_of(response, self._now)
        if fresh_until is None or _is_local(address):
            self._states[address.url] = None
            return
        entries = entries_to_keep(page)
        content, headers, key = content_of(entries.text), response.headers, _key(address)
        freshness = Freshness(headers.get("etag"), headers.get("last-modified"), fresh_until, content)
        before, instead_of = (None, None) if kept is None else (kept.freshness.content, kept.content_before)
        if before == content:
            before, instead_of = instead_of, None
        self._unkept[key] = _Unkept(page, entries, freshness, before)
        self._chores.add(partial(self._keep_text, key, content, entries.text, instead_of=instead_of))
        self._states[address.url] = freshness

    def _confirm(self, address: PageAddress, response: Response, before: Freshness) -> None:
        fresh_until = fresh_until_of(response, self._now)
        if fresh_until is None:
            self._states[address.url] = None
            return
        etag = response.headers.get("etag") or before.etag
        last_modified = response.headers.get("last-modified") or before.last_modified
        freshness = Freshness(etag, last_modified, fresh_until, before.content)
        self._states[address.url] = freshness
        key = _key(address)
        self._unkept[key] = replace(self._unkept[key], freshness=freshness, notes=_UNTOLD)
        self._chores.add(partial(self._keep_one, key))

    def _kept(self, address: PageAddress) -> "_Kept | None":
        if _is_local(address):
            return None
        blob = self._access.kept(PAGES, _key(address))
        kept = decode_page(blob) if blob is not None else None
        if kept is None:
            return None
        freshness, facts = kept.freshness, kept.facts
        if facts is None or freshness.content is None:
            return _Kept(freshness, None)
        text = partial(self._text, address, freshness.content, facts)
        entries = JsonEntries(text, unpacked=self._unpacked, known=facts.known, found=facts.found)
        page = page_of(facts, entries)
        self._unkept[_key(address)] = _Unkept(page, entries, freshness, kept.content_before, entries.notes)
        return _Kept(freshness, page, kept.content_before)

    def _text(self, address: PageAddress, content: int, facts: PageFacts) -> PageText:
        """Read what a kept page lists: from the index where the cache was emptied or damaged in the meantime."""
        key = text_key(_key(address), content)
        blob = self._access.kept(TEXTS, key)
        text = decode_text(blob) if blob is not None else None
        if text is None:
            if self._access.is_offline:
                raise NotCachedError(address.url)
            text = self._text_anew(address, facts)
            self._access.keep(TEXTS, key, *encode_text(text))
        return text

    def _text_anew(self, address: PageAddress, facts: PageFacts) -> PageText:
        """Ask for a page on the caller's thread, which may be one that others wait for."""
        request = Request(url=address.url, headers={"accept": ACCEPT}, max_bytes=MAX_PAGE_BYTES)
        with self._access.transport.stream(request) as answer:
            body = b"".join(answer)
            response = Response(status=answer.status, url=answer.url, headers=answer.headers, body=body)
        entries = entries_to_keep(_parse(response, address, Unpacked()))
        if not _lists(entries, facts):
            # What is at hand of it is no use any more: the next run begins anew.
            self._unkept.pop(_key(address), None)
            self._access.drop(PAGES, _key(address))
            raise PageLostError(address.url)
        return entries.text


def request_headers(freshness: Freshness | None) -> dict[str, str]:
    """Return what to ask for a page with, and how to ask whether a known one still holds."""
    headers = {"accept": ACCEPT}
    if freshness is not None and freshness.etag is not None:
        headers["if-none-match"] = freshness.etag
    if freshness is not None and freshness.last_modified is not None:
        headers["if-modified-since"] = freshness.last_modified
    return headers


def confirm_kept(cache: Cache, url: str, fresh_until: float) -> None:
    """Note that the kept page at *url* was confirmed to hold until *fresh_until*."""
    blob = cache.get(PAGES, without_secrets(url))
    if blob is not None and (kept := decode_page(blob)) is not None and kept.facts is not None:
        freshness = replace(kept.freshness, fresh_until=fresh_until)
        cache.put(PAGES, without_secrets(url), encode_page(replace(kept, freshness=freshness)))


class _Kept(Struct, frozen=True):
    """A page as the cache holds it."""

    freshness: Freshness
    page: ProjectPage | None
    content_before: int | None = None


_UNTOLD = -1


class _Unkept(Struct, frozen=True):
    """A page that is to be put into the cache: if it is new, or if more of it was read than the cache knows."""

    page: ProjectPage
    entries: JsonEntries
    freshness: Freshness
    content_before: int | None
    notes: int = _UNTOLD
    """How much of it the cache knows to have been read."""


def _lists(entries: JsonEntries, facts: PageFacts) -> bool:
    """Tell whether all that was noted of a page is still where it was."""
    names, known = entries.text.lines.split("\n"), facts.known.copy()
    try:
        return all(entries.read(place) == file for place, file in known.items()) and all(
            names[place] == name for found in facts.found.copy().values() for place, name in found.items()
        )
    except (IndexError, ValueError):
        return False


def _is_local(address: PageAddress) -> bool:
    """Tell whether the page is a file of this machine: always at hand, never kept."""
    return address.url.startswith("file:")


def _key(address: PageAddress) -> str:
    return without_secrets(address.url)


def _parse(response: Response, address: PageAddress, unpacked: Unpacked) -> ProjectPage:
    """Read the body as what it says it is, or else as what it looks like."""
    at = PageAddress(project=address.project, index=address.index, url=response.url)
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type.endswith(("+json", "/json")) or ("html" not in content_type and response.body.lstrip()[:1] == b"{"):
        return parse_json_page(response.body, at, packed=response.packed, unpacked=unpacked)
    from wheelpin.index.simple_html import parse_html_page  # noqa: PLC0415 - PyPI and most others give JSON

    return parse_html_page(response.body, at)
