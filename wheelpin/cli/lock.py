"""``wheelpin lock``: requirements and targets in, one lock a target out."""

import click

from wheelpin.cli.console import Console
from wheelpin.cli.inputs import InputWords, input_options, open_inputs
from wheelpin.cli.lock_options import ChoiceWords, OutputWords, choice_options, output_options
from wheelpin.cli.params import TargetWords, console_options, index_options, target_options
from wheelpin.session import open_session
from wheelpin.settings import ExplicitOptions


@click.command(
    "lock",
    short_help="Pin requirements and all that they need for targets.",
    epilog="""\b
Examples:
  wheelpin lock cryptography --target manylinux1-cp36-x86_64
  wheelpin lock -r requirements.in --target aws-lambda-python3.12-arm64 -o requirements.txt""",
)
@input_options
@target_options
@output_options
@choice_options
@index_options
@console_options
def command(
    *,
    input_words: InputWords,
    target_words: TargetWords,
    output: OutputWords,
    choice: ChoiceWords,
    index_options: ExplicitOptions,
    console: Console,
) -> None:
    """Pin REQUIREMENTs and all that they need for each target, one lock a target.

    Only wheels that the target can load are chosen. The pins of an existing lock are kept where they still answer.
    With nothing named, the pyproject.toml of the working folder says what is required.
    """
    with (
        open_inputs(input_words, index_options, console) as opened,
        open_session(opened.settings, console) as session,
    ):
        session.expect(requirement.name for requirement in opened.inputs.requirements if requirement.url is None)
        from wheelpin.cli.locking import LockWords, run  # noqa: PLC0415 - loads while the first pages are on their way

        words = LockWords(
            inputs=input_words, targets=target_words, output=output, choice=choice, index_options=index_options
        )
        run(words, opened, session, console)
