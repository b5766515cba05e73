"""``wheelpin audit``: what wheels' binaries need, and whether that agrees with their tags and with a target."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from wheelpin.cli.console import Console, label, print_data, say
from wheelpin.cli.params import FILE, TargetWords, console_options, optional_target
from wheelpin.cli.targets import stated_targets
from wheelpin.elf import Audit, NoWheelNameError, WheelUnreadableError, audit_to_json, audit_wheel
from wheelpin.errors import CheckFailedError, InputError, WheelpinError
from wheelpin.target import Target


class WheelNotReadableError(InputError):
    """The system does not let a wheel be read."""

    def __init__(self, path: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(path, reason, hint)
        self.path, self.reason, self.hint = path, reason, hint

    def __str__(self) -> str:
        return f"cannot read {self.path}: {self.reason}"


@click.command(
    "audit",
    short_help="Tell what wheels' binaries need.",
    epilog="""\b
Example:
  wheelpin audit wheels/*.whl --target aws-lambda-python3.11""",
)
@click.argument("wheels", nargs=-1, required=True, type=FILE, metavar="WHEEL...")
@optional_target
@click.option("--json", "as_json", is_flag=True, help="Print all findings as JSON.")
@console_options
def command(*, wheels: tuple[Path, ...], target_words: TargetWords, as_json: bool, console: Console) -> int:
    """Tell what the binaries of each WHEEL need of the system, and whether its tags are true.

    With a target, tell too whether the wheel works there. Nothing is run. Exits with 1 if anything is wrong.
    """
    target = next(iter(stated_targets(target_words, console)), None)
    found = [_audit(path, target) for path in wheels]
    audits = [each for each in found if isinstance(each, Audit)]
    if as_json:
        print_data(
            json.dumps([_to_json(each, path) for each, path in zip(found, wheels, strict=True)], indent=2) + "\n"
        )
    elif audits:
        print_data("\n\n".join("\n".join(_lines(audit)) for audit in audits) + "\n")
    errors = [each for each in found if isinstance(each, WheelpinError)]
    if errors:
        _say(errors)
        return errors[0].exit_code
    return 0 if all(audit.is_sound for audit in audits) else CheckFailedError.exit_code


def _audit(path: Path, target: Target | None) -> Audit | WheelpinError:
    """Return what cannot be audited as its error: the other wheels are worth a look all the same."""
    try:
        with path.open("rb") as stream:
            return audit_wheel(stream, path.name, target=target)
    except OSError as error:
        hint = f"name the wheels in it: {path.as_posix()}/*.whl" if path.is_dir() else None
        return WheelNotReadableError(path.as_posix(), error.strerror or str(error), hint=hint)
    except (NoWheelNameError, WheelUnreadableError) as error:
        return error


def _say(errors: Sequence[WheelpinError]) -> None:
    from wheelpin.cli.render import error_text  # noqa: PLC0415 - the way without errors does not pay for it

    for error in errors:
        say(error_text(error))


def _to_json(found: Audit | WheelpinError, path: Path) -> dict[str, object]:
    return audit_to_json(found) if isinstance(found, Audit) else {"wheel": path.name, "error": str(found)}


def _lines(audit: Audit) -> Iterator[str]:
    yield f"{audit.binaries.filename}: {_verdict(audit)}"
    if (deserved := audit.deserved) is not None:
        also = f", alias {', '.join(deserved.aliases)}" if deserved.aliases else ""
        unproven = "" if deserved.is_level_proven else "; its files do not show the level"
        yield f"  holds for {deserved.name}{also}{unproven}"
    for other in audit.binaries.others:
        yield f"  {other.path} is {other.kind.format} for {' and '.join(other.kind.architectures)}"
    for demand in audit.newest_demands:
        yield f"  needs {demand.version} of {demand.library} ({demand.file})"
    if audit.outside_libraries:
        yield f"  takes from the system: {', '.join(audit.outside_libraries)}"
    found = dict.fromkeys((*audit.broken_claims, *audit.broken_for_target))
    yield from (f"  {label('wrong', 'red')} {violation}" for violation in found)
    yield from (f"  {label('note', 'cyan')} {note}" for note in audit.notes)


def _verdict(audit: Audit) -> str:
    if audit.is_sound:
        return "its tags are true" + ("" if audit.target is None else f", and it works on {audit.target}")
    if audit.broken_claims:
        return "its tags are not true"
    return f"it does not work on {audit.target}"
