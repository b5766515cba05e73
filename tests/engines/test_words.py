"""What is said to docker and podman, without either."""

import pytest

from tests.engines.stand_in import INSPECTED
from wheelpin.engines.model import Command, ContainerOptions, ImageFacts, Network
from wheelpin.engines.words import commit_words, exec_words, probe_words, pull_words, read_image_facts, run_words

HEAD = (
    *("run", "--detach", "--rm", "--pull", "never", "--name", "wheelpin-1", "--label", "wheelpin.container=wheelpin-1"),
    *("--stop-signal", "KILL"),
)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(
            ContainerOptions(image="an/image:1", time_limit_s=60),
            [*HEAD, "--network", "none", "--entrypoint", "sleep", "an/image:1", "70"],
            id="without network and of any architecture",
        ),
        pytest.param(
            ContainerOptions(image="i", time_limit_s=60, network=Network.FULL, architecture="aarch64"),
            [*HEAD, "--platform", "linux/arm64", "--entrypoint", "sleep", "i", "70"],
            id="with the network, for ARM",
        ),
        pytest.param(
            ContainerOptions(image="i", time_limit_s=5, sleeper="python3.12"),
            [*HEAD, "--network", "none", "--entrypoint", "python3.12", "i", "-S", "-c", "import time; time.sleep(15)"],
            id="of an image that has no sleep",
        ),
    ],
)
def test_container_sleeps_a_little_longer_than_its_time_limit(options: ContainerOptions, words: list[str]) -> None:
    assert run_words(options, "wheelpin-1", grace_s=10) == words


@pytest.mark.parametrize(
    ("sleeper", "words"),
    [
        pytest.param(None, ["sleep", "i", "0"], id="sleep"),
        pytest.param("py", ["py", "i", "-S", "-c", "import time; time.sleep(0)"], id="Python"),
    ],
)
def test_probe_ends_at_once(sleeper: str | None, words: list[str]) -> None:
    spelled = probe_words(ContainerOptions(image="i", time_limit_s=60, sleeper=sleeper, architecture="i686"))
    assert spelled[spelled.index("--network") :] == [
        *("--network", "none", "--platform", "linux/386", "--entrypoint"),
        *words,
    ]
    assert spelled[:4] == ["run", "--rm", "--pull", "never"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        pytest.param(Command(argv=("a", "--b", "c d")), ["c1", "a", "--b", "c d"], id="plain"),
        pytest.param(
            Command(argv=("a",), working_folder="/work", user="1000:1000"),
            ["--workdir", "/work", "--user", "1000:1000", "c1", "a"],
            id="somewhere, as somebody",
        ),
        pytest.param(
            Command(argv=("a",), environment={"CFLAGS": "-O2 -g", "EMPTY": ""}),
            ["--env", "CFLAGS=-O2 -g", "--env", "EMPTY=", "c1", "a"],
            id="with variables",
        ),
        pytest.param(
            Command(
                argv=("a",),
                environment={"https_proxy": "http://me:secret@proxy", "HOME": "/home/me", "API_TOKEN": "other"},
            ),
            ["--env", "https_proxy", "--env", "HOME=/home/me", "--env", "API_TOKEN=other", "c1", "a"],
            id="the caller's own proxy by name, so that no list of processes shows its password",
        ),
    ],
)
def test_command_is_run_in_the_container(command: Command, words: list[str]) -> None:
    surroundings = {"https_proxy": "http://me:secret@proxy", "HOME": "/home/me"}
    assert exec_words("c1", command, surroundings) == ["exec", "--interactive", *words]


def test_image_is_pulled_for_its_architecture() -> None:
    assert pull_words("i", "s390x") == ["pull", "--platform", "linux/s390x", "i"]
    assert pull_words("i", "pdp11") == ["pull", "i"]


def test_committed_image_is_labelled() -> None:
    assert commit_words("c1") == ["commit", "--change", "LABEL wheelpin.container=c1", "c1"]


@pytest.mark.parametrize(
    ("image", "digest"),
    [
        pytest.param("example/image:1", "sha256:01", id="by tag"),
        pytest.param("docker.io/example/image:1", "sha256:01", id="by its whole name"),
        pytest.param("other/name@sha256:02", "sha256:02", id="by digest"),
        pytest.param("localhost:5000/image", None, id="a port is no tag"),
        pytest.param("image", None, id="another name of the same image"),
    ],
)
def test_image_tells_of_itself(image: str, digest: str | None) -> None:
    facts = read_image_facts(image, f"[{INSPECTED}]".encode())
    assert facts == ImageFacts(
        image=image,
        id="sha256:00",
        digest=digest,
        architecture="x86_64",
        environment={"PATH": "/bin", "A": "b=c"},
    )
    assert facts.identity == (digest or "sha256:00")


def test_id_without_its_algorithm_gets_it() -> None:
    facts = read_image_facts("i", b'[{"Id": "0a", "Architecture": "arm64", "Config": null}]')
    assert (facts.id, facts.digest, facts.architecture) == ("sha256:0a", None, "aarch64")


@pytest.mark.parametrize("said", [b"", b"{}", b"[]", b"[1]"])
def test_nonsense_about_an_image_is_refused(said: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_image_facts("i", said)
