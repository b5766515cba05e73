"""The metadata and the hashes of files on servers, by the cheapest way that works, kept for good."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import msgspec

from wheelpin.errors import IntegrityError
from wheelpin.files import CoreMetadata, IndexFile
from wheelpin.index.access import Access, IndexRefusedError, NotCachedError
from wheelpin.index.chores import Chores
from wheelpin.index.metadata import MAX_METADATA_BYTES, parse_metadata
from wheelpin.index.once import Once, finished, forward, settle
from wheelpin.ports import MetadataUnusableError, Request, Response
from wheelpin.transport.failures import ServerStatusError, TooLargeError
from wheelpin.transport.workers import Workers
from wheelpin.values import Sha256, without_secrets

if TYPE_CHECKING:
    from wheelpin.index.ranged import RangeReader

_METADATA_KIND = "metadata-1"
_DIGEST_KIND = "digests-1"

_MAX_FILE_BYTES = 8 * 1024 * 1024 * 1024
_IN_MEMORY_BYTES = 32 * 1024 * 1024
_DOWNLOADS_AT_ONCE = 8


class HashMismatchError(IntegrityError):
    """A file's bytes do not have the hash that its index gives."""

    def __init__(self, url: str, algorithm: str, expected: str, actual: str) -> None:
        url = without_secrets(url)
        super().__init__(url, algorithm, expected, actual)
        self.url, self.algorithm, self.expected, self.actual = url, algorithm, expected, actual

    def __str__(self) -> str:
        return f"{self.url} has the {self.algorithm} {self.actual}, but its index says {self.expected}"


class _Digest(msgspec.Struct, frozen=True, array_like=True):
    sha256: Sha256
    size_bytes: int


_encode = msgspec.msgpack.Encoder().encode
_decode_metadata = msgspec.msgpack.Decoder(CoreMetadata).decode
_decode_digest = msgspec.msgpack.Decoder(_Digest).decode


