"""A transport that serves files from memory, and misbehaves where it is told to."""

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Lock

from wheelpin.ports import Request, Response, StreamedResponse
from wheelpin.transport.failures import UnreachableError, unwanted_status

CHUNK_BYTES = 64

Answer = Callable[[Request, bytes], StreamedResponse]


class FakeTransport:
    """Implement `wheelpin.ports.Transport`: each address answers with what is planned for it, then honestly."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.planned: dict[str, list[Answer]] = {}
        self.asked: list[Request] = []
        self._lock = Lock()

    def fetch(self, request: Request) -> Future[Response]:
        """Fail: wheels are streamed."""
        raise AssertionError(request)

    def expect(self, url: str) -> None:
        """Do nothing ahead."""

    @contextmanager
    def stream(self, request: Request) -> Iterator[StreamedResponse]:
        """Answer from memory."""
        with self._lock:
            self.asked.append(request)
            answers = self.planned.get(request.url, [])
            answer = answers.pop(0) if answers else honest
        if request.url not in self.files:
            raise unwanted_status(request.url, 404)
        yield answer(request, self.files[request.url])

    def ranges_asked(self) -> list[str | None]:
        """Return the Range header of each request."""
        return [request.headers.get("range") for request in self.asked]


def honest(request: Request, body: bytes) -> StreamedResponse:
    """Serve the file, or the part that was asked for."""
    match = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
    if match is None:
        return _response(200, body)
    start = int(match[1])
    if start >= len(body):
        raise unwanted_status(request.url, 416)
    return _response(206, body[start:], {"content-range": f"bytes {start}-{len(body) - 1}/{len(body)}"})


def breaks_off_after(count: int) -> Answer:
    """Serve some bytes of what was asked for; then the connection breaks."""

    def answer(request: Request, body: bytes) -> StreamedResponse:
        whole = honest(request, body)

        def chunks() -> Iterator[bytes]:
            yield b"".join(whole.chunks)[:count]
            raise UnreachableError(request.url, "the answer broke off")

        return StreamedResponse(status=whole.status, url="", headers=whole.headers, chunks=chunks())

    return answer


def ends_after(count: int) -> Answer:
    """Serve some bytes, and say that they are all."""

    def answer(request: Request, body: bytes) -> StreamedResponse:
        whole = honest(request, body)
        return _response(whole.status, b"".join(whole.chunks)[:count], whole.headers)

    return answer


def ignores_range(_: Request, body: bytes) -> StreamedResponse:
    """Serve the whole file whatever was asked."""
    return _response(200, body)


def gives_another_part(_: Request, body: bytes) -> StreamedResponse:
    """Serve a part that nobody asked for."""
    return _response(206, body[7:], {"content-range": f"bytes 7-{len(body) - 1}/{len(body)}"})


def refuses(status: int) -> Answer:
    """Answer with a status that is no file."""

    def answer(request: Request, _: bytes) -> StreamedResponse:
        raise unwanted_status(request.url, status)

    return answer


def serves(other: bytes) -> Answer:
    """Serve other bytes."""
    return lambda _request, _body: _response(200, other)


def _response(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> StreamedResponse:
    pieces = (body[start : start + CHUNK_BYTES] for start in range(0, len(body), CHUNK_BYTES))
    return StreamedResponse(status=status, url="", headers=headers or {}, chunks=pieces)
