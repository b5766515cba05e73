"""Two halves of some work, done by two processes where that is safe."""

import os
import subprocess
import sys
from threading import Event, Thread

import pytest

from wheelpin.folders.forks import run_both

ALONE = """
import os, sys
from wheelpin.folders.forks import run_both

def beside(folder):
    with open(sys.argv[1], "w") as file:
        file.write(str(os.getpid()))
    if sys.argv[2] == "raises":
        raise OSError
    return sys.argv[2] == "succeeds"

print(run_both(lambda _: True, beside, folder=sys.argv[3]), os.getpid())
"""


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize("beside", [True, False])
def test_both_have_to_succeed(*, here: bool, beside: bool) -> None:
    assert run_both(lambda _: here, lambda _: beside, folder=".") is (here and beside)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do without a second process")
@pytest.mark.parametrize(("what", "outcome"), [("succeeds", "True"), ("fails", "False"), ("raises", "False")])
def test_command_has_a_second_process(tmp_path_factory: pytest.TempPathFactory, what: str, outcome: str) -> None:
    note = tmp_path_factory.mktemp("note") / "pid"
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(note), what, str(note.parent)], check=True, capture_output=True, text=True
    ).stdout.split()
    assert done[0] == outcome
    assert len(os.sched_getaffinity(0)) == 1 or note.read_text() != done[1]


INTERRUPTED = """
import os
from wheelpin.bundle import open_hands
from wheelpin.folders import forks

def interrupted():
    fork()
    raise KeyboardInterrupt  # in both of them

fork, os.fork = os.fork, interrupted
forks.count_cores = lambda: 2
for work in (lambda: forks.run_both(lambda _: True, lambda _: True, folder="."), lambda: open_hands().__enter__()):
    try:
        work()
    except KeyboardInterrupt:
        os.write(1, b"interrupted\\n")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do without a second process")
def test_second_process_takes_no_interrupt_for_the_first() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["interrupted"] * 2


def test_process_with_threads_does_it_all_itself() -> None:
    end = Event()
    here: list[str] = []
    thread = Thread(target=end.wait)
    thread.start()

    def beside(folder: str) -> bool:
        here.append(folder)
        return True

    try:
        assert run_both(lambda _: True, beside, folder="there")
    finally:
        end.set()
        thread.join()
    assert here == ["there"]
