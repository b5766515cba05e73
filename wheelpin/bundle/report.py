"""A bundle's sizes as data for machines and as one page for people; both pure, and equal for equal bundles."""

import html
import json
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from wheelpin.bundle.sizes import OwnerSize, measure
from wheelpin.bundle.tree import Tree, TreeFile
from wheelpin.bundle.treemap import Rectangle, divide

_MAP = Rectangle(0, 0, 100, 56)
_SMALLEST_SHARE = 0.002
"""Of the whole; what is smaller is one part together, as nobody could hit it."""
_REST = "other files"
_SMALLEST_LABELLED = (5, 2)
"""Width and height of a part, in the map's own units, that has room for words."""
_MODULES = "site-packages/"
"""Some layouts put the modules below a folder of this name."""
_HUES = (210, 28, 140, 330, 265, 55, 185, 0, 95, 300)

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
h1 { line-height: 1.2; overflow-wrap: anywhere; }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
.map { position: relative; width: 100%; aspect-ratio: 100 / 56; margin: 1.5rem 0; }
.map a { position: absolute; overflow: hidden; box-shadow: inset 0 0 0 .5px #fff; color: #111; text-decoration: none; }
.map span { display: block; padding: .15rem .3rem; font-size: .8rem; line-height: 1.2; white-space: nowrap;
  overflow: hidden; text-overflow: ellipsis; }
.map a:focus-visible, .map a:hover { outline: 3px solid #111; outline-offset: -3px; z-index: 1; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { padding: .3rem .6rem; text-align: left; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #8886; text-align: right; }
th:first-child { min-width: 9rem; text-align: left; overflow-wrap: anywhere; }
tr.folder th { padding-left: 2rem; font-weight: normal; }
tr { scroll-margin-top: 3rem; }
tr:target { background: #fd06; }
meter { width: 100%; height: 1.2rem; }
"""


class _Folder(Struct, frozen=True, kw_only=True):
    """What a project has at the bundle's root: a folder, or the files that lie there openly."""

    name: str
    files: int
    size_bytes: int


def report_json(tree: Tree, *, most_bytes: int | None) -> str:
    """Spell the sizes as JSON."""
    owners = measure(tree)
    folders = _folders(tree)
    value = {
        "size_bytes": tree.size_bytes,
        "most_bytes": most_bytes,
        "packed_bytes": sum(owner.packed_bytes for owner in owners),
        "slim_bytes": sum(owner.slim_bytes for owner in owners),
        "files": len(tree.files),
        "projects": [
            {
                "name": owner.owner,
                "files": owner.files,
                "size_bytes": owner.size_bytes,
                "packed_bytes": owner.packed_bytes,
                "slim_bytes": owner.slim_bytes,
                "folders": [
                    {"name": each.name, "files": each.files, "size_bytes": each.size_bytes}
                    for each in folders[owner.owner]
                ],
            }
            for owner in owners
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def report_page(tree: Tree, *, title: str, most_bytes: int | None) -> str:
    """Spell the sizes as an HTML page that needs no network and no script.

    The picture is a map of links into the table below it, so that a keyboard or a screen reader gets all it shows.
    """
    owners = measure(tree)
    folders = _folders(tree)
    heading = html.escape(title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{heading}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{heading}</h1>\n"
        f"{_summary(tree, owners, most_bytes)}{_map(owners, folders)}{_table(owners, folders)}"
        "</main>\n</body>\n</html>\n"
    )


def _summary(tree: Tree, owners: Sequence[OwnerSize], most_bytes: int | None) -> str:
    packed, slim = (sum(values) for values in ((o.packed_bytes for o in owners), (o.slim_bytes for o in owners)))
    text = (
        f"<p>{len(tree.files):,} files of {len(owners):,} owners: <strong>{tree.size_bytes:,} bytes</strong> unpacked, "
        f"{packed:,} packed. Leaving out what running code does not read would save {slim:,} bytes.</p>\n"
    )
    if most_bytes is None:
        return text
    left = most_bytes - tree.size_bytes
    verdict = f"{left:,} bytes are left" if left >= 0 else f"<strong>{-left:,} bytes too many</strong>"
    return (
        f"{text}<p><label>Of the {most_bytes:,} bytes that the platform takes, {verdict}.\n"
        f'<meter min="0" max="{most_bytes}" value="{min(tree.size_bytes, most_bytes)}"></meter></label></p>\n'
    )


def _map(owners: Sequence[OwnerSize], folders: Mapping[str, Sequence[_Folder]]) -> str:
    sized = [owner for owner in owners if owner.size_bytes]
    total = sum(owner.size_bytes for owner in sized)
    cells: list[str] = []
    for at, (owner, place) in enumerate(zip(sized, divide(_MAP, [each.size_bytes for each in sized]), strict=True)):
        parts = _grouped(folders[owner.owner], total)
        for nth, (part, inner) in enumerate(
            zip(parts, divide(place, [each.size_bytes for each in parts]), strict=True)
        ):
            cells.append(_cell(owner, part, inner, number=(at, nth)))
    return (
        '<p><a href="#sizes">The same as a table</a></p>\n'
        '<nav class="map" aria-label="Map of sizes; each part leads to its project in the table">\n'
        f"{''.join(cells)}</nav>\n"
    )


def _cell(owner: OwnerSize, part: _Folder, place: Rectangle, *, number: tuple[int, int]) -> str:
    at, nth = number
    lightness = 72 + 6 * (nth % 3)
    style = (
        f"left:{place.left:.4f}%;top:{place.top / _MAP.height * 100:.4f}%;"
        f"width:{place.width:.4f}%;height:{place.height / _MAP.height * 100:.4f}%;"
        f"background:hsl({_HUES[at % len(_HUES)]} 70% {lightness}%)"
    )
    label = html.escape(f"{owner.owner}: {part.name}, {part.size_bytes:,} bytes")
    has_room = place.width >= _SMALLEST_LABELLED[0] and place.height >= _SMALLEST_LABELLED[1]
    text = f"<span>{html.escape(part.name)}</span>" if has_room else ""
    return f'<a href="#owner-{at}" style="{style}" title="{label}" aria-label="{label}">{text}</a>\n'


def _table(owners: Sequence[OwnerSize], folders: Mapping[str, Sequence[_Folder]]) -> str:
    heads = "".join(f'<th scope="col">{each}</th>' for each in ("Project", "Files", "Unpacked", "Packed", "Not needed"))
    rows: list[str] = []
    for at, owner in enumerate(owners):
        numbers = (owner.files, owner.size_bytes, owner.packed_bytes, owner.slim_bytes)
        cells = "".join(f"<td>{number:,}</td>" for number in numbers)
        rows.append(f'<tr id="owner-{at}"><th scope="row">{html.escape(owner.owner)}</th>{cells}</tr>\n')
        rows += (
            f'<tr class="folder"><th scope="row">{html.escape(each.name)}</th><td>{each.files:,}</td>'
            f"<td>{each.size_bytes:,}</td><td></td><td></td></tr>\n"
            for each in folders[owner.owner]
        )
    caption = "<caption>Bytes by project and folder, the largest first</caption>"
    table = f"<table>\n{caption}\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    # What scrolls can be reached by keyboard only if it takes the focus.
    return f'<div id="sizes" class="wide" role="region" aria-label="Table of sizes" tabindex="0">\n{table}</div>\n'


def _folders(tree: Tree) -> Mapping[str, Sequence[_Folder]]:
    """Return what each owner has at the root of its modules, the largest first."""
    by_owner: dict[str, dict[str, list[TreeFile]]] = {}
    for file in tree.files:
        by_owner.setdefault(file.owner, {}).setdefault(_second_level(file.path), []).append(file)
    return {
        owner: sorted(
            (_Folder(name=name, files=len(files), size_bytes=_size(files)) for name, files in by_name.items()),
            key=lambda folder: (-folder.size_bytes, folder.name),
        )
        for owner, by_name in by_owner.items()
    }


def _second_level(path: str) -> str:
    """Return the part of a path that tells most: two folders deep among the modules, or the file itself."""
    path = path.rpartition(_MODULES)[2]
    folders = path.split("/")[:-1]
    return "/".join(folders[:2]) + "/" if folders else path


def _grouped(folders: Iterable[_Folder], total: int) -> list[_Folder]:
    """Join the parts that are too small to be seen into one."""
    large: list[_Folder] = []
    small: list[_Folder] = []
    for folder in folders:
        (large if folder.size_bytes >= _SMALLEST_SHARE * total else small).append(folder)
    rest_bytes = sum(folder.size_bytes for folder in small)
    if rest_bytes:
        large.append(_Folder(name=_REST, files=sum(folder.files for folder in small), size_bytes=rest_bytes))
    return sorted(large, key=lambda folder: -folder.size_bytes)


def _size(files: Iterable[TreeFile]) -> int:
    return sum(file.size_bytes for file in files)
