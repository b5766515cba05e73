"""``wheelpin lock``: requirements and targets in, one lock a target out."""

from pathlib import Path

import click

from wheelpin.cli.confirm import confirm
from wheelpin.cli.console import Console
from wheelpin.cli.input_options import InputWords, input_options
from wheelpin.cli.lock_build_options import MissingWords, missing_options
from wheelpin.cli.lock_options import (
    CheckWords,
    ChoiceWords,
    OutputWords,
    check_options,
    choice_options,
    output_options,
)
from wheelpin.cli.params import FILE, TargetWords, console_options, index_options, target_options
from wheelpin.settings import ExplicitOptions


@click.command(
    "lock",
    short_help="Pin requirements and all that they need for targets.",
    epilog="""\b
Examples:
  wheelpin lock cryptography --target manylinux1-cp36-x86_64
  wheelpin lock -r requirements.in --target aws-lambda-python3.12-arm64 -o requirements.txt
  wheelpin lock -r requirements.in --target cp312-win_amd64 --check --index
  wheelpin lock
  wheelpin lock --target lambda --upgrade flask
  wheelpin lock --recursive services""",
)
@input_options
@click.option(
    "--recursive",
    "root",
    type=FILE,
    metavar="ROOT",
    help="Lock every project whose file lies in ROOT or below, in one run; what .gitignore names is passed over.",
)
@target_options
@output_options
@choice_options
@check_options
@missing_options
@index_options
@console_options
def command(
    *,
    input_words: InputWords,
    root: Path | None,
    target_words: TargetWords,
    output: OutputWords,
    choice: ChoiceWords,
    check: CheckWords,
    missing: MissingWords,
    index_options: ExplicitOptions,
    console: Console,
) -> int:
    """Pin REQUIREMENTs and all that they need for each target, one lock a target.

    Only wheels that the target can load are chosen. The pins of an existing lock are kept where they still answer.
    With nothing named, the project's file says what to lock for which targets: [tool.wheelpin] in pyproject.toml, or
    wheelpin.toml, in the working folder or the nearest one around it that has either. --target chooses from its
    targets by name, and options go before what it says. Without such a file, the pyproject.toml of the working folder
    says what is required.

    With --recursive, a project that cannot be locked does not stop the others: the exit code is the first one's.
    """
    if not check.check and confirm(click.get_current_context().find_root().obj, index_options, console):
        return 0
    from wheelpin.cli.lock_words import LockWords  # noqa: PLC0415 - an answer that still holds does without

    words = LockWords(
        inputs=input_words,
        targets=target_words,
        output=output,
        choice=choice,
        missing=missing,
        index_options=index_options,
        root=root,
    )
    if check.check:
        from wheelpin.cli.lock_check import run as run_check  # noqa: PLC0415 - for those who check

        return run_check(words, check, console)
    from wheelpin.cli.locking import run  # noqa: PLC0415 - the same

    return run(words, console)
