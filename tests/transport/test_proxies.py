"""Which proxy a request goes through, and that it does."""

import base64
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from tests.transport.conftest import Open
from tests.transport.servers import Reply, WebServer, proxy_server
from wheelpin.ports import Request
from wheelpin.settings import ConfigurationError, Credentials, Proxy, Settings
from wheelpin.transport.failures import ProxyRefusedError, UnreachableError
from wheelpin.transport.proxies import proxy_for

PAGE = Reply(body=b"a page")
BOTH = {"http_proxy": "http://plain.example:3128", "https_proxy": "http://tls.example:3128"}


@pytest.mark.parametrize(
    ("url", "variables", "expected"),
    [
        pytest.param("https://index.example/", {}, None, id="no variables"),
        pytest.param("https://index.example/", BOTH, "http://tls.example:3128", id="https"),
        pytest.param("http://index.example/", BOTH, "http://plain.example:3128", id="http"),
        pytest.param("https://index.example/", {"http_proxy": "http://p.example"}, None, id="only for http"),
        pytest.param(
            "https://index.example/", {"all_proxy": "p.example:1"}, "http://p.example:1", id="for all, no scheme"
        ),
        pytest.param("https://index.example/", BOTH | {"no_proxy": "*"}, None, id="none at all"),
        pytest.param("https://index.example/", BOTH | {"no_proxy": "a.example, index.example"}, None, id="exempt host"),
        pytest.param("https://files.index.example/", BOTH | {"no_proxy": "index.example"}, None, id="exempt subdomain"),
        pytest.param("https://files.index.example/", BOTH | {"no_proxy": ".Index.Example"}, None, id="exempt by a dot"),
        pytest.param(
            "https://files.index.example/", BOTH | {"no_proxy": "*.index.example"}, None, id="exempt by a star"
        ),
        pytest.param(
            "https://myindex.example/",
            BOTH | {"no_proxy": "index.example"},
            "http://tls.example:3128",
            id="not a subdomain",
        ),
        pytest.param("https://index.example:8443/", BOTH | {"no_proxy": "index.example:8443"}, None, id="exempt port"),
        pytest.param(
            "https://index.example/",
            BOTH | {"no_proxy": "index.example:8443"},
            "http://tls.example:3128",
            id="other port",
        ),
        pytest.param("https://10.1.2.3/", BOTH | {"no_proxy": "10.0.0.0/8"}, None, id="exempt network"),
        pytest.param(
            "https://11.1.2.3/", BOTH | {"no_proxy": "10.0.0.0/8"}, "http://tls.example:3128", id="outside the network"
        ),
        pytest.param("https://[::1]/", BOTH | {"no_proxy": "::1"}, None, id="exempt IPv6 address"),
        pytest.param("https://index.example/", BOTH | {"no_proxy": ""}, "http://tls.example:3128", id="nothing exempt"),
    ],
)
def test_variables_choose_the_proxy(
    settings: Settings, url: str, variables: Mapping[str, str], expected: str | None
) -> None:
    chosen = proxy_for(url, replace(settings, proxy_variables=variables))
    assert (chosen.url if chosen else None) == expected


def test_configured_proxy_is_for_everything(settings: Settings) -> None:
    proxy = Proxy(url="http://own.example")
    changed = replace(settings, proxy=proxy, proxy_variables=BOTH | {"no_proxy": "*"})
    assert proxy_for("https://index.example/", changed) == proxy


def test_proxy_variable_may_hold_credentials(settings: Settings) -> None:
    chosen = proxy_for(
        "https://a.example/", replace(settings, proxy_variables={"https_proxy": "http://u:p%40@p.example"})
    )
    assert chosen == Proxy(url="http://p.example", credentials=Credentials(username="u", password="p@"))
    assert "p@" not in repr(chosen)


def test_plain_request_goes_through_the_proxy(open_transport: Open, server: WebServer) -> None:
    url = server.serve("/simple/", PAGE)
    with proxy_server() as proxy:
        transport = open_transport(proxy_variables={"http_proxy": f"http://{proxy.netloc}"})
        assert transport.fetch(Request(url=url)).result().body == b"a page"
        assert proxy.asked == [f"GET {url}"]


def test_proxy_gets_its_credentials_and_the_server_does_not(open_transport: Open, server: WebServer) -> None:
    authorization = "Basic " + base64.b64encode(b"ada:pw").decode()
    url = server.serve("/simple/", PAGE)
    with proxy_server(authorization) as proxy:
        credentials = Credentials(username="ada", password="pw")
        transport = open_transport(proxy=Proxy(url=f"http://{proxy.netloc}", credentials=credentials))
        assert transport.fetch(Request(url=url)).result().body == b"a page"
    assert {"authorization", "proxy-authorization"}.isdisjoint(server.seen[0].headers)


def test_proxy_that_wants_a_password_is_an_error(open_transport: Open) -> None:
    with proxy_server("Basic x") as proxy:
        transport = open_transport(proxy=Proxy(url=f"http://{proxy.netloc}"), retries=3)
        with pytest.raises(ProxyRefusedError) as caught:
            transport.fetch(Request(url="https://index.example/")).result()
        assert f"the proxy http://{proxy.netloc} answered 407" in str(caught.value)
        assert caught.value.hint is not None
        assert len(proxy.asked) == 1


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        pytest.param("http://localhost:1", "connection refused by the proxy http://localhost:1", id="nobody listens"),
        pytest.param(
            "http://p.invalid", "the host name of the proxy http://p.invalid cannot be resolved", id="no such host"
        ),
    ],
)
def test_proxy_that_does_not_answer_is_named(open_transport: Open, address: str, problem: str) -> None:
    transport = open_transport(proxy=Proxy(url=address), retries=0)
    with pytest.raises(UnreachableError) as caught:
        transport.fetch(Request(url="https://index.example/")).result()
    assert str(caught.value) == f"https://index.example/: {problem}"


@pytest.mark.parametrize("address", ["socks5://localhost:1", "gopher://localhost:1"])
def test_proxy_of_a_kind_that_is_not_there_is_a_matter_of_configuration(open_transport: Open, address: str) -> None:
    transport = open_transport(proxy_variables={"all_proxy": address})
    with pytest.raises(ConfigurationError, match=r"^proxy: "):
        transport.fetch(Request(url="https://index.example/")).result()


@pytest.mark.parametrize("address", ["http://[::1", "http://u:s3cret@p.example:port", "http://"])
def test_proxy_variable_that_is_no_address_is_named_without_its_value(settings: Settings, address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        proxy_for("https://index.example/", replace(settings, proxy_variables={"https_proxy": address}))
    assert str(caught.value) == "environment variable https_proxy: is not a valid address"
