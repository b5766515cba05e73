"""What a wheel's binaries need, whether its tags are true, and whether it holds for a target."""

from wheelpin.elf.audit import Audit, DeservedTag, audit_binaries, audit_wheel
from wheelpin.elf.facts import ElfFacts
from wheelpin.elf.headers import HEADER_BYTES, BinaryFormat, BinaryKind, binary_architecture
from wheelpin.elf.policy import PolicyTables, PolicyTablesError, load_policy_tables
from wheelpin.elf.remarks import NewestDemand
from wheelpin.elf.report import audit_to_json
from wheelpin.elf.symbols import NeededVersion
from wheelpin.elf.violations import Note, Violation
from wheelpin.elf.wheel import (
    ElfFile,
    NoWheelNameError,
    OtherBinary,
    UnreadableFile,
    WheelBinaries,
    WheelUnreadableError,
    read_wheel_binaries,
)

__all__ = [
    "HEADER_BYTES",
    "Audit",
    "BinaryFormat",
    "BinaryKind",
    "DeservedTag",
    "ElfFacts",
    "ElfFile",
    "NeededVersion",
    "NewestDemand",
    "NoWheelNameError",
    "Note",
    "OtherBinary",
    "PolicyTables",
    "PolicyTablesError",
    "UnreadableFile",
    "Violation",
    "WheelBinaries",
    "WheelUnreadableError",
    "audit_binaries",
    "audit_to_json",
    "audit_wheel",
    "binary_architecture",
    "load_policy_tables",
    "read_wheel_binaries",
]
