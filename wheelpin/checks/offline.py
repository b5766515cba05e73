"""Prove, without an index, that a lock is what ``wheelpin lock`` would write again.

The proof rests on three things. What the user asks directly is read anew and held against the pins. What the pins
need in turn cannot have changed, because their files have not: the digest over the pins says that they are those that
were found. And what else shaped the choice of files (hashes, addresses, overrides …) is recorded as facts and
compared. Existing pins are preferred when locking, so pins that are still an answer are the answer.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace
from packaging.utils import NormalizedName

from wheelpin.candidates.listing import tags_of
from wheelpin.candidates.rules import Rules
from wheelpin.checks.findings import Finding, Kind
from wheelpin.locks import Lock, LockedFile, Pin, Proof, Provenance
from wheelpin.locks.pin_text import spelled_address
from wheelpin.requirements import parse_requires_python
from wheelpin.requirements.addresses import is_folder_address
from wheelpin.requirements.model import Requirement
from wheelpin.resolve.question import Fact, Question, said_in
from wheelpin.resolve.view import sha256_of
from wheelpin.target import Target
from wheelpin.values import Origin, Sha256

_FACTS: Mapping[str, str] = {
    "addresses": "other addresses are asked for than when it was locked",
    "builds": "wheels would be built in another way than when it was locked",
    "exact": "a version that was yanked when it was locked is not asked for exactly any more, or is now",
    "hashes": "other hashes are allowed than when it was locked",
    "indexes": "the inputs name other indexes than when it was locked",
    "no-binary": "--no-binary names other projects than when it was locked",
    "overrides": "other overrides apply than when it was locked",
    "tags": "other inline tags apply than when it was locked",
    "target": "marker values or tags of the target are not those that it was locked for",
}
"""What a fact that differs means, by its kind."""


def check_answer(
    lock: Lock, question: Question, *, rules: Rules, spell_address: Callable[[str], str] = spelled_address
) -> Iterator[Finding]:
    """Yield what of *lock*'s pins does not answer *question* any more, inputs first.

    *spell_address* spells an address as the lock has places.
    """
    checker = _Checker(lock, question, rules, spell_address)
    yield from checker.target()
    for project in question.projects:
        if project not in checker.pins:
            yield from checker.not_pinned(project)
    unmet = [finding for pin in lock.pins for finding in checker.unmet(pin)]
    yield from unmet
    if lock.proof is not None:
        yield from checker.who_asks(told={finding.origin for finding in unmet})
    for pin in lock.pins:
        yield from checker.fitting(pin)
    if lock.proof is not None and not lock.proof.is_intact:
        yield Finding(kind=Kind.EDITED, message="somebody edited the pins since they were locked, or merged them")


def compare_facts(proof: Proof, now: Iterable[Fact]) -> Iterator[Finding]:
    """Yield a finding for each kind of fact that is another one *now*."""
    before, after = dict(proof.facts), dict(now)
    for kind in sorted(before.keys() | after.keys()):
        if before.get(kind) != after.get(kind):
            yield Finding(kind=Kind.RULES, message=_FACTS.get(kind, f"the fact {kind!r} is another one"))


def expected_pins(lock: Lock, question: Question) -> tuple[Pin, ...]:
    """Return the pins of *lock* that are still asked for, by whom they would be found to be asked for now."""
    reached = _reached(lock, question)
    return tuple(
        replace(
            pin,
            extras=question.extras_of(pin.project),
            tags=question.tags_of(pin.project),
            via=tuple(sorted({*question.askers_of(pin.project), *(asker for asker in pin.via if asker in reached)})),
        )
        for pin in lock.pins
        if pin.project in reached
    )


def _reached(lock: Lock, question: Question) -> frozenset[str]:
    """Return the pinned projects to which a way leads from the user's asks."""
    needs: dict[str, list[str]] = {}
    for pin in lock.pins:
        for asker in pin.via:
            needs.setdefault(asker, []).append(pin.project)
    pinned = {pin.project for pin in lock.pins}
    reached = set[str]()
    waiting: list[str] = [project for project in question.projects if project in pinned]
    while waiting:
        if (project := waiting.pop()) not in reached:
            reached.add(project)
            waiting += needs.get(project, ())
    return frozenset(reached)


