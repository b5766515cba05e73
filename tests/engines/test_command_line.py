"""Engines by their command lines, played by a stand-in: what is asked, and what becomes of each answer."""

import json
import os
import platform
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.engines.stand_in import IMAGE, make_engine
from wheelpin.engines import (
    Command,
    CommandLineEngine,
    ContainerOptions,
    EngineFailedError,
    EngineName,
    ForeignArchitectureError,
    ImageMissingError,
    ImageUnusableError,
    NoEngineError,
    NoSpaceError,
    PullFailedError,
    ResultMissingError,
    TimeLimitError,
    find_engine,
)

OPTIONS = ContainerOptions(image=IMAGE, time_limit_s=60)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_engine(tmp_path / "engine").parent


@pytest.fixture
def engine(home: Path) -> CommandLineEngine:
    return CommandLineEngine(EngineName.DOCKER, str(home / "docker"))


def calls(home: Path) -> list[list[str]]:
    return [json.loads(line) for line in (home / "calls").read_text(encoding="utf-8").splitlines()]


def answer(home: Path, verb: str, *, stderr: str = "", stdout: str = "", exit_code: int = 1) -> None:
    """Make the stand-in say this and nothing else to a verb."""
    reply = {"stderr": stderr, "stdout": stdout, "exit_code": exit_code}
    (home / f"answer-{verb}").write_text(json.dumps(reply), encoding="utf-8")


def nothing_left(home: Path) -> bool:
    return not any((home / "containers").glob("*")) if (home / "containers").exists() else True


def discard(_: bytes) -> None: ...


def test_container_takes_files_runs_and_gives_files(engine: CommandLineEngine, home: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "words").write_text("hello", encoding="utf-8")
    said = bytearray()
    with engine.open(OPTIONS) as container:
        container.copy_in(tmp_path / "in", "/work")
        shout = "import os, sys; p = sys.argv[1]; open(p + '/loud', 'w').write(open(p + '/words').read().upper())"
        code = container.run(
            Command(
                argv=("python", "-c", f"{shout}; print(os.environ['A']); sys.exit(3)", "/work"), environment={"A": "b"}
            ),
            said.extend,
        )
        files = container.copy_out("/work/loud", tmp_path / "out")
    assert (code, bytes(said)) == (3, b"b\n")
    assert files == (tmp_path / "out" / "loud",)
    assert files[0].read_text(encoding="utf-8") == "HELLO"
    assert nothing_left(home)


def test_command_is_asked_and_answers_apart(engine: CommandLineEngine) -> None:
    with engine.open(OPTIONS) as container:
        script = "import sys; print(input()); sys.stderr.write('aside'); sys.exit(4)"
        got = container.ask(Command(argv=("python", "-c", script)), b"question\n")
    assert (got.exit_code, got.stdout, got.stderr) == (4, b"question\n", b"aside")


def test_container_is_removed_whatever_happens(engine: CommandLineEngine, home: Path) -> None:
    def interrupted() -> None:
        with engine.open(OPTIONS):
            assert not nothing_left(home)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert nothing_left(home)
    assert calls(home)[-1][:3] == ["rm", "--force", "--volumes"]


def test_container_that_did_not_start_is_removed_too(engine: CommandLineEngine, home: Path) -> None:
    answer(home, "run", stderr="docker: Error response from daemon: something odd.\nSee 'docker run --help'.\n")
    with pytest.raises(EngineFailedError) as caught, engine.open(OPTIONS):
        pass
    assert str(caught.value) == f"docker failed to start a container of {IMAGE}: something odd."
    assert caught.value.exit_code == 6
    assert calls(home)[-1][0] == "rm"


def test_open_containers_can_be_stopped_from_elsewhere(engine: CommandLineEngine, home: Path) -> None:
    with engine.open(OPTIONS) as container:
        threading.Timer(0.3, engine.stop).start()
        with pytest.raises(EngineFailedError, match=r"failed to run python: .*No such container"):
            container.run(Command(argv=("python", "-c", "import time, sys; time.sleep(1.5); sys.exit(137)")), discard)
    assert nothing_left(home)
    with pytest.raises(EngineFailedError, match="it was told to stop"), engine.open(OPTIONS):
        pass


