"""TLS sockets that give all that has come, where the standard library's give one record at a time."""

import ssl

_RECORD_BYTES = 16 * 1024
"""The longest record that TLS has (RFC 8446, section 5.1). Files come in such, so a shorter one ends what was sent."""


class EagerSocket(ssl.SSLSocket):
    """For `ssl.SSLContext.sslsocket_class`: who reads a file has a quarter of the calls, each of which takes 100 µs."""

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Return what has come, at most *buflen* bytes; wait for the first of them only."""
        data = super().recv(buflen, flags)
        if len(data) < _RECORD_BYTES or len(data) == buflen:
            return data
        records, left_bytes = [data], buflen - len(data)
        timeout_s = self.gettimeout()
        self.settimeout(0)
        try:
            while left_bytes and (data := super().recv(left_bytes)):
                records.append(data)
                left_bytes -= len(data)
        except OSError:
            pass  # nothing more has come yet, or the connection broke, which the next call will tell
        finally:
            self.settimeout(timeout_s)
        return b"".join(records)
