"""Which files exist: index pages, find-links folders, and the metadata of wheels."""
