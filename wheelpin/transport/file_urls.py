"""Serve ``file:`` addresses as a web server would serve the folder."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from wheelpin.ports import Request, Response
from wheelpin.transport.failures import FetchError, TooLargeError


def read_file_url(request: Request) -> Response:
    """Read the file, or a folder's ``index.html``; what does not exist is answered by status 404."""
    path = file_url_path(request.url)
    url = request.url
    if path.is_dir():
        path /= "index.html"
        url = f"{url.rstrip('/')}/index.html"
    try:
        with path.open("rb") as file:
            body = file.read(request.max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError):
        return Response(status=404, url=url, headers={}, body=b"")
    except OSError as error:
        raise FetchError(url, f"cannot be read: {error.strerror}") from error
    if len(body) > request.max_bytes:
        raise TooLargeError(url, f"the file has more than {request.max_bytes:,} bytes")
    headers = {"content-type": "text/html"} if path.suffix == ".html" else {}
    return Response(status=200, url=url, headers=headers, body=body)


def file_url_path(url: str) -> Path:
    """Return the path that a ``file:`` address names on this machine (RFC 8089)."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if os.name == "nt":  # pragma: no cover
        share = f"//{parts.netloc}" if parts.netloc else ""
        return Path(share + (path if share else path.lstrip("/")))
    if parts.netloc not in {"", "localhost"} or "\0" in path:
        raise FetchError(url, "is not a file of this machine")
    return Path(path)
