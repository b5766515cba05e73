"""The machine that wheels are chosen for: an interpreter, a platform, and all that follows from them."""

from collections.abc import Collection, Mapping
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from msgspec import Struct
from msgspec.structs import replace
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from wheelpin.target import markers as marker_language
from wheelpin.target.errors import (
    MarkerValueError,
    NarrowingError,
    PythonVersionError,
    TargetSyntaxError,
    UnknownMarkerError,
)
from wheelpin.target.markers import VARIABLES, Verdict
from wheelpin.target.misfit import Misfit, find_misfit, libc_of, python_misfit
from wheelpin.target.platforms import Linux, Platform, platform_tags
from wheelpin.target.presets import Preset, find_preset, preset_hint
from wheelpin.target.python import Interpreter, known_pythons
from wheelpin.target.syntax import Spelling, parse_spelling
from wheelpin.target.tags import TagRanks, ranked_tags
from wheelpin.values import COMMAND_LINE, Origin

if TYPE_CHECKING:
    from packaging.markers import Marker

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Target(Struct, frozen=True, kw_only=True, dict=True):
    """Where the wheels will run. If you hold one, it is right; every question is answered from it alone."""

    name: str
    """The spelling, a preset's name, a target file's or the user's own; fit for a file name."""
    interpreter: Interpreter
    platform: Platform
    python_full_version: Version
    is_patch_assumed: bool = False
    """Nobody said the patch: the last known one of the minor was taken."""
    marker_values: tuple[tuple[str, str], ...] = ()
    """Marker variables that somebody stated, sorted; they go before what follows from the target."""
    denied_platforms: frozenset[str] = frozenset()
    """Platform tags that the machine refuses although its libc would do (PEP 600's ``_manylinux``)."""
    listed_tags: tuple[str, ...] | None = None
    """Tags as another tool's platform file lists them, best first, in place of those that follow."""
    preset: str | None = None
    """The preset that it was read from, whatever its name is now."""
    warnings: tuple[str, ...] = ()
    """What the user should know about the target itself; two targets that differ in nothing else are the same."""

    @cached_property
    def _what_counts(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__struct_fields__ if name != "warnings")

    def __eq__(self, other: object) -> bool:
        return self._what_counts == other._what_counts if isinstance(other, Target) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._what_counts)

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        python_full_version: str | None = None,
        marker_values: Mapping[str, str] = _NOTHING,
        origin: Origin = COMMAND_LINE,
    ) -> Self:
        """Read a tag spelling or a preset's name.

        Raise `TargetSyntaxError`, and `PythonVersionError` or `MarkerValueError` for what is said beside it.
        """
        if preset := find_preset(text):
            return cls._from_preset(preset, python_full_version, marker_values, origin)
        try:
            spelling = parse_spelling(text, origin)
        except TargetSyntaxError as error:
            if hint := preset_hint(text):
                raise TargetSyntaxError(text, "no such preset", origin=origin, hint=hint) from error
            raise
        return cls.of_spelling(
            spelling, python_full_version=python_full_version, marker_values=marker_values, origin=origin
        )

    @classmethod
    def of_spelling(
        cls,
        spelling: Spelling,
        *,
        name: str | None = None,
        python_full_version: str | None = None,
        marker_values: Mapping[str, str] = _NOTHING,
        origin: Origin = COMMAND_LINE,
    ) -> Self:
        """Complete a spelling with what was said beside it."""
        interpreter = spelling.interpreter
        known = known_pythons()[interpreter.tag]
        version = known.full_version
        if python_full_version is not None:
            version = _full_version(python_full_version, spelling, origin)
        return cls(
            name=name or str(spelling),
            interpreter=interpreter,
            platform=spelling.platform,
            python_full_version=version,
            is_patch_assumed=python_full_version is None,
            marker_values=_checked_marker_values(marker_values, origin),
            warnings=spelling.warnings,
        )

    @classmethod
    def _from_preset(
        cls, preset: Preset, python_full_version: str | None, marker_values: Mapping[str, str], origin: Origin
    ) -> Self:
        target = cls.of_spelling(
            parse_spelling(preset.tags, origin),
            name=preset.name,
            python_full_version=python_full_version or preset.python_full_version,
            marker_values=marker_values,
            origin=origin,
        )
        return replace(
            target,
            denied_platforms=frozenset(preset.denied_platforms),
            preset=preset.name,
            warnings=preset.warnings,
        )

    def stating(
        self,
        *,
        python_full_version: str | None = None,
        marker_values: Mapping[str, str] = _NOTHING,
        origin: Origin = COMMAND_LINE,
    ) -> Self:
        """Return the target with what somebody says beside it; that goes before what it knew.

        Raise `PythonVersionError` and `MarkerValueError`.
        """
        target = self
        if python_full_version is not None:
            version = _full_version(python_full_version, self._spelling, origin)
            # What was captured with another patch follows the patch again.
            kept = tuple(pair for pair in self.marker_values if pair[0] != "implementation_version")
            target = replace(self, python_full_version=version, is_patch_assumed=False, marker_values=kept)
        stated = dict(target.marker_values) | dict(_checked_marker_values(marker_values, origin))
        return replace(target, marker_values=tuple(sorted(stated.items())))

    def __str__(self) -> str:
        return self.name

    @cached_property
    def spelling(self) -> str:
        """The canonical tag spelling, whatever the name."""
        return str(self._spelling)

    @property
    def _spelling(self) -> Spelling:
        return Spelling(interpreter=self.interpreter, platform=self.platform)

    # Tags

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Every tag that fits, best first, in wheelpin's own order."""
        if self.listed_tags is not None:
            return self.listed_tags
        platforms = [tag for tag in platform_tags(self.platform) if tag not in self.denied_platforms]
        return tuple(ranked_tags(self.interpreter, platforms))

    @cached_property
    def tags_digest(self) -> str:
        """What tells `tags` from those of other targets, whatever they are called."""
        return sha256("\n".join(self.tags).encode()).hexdigest()[:32]

    @cached_property
    def _ranks(self) -> TagRanks:
        return TagRanks(self.tags)

    def rank(self, tag_set: str) -> int | None:
        """Return the best rank of ``py2.py3-none-any`` and its like, 0 is best, None does not fit."""
        return self._ranks.rank(tag_set)

    @cached_property
    def _misfits(self) -> dict[str, Misfit]:
        return {}

    def misfit(self, tag_set: str) -> Misfit | None:
        """Tell why *tag_set* does not fit; None if it does."""
        if self.rank(tag_set) is not None:
            return None
        if (misfit := self._misfits.get(tag_set)) is None:
            misfit = self._misfits[tag_set] = find_misfit(tag_set, self.interpreter, self.platform)
        return misfit

    def lowest_for(self, tag_set: str) -> str | None:
        """Spell the lowest target that takes *tag_set* and differs by a higher libc only; None if there is none."""
        parts = tag_set.lower().split("-")
        if len(parts) != 3 or not isinstance(self.platform, Linux) or self.rank(tag_set) is not None:
            return None
        interpreters, abis, platforms = (part.split(".")[:64] for part in parts)
        if all(python_misfit(tag, abi, self.interpreter) for tag in interpreters for abi in abis):
            return None
        levels = sorted(
            (libc, minor)
            for libc, minor, arch in filter(None, map(libc_of, platforms))
            if arch == self.platform.arch
            and (self.platform.libc is None or (libc is self.platform.libc and minor > self.platform.libc_minor))
        )
        if not levels:
            return None
        libc, minor = levels[0]
        raised = replace(self.platform, libc=libc, libc_minor=minor)
        return str(Spelling(interpreter=self.interpreter, platform=raised))

    def narrow(self, parts: tuple[str, ...], origin: Origin) -> Self:
        """Return the target that *parts* leave of this one, as in ``pip==1.3.1[manylinux1,cp36,x86_64]``.

        Raise `TargetSyntaxError` if they are no parts, `NarrowingError` if they lead outside.
        """
        spelling = parse_spelling("-".join(parts), origin, within=self._spelling)
        if str(spelling) == self.spelling:
            return self
        whole = replace(self, listed_tags=None)
        narrowed = replace(whole, name=str(spelling), interpreter=spelling.interpreter, platform=spelling.platform)
        if not frozenset(narrowed.tags) <= frozenset(whole.tags):
            raise NarrowingError(parts, self.name, outside=narrowed.name, origin=origin)
        if self.listed_tags is None:
            return narrowed
        listed = frozenset(self.listed_tags)
        return replace(narrowed, listed_tags=tuple(tag for tag in narrowed.tags if tag in listed))

    # Markers and Requires-Python

    @cached_property
    def markers(self) -> Mapping[str, str]:
        """The marker environment without the variables that nobody can know from outside."""
        known = known_pythons()[self.interpreter.tag]
        version = self.python_full_version
        follows = marker_language.environment(
            self.interpreter,
            self.platform,
            python_full_version=version,
            implementation_version=str(version)
            if self.interpreter.tag.startswith("cp")
            else known.implementation_version,
        )
        return follows | dict(self.marker_values)

    @cached_property
    def _verdicts(self) -> dict[object, Verdict]:
        return {}

    def applies(self, marker: "Marker | None", extras: Collection[str] = ()) -> Verdict:
        """Tell whether *marker* holds for one of *extras*, or without any if there are none.

        Raise `UnknownMarkerError` if that hangs on a variable that the target does not know.
        """
        if marker is None:
            return _ALWAYS
        text = str(marker)
        key = (text, frozenset(extras) if "extra" in text else None)
        if (verdict := self._verdicts.get(key)) is None:
            names = sorted({canonicalize_name(extra) for extra in extras}) if "extra" in text else ()
            verdict = self._verdicts[key] = self._judge_marker(text, names or ("",))
        return verdict

    def _judge_marker(self, text: str, extras: Collection[str]) -> Verdict:
        answer = self._holds(text, extras, {})
        if not self.is_patch_assumed or not ("full_version" in text or "implementation_version" in text):
            return Verdict(answer)
        return Verdict(answer, any(self._turns(answer, text, extras, patch) for patch in self._other_patches(text)))

    def _turns(self, answer: bool, text: str, extras: Collection[str], patch: int) -> bool:
        try:
            return self._holds(text, extras, marker_language.python_values(self.interpreter, patch)) is not answer
        except UnknownMarkerError:
            return True

    def _holds(self, text: str, extras: Collection[str], changes: Mapping[str, str]) -> bool:
        unknown: UnknownMarkerError | None = None
        for extra in extras:
            try:
                if marker_language.holds(text, {**self.markers, **changes, "extra": extra}):
                    return True
            except UnknownMarkerError as error:
                unknown = error
        if unknown is not None:
            raise unknown
        return False

    def accepts_python(self, specifier: SpecifierSet) -> Verdict:
        """Judge a Requires-Python by the full version."""
        text = str(specifier)
        if (verdict := self._verdicts.get(text)) is None:
            verdict = self._verdicts[text] = self._judge_python(specifier, text)
        return verdict

    def _judge_python(self, specifier: SpecifierSet, text: str) -> Verdict:
        try:
            answer = specifier.contains(self.python_full_version, prereleases=True)
        except ValueError:  # A number of thousands of digits, which Python refuses to read: there is no such version.
            return Verdict(False)
        hinges = self.is_patch_assumed and any(
            specifier.contains(f"{self.interpreter.minor}.{patch}", prereleases=True) is not answer
            for patch in self._other_patches(text)
        )
        return Verdict(answer, hinges)

    def _other_patches(self, text: str) -> tuple[int, ...]:
        known = known_pythons()[self.interpreter.tag]
        return marker_language.patches_that_matter(text, self.python_full_version, is_final=known.is_final)


_ALWAYS = Verdict(True)


def _full_version(text: str, spelling: Spelling, origin: Origin) -> Version:
    interpreter = spelling.interpreter
    try:
        version = Version(text)
    except InvalidVersion:
        raise PythonVersionError(text, str(spelling), "this is no version", origin=origin) from None
    if len(version.release) != 3:
        problem = f"it has {len(version.release)} numbers instead of 3"
        raise PythonVersionError(text, str(spelling), problem, origin=origin)
    if version.release[:2] != interpreter.version:
        raise PythonVersionError(text, str(spelling), f"the target is {interpreter.minor}", origin=origin)
    return version


def _checked_marker_values(values: Mapping[str, str], origin: Origin) -> tuple[tuple[str, str], ...]:
    for variable in values:
        if variable not in VARIABLES:
            raise MarkerValueError(
                variable, "there is no such variable", origin=origin, hint=f"there are {', '.join(VARIABLES)}"
            )
        if variable in ("python_version", "python_full_version"):
            raise MarkerValueError(
                variable, "the target says that itself", origin=origin, hint="give the patch as --python-full-version"
            )
    return tuple(sorted(values.items()))