@pytest.mark.parametrize("limit_s", [1])
def test_time_limit_is_said(engine: CommandLineEngine, home: Path, limit_s: int) -> None:
    options = ContainerOptions(image=IMAGE, time_limit_s=limit_s)
    sleep = Command(argv=("sleep", "5"))
    with pytest.raises(TimeLimitError) as caught, engine.open(options) as container:
        container.run(sleep, discard)
    assert str(caught.value) == "sleep was stopped: its container had 1 seconds"
    assert caught.value.exit_code == 6
    with engine.open(options) as container:
        assert container.ask(sleep).exit_code is None
    assert nothing_left(home)


@pytest.mark.parametrize(
    ("stderr", "exit_code", "reason"),
    [
        pytest.param(
            'runc: exec: "sleep": executable file not found in $PATH: unknown', 127, "it has no sleep", id="no program"
        ),
        pytest.param("exec format error", 126, "exec format error", id="of another machine"),
    ],
)
def test_image_whose_program_does_not_start_is_unusable(
    engine: CommandLineEngine, home: Path, stderr: str, exit_code: int, reason: str
) -> None:
    answer(home, "run", stderr=stderr, exit_code=exit_code)
    with pytest.raises(ImageUnusableError) as caught, engine.open(OPTIONS):
        pass
    assert str(caught.value) == f"no container of {IMAGE} runs: {reason}"
    assert caught.value.exit_code == 6


@pytest.mark.parametrize(
    ("died", "again", "text"),
    [
        pytest.param(("", 139), ("", 0), "a program died of a segmentation fault (exit code 139)", id="seen at once"),
        pytest.param(
            ("Error response from daemon: No such container: wheelpin-1", 1), ("", 139), "(exit code 139)", id="gone"
        ),
        pytest.param(("Error: container state improper", 255), ("", 0), "exit code 0", id="gone, but not so again"),
    ],
)
def test_image_whose_programs_die_is_unusable(
    engine: CommandLineEngine, home: Path, died: tuple[str, int], again: tuple[str, int], text: str
) -> None:
    answer(home, "exec", stderr=died[0], exit_code=died[1])
    answer(home, "run-probe", stderr=again[0], exit_code=again[1])
    with pytest.raises(ImageUnusableError) as caught, engine.open(OPTIONS):
        pass
    assert text in str(caught.value)
    assert nothing_left(home)


def test_engine_that_goes_away_at_the_start_is_said(engine: CommandLineEngine, home: Path) -> None:
    answer(home, "exec", stderr="Error response from daemon: No such container: wheelpin-1", exit_code=1)
    answer(home, "run-probe", stderr="docker: Cannot connect to the Docker daemon at unix:///x.", exit_code=125)
    with pytest.raises(EngineFailedError, match=rf"start a container of {IMAGE}: Cannot connect"), engine.open(OPTIONS):
        pass


def test_image_that_is_not_there_is_not_fetched(engine: CommandLineEngine, home: Path) -> None:
    with pytest.raises(ImageMissingError) as caught, engine.open(ContainerOptions(image="no/such:1", time_limit_s=9)):
        pass
    assert str(caught.value) == "docker has no image no/such:1"
    assert caught.value.hint == "fetch it with docker pull no/such:1"
    assert caught.value.exit_code == 2
    assert [words[0] for words in calls(home)] == ["image"]


@pytest.mark.parametrize("name", ["--help", "-q"])
def test_image_is_no_option(engine: CommandLineEngine, name: str) -> None:
    assert not engine.has_image(name)


def test_image_of_another_architecture_is_refused(engine: CommandLineEngine) -> None:
    options = ContainerOptions(image=IMAGE, time_limit_s=9, architecture="aarch64")
    with pytest.raises(ImageUnusableError, match="it is of x86_64, not of aarch64") as caught, engine.open(options):
        pass
    assert caught.value.hint is not None


