"""Wheels that can be unpacked, and pins of them: generated, real in all that an installer looks at.

Nine in ten are small and pure; the others hold the binaries, which are nearly all of the bytes. Equal counts give
equal files.
"""

import argparse
import base64
import hashlib
import random
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmark.world import normalized

PINS = "pins.txt"

_TEXT_PIECE_BYTES, _BINARY_PIECE_BYTES = 2_048, 32_768
_LARGEST_BINARY_BYTES = 46_000_000
_NATIVE_TAGS = "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64"


@dataclass(frozen=True, slots=True)
class _Pieces:
    """What contents are put together from; they shrink to a quarter and to two fifths, as code and binaries do."""

    text: tuple[bytes, ...]
    binary: tuple[bytes, ...]

    @classmethod
    def made(cls) -> "_Pieces":
        rng = random.Random("pieces")
        words = ["".join(rng.choices("abcdefghilmnoprstu", k=rng.randint(2, 11))) for _ in range(3_000)]
        text = tuple(_text_piece(rng, words) for _ in range(256))
        symbols = bytes(rng.choices(range(256), weights=[1 / (rank + 1) for rank in range(256)], k=256))
        binary = tuple(rng.randbytes(_BINARY_PIECE_BYTES // 2).translate(symbols) * 2 for _ in range(256))
        return cls(text, binary)


def _text_piece(rng: random.Random, words: list[str]) -> bytes:
    lines = []
    size = 0
    while size < _TEXT_PIECE_BYTES:
        line = "    " * rng.randint(1, 3) + " ".join(rng.choices(words, k=rng.randint(2, 9))) + "\n"
        lines.append(line)
        size += len(line)
    return "".join(lines).encode()[:_TEXT_PIECE_BYTES]


def write_wheels(folder: Path, count: int) -> None:
    """Write *count* wheels into *folder*."""
    pieces = _Pieces.made()
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda number: _write_wheel(folder, number, pieces), range(count)))


def write_pins(folder: Path) -> None:
    """Write a file of hashed pins of all wheels that lie in *folder*."""
    lines = []
    for wheel in sorted(folder.glob("*.whl")):
        project, version, *_ = wheel.name.split("-")
        with wheel.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{normalized(project)}=={version} --hash=sha256:{digest}\n")
    (folder / PINS).write_text("".join(lines), encoding="utf-8")


def _write_wheel(folder: Path, number: int, pieces: _Pieces) -> None:
    rng = random.Random(number)
    project, version = f"part_{number:03}", f"{rng.randint(0, 4)}.{rng.randint(0, 20)}.{rng.randint(0, 9)}"
    is_native = number % 10 == 0
    tags = _NATIVE_TAGS if is_native else "py3-none-any"
    dist_info = f"{project}-{version}.dist-info"
    name = f"{project}-{version}-{tags}.whl"
    record = []
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, body in (
            *_modules(rng, project, pieces),
            *(_binaries(rng, number, project, pieces) if is_native else ()),
            *_dist_info(rng, number, dist_info, tags),
        ):
            _add(wheel, path, body)
            record.append(f"{path},sha256={_urlsafe_digest(body)},{len(body)}\n")
        record.append(f"{dist_info}/RECORD,,\n")
        _add(wheel, f"{dist_info}/RECORD", "".join(record).encode())


def _modules(rng: random.Random, project: str, pieces: _Pieces) -> Iterator[tuple[str, bytes]]:
    yield f"{project}/__init__.py", b""
    for number in range(min(1_000, 4 + int(rng.expovariate(1 / 130)))):
        body = b"".join(rng.choices(pieces.text, k=1 + int(rng.expovariate(1 / 3))))
        package = f"{project}/package_{number // 20}" if number >= 20 else project
        yield f"{package}/module_{number}.py", b'"""\n' + body.replace(b'"', b"'") + b'"""\n'


def _binaries(rng: random.Random, number: int, project: str, pieces: _Pieces) -> Iterator[tuple[str, bytes]]:
    left_bytes = _LARGEST_BINARY_BYTES * 4 // (1 + number // 10)
    while left_bytes > 0:
        size = min(left_bytes, _LARGEST_BINARY_BYTES, int(rng.lognormvariate(14, 1.5)))
        left_bytes -= max(size, 100_000)
        body = b"".join(rng.choices(pieces.binary, k=1 + size // _BINARY_PIECE_BYTES))
        yield f"{project}/_native_{left_bytes}.cpython-312-x86_64-linux-gnu.so", body[:size]


def _dist_info(rng: random.Random, number: int, folder: str, tags: str) -> Iterator[tuple[str, bytes]]:
    project, version = folder.removesuffix(".dist-info").split("-")
    description = f"{project} stands for a wheel of usual size.\n" * rng.randint(1, 200)
    yield f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n\n{description}".encode()
    lines = ["Wheel-Version: 1.0", "Generator: benchmark", f"Root-Is-Purelib: {str(tags.startswith('py3')).lower()}"]
    first, abi, platforms = tags.split("-")
    lines += [f"Tag: {first}-{abi}-{platform}" for platform in platforms.split(".")]
    yield f"{folder}/WHEEL", "".join(f"{line}\n" for line in lines).encode()
    if number % 8 == 0:
        yield f"{folder}/entry_points.txt", f"[console_scripts]\n{project} = {project}:main\n".encode()


def _add(wheel: zipfile.ZipFile, path: str, body: bytes) -> None:
    member = zipfile.ZipInfo(path)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = (0o100755 if path.endswith(".so") else 0o100644) << 16
    wheel.writestr(member, body)


def _urlsafe_digest(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    arguments = parser.parse_args()
    write_wheels(arguments.folder, arguments.count)
    write_pins(arguments.folder)


if __name__ == "__main__":
    main()
