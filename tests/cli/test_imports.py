"""What a command loads: what it does not need, its user does not wait for."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, Process
from tests.index_server import IndexServer

LIBRARIES = {
    *("certifi", "elftools", "httpcore", "httpx", "installer", "keyring", "msgspec", "packaging", "platformdirs"),
    *("resolvelib", "rich", "selectolax", "ssl", "truststore"),
}
SCRIPT = """
import json, sys
from wheelpin.entry import main
code = main(json.loads(sys.argv[1]))
print(json.dumps(list(sys.modules)), file=sys.stderr)
sys.exit(code)
"""


def loaded(process: Process, *words: str) -> set[str]:
    """Return the libraries, and the modules of wheelpin and packaging, that a command loads."""
    said = process.run([sys.executable, "-c", SCRIPT, json.dumps(words)])
    assert said.code == 0, said.err
    modules = json.loads(said.err.splitlines()[-1])
    return {name for name in modules if name in LIBRARIES or name.startswith(("wheelpin.", "packaging."))}


def test_version_loads_nothing_to_speak_of(process: Process) -> None:
    modules = ("cli", "cli.console", "cli.main", "entry", "errors", "interrupts", "version")
    assert loaded(process, "--version") <= {f"wheelpin.{name}" for name in modules}


def test_targets_are_shown_without_index_and_resolver(process: Process) -> None:
    found = loaded(process, "target", "show", LINUX)
    assert found & LIBRARIES <= {"msgspec", "packaging", "platformdirs"}


def test_lock_loads_no_module_that_it_does_not_use(process: Process) -> None:
    with IndexServer.json_with_sidecars(make_wheel("alpha", "1.0")) as index:
        words = ("lock", "alpha", "-t", LINUX, "-i", index.url, "--no-cache")
        said = process.run([sys.executable, "-c", SCRIPT, json.dumps(words)])
    modules = set(json.loads(said.err.splitlines()[-1]))
    # A plain http address goes by way of httpx, which brings tempfile and shutil.
    assert modules & {"asyncio", "configparser", "getopt", "pathspec", "platformdirs", "zipfile"} == set()
    rooms = {"builder", "engines", "index.local", "index.ranged", "index.simple_html", "orders.walking", "project"}
    assert modules & {f"wheelpin.{name}" for name in (*rooms, "target.capture")} == set()
    # A change that makes every lock load a dozen modules more should be meant: each is a millisecond and more.
    assert len([name for name in modules if name.startswith("wheelpin.")]) < 150


def test_first_request_waits_for_nothing_that_only_the_search_needs(process: Process) -> None:
    # Nothing listens there: what was loaded before that could be found out is what the first request waited for.
    words = ("lock", "alpha", "-t", LINUX, "-i", "https://127.0.0.1:9/simple/", "--no-cache")
    said = process.run([sys.executable, "-c", SCRIPT, json.dumps(words)])
    assert said.code == 5
    modules = json.loads(said.err.splitlines()[-1])
    asked = modules.index("wheelpin.transport.wire")
    before = set(modules[:asked])
    later = {
        "packaging.markers",
        "packaging.requirements",
        "resolvelib",
        "shlex",
        "tomllib",
        "wheelpin.locks",
    }
    later |= {f"wheelpin.{name}" for name in ("candidates", "resolve", "workflows", "orders.locking", "cli.remember")}
    assert before & later == set()
    assert len([name for name in before if name.startswith("wheelpin.")]) < 98
    # And what the connection needs comes before what would take the interpreter from the thread that makes it.
    assert modules.index("hpack") < modules.index("wheelpin.locks")


@pytest.mark.parametrize("command", ["lock", "explain"])
def test_command_that_asks_an_index_loads_what_it_uses(process: Process, command: str) -> None:
    with IndexServer.json_with_sidecars(make_wheel("alpha", "1.0")) as index:
        found = loaded(process, command, "alpha", "-t", LINUX, "-i", index.url)
    assert found & {"elftools", "installer", "keyring", "selectolax"} == set()


def test_unchanged_world_needs_no_network_library(process: Process) -> None:
    with IndexServer.json_with_sidecars(make_wheel("alpha", "1.0")) as index:
        words = ("lock", "alpha", "-t", LINUX, "-i", index.url)
        loaded(process, *words)
        assert loaded(process, *words) & LIBRARIES == set()


BARE_SCRIPT = """
import sys
sys.path[:] = sys.argv.pop(1).split("\\n")
from wheelpin.entry import main
code = main()
print(*sys.modules)
sys.exit(code)
"""
HEAVY = {
    "collections",
    "contextlib",
    "hashlib",
    "inspect",
    "pathlib",
    "re",
    "shutil",
    "tempfile",
    "typing",
    "urllib.parse",
}
"""What of the standard library takes milliseconds to load."""


def heavy(process: Process, *words: str) -> set[str]:
    """Return what a command loads of these, where nothing else of the environment loads any."""
    said = process.run([sys.executable, "-S", "-c", BARE_SCRIPT, "\n".join(sys.path), *words])
    assert said.code == 0, said.err
    return HEAVY.intersection(said.out.split())


def test_second_run_loads_little_of_the_standard_library(process: Process) -> None:
    with IndexServer.json_with_sidecars(make_wheel("alpha", "1.0")) as index:
        lock = ("lock", "alpha", "-t", LINUX, "-i", index.url, "-o", "lock.txt")
        vendor = ("vendor", "lock.txt", "--to", "vendored", "-i", index.url)
        for words in (lock, vendor):
            assert heavy(process, *words)  # or there is nothing to save
        shutil.rmtree(Path("vendored"))
        assert {words[0]: heavy(process, *words) for words in (lock, vendor)} == {"lock": set(), "vendor": set()}
