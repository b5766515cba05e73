"""Real engines: what a container can do, and that nothing of it stays, however the run ends."""

import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.containers.small import small_image
from wheelpin.engines import (
    Command,
    CommandLineEngine,
    ContainerOptions,
    EngineFailedError,
    EngineName,
    ForeignArchitectureError,
    HostileResultError,
    ImageMissingError,
    ImageUnusableError,
    Network,
    NoSpaceError,
    PullFailedError,
    ResultMissingError,
    RunLog,
    TimeLimitError,
)
from wheelpin.engines.exits import meaning_of

pytestmark = pytest.mark.container

ELSEWHERE = "registry.invalid/none/image:1"


@pytest.fixture
def options(image_name: str) -> ContainerOptions:
    return ContainerOptions(image=image_name, time_limit_s=120)


@pytest.fixture
def left_over(engine: CommandLineEngine) -> Callable[[str], bool]:
    """Tell whether a container is still there."""

    def look(name: str) -> bool:
        found = subprocess.run([program_of(engine), "container", "inspect", name], check=False, capture_output=True)
        return found.returncode == 0

    return look


def program_of(engine: CommandLineEngine) -> str:
    return engine.program


def shell(script: str) -> Command:
    return Command(argv=("sh", "-c", script))


def discard(_: bytes) -> None: ...


def test_files_go_in_and_results_come_out_as_the_callers(
    engine: CommandLineEngine, options: ContainerOptions, tmp_path: Path, left_over: Callable[[str], bool]
) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "data").write_bytes(os.urandom(3_000_000))
    (tmp_path / "in" / "run").write_text("#!/bin/sh\ncp -r /work/src/deep /out; echo done $A\n", encoding="utf-8")
    (tmp_path / "in" / "run").chmod(0o700)
    with engine.open(options) as container, RunLog(tmp_path / "log") as log:
        container.copy_in(tmp_path / "in", "/work/src")
        command = Command(argv=("./run",), environment={"A": "with it"}, working_folder="/work/src")
        assert container.run(command, log) == 0
        files = container.copy_out("/out", tmp_path / "results")
        name = container.name
    assert log.tail == ("done with it",)
    assert [path.name for path in files] == ["data"]
    assert files[0].read_bytes() == (tmp_path / "in" / "deep" / "data").read_bytes()
    assert files[0].stat().st_uid == os.getuid()
    assert not left_over(name)


def test_commands_run_as_somebody_and_answer(engine: CommandLineEngine, options: ContainerOptions) -> None:
    with engine.open(options) as container:
        command = Command(argv=("sh", "-c", "id -u; cat; echo aside >&2; exit 7"), user="1234:1234")
        answer = container.ask(command, b"said\n")
    assert (answer.exit_code, answer.stdout, answer.stderr) == (7, b"1234\nsaid\n", b"aside\n")


@pytest.mark.parametrize(
    ("script", "exit_code"),
    [
        pytest.param("exit 3", 3, id="its own"),
        pytest.param("kill -SEGV $$", 139, id="segmentation fault"),
        pytest.param("kill -KILL $$", 137, id="killed"),
        pytest.param("no-such-program", 127, id="no such program"),
    ],
)
def test_exit_code_is_the_programs(
    engine: CommandLineEngine, options: ContainerOptions, script: str, exit_code: int
) -> None:
    with engine.open(options) as container:
        assert container.run(shell(script), discard) == exit_code


def test_container_reaches_nothing_unless_asked_for(engine: CommandLineEngine, options: ContainerOptions) -> None:
    look = shell("ls /sys/class/net")
    with engine.open(options) as container:
        assert container.ask(look).stdout.split() == [b"lo"]
    with engine.open(replace(options, network=Network.FULL)) as container:
        found = container.ask(look).stdout.split()
    if found == [b"lo"]:
        pytest.skip(f"{engine.name} has no network for its containers here")
    assert len(found) > 1


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param("ln -s /etc/shadow /out/a.whl", "neither a file nor a folder", id="a link"),
        pytest.param("echo > /out/a; ln /out/a /out/b", "neither a file nor a folder", id="a second name"),
        pytest.param("mkfifo /out/a", "neither a file nor a folder", id="a pipe"),
        pytest.param("echo > '/out/..\\..\\a'", "its name leads elsewhere", id="a name that leads out"),
    ],
)
def test_hostile_results_stay_in_the_container(
    engine: CommandLineEngine, options: ContainerOptions, tmp_path: Path, script: str, reason: str
) -> None:
    with engine.open(options) as container:
        container.run(shell(f"mkdir /out; {script}"), discard)
        with pytest.raises(HostileResultError, match=reason):
            container.copy_out("/out", tmp_path)
        with pytest.raises(ResultMissingError, match="/none"):
            container.copy_out("/none", tmp_path)


