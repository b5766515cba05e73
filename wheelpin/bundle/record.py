"""A wheel's RECORD: what it says of each member (binary distribution format, PEP 376, 427)."""

import base64
import binascii
import csv
import io
from collections.abc import Iterable, Mapping

from msgspec import Struct

from wheelpin.bundle.refusal import Refusal, WheelRefusedError
from wheelpin.values import Sha256

UNRECORDED = ("RECORD", "RECORD.jws", "RECORD.p7s")
"""Files of the dist-info folder that the RECORD need not hash: itself and its signatures."""


class RecordRow(Struct, frozen=True):
    """What RECORD says of one path."""

    sha256: Sha256 | None
    """None where there is no hash, or one by another algorithm."""
    size_bytes: int | None


def read_record(body: bytes, wheel: str) -> Mapping[str, RecordRow]:
    """Read RECORD by path; raise `WheelRefusedError` about *wheel* if that is not possible."""
    rows: dict[str, RecordRow] = {}
    try:
        text = body.decode("utf-8")
        for path, hash_text, size_text in csv.reader(io.StringIO(text, newline="")):
            row = RecordRow(_sha256(hash_text), int(size_text) if size_text else None)
            # Tools on Windows wrote its separators.
            if rows.setdefault(path.replace("\\", "/"), row) != row:
                raise WheelRefusedError(wheel, Refusal.RECORD_MISSING, member=path, detail="two rows disagree")
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise WheelRefusedError(wheel, Refusal.RECORD_MISSING, detail=str(error)) from error
    return rows


def write_record(rows: Iterable[tuple[str, Sha256, int]], *, own_path: str) -> bytes:
    """Spell a RECORD of (path, digest, size), sorted, that lists itself at *own_path* without a hash."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for path, sha256, size_bytes in sorted(rows):
        writer.writerow((path, f"sha256={_urlsafe(sha256)}", size_bytes))
    writer.writerow((own_path, "", ""))
    return text.getvalue().encode("utf-8")


def _sha256(text: str) -> Sha256 | None:
    algorithm, _, encoded = text.partition("=")
    if algorithm.lower() != "sha256":  # Python 2 over OpenSSL 3 says SHA256
        return None
    try:
        digest = binascii.a2b_base64(encoded.rstrip("=").replace("-", "+").replace("_", "/") + "=")
    except (binascii.Error, ValueError):
        return None
    return Sha256(digest.hex()) if len(digest) == 32 else None


def _urlsafe(sha256: Sha256) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(sha256)).rstrip(b"=").decode("ascii")
