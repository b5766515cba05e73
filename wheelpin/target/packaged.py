"""The tables and the script that lie beside the code."""

from pkgutil import get_data


def packaged_text(name: str) -> str:
    """Return the text of a file of this package."""
    # importlib.resources does the same, but loads tempfile, shutil and random: ten milliseconds of every start.
    return (get_data("wheelpin.target", name) or b"").decode("utf-8")
