"""What the target's interpreter in an image says of itself: the build's own requirements are chosen for that one."""

from pathlib import Path
from tempfile import TemporaryDirectory

from wheelpin.builder.errors import CannotBuildError
from wheelpin.builder.images import python_name
from wheelpin.builder.places import SCRIPTS, Surroundings
from wheelpin.builder.workshop import Workshop
from wheelpin.engines import ContainerOptions, ImageFacts
from wheelpin.target import Linux, Target, TargetFileError, TargetSyntaxError
from wheelpin.target.capture import capture_script, parse_target_file
from wheelpin.values import Origin

_KIND = "interpreters-1"


def surroundings_of(target: Target, image: ImageFacts) -> Surroundings:
    """Return what programs run in for *target* in *image*."""
    is_32_bit = isinstance(target.platform, Linux) and target.platform.arch in {"i686", "armv7l"}
    return Surroundings(
        python=f"/opt/python/{python_name(target)}/bin/python",
        is_32_bit=is_32_bit,
        image_environment=image.environment,
    )


def target_of_image(target: Target, image: ImageFacts, workshop: Workshop) -> Target:
    """Return the image's own Python and libc as a target; raise `CannotBuildError` if it is not *target*'s Python."""
    around = surroundings_of(target, image)
    key = f"{image.identity} {around.python}"
    said = None if workshop.cache is None else workshop.cache.get(_KIND, key)
    if said is None:
        said = _ask(around, target, image, workshop)
    try:
        found = parse_target_file(said, "the image's Python", Origin(f"{around.python} in {image.image}"))
    except (TargetFileError, TargetSyntaxError) as error:
        raise CannotBuildError(target.name, f"{around.python} in {image.image} answers nonsense: {error}") from error
    if python_name(found) != python_name(target):
        reason = f"{around.python} in {image.image} is {python_name(found)}, and not {python_name(target)}"
        raise CannotBuildError(target.name, reason)
    if workshop.cache is not None:
        workshop.cache.put(_KIND, key, said)
    return found


def _ask(around: Surroundings, target: Target, image: ImageFacts, workshop: Workshop) -> bytes:
    options = ContainerOptions(
        image=image.image, time_limit_s=min(600, workshop.time_limit_s), architecture=image.architecture
    )
    with workshop.engine.open(options) as container, TemporaryDirectory(prefix="wheelpin-") as folder:
        script = Path(folder, "capture.py")
        script.write_text(capture_script(), encoding="utf-8")
        container.copy_in(script, SCRIPTS)
        answer = container.ask(around.command(around.python, f"{SCRIPTS}/capture.py", folder="/"))
        if answer.exit_code == 0:
            return answer.stdout
        there = container.ask(around.command("sh", "-c", "ls -d /opt/python/*-*", folder="/"))
    names = " ".join(line.rpartition("/")[2] for line in there.stdout.decode("utf-8", "replace").split())
    if answer.exit_code in {126, 127}:
        known = f"; it has {names}" if names else ""
        reason = f"{image.image} has no {around.python}{known}"
        raise CannotBuildError(target.name, reason, hint="name another image, in the recipe or with --image")
    words = answer.stderr.decode("utf-8", "replace").strip().splitlines()
    raise CannotBuildError(
        target.name,
        f"{around.python} in {image.image} ends with exit code {answer.exit_code}: {(words or ['silent'])[-1]}",
    )
