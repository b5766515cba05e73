"""Which files exist: index pages, find-links places, and the metadata of wheels."""

from wheelpin.index.publishers import Publishers
from wheelpin.index.several import PageState, open_index

__all__ = ["PageState", "Publishers", "open_index"]
