"""Set up an environment from wheelpin's own locks and run its checks in it; needs nothing but Python."""

import argparse
import os
import platform
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKFILES = ROOT / "lockfiles"
GROUPS = ("test", "build")
"""What the checks need beside wheelpin's own dependencies; the locks are made for the same."""

OLDEST_GLIBC = (2, 28)
"""Of the locks for Linux; [tool.wheelpin] in pyproject.toml names the same."""


def main(*, with_set_up: bool) -> int:
    """Read the command line, do what it says, and return the exit code."""
    parser = argparse.ArgumentParser(
        description="Run every check. The environment lies in .venv, or where WHEELPIN_VENV says.",
        epilog="Other arguments go to pytest; the coverage floor then does not apply.",
    )
    parser.add_argument("--fast", action="store_true", help="leave out the tests that ask the real PyPI")
    options, pytest_arguments = parser.parse_known_args()
    venv = Path(os.environ.get("WHEELPIN_VENV", ROOT / ".venv")).resolve()
    try:
        if with_set_up:
            set_up(venv)
        elif not python_of(venv).exists():
            print(f"{venv} has no Python yet: python3 scripts/test sets it up", file=sys.stderr)
            return 2
    except subprocess.CalledProcessError as error:
        print(f"could not set up {venv}: {error}", file=sys.stderr)
        return 2
    return run_checks(venv, pytest_command(is_fast=options.fast, arguments=pytest_arguments))


def python_of(venv: Path) -> Path:
    """Return where the environment's interpreter is, or would be."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def set_up(venv: Path) -> None:
    """Make the environment hold what the lock for this machine says, and wheelpin as it is now."""
    if not is_usable(venv):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
    pip = [str(python_of(venv)), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if (lock := lock_for_this_machine()) is not None:
        print(f"installing what {lock.relative_to(ROOT)} pins", file=sys.stderr)
        subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(lock)], check=True)
    else:
        print(f"no lock in {LOCKFILES.name} is for this machine; installing the newest that fits", file=sys.stderr)
        subprocess.run([*pip, *unlocked_requirements()], check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--force-reinstall", str(ROOT)], check=True)


def is_usable(venv: Path) -> bool:
    """Tell whether the environment exists and is of the running Python's minor."""
    version = 'import sys; print("{0}.{1}".format(*sys.version_info))'
    if not python_of(venv).exists():
        return False
    done = subprocess.run([python_of(venv), "-c", version], check=False, capture_output=True, text=True)
    return done.stdout.strip() == "{}.{}".format(*sys.version_info)


def lock_for_this_machine() -> Path | None:
    """Return the lock for the running interpreter and platform, if wheelpin has one."""
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return None
    machine = platform.machine().lower()
    if sys.platform == "linux":
        libc, version = platform.libc_ver()
        if libc != "glibc" or tuple(map(int, version.split("."))) < OLDEST_GLIBC:
            return None
        where = "manylinux_{}_{}_{}".format(*OLDEST_GLIBC, machine)
    else:
        where = f"macosx_11_0_{machine}" if sys.platform == "darwin" else f"win_{machine}"
    lock = LOCKFILES / "cp{}{}-{}.txt".format(*sys.version_info[:2], where)
    return lock if lock.is_file() else None


def unlocked_requirements() -> list[str]:
    """Return what the lock would be made from."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)
    groups = [project["dependency-groups"][group] for group in GROUPS]
    return [requirement for group in (project["project"]["dependencies"], *groups) for requirement in group]


def pytest_command(*, is_fast: bool, arguments: Sequence[str]) -> list[str]:
    """Spell the call of pytest; the whole suite runs on two cores and is held to the coverage floor."""
    scope = ["-m", "not live"] if is_fast else []
    whole = ["--numprocesses=2", "--dist=worksteal", "--cov", "--cov-report=term-missing:skip-covered"]
    return ["pytest", *scope, *(arguments or whole)]


def run_checks(venv: Path, pytest: Sequence[str]) -> int:
    """Run all checks, the tests last, and return 1 if any failed."""
    commands = [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        pytest,
    ]
    failed = []
    for command in commands:
        print(f"$ {' '.join(command)}", file=sys.stderr, flush=True)
        if subprocess.run([python_of(venv), "-m", *command], cwd=ROOT, check=False).returncode != 0:
            failed.append(" ".join(command))
    for command in failed:
        print(f"failed: {command}", file=sys.stderr)
    return 1 if failed else 0
