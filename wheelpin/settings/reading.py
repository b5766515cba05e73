"""Merge the layers and read each option's text."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from msgspec.structs import replace

from wheelpin.settings.layers import (
    LISTS,
    ExplicitOptions,
    Layer,
    Said,
    convention_layer,
    options_layer,
    pip_layers,
    requirements_layer,
    wheelpin_layer,
)
from wheelpin.settings.model import (
    ConfigurationError,
    IndexLocation,
    KeyringProvider,
    Proxy,
    Settings,
    split_credentials,
)
from wheelpin.settings.places import Places
from wheelpin.values import PYPI, IndexUrl, Origin, without_secrets

if TYPE_CHECKING:
    from wheelpin.candidates.cut_off import CutOff
    from wheelpin.requirements.model import IndexOptions

_T = TypeVar("_T")

_DEFAULT = Origin("default")
_DEFAULTS: Layer = {
    "index-url": (Said(PYPI, _DEFAULT),),
    "no-index": (Said("no", _DEFAULT),),
    "timeout": (Said("15", _DEFAULT),),
    "retries": (Said("3", _DEFAULT),),
    "keyring-provider": (Said(KeyringProvider.AUTO.value, _DEFAULT),),
    "no-cache": (Said("no", _DEFAULT),),
    "offline": (Said("no", _DEFAULT),),
    "refresh": (Said("no", _DEFAULT),),
}
_TRUE = frozenset({"1", "true", "yes", "on", "y", "t"})
_FALSE = frozenset({"0", "false", "no", "off", "n", "f"})
# Two letters at least, so that a drive of Windows is no scheme.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_INDEX_SCHEMES = ("https", "http", "file")
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def read_settings(
    environ: Mapping[str, str],
    read_text: Callable[[Path], str | None],
    *,
    places: Places,
    asked: "IndexOptions | None" = None,
    options: ExplicitOptions | None = None,
) -> Settings:
    """Merge all that configures a run; raise `ConfigurationError` for what cannot be read.

    From weak to strong: defaults, the certificate variables that many programs share, pip's files, ``PIP_*``,
    the project's file, the options inside requirements files (*asked*), ``WHEELPIN_*``, explicit *options*.

    The strongest layer that speaks of an option settles it, lists included, with one exception: the lists in
    requirements files and in explicit options are put in front of what the layers below say.
    *read_text* returns None for a file that is not there.
    """
    options = options or ExplicitOptions()
    said: dict[str, tuple[Said, ...]] = {}
    for layer in (_DEFAULTS, convention_layer(environ), *pip_layers(environ, read_text, places), options.project_layer):
        said.update(layer)
    if asked is not None:
        _put_in_front(said, requirements_layer(asked))
    said.update(wheelpin_layer(environ))
    _put_in_front(said, options_layer(options))
    home = places.home

    def path(entry: Said) -> Path:
        return _path(entry.text, home)

    return Settings(
        index_url=_index(said["index-url"][0]),
        extra_index_urls=tuple(map(_index, said.get("extra-index-url", ()))),
        find_links=tuple(_find_links(entry, home) for entry in said.get("find-links", ())),
        no_index=_is_true(said["no-index"][0]),
        project_indexes={
            project: _index(Said(url, Origin(f"index of {project}")))
            for project, url in options.project_indexes.items()
        },
        cert=_optional(said, "cert", path),
        client_cert=_optional(said, "client-cert", path),
        trusted_hosts=tuple(map(_host, said.get("trusted-host", ()))),
        proxy=_optional(said, "proxy", _proxy),
        proxy_variables={name.lower(): environ[name] for name in sorted(environ) if name.lower().endswith("_proxy")},
        timeout_s=_seconds(said["timeout"][0]),
        retries=_count(said["retries"][0]),
        keyring_provider=_keyring_provider(said["keyring-provider"][0]),
        netrc_files=(Path(environ["NETRC"]),) if environ.get("NETRC") else (home / ".netrc", home / "_netrc"),
        cache_dir=_optional(said, "cache-dir", path) or places.cache_dir,
        use_cache=not _is_true(said["no-cache"][0]),
        is_offline=_is_true(said["offline"][0]),
        refresh=_is_true(said["refresh"][0]),
        exclude_newer=_optional(said, "exclude-newer", lambda entry: _cut_off(entry, places.now)),
        image_registry=_optional(said, "image-registry", _registry),
    )


def _registry(said: Said) -> str:
    if _SCHEME.match(said.text) and "://" in said.text:
        raise ConfigurationError(said.origin, "is an address, and engines want none: registry.example/mirror")
    return said.text.rstrip("/")


def _put_in_front(said: dict[str, tuple[Said, ...]], layer: Layer) -> None:
    for name, entries in layer.items():
        said[name] = (*entries, *said.get(name, ())) if name in LISTS else entries


def _optional(said: Layer, name: str, read: Callable[[Said], _T]) -> _T | None:
    return read(said[name][0]) if name in said else None


def _index(said: Said) -> IndexLocation:
    text = PurePath(said.text).as_uri() if PurePath(said.text).is_absolute() else said.text
    location = _address(Said(text, said.origin), schemes=_INDEX_SCHEMES)
    return replace(location, url=IndexUrl(location.url.rstrip("/") + "/"))


def _find_links(said: Said, home: Path) -> IndexLocation:
    if _SCHEME.match(said.text):
        return _address(said, schemes=_INDEX_SCHEMES)
    return IndexLocation(url=IndexUrl(str(_path(said.text, home))))


def _proxy(said: Said) -> Proxy:
    text = said.text if "://" in said.text else f"http://{said.text}"
    location = _address(Said(text, said.origin), schemes=_PROXY_SCHEMES)
    return Proxy(url=location.url, credentials=location.credentials)


def _address(said: Said, *, schemes: tuple[str, ...]) -> IndexLocation:
    try:
        said.text.encode("utf-8")  # a variable may hold what is no text
        url, credentials = split_credentials(said.text)
        parts = urlsplit(url)
        is_absolute = parts.scheme == "file" or (bool(parts.hostname) and parts.port != 0)
    except ValueError:
        raise ConfigurationError(said.origin, "is not a valid address") from None
    if parts.scheme not in schemes or not is_absolute:
        expected = ", ".join(f"{scheme}:" for scheme in schemes)
        # Without a scheme nobody can tell where a password stands in it.
        shown = "the value" if "@" in url else repr(without_secrets(url))
        raise ConfigurationError(said.origin, f"{shown} is not an absolute address ({expected})")
    if parts.query:
        # It can be neither dropped nor kept: a query is where storage services sign their addresses.
        raise ConfigurationError(said.origin, f"{without_secrets(url)!r} is followed by a query")
    return IndexLocation(url=IndexUrl(without_secrets(url)), credentials=credentials)


def _path(text: str, home: Path) -> Path:
    parts = PurePath(text).parts
    return home.joinpath(*parts[1:]) if parts[:1] == ("~",) else Path(text)


def _host(said: Said) -> str:
    return said.text.rpartition("://")[2].rstrip("/").lower()


def _is_true(said: Said) -> bool:
    text = said.text.lower()
    if text not in _TRUE | _FALSE:
        raise ConfigurationError(said.origin, f"{said.text!r} is neither yes nor no")
    return text in _TRUE


def _seconds(said: Said) -> float:
    try:
        value = float(said.text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise ConfigurationError(said.origin, f"{said.text!r} is not a number of seconds above 0")
    return value


def _count(said: Said) -> int:
    if not (said.text.isascii() and said.text.isdigit()):
        raise ConfigurationError(said.origin, f"{said.text!r} is not a whole number")
    return int(said.text)


def _keyring_provider(said: Said) -> KeyringProvider:
    try:
        return KeyringProvider(said.text)
    except ValueError:
        known = ", ".join(KeyringProvider)
        raise ConfigurationError(said.origin, f"{said.text!r} is not one of {known}") from None


def _cut_off(said: Said, now: Callable[[], datetime]) -> "CutOff":
    from wheelpin.candidates.cut_off import CutOff  # noqa: PLC0415 - most runs have none

    try:
        return CutOff.parse(said.text, now())
    except ValueError:
        problem = "is not a date or time as in 2024-05-31 or 2024-05-31T12:00:00Z, nor an age as in '7 days' or P7D"
        raise ConfigurationError(said.origin, f"{said.text!r} {problem}") from None
    except OverflowError:
        raise ConfigurationError(said.origin, f"{said.text!r} reaches back beyond the calendar") from None
