"""``wheelpin download``: locks or requirements in, a folder of verified wheels out."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec import Struct
from msgspec.structs import replace

from wheelpin.cli.console import Console, counted, print_data
from wheelpin.cli.input_options import InputWords, input_options
from wheelpin.cli.inputs import open_inputs
from wheelpin.cli.locks import names_lock, read_locks, selection_of
from wheelpin.cli.params import (
    FILE,
    TargetWords,
    console_options,
    field_names,
    gathering,
    index_options,
    target_options,
)
from wheelpin.cli.targets import read_targets, stated_targets
from wheelpin.deliveries import download, open_supply
from wheelpin.locks.pylock_form import DEFAULTS
from wheelpin.session import open_session, settings_of_host
from wheelpin.settings import ExplicitOptions, Settings
from wheelpin.values import COMMAND_LINE
from wheelpin.wheelhouse import Housed, How, LockSource
from wheelpin.workflows import LockJob, rules_of
from wheelpin.workflows import lock as run_lock


class HouseWords(Struct, frozen=True, kw_only=True):
    """The user's words on where the wheels go."""

    folder: Path
    with_index: bool
    pre: bool
    as_json: bool


house_options = gathering(
    "house",
    HouseWords,
    click.option("-d", "--dest", "folder", type=FILE, metavar="DIR", required=True, help="The folder of the wheels."),
    click.option("--index", "with_index", is_flag=True, help="Write a static index (PEP 503, 691) into DIR/simple."),
    click.option("--pre", is_flag=True, help="Take pre-releases like final ones, for requirements."),
    click.option("--json", "as_json", is_flag=True, help="Print what lies there as JSON."),
    taking=field_names(HouseWords),
)


@click.command(
    "download",
    short_help="Fetch the wheels of locks into a folder.",
    epilog="""\b
Examples:
  wheelpin download lockfiles/cp36-manylinux1_x86_64.txt -d wheels
  wheelpin download lambda.txt pylock.toml --target cp312-win_amd64 -d wheels --index
  wheelpin download cryptography --target aws-lambda-python3.12-arm64 -d wheels""",
)
@input_options
@target_options
@house_options
@index_options
@console_options
def command(
    *,
    input_words: InputWords,
    target_words: TargetWords,
    house: HouseWords,
    index_options: ExplicitOptions,
    console: Console,
) -> None:
    """Fetch the wheels of locks, or of requirements, into a folder for pip install --no-index --find-links DIR.

    A REQUIREMENT may be a lock: a file ending in .txt or .toml, of wheelpin or another tool, or - for standard
    input. Every file's sha256 is checked before it gets its name; what lies there already is not fetched again.
    """
    locks = [word for word in input_words.requirements if names_lock(word)]
    others = replace(input_words, requirements=tuple(word for word in input_words.requirements if word not in locks))
    selection = DEFAULTS
    if locks and not (others.requirements or others.requirement_files):
        selection, others = selection_of(input_words.extras, input_words.groups), InputWords()
    if not locks and not others.are_given:
        raise click.UsageError("nothing to download: name locks or requirements")
    settings, sources = settings_of_host(os.environ, options=index_options), tuple[LockSource, ...]()
    if others.are_given:
        settings, sources = _lock_now(others, target_words, index_options, console, allow_prereleases=house.pre)
    sources += read_locks(locks, stated_targets(target_words, console), console, selection)
    with open_supply(settings, console) as supply, console.working("fetching"):
        housed = download(sources, house.folder, supply, with_index=house.with_index)
    _tell(housed, house, console)


def _lock_now(
    words: InputWords, target_words: TargetWords, options: ExplicitOptions, console: Console, *, allow_prereleases: bool
) -> tuple[Settings, tuple[LockSource, ...]]:
    """Pin requirements in memory; return the settings with what requirements files say of indexes, too."""
    with open_inputs(words, options, console) as opened:
        job = LockJob(
            targets=read_targets(target_words, opened.inputs),
            inputs=opened.inputs,
            overrides=opened.overrides,
            rules=rules_of(opened.inputs, opened.settings, prereleases=allow_prereleases),
            folder=Path.cwd(),
        )
        with open_session(opened.settings, console) as session, console.working("resolving"):
            answers = run_lock(job, session.index, console)
    for locked in answers:
        for warning in locked.warnings:
            console.warning(warning)
    name, folder = str(COMMAND_LINE), Path.cwd()
    sources = tuple(LockSource(lock=each.lock, name=name, folder=folder, target=each.target) for each in answers)
    return opened.settings, sources


def _tell(housed: Sequence[Housed], house: HouseWords, console: Console) -> None:
    size_bytes = sum(each.size_bytes for each in housed)
    ways = Counter(each.how for each in housed)
    said = ", ".join(f"{ways[how]} {how.value}" for how in How if ways[how])
    console.note(f"{house.folder.as_posix()}: {counted(len(housed), 'wheel')}, {size_bytes / 1e6:.1f} MB ({said})")
    if house.as_json:
        report = {"dir": house.folder.as_posix(), "wheels": [_to_json(each) for each in housed]}
        print_data(json.dumps(report, indent=2) + "\n")


def _to_json(housed: Housed) -> dict[str, object]:
    return {
        "project": housed.wheel.project,
        "filename": housed.wheel.filename,
        "sha256": housed.wheel.sha256,
        "size_bytes": housed.size_bytes,
        "lock": housed.wheel.wanted_by,
        "how": housed.how.name.lower(),
    }
