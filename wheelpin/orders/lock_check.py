"""Hold locks against their inputs: what is not as ``wheelpin lock`` would write it again, found without an index."""

from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.checks import Finding, Kind, check_answer
from wheelpin.checks.offline import compare_facts, expected_pins
from wheelpin.locks import Lock, LockedFile, LockFormat, PinWithoutAddressError, Proof, to_text
from wheelpin.locks.errors import TargetsAlikeError
from wheelpin.resolve.question import yanked_when_locked
from wheelpin.target import Target
from wheelpin.values import Sha256, without_secrets
from wheelpin.workflows import LockJob, facts_of, lock_of, place_from, question_of

DigestOfFile = Callable[[str], Sha256 | None]
"""The sha256 of the file at a path in a lock; None where there is no such file on this machine."""


class LockAtHand(Struct, frozen=True, kw_only=True):
    """A lock that lies where the job's lock would be written."""

    lock: Lock
    text: str
    form: LockFormat
    """The form that it should have."""
    spell: Callable[[Lock], str] | None = None
    """Writes a lock in its place, where the form alone does not settle how."""


def check_lock(found: LockAtHand, job: LockJob, target: Target, digest_of_file: DigestOfFile) -> tuple[Finding, ...]:
    """Return all that makes *found* another lock than *job* would write for *target* with its pins preferred.

    None means that it would be written again as it is, provided that the index offers what it did. Raise
    `UndecidedRequirementError` and what is wrong with inline tags.
    """
    question = question_of(job, target)
    lock = found.lock
    pins = expected_pins(lock, question)
    facts = facts_of(job, question, pins, yanked=yanked_when_locked(dict(lock.proof.facts if lock.proof else ())))
    expected = lock_of(job, question, pins, None if lock.proof is None else replace(lock.proof, facts=facts))
    findings = [
        *_refused_python(job, target),
        *check_answer(lock, question, rules=job.rules, spell_address=lambda address: place_from(job.folder, address)),
        *_proof_findings(lock.proof, expected.proof),
        *_files(lock, digest_of_file),
        *_header(lock, expected),
    ]
    return tuple(findings or _text(found, expected))


def _refused_python(job: LockJob, target: Target) -> Iterator[Finding]:
    for demand in job.inputs.python_demands:
        if not target.accepts_python(demand.specifier).holds:
            message = f"requires-python is {demand.specifier}, and {target} has Python {target.python_full_version}"
            yield Finding(kind=Kind.PYTHON, message=message, origin=demand.origin)


def _proof_findings(before: Proof | None, now: Proof | None) -> Iterator[Finding]:
    if before is None or now is None:
        message = "it does not record what a check needs: an earlier wheelpin or another tool wrote it; lock anew once"
        yield Finding(kind=Kind.UNPROVEN, message=message)
    else:
        yield from compare_facts(before, now.facts)


def _files(lock: Lock, digest_of_file: DigestOfFile) -> Iterator[Finding]:
    for pin in lock.pins:
        if isinstance(pin.file, LockedFile) and pin.file.path is not None:
            digest = digest_of_file(pin.file.path)
            if digest is not None and digest != pin.file.sha256:
                message = f"{pin.file.path} is not the file that was locked: its sha256 is {digest}"
                yield Finding(kind=Kind.FILE, message=message, project=pin.project)


def _header(lock: Lock, expected: Lock) -> Iterator[Finding]:
    """Yield what the header says of the question and this run would say otherwise."""
    rows = (
        ("inputs", ", ".join(lock.inputs), ", ".join(expected.inputs)),
        ("exclude-newer", lock.exclude_newer, expected.exclude_newer),
        ("indexes", _spelled_indexes(lock), _spelled_indexes(expected)),
        ("refresh command", lock.refresh_command, expected.refresh_command),
    )
    for name, before, now in rows:
        if (before or None) != (now or None):
            yield Finding(kind=Kind.HEADER, message=f"its {name}: {before or 'none'}; now: {now or 'none'}")


def _spelled_indexes(lock: Lock) -> str:
    return ", ".join(map(without_secrets, lock.indexes))


def _text(found: LockAtHand, expected: Lock) -> Iterator[Finding]:
    try:
        text = to_text(expected, found.form) if found.spell is None else found.spell(expected)
    except (PinWithoutAddressError, TargetsAlikeError) as error:
        yield Finding(kind=Kind.TEXT, message=f"it is not in the form {found.form.value}: {error}")
        return
    before, now = found.text.splitlines(), text.splitlines()
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if tag != "equal":
            there = before[start] if start < end else "a missing line"
            wanted = now[new_start] if new_start < new_end else "no line"
            message = f"it would not be written like this: {there.strip()!r} instead of {wanted.strip()!r}"
            yield Finding(kind=Kind.TEXT, message=message, line=start + 1)
            return
