"""The options of ``wheelpin build``."""

from pathlib import Path

import click
from msgspec import Struct

from wheelpin.cli.params import FILE, field_names, gathering

ENGINES = ("docker", "podman")
"""The values of `wheelpin.engines.EngineName`; that room loads later."""

time_limit_option = click.option(
    "--time-limit",
    "time_limit_min",
    type=click.IntRange(min=1),
    metavar="MINUTES",
    help="How long a build's container may run; two hours by default.",
)


class BuildWords(Struct, frozen=True, kw_only=True):
    """The user's words on how to build."""

    wheelhouse: Path
    jobs: int | None
    engine: str | None
    image: str | None
    time_limit_min: int | None
    with_sdist: bool
    plan: bool
    keep_log: bool
    as_json: bool


build_options = gathering(
    "build",
    BuildWords,
    click.option(
        "-w",
        "--wheel-dir",
        "wheelhouse",
        type=FILE,
        metavar="DIR",
        default=Path("wheels"),
        show_default=True,
        help="The folder of the wheels, each with its provenance beside it.",
    ),
    click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Builds at a time."),
    click.option("--engine", type=click.Choice(ENGINES), help="The container engine; else the one that is there."),
    click.option("--image", metavar="NAME", help="The image to build in, for all targets."),
    time_limit_option,
    click.option("--sdist", "with_sdist", is_flag=True, help="Build the sdist of each folder, too."),
    click.option("--plan", is_flag=True, help="Print what would be built as JSON for a CI service, and build nothing."),
    click.option("--keep-log", is_flag=True, help="Keep the logs of builds that went well, in DIR/logs."),
    click.option("--json", "as_json", is_flag=True, help="Print the results as JSON."),
    taking=field_names(BuildWords),
)
