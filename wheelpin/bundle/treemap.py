"""Divide a rectangle among numbers so that the parts stay near to squares (Bruls, Huizing, van Wijk, 2000)."""

from collections.abc import Sequence

from msgspec import Struct


class Rectangle(Struct, frozen=True):
    """A place on the page, in any unit."""

    left: float
    top: float
    width: float
    height: float


def divide(whole: Rectangle, amounts: Sequence[int]) -> list[Rectangle]:
    """Return a part of *whole* for each of *amounts*, which are positive and sorted, the largest first."""
    parts: list[Rectangle] = []
    left = list(amounts)
    while left and whole.width > 0 and whole.height > 0:
        scale = whole.width * whole.height / sum(left)
        side = min(whole.width, whole.height)
        count = 1
        while count < len(left) and _worst(left[: count + 1], scale, side) <= _worst(left[:count], scale, side):
            count += 1
        row, left = left[:count], left[count:]
        placed, whole = _lay_row(whole, [amount * scale for amount in row])
        parts += placed
    return parts


def _worst(row: Sequence[int], scale: float, side: float) -> float:
    """Return the longest shape of a row's parts, 1 being a square."""
    total = sum(row) * scale
    return max(
        max(side**2 * area / total**2, total**2 / (side**2 * area)) for area in (row[0] * scale, row[-1] * scale)
    )


def _lay_row(whole: Rectangle, areas: Sequence[float]) -> tuple[list[Rectangle], Rectangle]:
    """Put a row along the shorter side; return its parts and what is left of the whole."""
    total = sum(areas)
    parts: list[Rectangle] = []
    if whole.width >= whole.height:
        width, top = total / whole.height, whole.top
        for area in areas:
            parts.append(Rectangle(whole.left, top, width, area / width))
            top += area / width
        return parts, Rectangle(whole.left + width, whole.top, max(0.0, whole.width - width), whole.height)
    height, left = total / whole.width, whole.left
    for area in areas:
        parts.append(Rectangle(left, whole.top, area / height, height))
        left += area / height
    return parts, Rectangle(whole.left, whole.top + height, whole.width, max(0.0, whole.height - height))
