"""How configuration from many places becomes settings."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from platformdirs.unix import Unix

from wheelpin.candidates.cut_off import CutOff
from wheelpin.requirements.model import IndexOptions
from wheelpin.settings import (
    ConfigurationError,
    Credentials,
    ExplicitOptions,
    KeyringProvider,
    Places,
    Said,
    Settings,
    host_places,
    read_configuration_file,
    read_settings,
)
from wheelpin.settings.places import host_clock
from wheelpin.values import PYPI as DEFAULT
from wheelpin.values import Origin

PLACES = Places(
    home=Path("/home/ada"),
    cache_dir=Path("/home/ada/.cache/wheelpin"),
    pip_global=(Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf")),
    pip_user=(Path("/home/ada/.pip/pip.conf"), Path("/home/ada/.config/pip/pip.conf")),
    pip_site=(Path("/venv/pip.conf"),),
    now=lambda: datetime(2026, 3, 10, 12, 30, tzinfo=UTC),
)
GLOBAL, USER, SITE, NAMED = "/etc/pip.conf", "/home/ada/.config/pip/pip.conf", "/venv/pip.conf", "/named.conf"


def read(
    environ: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    *,
    asked: IndexOptions | None = None,
    options: ExplicitOptions | None = None,
) -> Settings:
    texts = {Path(name): text for name, text in (files or {}).items()}
    return read_settings(environ or {}, texts.get, places=PLACES, asked=asked, options=options)


def index_in(file: str, section: str = "global", name: str | None = None) -> dict[str, str]:
    host = name or Path(file).parts[1]
    return {file: f"[{section}]\nindex-url = https://{host}.example/simple\n"}


def test_without_configuration_the_index_is_pypi() -> None:
    assert read() == Settings(
        index_url=read().index_url,
        cache_dir=PLACES.cache_dir,
        netrc_files=(Path("/home/ada/.netrc"), Path("/home/ada/_netrc")),
    )
    assert [index.url for index in read().indexes] == [DEFAULT]


PIP = {"PIP_INDEX_URL": "https://pip-variable.example/simple"}
OWN = {"WHEELPIN_INDEX_URL": "https://own-variable.example/simple"}
ASKED = IndexOptions(index_url="https://requirements.example/simple")
OPTIONS = ExplicitOptions(index_url="https://option.example/simple")


@pytest.mark.parametrize(
    ("environ", "files", "asked", "options", "host"),
    [
        pytest.param({}, index_in(GLOBAL), None, None, "etc", id="the system's file before the default"),
        pytest.param(
            {},
            index_in("/etc/xdg/pip/pip.conf", name="xdg") | index_in(GLOBAL),
            None,
            None,
            "etc",
            id="of the system's files the last",
        ),
        pytest.param(
            {}, index_in(GLOBAL) | index_in(USER), None, None, "home", id="the user's file before the system's"
        ),
        pytest.param(
            {},
            index_in("/home/ada/.pip/pip.conf", name="old") | index_in(USER),
            None,
            None,
            "home",
            id="of the user's files the new place",
        ),
        pytest.param(
            {}, index_in(USER) | index_in(SITE), None, None, "venv", id="the virtual environment's before the user's"
        ),
        pytest.param(
            {"PIP_CONFIG_FILE": NAMED},
            index_in(SITE) | index_in(NAMED, name="named"),
            None,
            None,
            "named",
            id="the named file before the virtual environment's",
        ),
        pytest.param(
            {"PIP_CONFIG_FILE": "/missing.conf"},
            index_in(USER),
            None,
            None,
            "home",
            id="a named file that is missing changes nothing",
        ),
        pytest.param(
            {},
            index_in(USER) | index_in(GLOBAL, "install"),
            None,
            None,
            "etc",
            id="the section install of a weak file before the section global of a strong one",
        ),
        pytest.param(
            {},
            index_in(GLOBAL, "download", name="download") | index_in(USER, "install"),
            None,
            None,
            "download",
            id="the section download before the section install",
        ),
        pytest.param(PIP, index_in(SITE, "download"), None, None, "pip-variable", id="PIP_ variables before files"),
        pytest.param(PIP, {}, ASKED, None, "requirements", id="requirements files before PIP_ variables"),
        pytest.param(PIP | OWN, {}, ASKED, None, "own-variable", id="WHEELPIN_ variables before requirements files"),
        pytest.param(PIP | OWN, {}, ASKED, OPTIONS, "option", id="explicit options before everything"),
    ],
)
def test_stronger_place_settles_the_index(
    environ: Mapping[str, str],
    files: Mapping[str, str],
    asked: IndexOptions | None,
    options: ExplicitOptions | None,
    host: str,
) -> None:
    assert read(environ, files, asked=asked, options=options).index_url.url == f"https://{host}.example/simple/"


@pytest.mark.parametrize(
    ("environ", "files"),
    [
        pytest.param(
            {"PIP_CONFIG_FILE": os.devnull}, index_in(GLOBAL) | index_in(SITE), id="the null device means no files"
        ),
        pytest.param({"PIP_CONFIG_FILE": NAMED}, index_in(USER) | {NAMED: ""}, id="a named file replaces the user's"),
        pytest.param({"PIP_INDEX_URL": ""}, {}, id="an empty variable says nothing"),
        pytest.param({}, {USER: "[global]\nindex-url =\n"}, id="an empty value says nothing"),
        pytest.param({}, index_in(USER, "freeze"), id="sections of other commands do not count"),
        pytest.param(
            {"PIP_CACHE_DIR": "/x", "PIP_NO_CACHE_DIR": "1", "PIP_VERSION": "1"},
            {},
            id="pip's other options do not count",
        ),
    ],
)
def test_what_does_not_count(environ: Mapping[str, str], files: Mapping[str, str]) -> None:
    assert read(environ, files).index_url.url == DEFAULT
    assert read(environ, files).cache_dir == PLACES.cache_dir
    assert read(environ, files).use_cache


EXTRA_FILE = {USER: "[global]\nextra-index-url =\n    https://one.example/\n    https://two.example/simple\n"}
EXTRA_ASKED = IndexOptions(extra_index_urls=("https://asked.example/",))
EXTRA_OPTION = ExplicitOptions(extra_index_urls=("https://option.example/",))


@pytest.mark.parametrize(
    ("environ", "files", "asked", "options", "hosts"),
    [
        pytest.param({}, EXTRA_FILE, None, None, ["one", "two"], id="lines of a file in their order"),
        pytest.param(
            {"PIP_EXTRA_INDEX_URL": "https://three.example https://four.example"},
            EXTRA_FILE,
            None,
            None,
            ["three", "four"],
            id="a variable replaces the files' list",
        ),
        pytest.param({}, EXTRA_FILE, EXTRA_ASKED, None, ["asked", "one", "two"], id="requirements files come first"),
        pytest.param(
            {"WHEELPIN_EXTRA_INDEX_URL": "https://own.example"},
            EXTRA_FILE,
            EXTRA_ASKED,
            None,
            ["own"],
            id="wheelpin's variable replaces all below",
        ),
        pytest.param(
            {}, EXTRA_FILE, EXTRA_ASKED, EXTRA_OPTION, ["option", "asked", "one", "two"], id="options come first of all"
        ),
    ],
)
def test_lists_of_indexes_add_up(
    environ: Mapping[str, str],
    files: Mapping[str, str],
    asked: IndexOptions | None,
    options: ExplicitOptions | None,
    hosts: list[str],
) -> None:
    settings = read(environ, files, asked=asked, options=options)
    assert [index.url.split("/")[2].removesuffix(".example") for index in settings.extra_index_urls] == hosts
    assert [index.url for index in settings.indexes] == [DEFAULT, *(index.url for index in settings.extra_index_urls)]


def test_indexes_are_asked_once_each() -> None:
    environ = {
        "PIP_INDEX_URL": "https://a.example",
        "PIP_EXTRA_INDEX_URL": "https://b.example https://a.example/ https://b.example",
    }
    assert [index.url for index in read(environ).indexes] == ["https://a.example/", "https://b.example/"]


@pytest.mark.parametrize(
    ("environ", "asked", "options", "expected"),
    [
        pytest.param({"PIP_NO_INDEX": "1"}, None, None, True, id="pip's variable"),
        pytest.param({}, IndexOptions(no_index=True), None, True, id="a requirements file"),
        pytest.param(
            {"WHEELPIN_NO_INDEX": "no"},
            IndexOptions(no_index=True),
            None,
            False,
            id="wheelpin's variable takes it back",
        ),
        pytest.param({"WHEELPIN_NO_INDEX": "no"}, None, ExplicitOptions(no_index=True), True, id="an option"),
    ],
)
def test_no_index_leaves_find_links_only(
    environ: Mapping[str, str], asked: IndexOptions | None, options: ExplicitOptions | None, expected: bool
) -> None:
    settings = read(environ, asked=asked, options=options)
    assert settings.no_index is expected
    assert (settings.indexes == ()) is expected


ALL_IN_FILE = """\
[global]
index-url = https://index.example/simple
find-links =
    ~/wheels
    /srv/wheels
    https://files.example/list.html
