"""What one request is answered with, and the log of it; no socket is in sight here."""

import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Protocol

from benchmark.pages import Answer, Kind

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Site(Protocol):
    """What stands at which path."""

    def find(self, path: str) -> Answer | None: ...


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(slots=True)
class Log:
    """Requests per kind, bytes of bodies and this process's own CPU time since the last reset."""

    requests: Counter[str] = field(default_factory=Counter)
    connections: Counter[str] = field(default_factory=Counter)
    """By protocol."""
    body_bytes: int = 0
    _cpu_before_s: float = field(default_factory=time.process_time)

    def to_dict(self) -> dict[str, object]:
        cpu_s = time.process_time() - self._cpu_before_s
        return {
            "requests": self.requests,
            "connections": self.connections,
            "body_bytes": self.body_bytes,
            "cpu_s": cpu_s,
        }

    def reset(self) -> None:
        self.requests.clear()
        self.connections.clear()
        self.body_bytes = 0
        self._cpu_before_s = time.process_time()


class Exchange:
    """Answer requests from a site as PyPI does: ten minutes of freshness for pages, eternity for files."""

    def __init__(self, site: Site, log: Log) -> None:
        self._site, self.log = site, log
        self.page_max_age_s = 600
        self.latency_s = 0.0
        self._date = (0, "")

    def respond(self, method: str, path: str, headers: Mapping[str, str]) -> Response:
        """Answer one request; *headers* have names in lower case."""
        answer = self._site.find(path)
        if answer is None:
            self.log.requests["missing"] += 1
            return Response(404, (("content-type", "text/plain"), ("content-length", "0")), b"")
        response = self._response(answer, headers)
        kind = answer.kind.value
        match method, response.status:
            case "HEAD", _:
                kind = "heads"
                response = Response(response.status, response.headers, b"")
            case _, 304:
                kind += " 304"
            case _, 206:
                kind = "ranges"
            case _:
                pass
        self.log.requests[kind] += 1
        if not answer.is_recorded:
            self.log.requests["unrecorded"] += 1
        self.log.body_bytes += len(response.body)
        return response

    def _response(self, answer: Answer, headers: Mapping[str, str]) -> Response:
        is_page = answer.kind is Kind.PAGE
        common: tuple[tuple[str, str], ...] = (
            ("date", self._now()),
            ("etag", answer.etag),
            ("cache-control", f"max-age={self.page_max_age_s}" if is_page else "max-age=365000000, immutable, public"),
        )
        if headers.get("if-none-match") == answer.etag:
            return Response(304, common, b"")
        body, status = answer.body, 200
        common += (("content-type", answer.content_type),)
        if answer.gzipped is not None:
            common += (("vary", "Accept, Accept-Encoding"),)
            if "gzip" in headers.get("accept-encoding", ""):
                common += (("content-encoding", "gzip"),)
                body = answer.gzipped
        if answer.kind is Kind.FILE:
            common += (("accept-ranges", "bytes"),)
            if wanted := _RANGE.fullmatch(headers.get("range", "")):
                start, end = _span(wanted[1], wanted[2], len(body))
                common += (("content-range", f"bytes {start}-{end - 1}/{len(body)}"),)
                body, status = body[start:end], 206
        return Response(status, (*common, ("content-length", str(len(body)))), body)

    def _now(self) -> str:
        second = int(time.time())
        if second != self._date[0]:
            self._date = (second, formatdate(second, usegmt=True))
        return self._date[1]


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1 if last else size)
