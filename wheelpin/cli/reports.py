"""Results as JSON values, for machines: names and numbers, no sentences."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelpin.files import IndexFile
from wheelpin.locks import LockedFile, Pin
from wheelpin.target import Target
from wheelpin.values import without_secrets

if TYPE_CHECKING:
    from wheelpin.resolve.explanation import Explanation
    from wheelpin.workflows import Locked

Json = dict[str, Any]


def target_to_json(target: Target) -> Json:
    """Describe a target."""
    return {
        "name": target.name,
        "spelling": target.spelling,
        "python_full_version": str(target.python_full_version),
        "is_patch_assumed": target.is_patch_assumed,
    }


def locked_to_json(locked: "Locked", path: Path) -> Json:
    """Describe a lock, where it was written and what was warned of."""
    return {
        "target": target_to_json(locked.target),
        "file": path.as_posix(),
        "warnings": list(locked.warnings),
        "pins": [pin_to_json(pin) for pin in locked.lock.pins],
    }


def pin_to_json(pin: Pin) -> Json:
    """Describe a pin and its file."""
    report: Json = {"project": pin.project, "version": str(pin.version), "via": list(pin.via)}
    if isinstance(pin.file, LockedFile):
        report["filename"] = pin.file.filename
        report["sha256"] = pin.file.sha256
        report["size_bytes"] = pin.file.size_bytes
        report["url"] = None if pin.file.url is None else without_secrets(pin.file.url)
        report["path"] = pin.file.path
        report["index"] = pin.file.index
    else:
        report["sha256_of_any"] = sorted(pin.file.digests)
    return report


def explanation_to_json(found: "Explanation") -> Json:
    """Describe which file a project gets for a target and why, or why none."""
    return {
        "project": found.project,
        "target": target_to_json(found.target),
        "outcome": found.outcome.value,
        "index": found.index,
        "demanders": [{"asked": demander.asked, "chain": list(demander.chain)} for demander in found.demanders],
        "versions_in_range": [str(version) for version in found.versions_in_range],
        "newest_version": None if found.newest_version is None else str(found.newest_version),
        "chosen": None
        if found.chosen is None
        else {**_file_to_json(found.chosen.file), "version": str(found.chosen.version), "rank": found.chosen.rank},
        "runners_up": [
            {**_file_to_json(other.file), "rank": other.rank, "behind": other.behind.name.lower()}
            for other in found.runners_up
        ],
        "rejections": [
            {
                **_file_to_json(rejection.file),
                "version": str(rejection.version),
                "reason": rejection.reason.label,
                "detail": rejection.detail,
            }
            for rejection in found.rejections
        ],
        "unreadable": [{"entry": entry.entry, "reason": entry.reason} for entry in found.unreadable],
        "newest_fitting": None
        if found.newest_fitting is None
        else {**_file_to_json(found.newest_fitting.file), "version": str(found.newest_fitting.version)},
        "lowest_target": None
        if found.lowest_target is None
        else {"target": found.lowest_target.spelling, **_file_to_json(found.lowest_target.file)},
        "sdist": None if found.sdist is None else _file_to_json(found.sdist),
    }


def _file_to_json(file: IndexFile) -> Json:
    return {"filename": file.filename, "url": without_secrets(file.url), "sha256": file.sha256}
