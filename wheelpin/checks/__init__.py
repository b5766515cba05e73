"""Whether a lock still answers its inputs: offline, by what it records, and by what its index says today."""

from wheelpin.checks.findings import Advisory, Finding, Kind, Severity
from wheelpin.checks.offline import check_answer

__all__ = ["Advisory", "Finding", "Kind", "Severity", "check_answer"]