class _Checker:
    """Holds one lock against one question."""

    def __init__(self, lock: Lock, question: Question, rules: Rules, spell_address: Callable[[str], str]) -> None:
        self.lock = lock
        self.question = question
        self.rules = rules
        self.spell_address = spell_address
        self.pins = {pin.project: pin for pin in lock.pins}

    def target(self) -> Iterator[Finding]:
        said, target = self.lock.target, self.question.target
        if said is None:
            yield Finding(
                kind=Kind.TARGET, message=f"it does not say which target it is for, and {target} is asked for"
            )
            return
        if said.spelling != target.spelling:
            message = f"it is for {said.spelling}, and {target.spelling} is asked for"
            yield Finding(kind=Kind.TARGET, message=message)
        if said.python_full_version != target.python_full_version:
            message = f"it is for Python {said.python_full_version}, and {target.python_full_version} is asked for"
            yield Finding(kind=Kind.PYTHON, message=message)

    def not_pinned(self, project: NormalizedName) -> Iterator[Finding]:
        for asked in self.question.asks_for(project):
            message = f"{asked} is asked for, and {project} is not pinned"
            yield Finding(kind=Kind.NOT_PINNED, message=message, origin=asked.origin, project=project)

    def unmet(self, pin: Pin) -> Iterator[Finding]:
        limits = self.question.limits_on(pin.project)
        for asked in limits:
            if (problem := self._problem(asked, pin)) is not None:
                yield Finding(kind=Kind.UNMET, message=problem, origin=asked.origin, project=pin.project)
        is_direct = any(asked.url is not None for asked in limits)
        if _is_built(pin):
            if (refusal := self.rules.build_refusal(pin.project)) is not None:
                message = f"a built wheel of {pin.project} is pinned, and {refusal}"
                yield Finding(kind=Kind.RULES, message=message, project=pin.project)
        elif not is_direct and self.rules.forbid_wheels_of(pin.project):
            message = f"--no-binary asks for a build of {pin.project}, and a wheel of an index is pinned"
            yield Finding(kind=Kind.RULES, message=message, project=pin.project)
        if self.lock.proof is not None:
            yield from self._extras(pin)

    def _problem(self, asked: Requirement, pin: Pin) -> str | None:
        if asked.url is not None and (problem := self._wrong_place(asked, asked.url, pin)) is not None:
            return problem
        if not asked.specifier.contains(pin.version, prereleases=True):
            return f"{asked} is asked for, and {pin.version} is pinned"
        if asked.hashes and asked.hashes.isdisjoint(_digests(pin)):
            return f"the file that is pinned for {pin.project} {pin.version} has none of the hashes allowed"
        return None

    def _wrong_place(self, asked: Requirement, url: str, pin: Pin) -> str | None:
        address, _, _ = url.partition("#")
        place = self.spell_address(address)
        if (sha256 := sha256_of(url)) is not None and sha256 not in _digests(pin):
            if is_folder_address(url):
                return f"{pin.project} is pinned as it was built of {place}, which has changed since"
            return f"{asked} has another sha256 than the file that is pinned"
        match pin.file:
            case LockedFile(built=Provenance(source=source)):
                # A file or a folder of this machine is known by its name and its digest.
                said = place.rstrip("/").rpartition("/")[2] if address.startswith("file:") else place
                is_there = spelled_address(said) == spelled_address(source)
            case LockedFile(url=str(pinned)):
                is_there = spelled_address(pinned) == place
            case LockedFile(path=str(path)):
                is_there = path == place
            case LockedFile(filename=filename):
                is_there = spelled_address(place.rpartition("/")[2]) == spelled_address(filename)
            case _:
                return None
        return None if is_there else f"{asked} is asked for, and another file is pinned"

    def _extras(self, pin: Pin) -> Iterator[Finding]:
        asked = self.question.extras_of(pin.project)
        for extra in sorted({*asked} ^ {*pin.extras}):
            if extra not in asked:
                message = f"{pin.project}[{extra}] is not asked for any more, and is still locked"
                yield Finding(kind=Kind.EXTRAS, message=message, project=pin.project)
            for need in self.question.asks_for(pin.project):
                if extra in need.extras:
                    message = f"{pin.project}[{extra}] is asked for, and {pin.project} is locked without that extra"
                    yield Finding(kind=Kind.EXTRAS, message=message, origin=need.origin, project=pin.project)

    def who_asks(self, *, told: Collection[Origin | None]) -> Iterator[Finding]:
        """Yield what is pinned and not wanted, and pins that other inputs ask for than before.

        Of lines that are *told* already, nothing more is said.
        """
        reached = _reached(self.lock, self.question)
        for pin in self.lock.pins:
            if pin.project not in reached:
                message = f"{pin.project} is pinned, and nothing asks for it any more"
                yield Finding(kind=Kind.UNWANTED, message=message, project=pin.project)
                continue
            now = self.question.askers_of(pin.project)
            before = {asker for asker in pin.via if asker not in self.pins}
            new = {said_in(need.origin): need for need in self.question.asks_for(pin.project)}
            for asker in sorted(now - before):
                if new[asker].origin in told:
                    continue
                message = f"{new[asker]} is asked for, too, which the lock does not say"
                yield Finding(kind=Kind.ASKERS, message=message, origin=new[asker].origin, project=pin.project)
            for asker in sorted(before - now):
                message = f"{pin.project} is not asked for by {asker} any more"
                yield Finding(kind=Kind.ASKERS, message=message, project=pin.project)

    def fitting(self, pin: Pin) -> Iterator[Finding]:
        target = self.question.target_of(pin.project)
        if pin.tags != (tags := self.question.tags_of(pin.project)):
            message = f"{pin.project} is locked for [{','.join(pin.tags)}], and [{','.join(tags)}] is asked for"
            yield Finding(kind=Kind.RULES, message=message, project=pin.project)
        if isinstance(pin.file, LockedFile) and (reason := _misfit(pin.file.filename, target)) is not None:
            message = f"{pin.file.filename} does not fit {target.name}: {reason}"
            yield Finding(kind=Kind.MISFIT, message=message, project=pin.project)
        if pin.requires_python is not None and (problem := _python_problem(pin.requires_python, target)) is not None:
            message = f"{pin.project} {pin.version} {problem}"
            yield Finding(kind=Kind.MISFIT, message=message, project=pin.project)


def _digests(pin: Pin) -> frozenset[Sha256]:
    match pin.file:
        case LockedFile(sha256=sha256, built=Provenance(source_sha256=source_sha256)):
            return frozenset({sha256, source_sha256})
        case LockedFile(sha256=sha256):
            return frozenset({sha256})
        case unnamed:
            return unnamed.digests


def _is_built(pin: Pin) -> bool:
    return isinstance(pin.file, LockedFile) and pin.file.built is not None


def _misfit(filename: str, target: Target) -> str | None:
    misfit = target.misfit(tags_of(filename))
    return None if misfit is None else misfit.detail


def _python_problem(text: str, target: Target) -> str | None:
    holds = target.accepts_python(parse_requires_python(text)).holds
    return None if holds else f"requires Python {text}, and the target has {target.python_full_version}"
