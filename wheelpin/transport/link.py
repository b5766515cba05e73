"""A connection that is up: HTTP/2 over a socket that never blocks."""

import ssl
from time import monotonic

from wheelpin.transport.asks import Ask, BrokenError, OnAnswer, OnDecline
from wheelpin.transport.http2 import Http2

_RECORD_BYTES = 16 * 1024
_RECORDS_IN_A_ROW = 16
_MOST_UNSENT_BYTES = 16 * 1024 * 1024
"""Who sends what has to be answered, and takes no answers, fills no memory."""


class Link:
    """Whatever ends a connection is a `BrokenError` here."""

    def __init__(self, connection: ssl.SSLSocket, *, answered: OnAnswer, declined: OnDecline) -> None:
        self.socket = connection
        self.session = Http2(answered, declined)
        self.heard_at = monotonic()
        """When a part of an answer last came, or the first request after a rest went out."""
        self._outbox = bytearray()

    def send(self, ask: Ask) -> None:
        """Let *ask* go with the next `write`."""
        if self.session.is_idle:
            self.heard_at = monotonic()
        self.session.send(ask)

    def read(self) -> None:
        """Take in what has come, some of it if it is much: others want to be read too."""
        try:
            for _ in range(_RECORDS_IN_A_ROW):
                data = self.socket.recv(_RECORD_BYTES)
                if not data:
                    raise BrokenError
                if self.session.receive(data):
                    self.heard_at = monotonic()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError as error:
            raise BrokenError from error

    def write(self) -> bool:
        """Send what there is to send, and tell whether the socket took all of it."""
        self._outbox += self.session.take_output()
        try:
            while self._outbox:
                del self._outbox[: self.socket.send(self._outbox)]
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if len(self._outbox) > _MOST_UNSENT_BYTES:
                raise BrokenError from None
            return False
        except OSError as error:
            raise BrokenError from error
        return True