def test_architecture_that_does_not_run_is_refused_before_all_else(tmp_path: Path) -> None:
    home = make_engine(tmp_path / "here", machine=f"x86_64 {platform.release()}").parent
    engine = CommandLineEngine(EngineName.DOCKER, str(home / "docker"))
    options = ContainerOptions(image="no/such:1", time_limit_s=9, architecture="loongarch64")
    with pytest.raises(ForeignArchitectureError) as caught, engine.open(options):
        pass
    assert str(caught.value) == "docker cannot run no/such:1: this machine has no emulator for loongarch64"
    assert "qemu-user-static" in caught.value.hint
    assert caught.value.exit_code == 2
    assert engine.can_run("i686")


def test_nothing_is_known_of_the_emulators_of_another_machine(engine: CommandLineEngine) -> None:
    assert engine.can_run("loongarch64")


def test_images_are_told_of(engine: CommandLineEngine) -> None:
    facts = engine.facts_of(IMAGE)
    assert facts is not None
    assert facts.digest == engine.digest_of(IMAGE) == "sha256:01"
    assert engine.facts_of("no/such:1") is None
    with pytest.raises(ImageMissingError):
        engine.digest_of("no/such:1")


def test_nonsense_about_an_image_is_the_engines_failure(engine: CommandLineEngine, home: Path) -> None:
    answer(home, "image", stdout="[{}]", exit_code=0)
    with pytest.raises(EngineFailedError, match="tell of the image"):
        engine.facts_of(IMAGE)


def test_container_becomes_an_image_and_the_image_goes(engine: CommandLineEngine) -> None:
    with engine.open(OPTIONS) as container:
        image = container.commit()
    assert engine.has_image(image)
    engine.remove_image(image)
    engine.remove_image(image)
    assert not engine.has_image(image)


def test_image_is_pulled_when_asked_to(engine: CommandLineEngine) -> None:
    said = bytearray()
    engine.pull("new/image:1", "x86_64", said.extend)
    assert said == b"Pulling new/image:1\n"
    assert engine.has_image("new/image:1")


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        pytest.param("Error response from daemon: unauthorized", PullFailedError, id="refused"),
        pytest.param("write /var/lib/docker/tmp/x: no space left on device", NoSpaceError, id="no room for it"),
    ],
)
def test_pull_that_fails_is_said(
    engine: CommandLineEngine, home: Path, stderr: str, kind: type[PullFailedError | NoSpaceError]
) -> None:
    answer(home, "pull", stderr=stderr)
    with pytest.raises(kind, match="docker failed to fetch new/image:1: ") as caught:
        engine.pull("new/image:1", "x86_64", discard)
    assert caught.value.exit_code == 6
    assert caught.value.hint


@pytest.mark.parametrize("verb", ["commit", "image"])
def test_full_disk_is_said(engine: CommandLineEngine, home: Path, verb: str) -> None:
    with engine.open(OPTIONS) as container:
        answer(home, verb, stderr="Error response from daemon: mkdir /x: no space left on device")
        with pytest.raises(NoSpaceError) as caught:
            container.commit() if verb == "commit" else engine.remove_image(IMAGE)
    assert "no space left on device" in str(caught.value)
    assert caught.value.hint == "make room where docker keeps its data; docker system prune removes what is not in use"


