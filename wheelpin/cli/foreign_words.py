"""Options that people know from pip and uv, and what says the same to ``wheelpin lock``."""

from collections.abc import Mapping

_WHERE = "--target says where the wheels run, for example --target cp312-manylinux_2_28_x86_64"
_BUILT = "a lock has wheels: `wheelpin lock .` pins one that is built of the folder"

MEANT: Mapping[str, str] = {
    "-e": _BUILT,
    "--editable": _BUILT,
    "--platform": _WHERE,
    "--python-platform": _WHERE,
    "--python-version": _WHERE,
    "--implementation": _WHERE,
    "--abi": _WHERE,
    "--only-binary": "--build never takes wheels only, and --build NAME builds no other project",
    "--no-build": "--build never takes wheels only, and --build NAME builds no other project",
    "--no-binary": "a requirements file may say --no-binary NAME, and a project's file no-binary",
    "--generate-hashes": "every lock has hashes; --format hashes writes them as pip-compile does",
    "--output-file": "-o FILE, or --output FILE",
    "--prerelease": "--pre takes pre-releases like final ones",
    "--uploaded-prior-to": "--exclude-newer DATE|AGE",
    "--dry-run": "`wheelpin lock --check` changes nothing and tells what would; -o - prints a lock",
    "--no-deps": "a lock spells out all dependencies; --override FILE replaces what anybody asks of a project",
}
"""By option: the hint for somebody who tries it."""
