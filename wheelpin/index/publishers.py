"""Who published a file, by the attestations that the index has checked (PEP 740); kept for good once it is known."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING

import msgspec

from wheelpin.errors import WheelpinError
from wheelpin.files import IndexFile
from wheelpin.index.access import Access, NotCachedError
from wheelpin.index.once import finished, settle
from wheelpin.ports import Request, Response
from wheelpin.values import without_secrets

if TYPE_CHECKING:
    from wheelpin.locks import Identity

_KIND = "publishers-1"
_MAX_BYTES = 8 * 1024 * 1024


class _Bundle(msgspec.Struct):
    publisher: dict[str, object]


class _Provenance(msgspec.Struct):
    attestation_bundles: list[_Bundle]


_Facts = tuple[str, tuple[tuple[str, str], ...]]
_decode = msgspec.json.Decoder(_Provenance).decode
_encode_kept = msgspec.msgpack.Encoder().encode
_decode_kept = msgspec.msgpack.Decoder(tuple[_Facts, ...]).decode


class Publishers:
    """Asks the addresses that an index gives beside its files; an answer that cannot be had is a warning."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self.has_failed = False
        """Something could not be had that another run may get."""

    def of(self, files: Iterable[IndexFile]) -> "Mapping[str, tuple[Identity, ...]]":
        """Return the identities by file name, all asked for at once; a file without any is left out."""
        asked = [(file, self._start(file, file.provenance)) for file in files if file.provenance is not None]
        found: dict[str, tuple[Identity, ...]] = {}
        for file, future in asked:
            try:
                found[file.filename] = future.result()
            except (WheelpinError, _BrokenError) as error:
                self.has_failed = True
                self._access.reporter.warning(f"who published {file.filename} cannot be told: {error}")
        return found

    def _start(self, file: IndexFile, url: str) -> "Future[tuple[Identity, ...]]":
        found: Future[tuple[Identity, ...]] = Future()
        key = f"{without_secrets(url)} {file.sha256}"
        if (identities := self._kept(key)) is not None:
            return finished(identities)
        if self._access.is_offline:
            found.set_exception(NotCachedError(url))
        elif not url.startswith(("https://", "http://")):
            found.set_exception(_BrokenError(f"{without_secrets(url)!r} is no address of its provenance"))
        else:
            answer = self._access.transport.fetch(Request(url=url, max_bytes=_MAX_BYTES))
            settle(answer, found, lambda response: self._keep(key, _read(response)))
        return found

    def _kept(self, key: str) -> "tuple[Identity, ...] | None":
        blob = None if self._access.must_revalidate else self._access.kept(_KIND, key)
        if blob is None:
            return None
        try:
            return tuple(_identity_type()(kind=kind, facts=facts) for kind, facts in _decode_kept(blob))
        except (msgspec.MsgspecError, ValueError):
            return None

    def _keep(self, key: str, identities: "tuple[Identity, ...]") -> "tuple[Identity, ...]":
        self._access.keep(_KIND, key, _encode_kept([(each.kind, each.facts) for each in identities]))
        return identities


class _BrokenError(Exception):
    """An answer that tells nothing; the text says why."""


def _read(response: Response) -> "tuple[Identity, ...]":
    """Read a provenance object: each publisher once, in its order, without the claims that nobody pins."""
    place = without_secrets(response.url)
    if response.status != 200:
        raise _BrokenError(f"{place} answered {response.status}")
    try:
        bundles = _decode(response.body).attestation_bundles
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _BrokenError(f"{place} is no provenance (PEP 740): {error}") from error
    identities = [_identity(bundle.publisher, place) for bundle in bundles]
    return tuple(dict.fromkeys(identities))


def _identity(publisher: Mapping[str, object], place: str) -> "Identity":
    kind = publisher.get("kind")
    if not isinstance(kind, str):
        raise _BrokenError(f"{place} is no provenance (PEP 740): a publisher has no kind")
    facts = [(key, value) for key, value in publisher.items() if key != "kind" and isinstance(value, str) and value]
    return _identity_type()(kind=kind, facts=tuple(facts))


def _identity_type() -> "type[Identity]":
    from wheelpin.locks import Identity  # noqa: PLC0415 - only one form of lock has a place for it

    return Identity
