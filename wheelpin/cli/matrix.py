"""``wheelpin matrix``: what is available where, a row a project and a column a target."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from wheelpin.cli.console import Console, print_data
from wheelpin.cli.input_options import InputWords
from wheelpin.cli.inputs import open_inputs
from wheelpin.cli.params import TargetWords, console_options, index_options, target_options
from wheelpin.cli.reports import explanation_to_json
from wheelpin.cli.targets import read_targets
from wheelpin.resolve.explanation import Explanation, Outcome
from wheelpin.session import open_session
from wheelpin.settings import ExplicitOptions
from wheelpin.workflows import LockJob, explain, rules_of

_WORDS = {
    Outcome.NO_SUCH_PROJECT: "no such project",
    Outcome.QUARANTINED: "quarantined",
    Outcome.NO_FILES: "no files",
    Outcome.NO_VERSION_IN_RANGE: "no such version",
    Outcome.NO_WHEEL_FITS: "no wheel",
    Outcome.NOT_NEEDED: "not needed",
}

_Row = tuple[Explanation, ...]
"""What one requirement comes to on each target, in the targets' order."""


@click.command(
    "matrix",
    short_help="Tell what is available for which target.",
    epilog="""\b
Example:
  wheelpin matrix numpy lxml -t aws-lambda-python3.12-arm64 -t cp312-musllinux_1_2_x86_64""",
)
@click.argument("requirements", nargs=-1, required=True, metavar="REQUIREMENT...")
@target_options
@click.option("--pre", is_flag=True, help="Take pre-releases like final ones.")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@index_options
@console_options
def command(
    *,
    requirements: tuple[str, ...],
    target_words: TargetWords,
    pre: bool,
    as_json: bool,
    index_options: ExplicitOptions,
    console: Console,
) -> None:
    """Tell for each REQUIREMENT the newest version that has a wheel for each target.

    What the requirements need in turn is not looked at; `wheelpin explain` tells more about one of them. Where the
    marker of a REQUIREMENT does not hold, it is not needed.
    """
    with open_inputs(InputWords(requirements=requirements), index_options, console) as opened:
        inputs = opened.inputs
        job = LockJob(
            targets=read_targets(target_words, inputs),
            inputs=inputs,
            rules=rules_of(inputs, opened.settings, prereleases=pre),
            folder=Path.cwd(),
        )
        with open_session(opened.settings, console) as session, console.working("looking"):
            session.expect(asked.name for asked in inputs.requirements)
            rows = [explain(asked, job, session.index) for asked in inputs.requirements]
    for target in job.targets:
        for warning in target.warnings:
            console.warning(warning)
    if as_json:
        report = [explanation_to_json(found) for row in rows for found in row]
        print_data(json.dumps(report, indent=2) + "\n")
    else:
        names = [str(asked) for asked in inputs.requirements]
        print_data(_table(names, rows, targets=[target.name for target in job.targets]))


def _table(names: Sequence[str], rows: Sequence[_Row], *, targets: Sequence[str]) -> str:
    lines = [("", "newest", *targets)]
    lines += [(name, _newest(row), *map(_cell, row)) for name, row in zip(names, rows, strict=True)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join("  ".join(map(str.ljust, line, widths)).rstrip() + "\n" for line in lines)


def _newest(row: _Row) -> str:
    """Return the newest version that the index has at all, whatever the target."""
    return str(row[0].newest_version or "-")


def _cell(found: Explanation) -> str:
    if found.chosen is not None:
        return str(found.chosen.version)
    return _WORDS[found.outcome] if found.sdist is None else "sdist only"
