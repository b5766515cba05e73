"""Options that let a real interpreter at a folder: to compile its modules, or to try their imports."""

import os

import click
from msgspec import Struct

from wheelpin.cli.console import Console, counted
from wheelpin.cli.params import field_names, gathering
from wheelpin.deliveries import Vendored
from wheelpin.target import Target
from wheelpin.trials import HostPython, Place, compile_folder, verify_imports


class TrialWords(Struct, frozen=True, kw_only=True):
    """The user's words on what an interpreter is to do."""

    compile_modules: bool
    verify: bool
    python: str | None
    image: str | None
    pull: bool
    engine: str | None

    def check(self) -> None:
        """Raise `UsageError` for words that do not go together."""
        if not self.compile_modules and not self.verify and (self.python or self.image):
            raise click.UsageError("--python and --image are for --compile and --verify-imports")
        if self.compile_modules and self.python is None:
            raise click.UsageError("--compile needs an interpreter of the target's version: --python PATH")
        if self.compile_modules and self.image is not None:
            raise click.UsageError("--compile needs an interpreter of this machine, and --image names another")
        if self.image is None and (self.pull or self.engine):
            raise click.UsageError("--pull and --engine are for --image")
        if self.verify and self.python is None and self.image is None:
            raise click.UsageError(
                "--verify-imports needs an interpreter of the target's: --python PATH or --image NAME"
            )

    def place(self, target: Target, console: Console) -> Place:
        """Return where the interpreter runs, its image fetched if asked for.

        Raise `NoEngineError` and `PullFailedError`.
        """
        if self.image is not None:
            return self._place_in(self.image, target, console)
        assert self.python is not None
        return HostPython(self.python)

    def _place_in(self, image: str, target: Target, console: Console) -> Place:
        from wheelpin.engines import EngineName, find_engine  # noqa: PLC0415 - most runs need no engine
        from wheelpin.trials.images import ImagePython  # noqa: PLC0415 - nor this

        engine = find_engine(None if self.engine is None else EngineName(self.engine), os.environ)
        place = ImagePython.of(image, target, engine=engine, python=self.python)
        if self.pull and not engine.has_image(image):
            console.note(f"fetching {image} with {engine.name}")
            engine.pull(image, place.architecture, lambda piece: console.progress(_last_line(piece)))
        return place


def _last_line(piece: bytes) -> str:
    return piece.decode("utf-8", "replace").strip().rpartition("\n")[2]


trial_options = gathering(
    "trial",
    TrialWords,
    click.option(
        "--compile",
        "compile_modules",
        is_flag=True,
        help="Write bytecode beside the modules, with the interpreter that --python names.",
    ),
    click.option(
        "--verify-imports",
        "verify",
        is_flag=True,
        help="Import every top-level module with the interpreter named. This runs the code of the wheels.",
    ),
    click.option("--python", metavar="PATH", help="An interpreter of the target's version; within --image if given."),
    click.option("--image", metavar="NAME", help="A container image that has it, run by docker or podman."),
    click.option("--pull", is_flag=True, help="Fetch the image if it is not there; without this nothing is fetched."),
    click.option("--engine", type=click.Choice(["docker", "podman"]), help="Which one, if both are there."),
    taking=field_names(TrialWords),
)


def try_out(done: Vendored, words: TrialWords, console: Console) -> None:
    """Do with the folder what the user asked for; raise `ImportsFailedError` and what interpreters raise."""
    if words.compile_modules:
        count = compile_folder(done.tree, done.folder, words.place(done.target, console), done.target, console)
        console.note(f"compiled {counted(count, 'module')} for {done.target.interpreter}")
    if words.verify:
        place = words.place(done.target, console)
        found = verify_imports(done.tree, done.folder, place, done.target, console)
        if not found.count:
            console.warning(f"nothing was tried: the wheels in {done.folder.as_posix()} bring no module to import")
            return
        console.note(f"imported {counted(found.count, 'module')} with {place.name}")
        for each in found.passed_over:
            console.note(str(each))
