"""An audit as plain data, for machines: what `json.dumps` takes, in a fixed order."""

from wheelpin.elf.audit import Audit
from wheelpin.elf.violations import Note, Violation
from wheelpin.elf.wheel import ElfFile


def audit_to_json(audit: Audit) -> dict[str, object]:
    """Spell *audit* out; keys are stable, lists are sorted as they were found."""
    deserved = audit.deserved
    return {
        "wheel": audit.binaries.filename,
        "sound": audit.is_sound,
        "deserved": None
        if deserved is None
        else {"tag": deserved.name, "aliases": list(deserved.aliases), "level-proven": deserved.is_level_proven},
        "target": audit.target,
        "broken-claims": [_finding(violation) for violation in audit.broken_claims],
        "broken-for-target": [_finding(violation) for violation in audit.broken_for_target],
        "notes": [_finding(note) for note in audit.notes],
        "outside-libraries": list(audit.outside_libraries),
        "newest-demands": [
            {"version": each.version, "library": each.library, "file": each.file, "symbols": list(each.symbols)}
            for each in audit.newest_demands
        ],
        "files": [_file(file) for file in audit.binaries.elf_files],
        "other-binaries": [
            {"path": other.path, "format": str(other.kind.format), "architectures": list(other.kind.architectures)}
            for other in audit.binaries.others
        ],
    }


def _finding(finding: Violation | Note) -> dict[str, object]:
    facts = {name.replace("_", "-"): _plain(getattr(finding, name)) for name in finding.__struct_fields__}
    return {"kind": finding.kind, "text": str(finding), **facts}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _file(file: ElfFile) -> dict[str, object]:
    facts = file.facts
    versions: dict[str, dict[str, list[str]]] = {}
    for need in facts.needed_versions:
        versions.setdefault(need.library, {})[need.version] = list(need.symbols)
    return {
        "path": file.path,
        "architecture": facts.architecture,
        "libc": facts.libc,
        "is-extension-module": file.module is not None,
        "soname": facts.soname,
        "needed": list(facts.needed),
        "libpython": facts.libpython,
        "versions": versions,
        "rpath": list(facts.rpath),
        "runpath": list(facts.runpath),
        "isa-level": facts.isa_level,
        "unicode-width": facts.unicode_width,
    }
