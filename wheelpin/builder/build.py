"""One build: a source and a target in, a repaired and proven wheel out, or a clear refusal."""

from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.utils import parse_wheel_filename

from wheelpin.builder.bench import Bench, digest
from wheelpin.builder.images_at_hand import ImagesAtHand
from wheelpin.builder.kept import adopt, write_record
from wheelpin.builder.pins import BuildPins, lay_in, pin_requirements
from wheelpin.builder.proof import Trial, audit_for_target, lay_out_wheels
from wheelpin.builder.request import BuildRequest, BuiltWheel
from wheelpin.builder.sources import open_sdist
from wheelpin.builder.static_metadata import metadata_of_wheel
from wheelpin.builder.workshop import Workshop
from wheelpin.engines import Network, RunLog
from wheelpin.values import Sha256
from wheelpin.wheelhouse import Housed, How, WantedWheel, sha256_of


def build_wheel(request: BuildRequest, into: Path, images: ImagesAtHand, workshop: Workshop) -> BuiltWheel:
    """Build, repair and prove one wheel and put it into the folder *into*, or find that an earlier run did.

    Raise the branches of `BuildFailedError`, `FileNotWritableError`, and what fetching raises.
    """
    with TemporaryDirectory(prefix="wheelpin-") as scratch:
        return _Build(Bench(request, images, workshop, Path(scratch)), into).wheel()


def build_sdist(request: BuildRequest, into: Path, images: ImagesAtHand, workshop: Workshop) -> Path:
    """Build the sdist of a folder with the image's Python; raise as `build_wheel` does."""
    with TemporaryDirectory(prefix="wheelpin-") as scratch:
        bench = Bench(request, images, workshop, Path(scratch))
        pins = bench.pins(())
        with bench.logged(f"sdist of {request.subject}") as log:
            with bench.room(log, pins) as room:
                room.equip(bench.pins(room.ask_backend("get_requires_for_build_sdist")))
                path = room.build_sdist()
            open_sdist(path)
            return adopt(path, into)


class _Build:
    """The way of one wheel from its bench to its folder."""

    def __init__(self, bench: Bench, into: Path) -> None:
        self.bench, self.into = bench, into
        self.request, self.workshop = bench.request, bench.workshop

    def wheel(self) -> BuiltWheel:
        """Find the wheel or make it."""
        pins, is_complete = self.bench.known_pins()
        if is_complete and (found := self._found(pins)) is not None:
            return found
        with self.bench.logged(self.bench.subject) as log:
            with self.bench.room(log, pins) as room:
                if not is_complete:
                    pins = self.bench.pins_for_wheel(room)
                    if (found := self._found(pins)) is not None:
                        return found
                    room.equip(pins)
                path = room.build()
                path, notes = room.check_loss(path)
                path, tools = room.repaired(path)
            audit_for_target(path, self.request.target, subject=self.bench.subject, log=log)
            self._try_out(path, log)
            path = adopt(path, self.into)
        record = self.bench.record(path, pins, tools=tools, notes=notes)
        write_record(record, self.into)
        self.bench.kept.keep_wheel(self._key(pins), record, path)
        return BuiltWheel(path=path, record=record, is_kept=False)

    def _key(self, pins: BuildPins) -> str:
        recipe = self.request.recipe
        tested = [*recipe.test_command, *recipe.test_requires]
        return digest([self.bench.key, self.request.target.spelling, *pins.identities, *tested])

    def _found(self, pins: BuildPins) -> BuiltWheel | None:
        record = self.bench.kept.wheel(self._key(pins), self.into)
        return None if record is None else BuiltWheel(path=self.into / record.wheel, record=record, is_kept=True)

    def _try_out(self, path: Path, log: RunLog) -> None:
        """Import the wheel and run the recipe's tests, in a container that has nothing of the build."""
        bench, recipe, target = self.bench, self.request.recipe, self.request.target
        name, version, _, _ = parse_wheel_filename(path.name)
        alone = [_housed(path)]
        tree = lay_out_wheels(alone, target, bench.scratch / "alone", self.workshop.reporter)
        with self.workshop.engine.open(bench.options(bench.image.image, Network.NONE)) as container:
            trial = Trial(
                container=container,
                around=bench.around,
                subject=bench.subject,
                log=log,
                optional=recipe.optional_extensions,
            )
            trial.bring(bench.scratch / "alone")
            trial.import_all(tree, bench.scratch / "alone", target, self.workshop.reporter)
        if recipe.test_command:
            wanted = [*recipe.test_requires, *metadata_of_wheel(path).requires_dist]
            subject = f"the tests of {name} {version}"
            pins = pin_requirements(wanted, target, self.workshop, bench.tools, subject=subject)
            others = bench.scratch / "others"
            lay_in([pin for pin in pins.pins if pin.project != name], others, self.workshop, bench.tools)
            wheels = [*alone, *(_housed(each) for each in sorted(others.glob("*.whl")))]
            lay_out_wheels(wheels, target, bench.scratch / "together", self.workshop.reporter)
            with self.workshop.engine.open(bench.options(bench.image.image, Network.NONE)) as container:
                trial = Trial(container=container, around=bench.around, subject=bench.subject, log=log)
                trial.bring(bench.scratch / "together")
                trial.test(recipe.test_command)


def _housed(path: Path) -> Housed:
    project, _, _, _ = parse_wheel_filename(path.name)
    digest = sha256_of(path) or Sha256("")
    wheel = WantedWheel(project=project, filename=path.name, sha256=digest, wanted_by="the build")
    return Housed(wheel=wheel, path=path, size_bytes=path.stat().st_size, how=How.REUSED)