class RemoteFiles:
    """What can be learnt of files from their servers; every answer is kept for the life of the object."""

    def __init__(self, access: Access, chores: Chores | None = None) -> None:
        """Have metadata kept among *chores*, which may be long after it is known."""
        self._access, self._chores = access, chores or Chores()
        self._ranges: RangeReader | None = None
        # Whole files are streamed, which blocks a thread: threads of their own, because those of the transport
        # must stay free for what the streams' beginnings wait for.
        self._downloads = Workers(_DOWNLOADS_AT_ONCE)
        self._metadata: Once[IndexFile, CoreMetadata] = Once(self._start_metadata)
        self._hashed: Once[IndexFile, IndexFile] = Once(lambda file: finished(self._hash(file)))
        self._lock = threading.Lock()
        self._warned: set[tuple[str, str]] = set()

    def close(self) -> None:
        """Begin no download any more, and let those under way end with the transport."""
        self._downloads.close()

    def metadata(self, file: IndexFile) -> Future[CoreMetadata]:
        """Return the future of the metadata of a wheel: from the cache, its sidecar, parts of it, or all of it."""
        return self._metadata.future(file)

    def hashed(self, file: IndexFile) -> IndexFile:
        """Return *file* with its sha256, from the index, the cache, or its bytes."""
        return file if file.sha256 is not None else self._hashed.future(file).result()

    def _start_metadata(self, file: IndexFile) -> Future[CoreMetadata]:
        if not file.is_wheel:
            raise MetadataUnusableError(file.filename, "it is no wheel")
        blob = self._kept(_METADATA_KIND, file)
        if blob is not None:
            try:
                return finished(_decode_metadata(blob))
            except (msgspec.MsgspecError, ValueError):
                pass
        if self._access.is_offline:
            raise NotCachedError(file.url)
        found: Future[CoreMetadata] = Future()
        if file.sidecar is None:
            self._read_parts(file, found)
        else:
            self._read_sidecar(file, found)
        kept: Future[CoreMetadata] = Future()
        settle(found, kept, lambda metadata: self._keep_metadata(file, metadata))
        return kept

    def _keep_metadata(self, file: IndexFile, metadata: CoreMetadata) -> CoreMetadata:
        self._chores.add(lambda: self._access.keep(_METADATA_KIND, _file_key(file), _encode(metadata)))
        return metadata

    def _read_sidecar(self, file: IndexFile, found: Future[CoreMetadata]) -> None:
        """Fetch ``URL.metadata`` (PEP 658); what is wrong with it is the index's fault and said, not fatal."""

        def on_answer(answer: Future[Response]) -> None:
            try:
                fault, metadata = _sidecar(file, answer)
                if metadata is not None:
                    found.set_result(metadata)
                    return
                self._complain(file, fault)
                self._read_parts(file, found)
            except Exception as error:
                found.set_exception(error)

        request = Request(url=_sidecar_url(file.url), max_bytes=MAX_METADATA_BYTES)
        self._access.transport.fetch(request).add_done_callback(on_answer)

    def _complain(self, file: IndexFile, fault: str) -> None:
        """Warn of a wrong sidecar, of each host and fault once; the others are details."""
        host = urlsplit(file.url).hostname or ""
        with self._lock:
            is_new = (host, fault) not in self._warned
            self._warned.add((host, fault))
        say = self._access.reporter.warning if is_new else self._access.reporter.detail
        say(f"{without_secrets(_sidecar_url(file.url))} {fault}; reading the wheel itself")

    def _read_parts(self, file: IndexFile, found: Future[CoreMetadata]) -> None:
        def on_read(read: Future[bytes | None]) -> None:
            try:
                body = read.result()
                if body is not None:
                    found.set_result(parse_metadata(body, file.filename))
                else:
                    forward(self._downloads.submit(lambda: self._read_whole(file)), found)
            except Exception as error:
                found.set_exception(error)

        self._range_reader().read(file).add_done_callback(on_read)

    def _range_reader(self) -> "RangeReader":
        with self._lock:
            if self._ranges is None:
                from wheelpin.index.ranged import RangeReader  # noqa: PLC0415 - most indexes give sidecars

                self._ranges = RangeReader(self._access.transport)
            return self._ranges

    def _read_whole(self, file: IndexFile) -> CoreMetadata:
        from wheelpin.index.wheel_metadata import read_wheel_metadata, view_of  # noqa: PLC0415 - loads zipfile

        self._access.reporter.progress(f"reading all of {file.filename} for its metadata")
        try:
            with self._downloaded(file) as (stream, _):
                return parse_metadata(read_wheel_metadata(view_of(stream), file.filename), file.filename)
        except HashMismatchError as error:
            raise MetadataUnusableError(file.filename, str(error)) from error
        except ServerStatusError as error:
            if error.status == 401:
                raise IndexRefusedError(file.url, error.status) from error
            if error.status in (403, 404, 410):
                raise MetadataUnusableError(file.filename, error.problem) from error
            raise

    def _hash(self, file: IndexFile) -> IndexFile:
        blob = self._kept(_DIGEST_KIND, file)
        digest = None
        if blob is not None:
            try:
                digest = _decode_digest(blob)
            except (msgspec.MsgspecError, ValueError):
                digest = None
        if digest is None:
            if self._access.is_offline:
                raise NotCachedError(file.url)
            self._access.reporter.progress(f"reading all of {file.filename} for its sha256")
            with self._downloaded(file) as (_, digest):
                pass
        return msgspec.structs.replace(file, sha256=digest.sha256, size_bytes=digest.size_bytes)

    @contextmanager
    def _downloaded(self, file: IndexFile) -> Iterator[tuple[IO[bytes], _Digest]]:
        """Hold the whole file, its hashes checked, in memory or in a nameless file; remember its digest."""
        import tempfile  # noqa: PLC0415 - most indexes give hashes and sidecars

        request = Request(url=file.url, max_bytes=_MAX_FILE_BYTES)
        claims = dict(file.other_hashes) if file.sha256 is None else {"sha256": file.sha256}
        hashers = {name: hashlib.new(name, usedforsecurity=False) for name in {*claims, "sha256"}}
        size_bytes = 0
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as stream:
            with self._access.transport.stream(request) as response:
                for chunk in response:
                    size_bytes += len(chunk)
                    stream.write(chunk)
                    for hasher in hashers.values():
                        hasher.update(chunk)
            for name, expected in claims.items():
                if (actual := hashers[name].hexdigest()) != expected:
                    raise HashMismatchError(file.url, name, expected, actual)
            digest = _Digest(Sha256(hashers["sha256"].hexdigest()), size_bytes)
            self._access.keep(_DIGEST_KIND, _file_key(file), _encode(digest))
            yield stream, digest

    def _kept(self, kind: str, file: IndexFile) -> bytes | None:
        """Look into the cache; a file without any hash may have been replaced, which a refresh is to find out."""
        has_hash = file.sha256 is not None or file.other_hashes
        if self._access.must_revalidate and not has_hash:
            return None
        return self._access.kept(kind, _file_key(file))


def _file_key(file: IndexFile) -> str:
    """Name the very file: its address, and what tells it from one that took its place."""
    if file.sha256 is not None:
        claims = f"sha256={file.sha256}"
    else:
        hashes = " ".join(f"{name}={digest}" for name, digest in file.other_hashes)
        claims = f"{file.filename} {hashes} {file.size_bytes} {file.uploaded_at}"
    return f"{without_secrets(file.url)} {claims}"


def _sidecar_url(url: str) -> str:
    """Append ``.metadata`` to the path, which a query may follow."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path + ".metadata"))


def _sidecar(file: IndexFile, answer: Future[Response]) -> tuple[str, CoreMetadata | None]:
    """Check and read a sidecar; without metadata, the text says what is wrong with it."""
    try:
        response = answer.result()
    except (ServerStatusError, TooLargeError) as error:
        return f"is offered, but {error.problem}", None
    if response.status != 200:
        return f"is offered, but the server answered {response.status}", None
    if file.sidecar and hashlib.sha256(response.body).hexdigest() != file.sidecar:
        return "does not have the sha256 that the index gives", None
    try:
        return "", parse_metadata(response.body, file.filename)
    except MetadataUnusableError as error:
        return f"cannot be used ({error.reason})", None
