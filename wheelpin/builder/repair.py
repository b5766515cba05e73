"""Repair by the image's own auditwheel: which policy is asked for, and what its answers mean. Pure."""

import re
from collections.abc import Sequence

from msgspec import Struct

from wheelpin.builder import places
from wheelpin.builder.diagnosis import Trouble
from wheelpin.builder.places import Surroundings
from wheelpin.builder.steps import Step
from wheelpin.elf import WheelBinaries
from wheelpin.elf.policy import PolicyTables
from wheelpin.engines import Command
from wheelpin.target import Linux, Target

_PLATFORM = re.compile(r"\b(?:many|musl)linux\w+")


class Auditwheel(Struct, frozen=True, kw_only=True):
    """What the auditwheel of an image can do."""

    platforms: frozenset[str]
    """The names that it takes for ``--plat``; none if it did not say."""
    has_only_plat: bool


def help_command(around: Surroundings) -> Command:
    """Ask auditwheel what it knows."""
    return around.command("env", "COLUMNS=999", "auditwheel", "repair", "--help")


def parse_help(text: str) -> Auditwheel:
    """Read the help of ``auditwheel repair``."""
    return Auditwheel(platforms=frozenset(_PLATFORM.findall(text)), has_only_plat="--only-plat" in text)


def policy_names(target: Target, tables: PolicyTables) -> tuple[str, ...]:
    """Return what a wheel for *target* may be called, the newest policy that the target promises first.

    Not every libc level has a policy, and one above the target's would promise too much. A policy's legacy alias
    goes before its own name: old releases of auditwheel know nothing else, and new ones know both.
    """
    if not isinstance(target.platform, Linux) or target.platform.libc is None:
        return ()
    platform = target.platform
    assert platform.libc is not None
    levels = [each for each in tables.policies(platform.libc, platform.arch) if each.minor <= platform.libc_minor]
    newest_first = sorted(levels, key=lambda policy: -policy.minor)
    return tuple(name for policy in newest_first for name in (*policy.aliases, policy.name))


def choose_platform(auditwheel: Auditwheel, names: Sequence[str]) -> str | None:
    """Return the best of *names* that this auditwheel takes; None if it takes none."""
    if not auditwheel.platforms:
        return next(iter(names), None)
    return next((name for name in names if name in auditwheel.platforms), None)


def repair_step(around: Surroundings, auditwheel: Auditwheel, platform: str, filename: str) -> Step:
    """Graft libraries into the wheel and name it for *platform*."""
    only = ["--only-plat"] if auditwheel.has_only_plat else []
    words = ["auditwheel", "repair", "--plat", platform, *only, "-w", places.REPAIRED, f"{places.BUILT}/{filename}"]
    return Step("auditwheel repair", around.command(*words))


def needs_repair(binaries: WheelBinaries) -> bool:
    """Tell whether a wheel has binaries and is not named for a policy yet: nothing is repaired twice."""
    named = ("manylinux", "musllinux")
    return bool(binaries.elf_files) and not any(name.startswith(named) for name in binaries.tags.platforms)


def read_answer(lines: Sequence[str], platform: str, demands: Sequence[str] = ()) -> Trouble | None:
    """Tell what auditwheel's last lines complain of; None where they are not known.

    *demands* are the newest symbol versions that the wheel needs.
    """
    text = "\n".join(lines)
    if "too-recent" in text:
        which = f": {', '.join(demands)}" if demands else ""
        return Trouble(
            f"the wheel needs newer symbols than {platform} promises{which}",
            "build in an image with an older libc (image in the recipe), or lock for a target with a newer one",
        )
    if missing := re.search(r"required library \"?([^\"\s]+)\"? could not be located", text):
        return Trouble(
            f"the wheel is linked to {missing[1]}, which is not where the loader would find it",
            "install it as one of the recipe's system-packages, or name its folder in LD_LIBRARY_PATH",
        )
    if "Cannot find required utility" in text and "patchelf" in text:
        return Trouble("the image has no patchelf", "put patchelf into the image, or name another image")
    if "invalid choice" in text:
        return Trouble(
            f"the image's auditwheel does not know {platform}",
            "the image is of another architecture, or its auditwheel is too old: name another image",
        )
    return None
