"""The way to the library that writes bills of materials, which most people do without."""

from wheelpin.errors import InputError
from wheelpin.locks import Lock


class SbomLibraryMissingError(InputError):
    """The library that knows CycloneDX is not there."""

    hint = "install it with wheelpin: pip install 'wheelpin[sbom]'"

    def __str__(self) -> str:
        return "a bill of materials needs cyclonedx-python-lib, which is not installed"


def to_sbom(lock: Lock, name: str) -> str:
    """Write *lock* as CycloneDX JSON, as the bill of what is called *name*; raise `SbomLibraryMissingError`."""
    try:
        from wheelpin.sbom.cyclonedx import to_cyclonedx  # noqa: PLC0415 - slow to load, and perhaps not there
    except ModuleNotFoundError as error:
        raise SbomLibraryMissingError from error
    return to_cyclonedx(lock, name)