def test_prepared_image_has_what_was_done_and_goes_again(engine: CommandLineEngine, options: ContainerOptions) -> None:
    with engine.open(options) as container:
        container.run(shell("echo prepared > /done"), discard)
        prepared = container.commit()
    with engine.open(replace(options, image=prepared)) as container:
        assert container.ask(shell("cat /done")).stdout == b"prepared\n"
    engine.remove_image(prepared)
    assert not engine.has_image(prepared)
    with pytest.raises(ImageMissingError), engine.open(replace(options, image=prepared)):
        pass


def test_time_limit_ends_the_command_and_its_container(
    engine: CommandLineEngine, options: ContainerOptions, left_over: Callable[[str], bool]
) -> None:
    started = time.monotonic()
    with engine.open(replace(options, time_limit_s=2)) as container:
        name = container.name
        with pytest.raises(TimeLimitError, match="sh was stopped: its container had 2 seconds"):
            container.run(shell("sleep 100"), discard)
    assert time.monotonic() - started < 30
    assert not left_over(name)


SLEEPER = """\
import sys
from wheelpin.engines import Command, CommandLineEngine, ContainerOptions, EngineName

program, name, image, limit_s = sys.argv[1:]
engine = CommandLineEngine(EngineName(name), program)
with engine.open(ContainerOptions(image=image, time_limit_s=int(limit_s))) as container:
    print(container.name, flush=True)
    container.run(Command(argv=("sleep", "100")), print)
"""


@pytest.mark.parametrize(
    ("told", "limit_s", "patience_s"),
    [
        pytest.param(signal.SIGINT, 100, 15, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, 100, 15, id="told to end"),
        pytest.param(signal.SIGKILL, 1, 40, id="killed: the container ends by itself"),
    ],
)
def test_nothing_stays_of_a_run_that_is_ended(
    engine: CommandLineEngine,
    image_name: str,
    left_over: Callable[[str], bool],
    told: signal.Signals,
    limit_s: int,
    patience_s: int,
) -> None:
    argv = [sys.executable, "-c", SLEEPER, program_of(engine), str(engine.name), image_name, str(limit_s)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        assert process.stdout is not None
        name = process.stdout.readline().decode().strip()
        assert left_over(name)
        # As a terminal does: everybody in the foreground gets it.
        os.killpg(process.pid, told)
        process.wait(patience_s)
    deadline = time.monotonic() + patience_s
    while left_over(name) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert not left_over(name)


def test_container_that_is_taken_away_is_the_engines_failure(
    engine: CommandLineEngine, options: ContainerOptions
) -> None:
    own = CommandLineEngine(engine.name, engine.program)
    with own.open(options) as container:
        threading.Timer(1, own.stop).start()
        with pytest.raises(EngineFailedError, match=f"{engine.name} failed to run sh: ") as caught:
            container.run(shell("sleep 100"), discard)
    assert caught.value.exit_code == 6


def test_image_that_is_not_there_is_not_fetched(engine: CommandLineEngine) -> None:
    assert not engine.has_image(ELSEWHERE)
    with pytest.raises(ImageMissingError) as caught, engine.open(ContainerOptions(image=ELSEWHERE, time_limit_s=9)):
        pass
    assert (caught.value.exit_code, str(caught.value)) == (2, f"{engine.name} has no image {ELSEWHERE}")


def test_registry_that_does_not_answer_is_said(engine: CommandLineEngine) -> None:
    with pytest.raises(PullFailedError, match=f"{engine.name} failed to fetch {ELSEWHERE}: ") as caught:
        engine.pull(ELSEWHERE, platform.machine(), discard)
    assert caught.value.exit_code == 6


def test_image_whose_programs_die_is_told_from_others(engine: CommandLineEngine, options: ContainerOptions) -> None:
    with engine.open(options) as container:
        script = "f=$(command -v sleep); rm $f; printf '#!/bin/sh\\nexit 139\\n' > $f; chmod 755 $f"
        assert container.run(shell(script), discard) == 0
        fatal = container.commit()
    try:
        with pytest.raises(ImageUnusableError) as caught, engine.open(replace(options, image=fatal)):
            pass
    finally:
        engine.remove_image(fatal)
    assert caught.value.reason == meaning_of(139).text
    assert "vsyscall=emulate" in (caught.value.hint or "")
    assert caught.value.exit_code == 6


def test_interpreter_that_the_image_lacks_is_named(engine: CommandLineEngine, options: ContainerOptions) -> None:
    lacking = replace(options, sleeper="python2.1")
    with pytest.raises(ImageUnusableError, match=r"runs: it has no python2\.1"), engine.open(lacking):
        pass


def test_architecture_without_an_emulator_is_refused_before_an_image_is_looked_for(engine: CommandLineEngine) -> None:
    foreign = next((name for name in ("s390x", "riscv64", "aarch64") if not engine.can_run(name)), None)
    if foreign is None:
        pytest.skip("this kernel runs programs of every architecture")
    options = ContainerOptions(image=ELSEWHERE, time_limit_s=9, architecture=foreign)
    with pytest.raises(ForeignArchitectureError, match=foreign) as caught, engine.open(options):
        pass
    assert caught.value.exit_code == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], check=False, capture_output=True)
    if done.returncode != 0:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def small_podman(
    engine: CommandLineEngine, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CommandLineEngine:
    """Set podman up with little room, and a small image in it."""
    if (
        engine.name is not EngineName.PODMAN
        or "CONTAINERS_STORAGE_CONF" not in os.environ
        or "rootless" in program_of(engine)
    ):
        pytest.skip("only root's podman can be told where to keep its data")
    settings = tmp_path / "storage.conf"
    lines = ("[storage]", 'driver = "overlay"', f'graphroot = "{small_disk}/data"', f'runroot = "{tmp_path}/run"')
    settings.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(settings))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    import_small(engine)
    return engine


