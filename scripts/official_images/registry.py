"""A container registry by its HTTP interface (OCI distribution specification): tags, manifests, configs, layers."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_LONGEST_JSON = 4 * 1024 * 1024
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


class RegistryError(Exception):
    """The registry said something that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One image on one architecture."""

    digest: str
    config: str
    """The digest of its configuration."""
    layers: tuple[str, ...]
    """Their digests, the lowest first."""


class Registry:
    """Asks one registry about the images of one namespace, as anybody may."""

    def __init__(self, client: httpx.Client, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self._tokens: dict[str, str] = {}

    def tags(self, repository: str) -> list[str]:
        """Return all tags, page by page, in the registry's order."""
        found: list[str] = []
        url: str | None = self._path(repository, "tags/list?n=100")
        while url is not None:
            response = self._get(repository, url)
            found.extend(response.json().get("tags") or ())
            url = response.links.get("next", {}).get("url")
        return found

    def manifest(self, repository: str, reference: str, oci_architecture: str) -> Manifest | None:
        """Return what a tag or digest names for an architecture, or None if there is no such thing."""
        url = self._path(repository, f"manifests/{reference}")
        response = self._get(repository, url, accept=", ".join(_MANIFESTS), may_be_missing=True)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        digest = f"sha256:{hashlib.sha256(response.content).hexdigest()}"
        said = response.headers.get("Docker-Content-Digest", digest)
        if digest != (reference if reference.startswith("sha256:") else said):
            raise RegistryError(f"{repository}:{reference} is said to be {said} and is {digest}")
        body = _object(response)
        if "manifests" in body:
            children = [child for child in body["manifests"] if _is_for(child, oci_architecture)]
            return self.manifest(repository, children[0]["digest"], oci_architecture) if children else None
        try:
            layers = tuple(layer["digest"] for layer in body["layers"])
            return Manifest(digest=digest, config=body["config"]["digest"], layers=layers)
        except (KeyError, TypeError) as error:
            raise RegistryError(f"{repository}:{reference} has no manifest of a known kind") from error

    def architecture(self, repository: str, manifest: Manifest) -> str:
        """Return what the image's configuration says, in the words of the OCI specification."""
        body = _object(self._get(repository, self._path(repository, f"blobs/{manifest.config}")))
        variant = body.get("variant")
        return f"{body.get('architecture')}/{variant}" if variant else str(body.get("architecture"))

    @contextmanager
    def layer(self, repository: str, digest: str) -> Iterator[Iterator[bytes]]:
        """Open a layer for reading in pieces, as it is stored."""
        url = self._path(repository, f"blobs/{digest}")
        with self._client.stream("GET", url, headers=self._headers(repository)) as response:
            if response.status_code != httpx.codes.OK:
                raise RegistryError(f"{url} is answered with {response.status_code}")
            yield response.iter_bytes()

    def _path(self, repository: str, rest: str) -> str:
        return f"/v2/{self._namespace}/{repository}/{rest}"

    def _headers(self, repository: str) -> dict[str, str]:
        token = self._tokens.get(repository)
        return {} if token is None else {"Authorization": f"Bearer {token}"}

    def _get(
        self, repository: str, url: str, *, accept: str = "application/json", may_be_missing: bool = False
    ) -> httpx.Response:
        response = self._client.get(url, headers={**self._headers(repository), "Accept": accept})
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._tokens[repository] = self._token(response)
            response = self._client.get(url, headers={**self._headers(repository), "Accept": accept})
        if may_be_missing and response.status_code == httpx.codes.NOT_FOUND:
            return response
        if response.status_code != httpx.codes.OK or len(response.content) > _LONGEST_JSON:
            raise RegistryError(f"{url} is answered with {response.status_code}, {len(response.content)} bytes")
        return response

    def _token(self, refused: httpx.Response) -> str:
        """Get the token that a refusal asks for: anybody gets one to read with."""
        challenge = dict(_CHALLENGE.findall(refused.headers.get("WWW-Authenticate", "")))
        if "realm" not in challenge:
            raise RegistryError(f"{refused.url} wants a password")
        answer = _object(self._client.get(challenge.pop("realm"), params=challenge))
        return str(answer.get("token") or answer.get("access_token"))


def _object(response: httpx.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except json.JSONDecodeError as error:
        raise RegistryError(f"{response.url} is not answered with JSON") from error
    if not isinstance(body, dict):
        raise RegistryError(f"{response.url} is not answered with an object")
    return body


def _is_for(child: Mapping[str, Any], oci_architecture: str) -> bool:
    platform = child.get("platform", {})
    name = "/".join(filter(None, (platform.get("architecture"), platform.get("variant"))))
    return platform.get("os") == "linux" and name == oci_architecture
