"""A lock as a software bill of materials, for the tools that look after those."""

from wheelpin.sbom.write import SbomLibraryMissingError, to_sbom

__all__ = ["SbomLibraryMissingError", "to_sbom"]
