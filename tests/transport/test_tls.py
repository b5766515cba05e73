"""Whose certificates are trusted."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.transport.conftest import FakeClock, Open
from tests.transport.servers import Reply, WebServer, proxy_server, redirect, web_server
from wheelpin.ports import Request
from wheelpin.settings import ConfigurationError, Proxy
from wheelpin.transport.failures import CertificateError, RedirectError, UnreachableError

PAGE = Reply(body=b"a page")


@pytest.fixture
def tls_server(server_context: ssl.SSLContext) -> Iterator[WebServer]:
    with web_server(server_context) as running:
        yield running


def test_configured_authority_is_trusted(open_transport: Open, tls_server: WebServer, authority_file: Path) -> None:
    transport = open_transport(cert=authority_file)
    assert transport.fetch(Request(url=tls_server.serve("/", PAGE))).result().body == b"a page"


def test_folder_of_authorities_is_trusted(open_transport: Open, tls_server: WebServer, authority_file: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the program openssl, which names the files of such a folder")
    folder = authority_file.parent / "authorities"
    folder.mkdir()
    command = [openssl, "x509", "-subject_hash", "-noout", "-in", str(authority_file)]
    name = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    authority_file.rename(folder / f"{name}.0")
    transport = open_transport(cert=folder)
    assert transport.fetch(Request(url=tls_server.serve("/", PAGE))).result().body == b"a page"


def test_authority_of_the_system_is_trusted(
    open_transport: Open, tls_server: WebServer, authority_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ssl.get_default_verify_paths().openssl_cafile_env != "SSL_CERT_FILE":
        pytest.skip("needs an OpenSSL whose system store can be named")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))
    assert open_transport().fetch(Request(url=tls_server.serve("/", PAGE))).result().body == b"a page"


def test_unknown_authority_is_not_trusted(open_transport: Open, tls_server: WebServer, clock: FakeClock) -> None:
    with pytest.raises(CertificateError) as caught:
        open_transport(retries=3).fetch(Request(url=tls_server.serve("/", PAGE))).result()
    assert str(caught.value).startswith(f"{tls_server.url}/: the certificate is not trusted: ")
    assert caught.value.hint is not None
    assert "--cert" in caught.value.hint
    assert clock.pauses == []
    assert tls_server.connections == 2, "one that might have spoken HTTP/2, and one that says what is wrong"
    assert tls_server.seen == []


def test_certificate_of_another_host_is_not_trusted(
    open_transport: Open, tls_server: WebServer, authority_file: Path
) -> None:
    url = tls_server.serve("/", PAGE).replace("localhost", "127.0.0.1")
    with pytest.raises(CertificateError, match=r"not trusted: .*127"):
        open_transport(cert=authority_file).fetch(Request(url=url)).result()


@pytest.mark.parametrize("with_port", [True, False], ids=["host and port", "host"])
def test_trusted_host_is_not_verified(open_transport: Open, tls_server: WebServer, with_port: bool) -> None:
    transport = open_transport(trusted_hosts=(tls_server.netloc if with_port else "localhost",))
    assert transport.fetch(Request(url=tls_server.serve("/", PAGE))).result().body == b"a page"


@pytest.mark.parametrize("trusted", ["other.example", "localhost:1", "host"])
def test_trust_in_one_host_is_no_trust_in_another(open_transport: Open, tls_server: WebServer, trusted: str) -> None:
    with pytest.raises(CertificateError):
        open_transport(trusted_hosts=(trusted,)).fetch(Request(url=tls_server.serve("/", PAGE))).result()


@pytest.mark.parametrize("text", [None, "no certificate"], ids=["missing", "not a certificate"])
@pytest.mark.parametrize("setting", ["cert", "client_cert"])
def test_certificate_file_that_cannot_be_read_is_a_matter_of_configuration(
    open_transport: Open, tmp_path: Path, text: str | None, setting: str
) -> None:
    path = tmp_path / "x.pem"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"x\.pem") as caught:
        open_transport(**{setting: path}).fetch(Request(url="https://index.example/")).result()
    assert caught.value.exit_code == 2


def test_client_shows_its_certificate(
    open_transport: Open, server_context: ssl.SSLContext, authority: trustme.CA, authority_file: Path, tmp_path: Path
) -> None:
    server_context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server_context)
    client_file = tmp_path / "client.pem"
    authority.issue_cert("ada@client.example").private_key_and_cert_chain_pem.write_to_path(client_file)
    with web_server(server_context) as server:
        request = Request(url=server.serve("/", PAGE))
        transport = open_transport(cert=authority_file, client_cert=client_file)
        assert transport.fetch(request).result().body == b"a page"
        with pytest.raises(UnreachableError):
            open_transport(cert=authority_file).fetch(request).result()


def test_server_without_tls_is_an_error_in_words(open_transport: Open, server: WebServer) -> None:
    url = server.serve("/", PAGE).replace("http:", "https:")
    with pytest.raises(UnreachableError, match="no TLS connection"):
        open_transport(retries=0).fetch(Request(url=url)).result()


def test_redirect_from_https_to_http_is_refused(
    open_transport: Open, tls_server: WebServer, server: WebServer, authority_file: Path
) -> None:
    tls_server.serve("/", redirect(server.serve("/", PAGE)))
    with pytest.raises(RedirectError, match="from https to http://"):
        open_transport(cert=authority_file).fetch(Request(url=f"{tls_server.url}/")).result()
    assert server.seen == []


def test_https_goes_through_the_proxy_in_a_tunnel(
    open_transport: Open, tls_server: WebServer, authority_file: Path
) -> None:
    url = tls_server.serve("/", PAGE)
    with proxy_server() as proxy:
        transport = open_transport(cert=authority_file, proxy=Proxy(url=f"http://{proxy.netloc}"))
        assert transport.fetch(Request(url=url)).result().body == b"a page"
        assert transport.fetch(Request(url=url)).result().body == b"a page"
        assert proxy.asked == [f"CONNECT {tls_server.netloc}"]
        transport.close()


def test_proxy_with_tls_is_held_to_the_configured_authority(
    open_transport: Open, server: WebServer, server_context: ssl.SSLContext, authority_file: Path
) -> None:
    request = Request(url=server.serve("/", PAGE))
    with proxy_server(context=server_context) as proxy:
        its = Proxy(url=f"https://{proxy.netloc}")
        assert open_transport(proxy=its, cert=authority_file).fetch(request).result().body == b"a page"
        with pytest.raises(CertificateError):
            open_transport(proxy=its).fetch(request).result()
