"""A lock as CycloneDX JSON (ECMA-424): its pins as components, who asked for them as dependencies.

Equal locks give equal bytes: there is no time in it, and the serial number follows from the rest. Licences are left
out, because a lock knows none.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from wheelpin.locks import Lock, LockedFile, Pin
from wheelpin.locks.provenance import iter_comments
from wheelpin.values import PYPI, without_secrets


def to_cyclonedx(lock: Lock, name: str) -> str:
    """Write *lock* as CycloneDX 1.6; *name* is that of what it is the bill of."""
    bom = Bom()
    root = Component(name=name, type=ComponentType.APPLICATION, bom_ref="root")
    bom.metadata.component = root
    bom.metadata.properties = list(_properties(_said_by_lock(lock)))
    components = {str(pin.project): _component(pin) for pin in lock.pins}
    bom.components = components.values()
    needs = {project: [str(pin.project) for pin in lock.pins if project in pin.via] for project in components}
    bom.register_dependency(root, [components[project] for project in _top(lock, needs)])
    for project, component in components.items():
        bom.register_dependency(component, [components[needed] for needed in needs[project] if needed != project])
    return _settled(JsonV1Dot6(bom).output_as_string())


def _top(lock: Lock, needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the projects that an input asks for, and those that nothing of these leads to."""
    asked = [str(pin.project) for pin in lock.pins if set(pin.via) - needs.keys()]
    found, reached = list[str](), set[str]()
    for name in (*asked, *needs):
        if name in asked or name not in reached:
            found.append(name)
            waiting = [name]
            while waiting:
                at = waiting.pop()
                waiting += () if at in reached else needs[at]
                reached.add(at)
    return list(dict.fromkeys(found))


def _component(pin: Pin) -> Component:
    file = pin.file if isinstance(pin.file, LockedFile) else None
    purl = PackageURL(type="pypi", name=pin.project, version=str(pin.version), qualifiers=_qualifiers(file))
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=file.sha256)] if file is not None else []
    return Component(
        name=pin.project,
        version=str(pin.version),
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=purl.to_string(),
        hashes=hashes,
        external_references=[_place(file.url, hashes)] if file is not None and file.url is not None else [],
        properties=_properties(_said_by_pin(pin)),
    )


def _place(url: str, hashes: list[HashType]) -> ExternalReference:
    return ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(without_secrets(url)), hashes=hashes)


def _qualifiers(file: LockedFile | None) -> dict[str, str]:
    index = None if file is None else file.index
    if index is None or index.rstrip("/") == PYPI.rstrip("/"):
        return {}
    return {"repository_url": without_secrets(index)}


def _said_by_lock(lock: Lock) -> Iterator[tuple[str, str | None]]:
    if lock.target is not None:
        yield "target", lock.target.spelling
        yield "target-name", lock.target.name if lock.target.name != lock.target.spelling else None
        python = lock.target.python_full_version
        yield "python-full-version", None if python is None else str(python)
        yield "patch", "assumed" if lock.target.is_patch_assumed else None
    for text in lock.inputs:
        yield "input", text
    yield "exclude-newer", lock.exclude_newer


def _said_by_pin(pin: Pin) -> Iterator[tuple[str, str | None]]:
    match pin.file:
        case LockedFile() as file:
            yield "file", file.filename
            yield "path", file.path
            yield "size", None if file.size_bytes is None else str(file.size_bytes)
            yield "uploaded-at", file.uploaded_at
            for identity in file.identities:
                yield "attested-by", " ".join([identity.kind, *(f"{key}={value}" for key, value in identity.facts)])
            for line in () if file.built is None else iter_comments(file.built):
                key, _, value = line.partition(": ")
                yield key, value
        case several:
            for digest in sorted(several.digests):
                yield "sha256-of-any", digest
    for extra in pin.extras:
        yield "extra", extra


def _properties(said: Iterable[tuple[str, str | None]]) -> Iterator[Property]:
    return (Property(name=f"wheelpin:{key}", value=value) for key, value in said if value is not None)


def _settled(text: str) -> str:
    """Take the time out, and derive the serial number from what is left."""
    bill = json.loads(text)
    bill["metadata"].pop("timestamp", None)
    bill.pop("serialNumber", None)
    serial = uuid5(NAMESPACE_URL, json.dumps(bill, sort_keys=True))
    head = {key: bill.pop(key) for key in ("$schema", "bomFormat", "specVersion") if key in bill}
    return json.dumps({**head, "serialNumber": f"urn:uuid:{serial}", **bill}, indent=2, ensure_ascii=False) + "\n"
