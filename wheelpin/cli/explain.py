"""``wheelpin explain``: which file a requirement gets and why, or why none."""

import json
from pathlib import Path

import click

from wheelpin.cli.console import Console, print_data
from wheelpin.cli.input_options import InputWords
from wheelpin.cli.inputs import open_inputs
from wheelpin.cli.params import TargetWords, console_options, index_options, target_options
from wheelpin.cli.render import explanation_text, whole_explanation_text
from wheelpin.cli.reports import explanation_to_json
from wheelpin.cli.targets import read_targets
from wheelpin.resolve.conflict import NothingFitsError
from wheelpin.resolve.explanation import Outcome
from wheelpin.session import open_session
from wheelpin.settings import ExplicitOptions
from wheelpin.workflows import LockJob, rules_of
from wheelpin.workflows import explain as run_explain


@click.command(
    "explain",
    short_help="Tell which file a requirement gets, or why none.",
    epilog="""\b
Example:
  wheelpin explain 'numpy==2.3.0' --target cp312-manylinux2014_x86_64""",
)
@click.argument("requirement")
@target_options
@click.option("--pre", is_flag=True, help="Take pre-releases like final ones.")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@index_options
@console_options
def command(
    *,
    requirement: str,
    target_words: TargetWords,
    pre: bool,
    as_json: bool,
    index_options: ExplicitOptions,
    console: Console,
) -> int:
    """Tell which file REQUIREMENT gets for each target and why, or why none and what would help.

    What the requirement needs in turn is not looked at.
    """
    with open_inputs(InputWords(requirements=(requirement,)), index_options, console) as opened:
        targets = read_targets(target_words, opened.inputs)
        job = LockJob(
            targets=targets,
            inputs=opened.inputs,
            rules=rules_of(opened.inputs, opened.settings, prereleases=pre),
            folder=Path.cwd(),
        )
        (asked,) = opened.inputs.requirements
        with open_session(opened.settings, console) as session, console.working("looking"):
            explanations = run_explain(asked, job, session.index)
    for target in targets:
        for warning in target.warnings:
            console.warning(warning)
    if as_json:
        print_data(json.dumps([explanation_to_json(found) for found in explanations], indent=2) + "\n")
    else:
        spell = whole_explanation_text if console.wants_details else explanation_text
        print_data("\n\n".join(map(spell, explanations)) + "\n")
    is_answered = all(found.outcome in (Outcome.FITS, Outcome.NOT_NEEDED) for found in explanations)
    return 0 if is_answered else NothingFitsError.exit_code
