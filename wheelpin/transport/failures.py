"""Why no usable answer came, in words."""

from typing import Self

from wheelpin.errors import IndexUnavailableError
from wheelpin.values import without_secrets

_WANT_CREDENTIALS = (401, 403)


class FetchError(IndexUnavailableError):
    """An address gave no usable answer."""

    hint: str | None = None

    def __init__(self, url: str, problem: str, tries: int = 1, status: int | None = None) -> None:
        url = without_secrets(url)
        super().__init__(url, problem, tries, status)
        self.url, self.problem, self.tries, self.status = url, problem, tries, status

    def __str__(self) -> str:
        after = f" ({self.tries} tries)" if self.tries > 1 else ""
        return f"{self.url}: {self.problem}{after}"

    def after(self, tries: int) -> Self:
        """Return the same error, found again at the last of *tries*."""
        return type(self)(self.url, self.problem, tries, self.status)


class UnreachableError(FetchError):
    """No connection, or one that broke."""

    hint = "check the address and the network; --offline makes do with the cache"


def over(url: str) -> UnreachableError:
    """Return the error for a request that comes after the end of a run."""
    return UnreachableError(url, "is not asked any more: the run is over")


class TimedOutError(FetchError):
    """The server was silent for too long."""

    hint = "a larger --timeout waits longer"


class CertificateError(FetchError):
    """The server's certificate is not trusted."""

    hint = "if a private authority issued it, name that authority's file with --cert"


class ProxyRefusedError(FetchError):
    """The proxy does not pass the request on."""

    hint = "check address, user name and password of --proxy or of the variable HTTPS_PROXY"


class RedirectError(FetchError):
    """The server sends the request on to nowhere, in circles, or to an address that is not safe."""


class TooLargeError(FetchError):
    """The body is larger than anything of its kind ought to be."""


class UnreadableAnswerError(FetchError):
    """The body is encoded in a way that was not asked for, or wrongly."""


class ServerStatusError(FetchError):
    """The server answered with an HTTP status that is no answer."""

    def __init__(self, url: str, problem: str, tries: int = 1, status: int | None = None) -> None:
        super().__init__(url, problem, tries, status)
        if status in _WANT_CREDENTIALS:
            self.hint = "give credentials in the index's address (--index-url), in a netrc file or in a keyring"


def unwanted_status(url: str, status: int) -> ServerStatusError:
    """Return the error for a *status* that cannot be handed on."""
    from http import HTTPStatus  # noqa: PLC0415 - hardly ever needed

    known = {each.value: f" ({each.phrase})" for each in HTTPStatus}
    return ServerStatusError(url, f"the server answered {status}{known.get(status, '')}", 1, status)


class OfflineError(FetchError):
    """The network may not be used."""

    hint = "run without --offline, or fill the cache first"


class Transient(Exception):
    """What failed may succeed when tried again: a signal from an attempt to whoever repeats it."""

    def __init__(self, error: FetchError, retry_after_s: float | None = None) -> None:
        super().__init__(error, retry_after_s)
        self.error, self.retry_after_s = error, retry_after_s
