"""``wheelpin build``: sdists, folders or pinned projects in, repaired and proven wheels out."""

import click

from wheelpin.cli.build_options import BuildWords, build_options
from wheelpin.cli.console import Console
from wheelpin.cli.params import TargetWords, console_options, index_options, target_options
from wheelpin.settings import ExplicitOptions


@click.command(
    "build",
    short_help="Build wheels for targets in containers.",
    epilog="""\b
Examples:
  wheelpin build . --target 'cp3{9..13}-manylinux_2_28_x86_64' -w wheels --sdist
  wheelpin build msgpack==1.0.5 --target cp36-manylinux2014_x86_64 -w wheels""",
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@target_options
@build_options
@index_options
@console_options
def command(
    *,
    sources: tuple[str, ...],
    target_words: TargetWords,
    build: BuildWords,
    index_options: ExplicitOptions,
    console: Console,
) -> int:
    """Build a wheel of each SOURCE for each target, in the container image that fits, and prove it.

    A SOURCE is an sdist, a project's folder, or NAME==VERSION of an index. Targets may have lists and ranges in
    braces. Build requirements are pinned and laid in; the build has no network. What was built before is not built
    again. Exits with 6 if a build fails.
    """
    from wheelpin.cli.building import run  # noqa: PLC0415 - --help does without the rooms that build

    return run(sources, target_words, build, index_options, console)
