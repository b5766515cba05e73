"""The layers that settings come from, each a mapping from pip's name of an option to what was said."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from wheelpin.settings.model import ConfigurationError
from wheelpin.settings.places import Places
from wheelpin.values import Origin

if TYPE_CHECKING:
    from configparser import RawConfigParser

    from packaging.utils import NormalizedName

    from wheelpin.requirements.model import IndexOptions

LISTS = frozenset({"extra-index-url", "find-links", "trusted-host"})
_PIP_OPTIONS = LISTS | {
    "index-url",
    "no-index",
    "cert",
    "client-cert",
    "proxy",
    "timeout",
    "retries",
    "keyring-provider",
}
_OWN_OPTIONS = _PIP_OPTIONS | {"cache-dir", "no-cache", "offline", "refresh", "exclude-newer", "image-registry"}
_OTHER_NAMES = {"pypi-url": "index-url", "default-timeout": "timeout"}
_PIP_SECTIONS = ("global", "install", "download")


class Said(Struct, frozen=True):
    """One value of an option as it was written, and where."""

    text: str
    origin: Origin


Layer = Mapping[str, tuple[Said, ...]]
"""Option name to its value, or to the entries of a list."""


class ExplicitOptions(Struct, frozen=True, kw_only=True):
    """What the command line, or a caller of the library, asks for; None and empty mean "not said"."""

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool | None = None
    trusted_hosts: tuple[str, ...] = ()
    cert: str | Path | None = None
    client_cert: str | Path | None = None
    proxy: str | None = None
    timeout_s: float | None = None
    retries: int | None = None
    keyring_provider: str | None = None
    cache_dir: str | Path | None = None
    use_cache: bool | None = None
    is_offline: bool | None = None
    refresh: bool | None = None
    exclude_newer: str | None = None
    """A date or time, ISO 8601; UTC if it names no zone. Or an age, as in ``P7D`` and ``7 days``."""
    project_indexes: Mapping["NormalizedName", str] = field(default_factory=dict)
    project_layer: Layer = field(default_factory=dict)
    """What a project's file says; requirements files, ``WHEELPIN_*`` and all above go before it."""


def convention_layer(environ: Mapping[str, str]) -> Layer:
    """Read the certificate variables that many programs share."""
    for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        if value := environ.get(variable):
            return {"cert": (Said(value, _variable(variable)),)}
    return {}


def pip_layers(environ: Mapping[str, str], read_text: Callable[[Path], str | None], places: Places) -> Iterator[Layer]:
    """Read pip's configuration, weakest first: the files' sections, then ``PIP_*``.

    A section counts for more than a file: ``[install]`` of the weakest file beats ``[global]`` of the strongest.
    """
    sections: dict[str, dict[str, tuple[Said, ...]]] = {section: {} for section in _PIP_SECTIONS}
    for path, text in _pip_files(environ, read_text, places):
        parser = _parse_ini(path, text)
        for section in _PIP_SECTIONS:
            if parser.has_section(section):
                for key, value in parser.items(section):
                    name = _option_name(key)
                    origin = Origin(f"{path}, [{section}] {key}")
                    _record(sections[section], name, value, origin=origin, known=_PIP_OPTIONS)
    yield from sections.values()
    yield _variables("PIP_", environ, known=_PIP_OPTIONS)


def wheelpin_layer(environ: Mapping[str, str]) -> Layer:
    """Read ``WHEELPIN_*``."""
    return _variables("WHEELPIN_", environ, known=_OWN_OPTIONS)


def requirements_layer(asked: "IndexOptions") -> Layer:
    """Spell what the lines of requirements files ask for."""
    return _spell(
        {
            "index-url": asked.index_url,
            "extra-index-url": asked.extra_index_urls,
            "find-links": asked.find_links,
            "no-index": asked.no_index or None,
            "trusted-host": asked.trusted_hosts,
        },
        lambda name: Origin(f"--{name} in a requirements file"),
    )


def options_layer(options: ExplicitOptions) -> Layer:
    """Spell what explicit options ask for."""
    return _spell(
        {
            "index-url": options.index_url,
            "extra-index-url": options.extra_index_urls,
            "find-links": options.find_links,
            "no-index": options.no_index,
            "trusted-host": options.trusted_hosts,
            "cert": options.cert,
            "client-cert": options.client_cert,
            "proxy": options.proxy,
            "timeout": options.timeout_s,
            "retries": options.retries,
            "keyring-provider": options.keyring_provider,
            "cache-dir": options.cache_dir,
            "no-cache": None if options.use_cache is None else not options.use_cache,
            "offline": options.is_offline,
            "refresh": options.refresh,
            "exclude-newer": options.exclude_newer,
        },
        lambda name: Origin(f"--{name}"),
    )


def _pip_files(
    environ: Mapping[str, str], read_text: Callable[[Path], str | None], places: Places
) -> Iterator[tuple[Path, str]]:
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    named_text = read_text(Path(named)) if named else None
    paths = [*places.pip_global]
    if named_text is None:  # a named file stands in for the user's own
        paths += places.pip_user
    paths += places.pip_site
    for path in paths:
        if (text := read_text(path)) is not None:
            yield path, text
    if named and named_text is not None:
        yield Path(named), named_text


def _parse_ini(path: Path, text: str) -> "RawConfigParser":
    import configparser  # noqa: PLC0415 - most machines have no such file

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.ParsingError as error:
        # The parser's own message quotes the line, which may hold a password.
        lines = [number for number, _ in getattr(error, "errors", ())] or [getattr(error, "lineno", None)]
        raise ConfigurationError(Origin(str(path), lines[0]), "is not a line of a configuration file") from None
    except (configparser.DuplicateSectionError, configparser.DuplicateOptionError) as error:
        raise ConfigurationError(Origin(str(path), error.lineno), "says the same section or key again") from None
    return parser


def _variables(prefix: str, environ: Mapping[str, str], *, known: frozenset[str]) -> Layer:
    layer: dict[str, tuple[Said, ...]] = {}
    for variable in sorted(environ):
        if variable.startswith(prefix):
            name = _option_name(variable.removeprefix(prefix))
            _record(layer, name, environ[variable], origin=_variable(variable), known=known)
    return layer


def _variable(name: str) -> Origin:
    return Origin(f"environment variable {name}")


def _option_name(text: str) -> str:
    name = text.lower().replace("_", "-").removeprefix("--")
    return _OTHER_NAMES.get(name, name)


def _record(
    layer: dict[str, tuple[Said, ...]], name: str, value: str, *, origin: Origin, known: frozenset[str]
) -> None:
    texts = value.split() if name in LISTS else [value.strip()]
    if name in known and any(texts):
        layer[name] = tuple(Said(text, origin) for text in texts)


def _spell(
    options: Mapping[str, str | Path | float | tuple[str, ...] | None], origin: Callable[[str], Origin]
) -> Layer:
    return {
        name: tuple(Said(text, origin(name)) for text in (value if isinstance(value, tuple) else (str(value),)))
        for name, value in options.items()
        if value is not None and value != ()
    }