trusted-host = Index.Example:8443
cert = ~/ca.pem
client_cert = /etc/client.pem
proxy = proxy.example:3128
timeout = 2.5
retries = 7
keyring-provider = subprocess
"""


def test_every_key_of_a_file_is_read() -> None:
    settings = read({}, {USER: ALL_IN_FILE})
    assert [place.url for place in settings.find_links] == [
        "/home/ada/wheels",
        "/srv/wheels",
        "https://files.example/list.html",
    ]
    assert settings.trusted_hosts == ("index.example:8443",)
    assert settings.cert == Path("/home/ada/ca.pem")
    assert settings.client_cert == Path("/etc/client.pem")
    assert settings.proxy is not None
    assert settings.proxy.url == "http://proxy.example:3128"
    assert settings.timeout_s == 2.5
    assert settings.retries == 7
    assert settings.keyring_provider is KeyringProvider.SUBPROCESS


def test_every_variable_of_wheelpin_is_read() -> None:
    settings = read(
        {
            "WHEELPIN_FIND_LINKS": "/srv/wheels",
            "WHEELPIN_CACHE_DIR": "~/cache",
            "WHEELPIN_NO_CACHE": "yes",
            "WHEELPIN_OFFLINE": "1",
            "WHEELPIN_REFRESH": "on",
            "WHEELPIN_EXCLUDE_NEWER": "2024-05-31",
            "WHEELPIN_IMAGE_REGISTRY": "registry.example:5000/mirror/",
            "WHEELPIN_TIMEOUT": "3",
        }
    )
    assert [place.url for place in settings.find_links] == ["/srv/wheels"]
    assert settings.cache_dir == Path("/home/ada/cache")
    assert not settings.use_cache
    assert settings.is_offline
    assert settings.refresh
    assert settings.exclude_newer == CutOff(datetime(2024, 5, 31, tzinfo=UTC))
    assert settings.image_registry == "registry.example:5000/mirror"
    assert settings.timeout_s == 3


def test_every_explicit_option_is_read() -> None:
    settings = read(
        {"WHEELPIN_OFFLINE": "1", "WHEELPIN_NO_CACHE": "1"},
        options=ExplicitOptions(
            find_links=("my wheels",),
            trusted_hosts=("a.example",),
            cert=Path("ca.pem"),
            client_cert="client.pem",
            proxy="socks5://proxy.example",
            timeout_s=1.5,
            retries=0,
            keyring_provider="import",
            cache_dir=Path("cache"),
            use_cache=True,
            is_offline=False,
            refresh=True,
            exclude_newer="2024-05-31T14:00:00+02:00",
            project_indexes={canonicalize_name("torch"): "https://user:pw@torch.example/whl/cpu"},
        ),
    )
    assert [place.url for place in settings.find_links] == ["my wheels"]
    assert settings.trusted_hosts == ("a.example",)
    assert (settings.cert, settings.client_cert) == (Path("ca.pem"), Path("client.pem"))
    assert settings.proxy is not None
    assert settings.proxy.url == "socks5://proxy.example"
    assert (settings.timeout_s, settings.retries) == (1.5, 0)
    assert settings.keyring_provider is KeyringProvider.IMPORT
    assert settings.cache_dir == Path("cache")
    assert (settings.use_cache, settings.is_offline, settings.refresh) == (True, False, True)
    assert settings.exclude_newer == CutOff(datetime(2024, 5, 31, 12, tzinfo=UTC))
    torch = settings.project_indexes[canonicalize_name("torch")]
    assert torch.url == "https://torch.example/whl/cpu/"
    assert torch.credentials == Credentials(username="user", password="pw")


@pytest.mark.parametrize(
    ("environ", "files", "cert"),
    [
        pytest.param({"SSL_CERT_DIR": "/d", "SSL_CERT_FILE": "/f"}, {}, "/f", id="SSL_CERT_FILE before SSL_CERT_DIR"),
        pytest.param(
            {"SSL_CERT_FILE": "/f", "REQUESTS_CA_BUNDLE": "/r"}, {}, "/r", id="REQUESTS_CA_BUNDLE before SSL_CERT_FILE"
        ),
        pytest.param(
            {"REQUESTS_CA_BUNDLE": "/r"}, {GLOBAL: "[global]\ncert=/c"}, "/c", id="pip's files before shared variables"
        ),
        pytest.param({"PIP_CERT": "/p"}, {GLOBAL: "[global]\ncert=/c"}, "/p", id="PIP_CERT before pip's files"),
    ],
)
def test_certificates_come_from_the_strongest_place(
    environ: Mapping[str, str], files: Mapping[str, str], cert: str
) -> None:
    assert read(environ, files).cert == Path(cert)


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        pytest.param({"PIP_DEFAULT_TIMEOUT": "60"}, 60.0, id="the long name of pip's option"),
        pytest.param({"PIP_TIMEOUT": "61"}, 61.0, id="its short name"),
    ],
)
def test_timeout_has_two_names(variable: Mapping[str, str], expected: float) -> None:
    assert read(variable).timeout_s == expected


def test_proxy_variables_are_kept_in_lower_case() -> None:
    assert read({"HTTPS_PROXY": "http://p.example", "no_proxy": "localhost", "PROXY": "x"}).proxy_variables == {
        "https_proxy": "http://p.example",
        "no_proxy": "localhost",
    }


def test_netrc_file_can_be_named() -> None:
    assert read({"NETRC": "/run/secrets/netrc"}).netrc_files == (Path("/run/secrets/netrc"),)


def test_local_index_becomes_an_address(tmp_path: Path) -> None:
    assert read({"PIP_INDEX_URL": str(tmp_path)}).index_url.url == tmp_path.as_uri() + "/"
    assert read({"PIP_INDEX_URL": "file:///srv/simple"}).index_url.url == "file:///srv/simple/"


SECRET = "https://us%40er:s3cr%2Ft@index.example/simple?#frag"


def test_credentials_are_kept_apart_and_never_shown() -> None:
    environ = {
        "PIP_INDEX_URL": SECRET,
        "PIP_EXTRA_INDEX_URL": "https://t0ken@extra.example/",
        "PIP_FIND_LINKS": "https://us%40er:s3cr%2Ft@files.example/",
        "PIP_PROXY": "http://us%40er:s3cr%2Ft@proxy.example",
        "HTTPS_PROXY": "http://us%40er:s3cr%2Ft@proxy.example",
    }
    settings = read(environ)
    assert settings.index_url.url == "https://index.example/simple/"
    assert settings.index_url.credentials == Credentials(username="us@er", password="s3cr/t")
    assert settings.extra_index_urls[0].credentials == Credentials(username="t0ken", password="")
    for shown in (repr(settings), str(settings), repr(settings.index_url.credentials)):
        assert not any(secret in shown for secret in ("us@er", "us%40er", "s3cr", "t0ken"))


@pytest.mark.parametrize(
    ("environ", "files", "origin", "problem"),
    [
        pytest.param({}, {USER: "index-url = x"}, f"{USER}, line 1", "not a line", id="a key before any section"),
        pytest.param(
            {}, {USER: "[global]\npassword s3cret"}, f"{USER}, line 2", "not a line", id="a line that is no key"
        ),
        pytest.param({}, {USER: "[global]\n[global]"}, f"{USER}, line 2", "again", id="a section twice"),
        pytest.param({}, {USER: "[global]\ncert=a\ncert=b"}, f"{USER}, line 3", "again", id="a key twice"),
        pytest.param(
            {},
            {USER: "[install]\ntimeout = soon"},
            f"{USER}, [install] timeout",
            "'soon'",
            id="a timeout that is no number",
        ),
        pytest.param({"PIP_TIMEOUT": "-1"}, {}, "environment variable PIP_TIMEOUT", "'-1'", id="a timeout below zero"),
        pytest.param(
            {"PIP_TIMEOUT": "inf"}, {}, "environment variable PIP_TIMEOUT", "'inf'", id="a timeout without end"
        ),
        pytest.param({"PIP_RETRIES": "-1"}, {}, "environment variable PIP_RETRIES", "'-1'", id="retries below zero"),
        pytest.param(
            {"PIP_NO_INDEX": "maybe"}, {}, "environment variable PIP_NO_INDEX", "'maybe'", id="neither yes nor no"
        ),
        pytest.param(
            {"PIP_INDEX_URL": "simple/"}, {}, "environment variable PIP_INDEX_URL", "'simple/'", id="a relative address"
        ),
        pytest.param(
            {"PIP_INDEX_URL": "ftp://a.example"},
            {},
            "environment variable PIP_INDEX_URL",
            "'ftp://",
            id="a scheme nobody serves",
        ),
        pytest.param(
            {"PIP_INDEX_URL": "https:///simple"},
            {},
            "environment variable PIP_INDEX_URL",
            "absolute",
            id="an address without a host",
        ),
        pytest.param(
            {"PIP_INDEX_URL": "https://a.example:port/"},
            {},
            "environment variable PIP_INDEX_URL",
            "valid",
            id="a port that is no number",
        ),
        pytest.param(
            {"PIP_INDEX_URL": "https://[::1/"},
            {},
            "environment variable PIP_INDEX_URL",
            "valid",
            id="half an IPv6 address",
        ),
        pytest.param(
            {"PIP_INDEX_URL": "https://a.example/?s3cret"},
            {},
            "environment variable PIP_INDEX_URL",
            "query",
            id="an index with a query",
        ),
        pytest.param(
            {"PIP_INDEX_URL": "user:s3cret@a.example/"},
            {},
            "environment variable PIP_INDEX_URL",
            "the value is not",
            id="a password without a scheme",
        ),
        pytest.param(
            {"PIP_FIND_LINKS": "ssh://a.example"},
            {},
            "environment variable PIP_FIND_LINKS",
            "'ssh:",
            id="links of a strange scheme",
        ),
        pytest.param(
            {"PIP_PROXY": "ftp://a.example"},
            {},
            "environment variable PIP_PROXY",
            "'ftp:",
            id="a proxy of a strange scheme",
        ),
        pytest.param(
            {"PIP_KEYRING_PROVIDER": "x"},
            {},
            "environment variable PIP_KEYRING_PROVIDER",
            "auto, disabled",
            id="a keyring nobody knows",
        ),
        pytest.param(
            {"WHEELPIN_EXCLUDE_NEWER": "31.5.2024"},
            {},
            "environment variable WHEELPIN_EXCLUDE_NEWER",
            "'31.5.2024'",
            id="a date of another form",
        ),
        pytest.param(
            {"WHEELPIN_IMAGE_REGISTRY": "https://registry.example"},
            {},
            "environment variable WHEELPIN_IMAGE_REGISTRY",
            "is an address",
            id="a registry as browsers want it",
        ),
    ],
)
def test_bad_value_is_refused_and_its_origin_named(
    environ: Mapping[str, str], files: Mapping[str, str], origin: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(environ, files)
    assert str(caught.value).startswith(f"{origin}: ")
    assert problem in caught.value.problem
    assert "s3cret" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("options", "origin"),
    [
        pytest.param(ExplicitOptions(index_url="simple"), "--index-url", id="index"),
        pytest.param(ExplicitOptions(exclude_newer="soon"), "--exclude-newer", id="date"),
        pytest.param(ExplicitOptions(exclude_newer="9999 weeks ago 1"), "--exclude-newer", id="age"),
        pytest.param(ExplicitOptions(exclude_newer="P999999W"), "--exclude-newer", id="age beyond the calendar"),
        pytest.param(ExplicitOptions(timeout_s=0), "--timeout", id="timeout"),
        pytest.param(
            ExplicitOptions(project_indexes={canonicalize_name("torch"): "x"}), "index of torch", id="a project's index"
        ),
    ],
)
def test_bad_option_is_refused_by_its_name(options: ExplicitOptions, origin: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{origin}: "):
        read(options=options)


@pytest.mark.parametrize(
    ("environ", "options"),
    [
        pytest.param({}, ExplicitOptions(exclude_newer="P2D"), id="option"),
        pytest.param({"WHEELPIN_EXCLUDE_NEWER": "2 days"}, ExplicitOptions(), id="variable"),
        pytest.param(
            {}, ExplicitOptions(project_layer={"exclude-newer": (Said("2d", Origin("x")),)}), id="project's file"
        ),
    ],
)
def test_age_is_counted_back_from_the_clock_of_the_host(environ: Mapping[str, str], options: ExplicitOptions) -> None:
    cut_off = read(environ, options=options).exclude_newer
    assert cut_off == CutOff(datetime(2026, 3, 8, 12, 30, tzinfo=UTC), timedelta(days=2))


def test_bad_line_of_a_requirements_file_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"^--index-url in a requirements file: "):
        read(asked=IndexOptions(index_url="simple"))


def test_bad_value_that_something_stronger_replaces_does_no_harm() -> None:
    assert read({"PIP_TIMEOUT": "soon"}, options=ExplicitOptions(timeout_s=4)).timeout_s == 4


def test_places_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "HOME": "/home/ada",
        "XDG_CONFIG_DIRS": "/a:/b",
        "XDG_CONFIG_HOME": "",
        "XDG_CACHE_HOME": "/cache",
    }.items():
        monkeypatch.setenv(name, value)
    assert host_places({"VIRTUAL_ENV": "/venv"}, "linux") == Places(
        home=Path("/home/ada"),
        cache_dir=Path("/cache/wheelpin"),
        pip_global=(Path("/a/pip/pip.conf"), Path("/b/pip/pip.conf"), Path("/etc/pip.conf")),
        pip_user=(Path("/home/ada/.pip/pip.conf"), Path("/home/ada/.config/pip/pip.conf")),
        pip_site=(Path("/venv/pip.conf"),),
        now=host_clock,
    )


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("", id="nothing"),
        pytest.param("/x", id="a folder"),
        pytest.param("/x:/y", id="several"),
        pytest.param("x", id="none that is absolute"),
        pytest.param("x:/y", id="one that is absolute"),
    ],
)
def test_places_on_linux_are_those_of_the_library(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    for name in ("XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, said)
    places, pip = host_places({}, "linux"), Unix("pip", appauthor=False, multipath=True)
    assert places.cache_dir == Unix("wheelpin", appauthor=False).user_cache_path
    assert places.pip_global[:-1] == tuple(Path(folder, "pip.conf") for folder in pip.site_config_dir.split(":"))
    assert places.pip_user[1] == pip.user_config_path / "pip.conf"


@pytest.mark.parametrize(
    ("folder", "user_file"),
    [
        pytest.param(
            "Library/Application Support/pip", "Library/Application Support/pip/pip.conf", id="its own folder exists"
        ),
        pytest.param(".config/pip", ".config/pip/pip.conf", id="its own folder does not exist"),
    ],
)
def test_places_on_macos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, user_file: str) -> None:
    for name in ("XDG_DATA_HOME", "XDG_DATA_DIRS", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / folder).mkdir(parents=True)
    places = host_places({"VIRTUAL_ENV": "/venv"}, "darwin")
    assert places.cache_dir == tmp_path / "Library/Caches/wheelpin"
    assert Path("/Library/Application Support/pip/pip.conf") in places.pip_global
    assert places.pip_user == (tmp_path / ".pip/pip.conf", tmp_path / user_file)


@pytest.mark.skipif(sys.platform != "win32", reason="needs the known folders of Windows")
def test_places_on_windows() -> None:
    places = host_places({"VIRTUAL_ENV": "C:/venv"}, "win32")
    assert [path.parent.name for path in (*places.pip_global, *places.pip_user)] == ["pip", "pip", "pip"]
    assert {path.name for path in (*places.pip_global, *places.pip_user, *places.pip_site)} == {"pip.ini"}
    assert "Roaming" in places.pip_user[1].parts


def test_site_file_without_an_active_environment_is_the_running_ones() -> None:
    assert host_places({}).pip_site[0].parent == Path(sys.prefix)


def test_configuration_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_configuration_file(tmp_path / "pip.conf") is None
    assert read_configuration_file(tmp_path) is None


def test_configuration_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "pip.conf"
    path.write_bytes(b"\xef\xbb\xbf[global]\ntimeout = 3\n# \xff\n")
    text = read_configuration_file(path)
    assert text is not None
    assert read({}, {USER: text}).timeout_s == 3
