"""What each project takes of a bundle, as lines for people."""

from collections.abc import Sequence

from wheelpin.bundle import OwnerSize

_HEAD = ("project", "files", "compressed", "unpacked")


def sizes_table(owners: Sequence[OwnerSize]) -> str:
    """Spell a line for each of *owners*, in their order, and their sum; sizes are in bytes."""
    numbers = [(owner.files, owner.packed_bytes, owner.size_bytes) for owner in owners]
    numbers.append((sum(row[0] for row in numbers), sum(row[1] for row in numbers), sum(row[2] for row in numbers)))
    names = [*(owner.owner for owner in owners), "total"]
    lines = [_HEAD, *((name, *(f"{number:,}" for number in row)) for name, row in zip(names, numbers, strict=True))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join([name.ljust(widths[0]), *map(str.rjust, rest, widths[1:])]) + "\n" for name, *rest in lines
    )
