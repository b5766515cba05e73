"""Make the connection that carries HTTP/2, if a server speaks it."""

import socket
import ssl
from threading import Lock
from typing import cast

from wheelpin.settings import Settings
from wheelpin.transport.addresses import Address, is_verified
from wheelpin.transport.eager import TidySocket
from wheelpin.transport.tls import is_plain, trusting_context, verifying_context

_PROTOCOLS = ["h2", "http/1.1"]


class Dialler:
    """Connect to servers, on any thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._contexts: dict[bool, ssl.SSLContext] = {}

    def dial(self, address: Address) -> ssl.SSLSocket | None:
        """Return a connection that is ready for HTTP/2, None if the server prefers HTTP/1.1.

        Raise OSError, ValueError or `ConfigurationError` where there is no connection at all.
        """
        # As bytes, because for text the standard library loads the tables of international names: 8 ms.
        host = address.host.encode("ascii")
        plain = socket.create_connection((cast(str, host), address.port), timeout=self._settings.timeout_s)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            context = self.context(address)
            secure = context.wrap_socket(plain, server_hostname=host if is_plain(context) else address.host)
        except BaseException:
            plain.close()
            raise
        if secure.selected_alpn_protocol() != "h2":
            secure.close()
            return None
        secure.setblocking(False)
        return secure

    def context(self, address: Address) -> ssl.SSLContext:
        """Return what decides whose certificates count at *address*; to read them all the first time takes a while."""
        verifies = is_verified(address, self._settings)
        with self._lock:
            if verifies not in self._contexts:
                context = (verifying_context if verifies else trusting_context)(self._settings)
                context.sslsocket_class = TidySocket
                context.set_alpn_protocols(_PROTOCOLS)
                self._contexts[verifies] = context
            return self._contexts[verifies]
