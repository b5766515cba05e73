"""Read the METADATA of a wheel on a server from a few parts of it (RFC 9110, section 14)."""

import re
import threading
from concurrent.futures import Future
from urllib.parse import urlsplit

from wheelpin.files import IndexFile
from wheelpin.index.access import IndexRefusedError
from wheelpin.index.wheel_metadata import ArchiveView, FetchedParts, MissingPart, read_wheel_metadata
from wheelpin.ports import MetadataUnusableError, Request, Response, Transport
from wheelpin.transport.failures import TooLargeError

_SMALLEST_TAIL = 32 * 1024
_LARGEST_TAIL = 256 * 1024
_UNKNOWN_TAIL = 64 * 1024

_MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""A server that sends the whole file instead is let, up to here; a larger one is stopped and streamed."""

_PROBE = "0-0"
"""One byte, to learn the size from the answer's Content-Range."""

_MAX_REQUESTS = 6
"""A tail, the central directory, the member: an archive that needs more is not read in parts."""

_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18})")


class RangeReader:
    """Read wheels in parts, and remember which hosts cannot give parts."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._lock = threading.Lock()
        self._without_ranges: set[str] = set()
        self._without_suffixes: set[str] = set()

    def read(self, file: IndexFile) -> Future[bytes | None]:
        """Return the future of the wheel's METADATA; None if its server gives no parts.

        It raises `MetadataUnusableError` as `read_wheel_metadata` does, and if the server refuses the file.
        """
        attempt = _Attempt(self, file)
        attempt.start()
        return attempt.done

    def has_ranges(self, host: str) -> bool:
        """Tell whether *host* may give parts."""
        return host not in self._without_ranges

    def has_suffixes(self, host: str) -> bool:
        """Tell whether *host* may give the last bytes of a file whose size is not known."""
        return host not in self._without_suffixes

    def note_no_ranges(self, host: str) -> None:
        """Remember that asking *host* for parts is in vain."""
        with self._lock:
            self._without_ranges.add(host)

    def note_no_suffixes(self, host: str) -> None:
        """Remember that *host* must be told where a part begins."""
        with self._lock:
            self._without_suffixes.add(host)


class _Attempt:
    """One wheel: every answer leads to the next request, on whatever thread brings it, and none waits."""

    def __init__(self, reader: RangeReader, file: IndexFile) -> None:
        self.done: Future[bytes | None] = Future()
        self._reader, self._file = reader, file
        self._host = urlsplit(file.url).netloc
        self._parts, self._size_bytes = FetchedParts(), file.size_bytes or 0
        self._requests_left = _MAX_REQUESTS

    def start(self) -> None:
        """Ask for the tail, which with most wheels holds all that is needed."""
        if not self._reader.has_ranges(self._host):
            self.done.set_result(None)
        elif self._size_bytes:
            self._ask_for_tail()
        elif self._reader.has_suffixes(self._host):
            self._ask(f"-{_UNKNOWN_TAIL}")
        else:
            self._ask(_PROBE)

    def _ask_for_tail(self) -> None:
        # Large wheels have many members, and so long directories.
        tail = max(_SMALLEST_TAIL, min(self._size_bytes // 64, _LARGEST_TAIL))
        self._ask(f"{max(0, self._size_bytes - tail)}-{self._size_bytes - 1}")

    def _ask(self, part: str) -> None:
        if self._requests_left == 0:
            self.done.set_result(None)
            return
        self._requests_left -= 1
        headers = {"range": f"bytes={part}", "accept-encoding": "identity"}
        request = Request(url=self._file.url, headers=headers, max_bytes=_MAX_ANSWER_BYTES)

        def on_answer(answer: Future[Response]) -> None:
            try:
                self._take(answer, part)
            except Exception as error:
                self.done.set_exception(error)

        self._reader.transport.fetch(request).add_done_callback(on_answer)

    def _take(self, answer: Future[Response], part: str) -> None:
        """Use the answer to *part*: read on, ask on, or give up on parts."""
        try:
            response = answer.result()
        except TooLargeError:
            # The whole file instead of a part, and too large for memory.
            self._reader.note_no_ranges(self._host)
            self.done.set_result(None)
            return
        match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        if response.status == 206 and match and match[1] and self._fits(response.body, match):
            self._set_size(int(match[3]))
            self._parts.add(int(match[1]), response.body)
            if part == _PROBE:
                self._ask_for_tail()
            else:
                self._read()
        elif response.status == 200:
            self._reader.note_no_ranges(self._host)
            self._set_size(len(response.body))
            self._parts.add(0, response.body)
            self._read()
        elif response.status == 416 and match and int(match[3]) not in (0, self._size_bytes):
            # The index was wrong about the size, or the file is shorter than the tail that was asked for.
            self._set_size(int(match[3]))
            self._ask_for_tail()
        elif response.status == 401:
            raise IndexRefusedError(self._file.url, response.status)
        elif response.status in (403, 404, 410):
            raise MetadataUnusableError(self._file.filename, f"its server answers {response.status} for the file")
        else:
            self._refused(part)

    @staticmethod
    def _fits(body: bytes, match: re.Match[str]) -> bool:
        start, last, size_bytes = int(match[1]), int(match[2]), int(match[3])
        return last < size_bytes and len(body) == last + 1 - start

    def _set_size(self, size_bytes: int) -> None:
        if size_bytes != self._size_bytes:
            self._size_bytes, self._parts = size_bytes, FetchedParts()

    def _refused(self, part: str) -> None:
        """Go on without what the server refused: suffixes first, then parts at all."""
        if part.startswith("-"):
            self._reader.note_no_suffixes(self._host)
            self._ask(_PROBE)
        else:
            self._reader.note_no_ranges(self._host)
            self.done.set_result(None)

    def _read(self) -> None:
        try:
            metadata = read_wheel_metadata(ArchiveView(self._size_bytes, self._parts), self._file.filename)
        except MissingPart as missing:
            self._ask(f"{missing.start}-{missing.stop - 1}")
        else:
            self.done.set_result(metadata)
