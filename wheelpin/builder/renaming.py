"""A wheel under another platform's name: its tags, its RECORD and its file name say the same (PEP 427)."""

import base64
import csv
import hashlib
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

_WHEEL = re.compile(r"[^/]+\.dist-info/WHEEL")


def renamed_for(platform: str, path: Path) -> Path:
    """Write the wheel once more, named and tagged for *platform*, beside *path*; return where."""
    stem, _, _ = path.name.removesuffix(".whl").rpartition("-")
    renamed = path.with_name(f"{stem}-{platform}.whl")
    _, interpreters, abis = stem.rsplit("-", 2)
    tags = [f"{python}-{abi}-{platform}" for python in interpreters.split(".") for abi in abis.split(".")]
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(renamed, "w") as new:
        own = next(name for name in old.namelist() if _WHEEL.fullmatch(name))
        says = _tagged(old.read(own).decode("utf-8"), tags).encode("utf-8")
        changed = {own: says}
        record = own.replace("/WHEEL", "/RECORD")
        if record in old.namelist():
            changed[record] = _recorded(old.read(record).decode("utf-8"), own, says).encode("utf-8")
        for member in old.infolist():
            with old.open(member) as content, new.open(_like(member), "w") as copy:
                shutil.copyfileobj(
                    io.BytesIO(changed[member.filename]) if member.filename in changed else content, copy
                )
    return renamed


def _like(member: zipfile.ZipInfo) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(member.filename, member.date_time)
    made.compress_type, made.external_attr = member.compress_type, member.external_attr
    return made


def _tagged(text: str, tags: list[str]) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.lower().startswith("tag:")]
    return "".join(f"{line}\n" for line in (*lines, *(f"Tag: {tag}" for tag in tags)))


def _recorded(text: str, own: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows(_rows(text, [own, f"sha256={digest}", str(len(content))]))
    return written.getvalue()


def _rows(text: str, row: list[str]) -> Iterator[list[str]]:
    for each in csv.reader(io.StringIO(text, newline="")):
        yield row if each[:1] == row[:1] else each
