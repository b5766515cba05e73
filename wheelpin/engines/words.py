"""The command lines of docker and podman as data: what is asked of them, without the program's name."""

import json
import re
from collections.abc import Iterable, Mapping

from wheelpin.engines.architectures import architecture_of, platform_of
from wheelpin.engines.model import Command, ContainerOptions, EngineName, ImageFacts, Network

LABEL = "wheelpin.container"
"""Every container and image that wheelpin makes carries it."""

MACHINE = {
    EngineName.DOCKER: ("info", "--format", "{{.Architecture}} {{.KernelVersion}}"),
    EngineName.PODMAN: ("info", "--format", "{{.Host.Arch}} {{.Host.Kernel}}"),
}
"""Asks for the architecture and the kernel of the machine that containers run on; also whether the engine answers."""

_MAY_BE_SECRET = re.compile(r"proxy$|token|passw|secret|key|credential", re.IGNORECASE)


def run_words(options: ContainerOptions, name: str, *, grace_s: int) -> list[str]:
    """Spell a container that sleeps until *grace_s* after its time limit and then removes itself."""
    program, *arguments = idle_command(options, seconds=options.time_limit_s + grace_s).argv
    return [
        *("run", "--detach", "--rm", "--pull", "never", "--name", name, "--label", f"{LABEL}={name}"),
        # The first process of a container ignores SIGTERM, and removal would wait for it.
        *("--stop-signal", "KILL"),
        *_network_words(options.network),
        *_platform_words(options.architecture),
        *("--entrypoint", program, options.image, *arguments),
    ]


def probe_words(options: ContainerOptions) -> list[str]:
    """Spell a container that does nothing and ends, for its exit code."""
    program, *arguments = idle_command(options, seconds=0).argv
    return [
        *("run", "--rm", "--pull", "never", "--label", f"{LABEL}=probe", "--network", "none"),
        *_platform_words(options.architecture),
        *("--entrypoint", program, options.image, *arguments),
    ]


def idle_command(options: ContainerOptions, *, seconds: int) -> Command:
    """Return what does nothing for some seconds, with what the image has for that."""
    if options.sleeper is None:
        return Command(argv=("sleep", str(seconds)))
    return Command(argv=(options.sleeper, "-S", "-c", f"import time; time.sleep({seconds})"))


def exec_words(container: str, command: Command, surroundings: Mapping[str, str]) -> list[str]:
    """Spell a command in a container that runs.

    A variable that may hold a password is named only if *surroundings* hold it with the same value: engines then take
    it from there, and no list of processes shows it.
    """
    words = ["exec", "--interactive"]
    for name, value in command.environment.items():
        is_told = _MAY_BE_SECRET.search(name) is not None and surroundings.get(name) == value
        words += ["--env", name if is_told else f"{name}={value}"]
    if command.working_folder is not None:
        words += ["--workdir", command.working_folder]
    if command.user is not None:
        words += ["--user", command.user]
    return [*words, container, *command.argv]


def pull_words(image: str, architecture: str | None) -> list[str]:
    """Spell the fetching of an image."""
    return ["pull", *_platform_words(architecture), image]


def commit_words(container: str) -> list[str]:
    """Spell the keeping of a container's files as an image."""
    return ["commit", "--change", f"LABEL {LABEL}={container}", container]


def read_image_facts(image: str, inspected: bytes) -> ImageFacts:
    """Read what ``image inspect`` said; raise `ValueError` for anything else."""
    said = json.loads(inspected)
    if not (isinstance(said, list) and said and isinstance(said[0], dict)):
        raise ValueError("no list of images")
    facts = said[0]
    config = facts.get("Config") or {}
    identity = str(facts["Id"])
    return ImageFacts(
        image=image,
        id=identity if ":" in identity else f"sha256:{identity}",
        digest=_digest_of(image, facts.get("RepoDigests") or ()),
        architecture=architecture_of(str(facts["Architecture"])),
        environment=dict(entry.partition("=")[::2] for entry in config.get("Env") or ()),
    )


def _digest_of(image: str, repo_digests: Iterable[str]) -> str | None:
    """Return the digest under the name that was asked for, as an image may have come from several registries."""
    repository = image.partition("@")[0]
    if ":" in repository.rpartition("/")[2]:
        repository = repository.rpartition(":")[0]
    for entry in repo_digests:
        name, _, digest = entry.partition("@")
        if _short(name) == _short(repository):
            return digest
    return None


def _short(repository: str) -> str:
    """Leave away what one engine writes before a name and another does not."""
    return repository.removeprefix("localhost/").removeprefix("docker.io/").removeprefix("library/")


def _network_words(network: Network) -> tuple[str, ...]:
    match network:
        case Network.NONE:
            return ("--network", "none")
        case Network.FULL:
            return ()


def _platform_words(architecture: str | None) -> tuple[str, ...]:
    platform = None if architecture is None else platform_of(architecture)
    return () if platform is None else ("--platform", platform)
