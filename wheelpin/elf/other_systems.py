"""Binaries for macOS and Windows: whether what must load is for the right machine, and no more than that."""

import re
from collections.abc import Iterable, Iterator

from wheelpin.elf.headers import BinaryFormat
from wheelpin.elf.violations import WrongArchitecture
from wheelpin.elf.wheel import OtherBinary

_MACOS = re.compile(r"macosx_\d+_\d+_(\w+)")
_MACOS_FORMS = {
    "universal2": {"x86_64", "arm64"},
    "intel": {"x86_64"},
    "fat64": {"x86_64"},
    "fat3": {"x86_64"},
    "universal": {"x86_64"},
}
"""What a fat tag promises of the machines that are still alive."""
_WINDOWS = {"win32": "x86", "win_amd64": "amd64", "win_arm64": "arm64"}
_MODULE_ENDINGS = {BinaryFormat.MACH_O: (".so",), BinaryFormat.PE: (".pyd",)}


def other_violations(binaries: Iterable[OtherBinary], platform: str, *, holder: str) -> Iterator[WrongArchitecture]:
    """Yield the extension modules that are not for *platform*; every such binary if together they do not serve it."""
    if match := _MACOS.fullmatch(platform):
        format_, needed = BinaryFormat.MACH_O, _MACOS_FORMS.get(match[1], {match[1]})
    elif platform in _WINDOWS:
        format_, needed = BinaryFormat.PE, {_WINDOWS[platform]}
    else:
        return
    mine = [binary for binary in binaries if binary.kind.format is format_]
    wrong = [binary for binary in mine if not needed <= set(binary.kind.architectures)]
    is_covered = needed <= {architecture for binary in mine for architecture in binary.kind.architectures}
    for binary in wrong:
        if not is_covered or binary.path.endswith(_MODULE_ENDINGS[format_]):
            architecture = ", ".join(binary.kind.architectures)
            expected = " and ".join(sorted(needed))
            yield WrongArchitecture(file=binary.path, architecture=architecture, expected=expected, holder=holder)
