"""How ``wheelpin build`` tells what it did: a table for people, JSON for machines."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from wheelpin.cli.build_options import BuildWords
from wheelpin.cli.console import Console, counted, print_data, say
from wheelpin.deliveries.builds import BuildOutcome, Done
from wheelpin.wheelhouse import sha256_of


def tell(outcomes: Sequence[BuildOutcome], sdists: Sequence[Path], build: BuildWords, console: Console) -> None:
    """Print what became of each build, failures in full; *sdists* are those of the folders."""
    from wheelpin.cli.render import error_text  # noqa: PLC0415 - the way without errors does not pay for it

    for outcome in outcomes:
        if not isinstance(outcome, Done):
            say(error_text(outcome.error))
    if build.as_json:
        made = [{"sdist": path.as_posix(), "sha256": sha256_of(path)} for path in sdists]
        print_data(json.dumps({"builds": [_to_json(each) for each in outcomes], "sdists": made}, indent=2) + "\n")
    else:
        print_data("".join(f"{line}\n" for line in _table(outcomes)))
    built = sum(isinstance(each, Done) for each in outcomes)
    console.note(f"{build.wheelhouse.as_posix()}: {counted(built, 'wheel')} of {len(outcomes)}")


def _table(outcomes: Sequence[BuildOutcome]) -> Iterator[str]:
    rows = [(each.request.source.label, each.request.target.name, *_result(each)) for each in outcomes]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[3]]).rstrip()


def _result(outcome: BuildOutcome) -> tuple[str, str]:
    if isinstance(outcome, Done):
        built = outcome.built
        done = "kept" if built.is_kept else f"built in {outcome.seconds:.0f} s"
        return done, "; ".join([built.path.name, *built.notes])
    return "failed", str(outcome.error)


def _to_json(outcome: BuildOutcome) -> dict[str, object]:
    said: dict[str, object] = {"source": outcome.request.source.said, "target": outcome.request.target.spelling}
    if not isinstance(outcome, Done):
        about = {name: getattr(outcome.error, name, None) for name in ("hint", "log")}
        return {**said, "error": str(outcome.error), "exit_code": outcome.error.exit_code, **about}
    record = outcome.built.record
    return {
        **said,
        "wheel": outcome.built.path.as_posix(),
        "sha256": record.sha256,
        "kept": outcome.built.is_kept,
        "image": record.image,
        "image_digest": record.image_digest,
        "requirements": list(record.requirements),
        "tools": list(record.tools),
        "notes": list(record.notes),
    }
