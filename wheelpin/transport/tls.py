"""Whose certificates count."""

import ssl
import sys

from wheelpin.settings import ConfigurationError, Settings
from wheelpin.values import Origin


def verifying_context(settings: Settings) -> ssl.SSLContext:
    """Trust the configured certificates, or else the system's."""
    if settings.cert is None:
        context = _system_context()
    else:
        is_folder = settings.cert.is_dir()
        try:
            context = ssl.create_default_context(
                cafile=None if is_folder else settings.cert, capath=settings.cert if is_folder else None
            )
        except OSError as error:
            raise ConfigurationError(
                Origin("cert"), f"{settings.cert} has no certificates that can be read: {_reason(error)}"
            ) from None
    return _with_client_certificate(context, settings)


def is_plain(context: ssl.SSLContext) -> bool:
    """Tell whether *context* is the standard library's own, which takes a host's name as bytes, too."""
    return type(context) is ssl.SSLContext


def trusting_context(settings: Settings) -> ssl.SSLContext:
    """Trust anyone: for `trusted_hosts` only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _with_client_certificate(context, settings)


def _system_context() -> ssl.SSLContext:
    if sys.platform not in {"darwin", "win32"}:
        context = ssl.create_default_context()
        if context.cert_store_stats()["x509_ca"]:
            return context
    # Elsewhere OpenSSL does not know the system's store. Where it does, truststore would load the same
    # certificates once a connection, at 16 ms each.
    import truststore  # noqa: PLC0415

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _with_client_certificate(context: ssl.SSLContext, settings: Settings) -> ssl.SSLContext:
    if settings.client_cert is not None:
        try:
            # An empty password instead of OpenSSL's question on the terminal.
            context.load_cert_chain(settings.client_cert, password="")
        except OSError as error:
            raise ConfigurationError(
                Origin("client-cert"),
                f"{settings.client_cert} has no certificate and unencrypted key that can be read: {_reason(error)}",
            ) from None
    return context


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
