"""Extension modules by their file names: which interpreters import ``_bar.cpython-312-x86_64-linux-gnu.so``.

An import looks for a fixed list of endings only (PEP 3149): a file with another interpreter's ending is not
wrong, it is invisible.
"""

import re

from msgspec import Struct


class ModuleName(Struct, frozen=True):
    """An extension module's file name taken apart."""

    module: str
    """Folder and name without any ending: ``foo/_bar``."""
    abi: str | None
    """``cpython-312``, ``abi3``, ``pypy310-pp73``; None where the name promises every interpreter."""
    is_for_musl: bool | None
    """What the name says of the libc; None where it says nothing, as before Python 3.11."""


_ENDING = re.compile(
    r"(cpython-(?P<cpython>\d+)[a-z]*|pypy\d+-pp\d+|abi3t?|graalpy[\d-]+-native)(?:-(?P<system>[\w-]+))?"
)
_PLAIN_ENDING = re.compile(r"(\w+-linux-\w+)?")
_FIRST_WITH_MUSL_NAMES = (3, 11)
_FIRST_WITH_ABI3T = (3, 15)


def parse_module_name(path: str) -> ModuleName | None:
    """Take the path of an extension module apart; None if no interpreter would find it under that name."""
    folder, slash, filename = path.rpartition("/")
    name, _, endings = filename.partition(".")
    module = folder + slash + name
    if endings != "so" and not endings.endswith(".so"):
        return None
    ending = endings.removesuffix("so").removesuffix(".")
    if _PLAIN_ENDING.fullmatch(ending):
        return ModuleName(module, None, None)
    if (match := _ENDING.fullmatch(ending)) is None:
        return None
    is_for_musl = None
    if match["system"] and match["cpython"] and _version(match["cpython"]) >= _FIRST_WITH_MUSL_NAMES:
        is_for_musl = "musl" in match["system"]
    return ModuleName(module, match[1], is_for_musl)


def imports(interpreter: str, abi: str, module_abi: str | None) -> bool:
    """Tell whether the interpreter of a tag's first two parts imports modules named for *module_abi*.

    ``py3`` stands for all interpreters, so that it imports only what is named for none; an interpreter that is
    not known is taken to import everything.
    """
    match = re.fullmatch(r"(cp|pp|py)(\d+)", interpreter)
    if module_abi is None or match is None:
        return True
    kind, digits = match[1], match[2]
    if module_abi == "abi3":
        return kind == "cp" and not re.fullmatch(r"cp\d+t|abi3t", abi)
    if module_abi == "abi3t":
        return kind == "cp" and _version(digits) >= _FIRST_WITH_ABI3T
    if kind == "cp":
        own = f"cpython-{digits}" if abi == "none" else f"cpython-{abi.removeprefix('cp')}"
        return module_abi == own or (abi == "none" and module_abi.rstrip("dmtu") == own)
    if kind == "pp":
        return abi == "none" or module_abi == abi.replace("_", "-")
    return False


def _version(digits: str) -> tuple[int, int]:
    return int(digits[0]), int(digits[1:] or 0)