def test_what_an_engine_keeps_of_its_input_goes_with_it(
    engine: CommandLineEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    (tmp_path / "a.txt").write_text("a")
    with engine.open(OPTIONS) as container:
        container.copy_in(tmp_path / "a.txt", "/work")
    assert list(temporary.iterdir()) == []


def test_failure_to_copy_in_is_said(engine: CommandLineEngine, home: Path, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(os.urandom(4_000_000))
    with engine.open(OPTIONS) as container:
        answer(home, "cp", stderr="write /big: no space left on device")
        with pytest.raises(NoSpaceError, match=r"copy .*big into a container"):
            container.copy_in(tmp_path / "big", "/work")


def test_file_that_cannot_be_read_is_said(engine: CommandLineEngine, tmp_path: Path) -> None:
    with engine.open(OPTIONS) as container, pytest.raises(EngineFailedError, match="nothing-there into a container"):
        container.copy_in(tmp_path / "nothing-there", "/work")


def test_result_that_is_not_there_is_said(engine: CommandLineEngine, home: Path, tmp_path: Path) -> None:
    with engine.open(OPTIONS) as container:
        with pytest.raises(ResultMissingError, match="the container has no /out"):
            container.copy_out("/out", tmp_path)
        answer(home, "cp", stderr="unexpected EOF")
        with pytest.raises(EngineFailedError, match="copy /out out of a container: unexpected EOF"):
            container.copy_out("/out", tmp_path)


def test_engine_that_cannot_be_started_any_more_is_said(engine: CommandLineEngine, home: Path, tmp_path: Path) -> None:
    with engine.open(OPTIONS) as container:
        (home / "docker").unlink()
        for act in (
            lambda: container.run(Command(argv=("a",)), discard),
            lambda: container.ask(Command(argv=("a",))),
            lambda: container.copy_in(tmp_path, "/x"),
            lambda: container.copy_out("/x", tmp_path),
            container.commit,
            lambda: engine.facts_of(IMAGE),
            lambda: engine.pull(IMAGE, "x86_64", discard),
        ):
            with pytest.raises(EngineFailedError, match=os.strerror(2)):
                act()


@pytest.mark.parametrize(
    ("looked_at", "reason"),
    [
        pytest.param(
            {"stderr": "Cannot connect to the Docker daemon at unix:///x. Is it running?"},
            "Cannot connect to the Docker daemon at unix:///x. Is it running?",
            id="no engine",
        ),
        pytest.param(
            {"stderr": "Error response from daemon: No such container: x"}, "No such container: x", id="no container"
        ),
        pytest.param({"stdout": "false", "exit_code": 0}, "the container ended under it", id="it ended"),
        pytest.param(
            {"stdout": "true", "exit_code": 0},
            "nothing starts in the container any more: cannot exec in a stopped container",
            id="its end is not known yet",
        ),
    ],
)
def test_container_that_ends_under_a_command_is_said(
    engine: CommandLineEngine, home: Path, looked_at: dict[str, Any], reason: str
) -> None:
    with engine.open(OPTIONS) as container:
        answer(home, "exec", stderr="Error response from daemon: cannot exec in a stopped container", exit_code=137)
        answer(home, "container", **looked_at)
        for act in (
            lambda: container.run(Command(argv=("make",)), discard),
            lambda: container.ask(Command(argv=("make",))),
        ):
            with pytest.raises(EngineFailedError) as caught:
                act()
            assert f"failed to run make: {reason}" in str(caught.value)


def test_command_that_fails_in_a_container_that_lives_is_no_failure_of_the_engine(
    engine: CommandLineEngine, home: Path
) -> None:
    with engine.open(OPTIONS) as container:
        answer(home, "container", stdout="false", exit_code=0)
        assert container.run(Command(argv=("false",)), discard) == 1
        assert container.ask(Command(argv=("false",))).exit_code == 1


def test_engine_that_is_there_is_found(tmp_path: Path) -> None:
    docker = make_engine(tmp_path / "a", name="docker")
    podman = make_engine(tmp_path / "b", name="podman")
    path = {"PATH": f"{docker.parent}{os.pathsep}{podman.parent}"}
    assert find_engine(None, path).name is EngineName.DOCKER
    assert find_engine(EngineName.PODMAN, path).name is EngineName.PODMAN
    assert find_engine(None, {**path, "CONTAINER_HOST": "ssh://elsewhere"}).name is EngineName.PODMAN
    answer(docker.parent, "info", stderr="Cannot connect to the Docker daemon at unix:///x.")
    assert find_engine(None, path).name is EngineName.PODMAN


def test_machine_without_engines_is_told_how_to_get_one(tmp_path: Path) -> None:
    docker = make_engine(tmp_path / "a", name="docker")
    answer(docker.parent, "info", stderr="Cannot connect to the Docker daemon at unix:///x.")
    with pytest.raises(NoEngineError) as caught:
        find_engine(None, {"PATH": str(docker.parent)})
    assert str(caught.value) == (
        "nothing here runs containers: docker does not answer (Cannot connect to the Docker daemon at unix:///x.); "
        "podman is not on the PATH"
    )
    assert caught.value.exit_code == 2
    assert "install docker or podman" in caught.value.hint
    with pytest.raises(NoEngineError, match=r"containers: podman is not on the PATH$"):
        find_engine(EngineName.PODMAN, {"PATH": str(docker.parent)})
