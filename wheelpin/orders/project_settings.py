"""What a project's file says of indexes, as a layer of the settings."""

from pathlib import Path

from msgspec.structs import replace

from wheelpin.orders.finding import FoundProject
from wheelpin.requirements import is_address
from wheelpin.settings import ExplicitOptions, Layer, Said
from wheelpin.values import Origin


def options_within(found: FoundProject, options: ExplicitOptions) -> ExplicitOptions:
    """Return *options* with what the project's file says below them."""
    indexes = found.project.indexes.project_indexes
    return replace(
        options,
        project_indexes={
            **{name: _place(url, found.folder) for name, url in indexes.items()},
            **options.project_indexes,
        },
        project_layer=_layer(found),
    )


def _layer(found: FoundProject) -> Layer:
    """Spell what the file says of indexes, with pip's words; paths start at its folder."""
    indexes, table = found.project.indexes, found.project.table
    said: dict[str, tuple[str, ...]] = {
        "index-url": (indexes.index_url,) if indexes.index_url is not None else (),
        "extra-index-url": indexes.extra_index_urls,
        "find-links": indexes.find_links,
        "no-index": ("yes",) if indexes.no_index else (),
        "exclude-newer": (indexes.exclude_newer,) if indexes.exclude_newer is not None else (),
    }
    places = ("index-url", "extra-index-url", "find-links")
    return {
        name: tuple(
            Said(
                _place(text, found.folder) if name in places else text,
                Origin(f"{table.file.name}, {'.'.join((*table.keys, name))}"),
            )
            for text in texts
        )
        for name, texts in said.items()
        if texts
    }


def _place(text: str, folder: Path) -> str:
    """Make the path of a folder absolute; addresses and paths of a home stay."""
    return text if is_address(text) or text.startswith("~") else str(folder / text)
