"""Which files exist: index pages, find-links places, and the metadata of wheels."""

from wheelpin.index.several import open_index

__all__ = ["open_index"]
