import io
import json

from tests.builders import make_wheel
from tests.elf_builders import make_extension, make_pe
from wheelpin.elf import audit_to_json, audit_wheel
from wheelpin.target import Target


def test_an_audit_is_plain_data() -> None:
    files = {"_bar.so": make_extension(glibc="2.28", symbol="fcntl64"), "t64.exe": make_pe(0x8664)}
    wheel = make_wheel("foo", tag="cp312-cp312-manylinux_2_17_x86_64", files=files)
    target = Target.parse("cp312-manylinux_2_28_x86_64")
    report = audit_to_json(audit_wheel(io.BytesIO(wheel.body), wheel.filename, target=target))
    assert json.loads(json.dumps(report)) == {
        "wheel": wheel.filename,
        "sound": False,
        "deserved": {"tag": "manylinux_2_28_x86_64", "aliases": [], "level-proven": True},
        "target": target.name,
        "broken-claims": [
            {
                "kind": "newer-version",
                "text": "_bar.so needs GLIBC_2.28 (symbol fcntl64 of libc.so.6); manylinux_2_17_x86_64 has 2.17",
                "file": "_bar.so",
                "version": "GLIBC_2.28",
                "library": "libc.so.6",
                "symbols": ["fcntl64"],
                "holder": "manylinux_2_17_x86_64",
                "has": "2.17",
            }
        ],
        "broken-for-target": [],
        "notes": [],
        "outside-libraries": ["libc.so.6"],
        "newest-demands": [
            {"version": "GLIBC_2.28", "library": "libc.so.6", "file": "_bar.so", "symbols": ["fcntl64"]}
        ],
        "files": [
            {
                "path": "_bar.so",
                "architecture": "x86_64",
                "libc": "glibc",
                "is-extension-module": True,
                "soname": None,
                "needed": ["libc.so.6"],
                "libpython": None,
                "versions": {"libc.so.6": {"GLIBC_2.28": ["fcntl64"]}},
                "rpath": [],
                "runpath": [],
                "isa-level": None,
                "unicode-width": None,
            }
        ],
        "other-binaries": [{"path": "t64.exe", "format": "PE", "architectures": ["amd64"]}],
    }


def test_a_wheel_without_binaries_has_nothing_to_deserve() -> None:
    wheel = make_wheel("foo")
    report = audit_to_json(audit_wheel(io.BytesIO(wheel.body), wheel.filename))
    assert (report["sound"], report["deserved"], report["files"]) == (True, None, [])
