"""Options that mean the same everywhere, each group gathered into one value."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.cli.console import Console, Volume
from wheelpin.settings import ExplicitOptions

Command = Callable[..., Any]
Option = Callable[[Command], Command]

FILE = click.Path(path_type=Path)


def gathering(name: str, words: Callable[..., Any], *options: Option, taking: tuple[str, ...]) -> Option:
    """Return a decorator that adds *options* and hands their values, *taking* their names, to the command as one."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def gathered(**kwargs: Any) -> Any:
            value = words(**{field: kwargs.pop(field) for field in taking})
            return command(**{name: value}, **kwargs)

        decorated: Command = gathered
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def field_names(words: type[Struct]) -> tuple[str, ...]:
    """Return the names of the fields of *words*."""
    return words.__struct_fields__


def _project_index(text: str) -> tuple[NormalizedName, str]:
    project, equals, url = text.partition("=")
    if not equals or not url:
        raise click.BadParameter(f"{text!r} is not NAME=URL")
    return canonicalize_name(project), url


def _marker_value(text: str) -> tuple[str, str]:
    variable, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not VARIABLE=VALUE, as in platform_release=5.10")
    return variable, value


class TargetWords(Struct, frozen=True, kw_only=True):
    """The user's words on targets, not yet read."""

    targets: tuple[str, ...] = ()
    python_full_version: str | None = None
    marker_values: tuple[tuple[str, str], ...] = ()


def _console(*, quiet: bool, verbose: bool) -> Console:
    return Console(Volume.VERBOSE if verbose else Volume.QUIET if quiet else Volume.NORMAL)


def _explicit_options(*, no_cache: bool | None, project_indexes: tuple[Any, ...], **said: Any) -> ExplicitOptions:
    use_cache = None if no_cache is None else not no_cache
    return ExplicitOptions(**said, project_indexes=dict(project_indexes), use_cache=use_cache)


console_options = gathering(
    "console",
    _console,
    click.option("-q", "--quiet", is_flag=True, help="Print errors only."),
    click.option("-v", "--verbose", is_flag=True, help="Print every skipped file with its reason."),
    taking=("quiet", "verbose"),
)

_beside_targets = (
    click.option("--python-full-version", metavar="X.Y.Z", help="The target's exact Python."),
    click.option(
        "--marker",
        "marker_values",
        type=_marker_value,
        metavar="VARIABLE=VALUE",
        multiple=True,
        help="A marker's value that the target does not settle, as in platform_release=5.10.",
    ),
)

target_options = gathering(
    "target_words",
    TargetWords,
    click.option(
        "-t",
        "--target",
        "targets",
        metavar="TARGET",
        multiple=True,
        help="Tags, a preset's name or a captured target file; may be given several times.",
    ),
    *_beside_targets,
    taking=field_names(TargetWords),
)


def _only_one(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> str | None:
    """Refuse what would go without a word otherwise."""
    if len(values) > 1:
        raise click.BadParameter("it may be given once here", param=parameter)
    return next(iter(values), None)


def _optional_target(text: str) -> Option:
    return gathering(
        "target_words",
        lambda *, target, **said: TargetWords(targets=() if target is None else (target,), **said),
        click.option("--target", metavar="TARGET", multiple=True, callback=_only_one, help=text),
        *_beside_targets,
        taking=("target", "python_full_version", "marker_values"),
    )


lock_target_options = _optional_target("Tags, a preset's name or a captured target file; else the lock says it.")
optional_target = _optional_target("Tags, a preset's name or a captured target file to hold the wheels to.")

one_target = gathering(
    "target_words",
    lambda *, target, **said: TargetWords(targets=(target,), **said),
    click.argument("target"),
    *_beside_targets,
    taking=("target", "python_full_version", "marker_values"),
)

_EXCLUDE_NEWER = "Leave out files uploaded at this time (UTC) or later; an age, as in '7 days', counts back from now."

index_options = gathering(
    "index_options",
    _explicit_options,
    click.option("-i", "--index-url", metavar="URL", help="The index to ask instead of PyPI."),
    click.option(
        "--extra-index-url",
        "extra_index_urls",
        metavar="URL",
        multiple=True,
        help="A further index; the first that has a project answers for it.",
    ),
    click.option(
        "-f", "--find-links", metavar="PLACE", multiple=True, help="A folder or page whose files are offered too."
    ),
    click.option("--no-index", is_flag=True, default=None, help="Use --find-links only."),
    click.option(
        "--project-index",
        "project_indexes",
        type=_project_index,
        metavar="NAME=URL",
        multiple=True,
        help="Look for one project on this index only.",
    ),
    click.option("--trusted-host", "trusted_hosts", metavar="HOST", multiple=True, help="Skip its certificate check."),
    click.option("--cert", metavar="PATH", help="Certificates to trust instead of the system's."),
    click.option("--client-cert", metavar="PATH", help="The client's own certificate and key, in one file."),
    click.option("--proxy", metavar="URL", help="A proxy for every request."),
    click.option("--timeout", "timeout_s", metavar="SECONDS", type=float, help="For each wait on the network."),
    click.option("--retries", metavar="N", type=int, help="How often a failed request is repeated."),
    click.option("--keyring-provider", metavar="NAME", help="auto, disabled, import or subprocess."),
    click.option("--offline", "is_offline", is_flag=True, default=None, help="Use the cache only, whatever its age."),
    click.option("--refresh", is_flag=True, default=None, help="Ask again about what the cache holds as fresh."),
    click.option("--cache-dir", metavar="DIR", help="Where the cache lies (WHEELPIN_CACHE_DIR)."),
    click.option("--no-cache", is_flag=True, default=None, help="Read and write no cache."),
    click.option("--exclude-newer", metavar="DATE|AGE", help=_EXCLUDE_NEWER),
    taking=(
        *(name for name in field_names(ExplicitOptions) if name not in ("use_cache", "project_layer")),
        "no_cache",
    ),
)