def import_small(engine: CommandLineEngine) -> None:
    done = subprocess.run(
        [program_of(engine), "import", "-", "small:1"], input=small_image(), check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()


def test_full_disk_is_said(small_podman: CommandLineEngine, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(os.urandom(30_000_000))
    with small_podman.open(ContainerOptions(image="small:1", time_limit_s=60)) as container:
        assert container.run(shell("dd if=/dev/zero of=/zeros bs=1000000 count=30; : > /zeros; exit 4"), discard) == 4
        with pytest.raises(NoSpaceError) as caught:
            container.copy_in(tmp_path / "big", "/work")
        with pytest.raises(NoSpaceError):
            container.commit()
    assert caught.value.exit_code == 6
    assert "make room" in (caught.value.hint or "")


@pytest.fixture
def own_docker(
    engine: CommandLineEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a daemon that may die, with a small image in it."""
    if engine.name is not EngineName.DOCKER:
        pytest.skip("podman has no daemon that could die")
    home = Path(os.environ["DOCKER_HOST"].removeprefix("unix://")).parent
    folder = Path(f"{home}-{os.getpid()}")
    folder.mkdir()
    host = f"unix://{folder}/socket"
    argv = ["dockerd", "--host", host, "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"]
    argv += ["--pidfile", f"{folder}/pid", "--bridge", "none", "--iptables=false", "--ip6tables=false"]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(argv, stdout=log, stderr=log) as daemon:
        monkeypatch.setenv("DOCKER_HOST", host)
        for _ in range(60):
            if subprocess.run([program_of(engine), "version"], check=False, capture_output=True).returncode == 0:
                break
            time.sleep(0.5)
        else:
            daemon.kill()
            pytest.skip("no second dockerd starts here")
        import_small(engine)
        yield daemon
        daemon.terminate()
    # What a daemon that was killed leaves running and mounted is nobody's.
    subprocess.run(["pkill", "-KILL", "-f", folder], check=False)
    for line in reversed(Path("/proc/mounts").read_text(encoding="utf-8").splitlines()):
        if line.split()[1].startswith(str(folder)):
            subprocess.run(["umount", "--lazy", line.split()[1]], check=False)
    subprocess.run(["rm", "-rf", folder], check=False)


def test_engine_that_dies_is_said(own_docker: subprocess.Popen[bytes], engine: CommandLineEngine) -> None:
    with engine.open(ContainerOptions(image="small:1", time_limit_s=60)) as container:
        threading.Timer(1, own_docker.kill).start()
        with pytest.raises(EngineFailedError) as caught:
            container.run(shell("sleep 50"), discard)
        with pytest.raises(EngineFailedError, match="docker failed to run sh"):
            container.ask(shell("exit 0"))
    assert caught.value.exit_code == 6
    assert "Cannot connect" in caught.value.reason
