"""The search itself: a resolver in resolvelib's frame that learns from every conflict.

resolvelib's own goes back from a conflict by trial, looks at every project in every round and may lose answers on the
way. This one notes which facts led to a conflict, never lets all of them come together again, and goes back at once to
the latest of them. What one round takes does not depend on how many projects there are.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, chain, count

from packaging.utils import NormalizedName
from resolvelib import AbstractResolver, ResolutionImpossible, ResolutionTooDeep
from resolvelib.resolvers import ResolverException, Result
from resolvelib.structs import DirectedGraph

from wheelpin.resolve.asked import Asked, Questions
from wheelpin.resolve.asks import Ask, Choice, ImpossibleAsk, is_address
from wheelpin.resolve.facts import Asking, Fact, Facts, Information, Nogood, Supply, extras_of
from wheelpin.resolve.openings import NO_OPENINGS, Openings
from wheelpin.resolve.provider import Progress, Provider
from wheelpin.resolve.trail import Preference, Step, Trail

MOST_ROUNDS = 200_000
"""A search that is not over by then is given up."""


_LAST = 1 << 62
"""A turn that comes after all others."""


class LateAddressError(ResolverException):
    """An address for a project is named after the search has gone on as if there were no file of it."""

    def __init__(self, project: NormalizedName) -> None:
        super().__init__(project)
        self.project = project


class LearningResolver(AbstractResolver[Ask, Choice, NormalizedName]):
    """Chooses project by project, best choice first; a choice gives way once to an ask that comes too late for it.

    It works with resolvelib's hooks, so that resolvelib's own resolver could take its place. Where a later ask may
    let a file in, which *openings* tell, it is no conflict yet if nothing answers those before it: such a project
    waits until all others are chosen.
    """

    provider: Provider
    reporter: Progress
    base_exception: type[Exception] = ResolverException

    def __init__(
        self,
        provider: Provider,
        reporter: Progress,
        *,
        openings: Openings = NO_OPENINGS,
        most_rounds: int = MOST_ROUNDS,
    ) -> None:
        super().__init__(provider, reporter)
        self._most_rounds = most_rounds
        self._openings = openings
        self._wanting: set[NormalizedName] = set()
        """Projects that were asked for in vain while nobody named an address."""
        self.doubted: set[Asked] = set()
        """What was taken to have no choice, or none that does: with more let in it may have."""
        self._put_off: dict[Asked, int] = {}
        """Which turn has what was left without a choice that does while others may still let one in."""
        self._turns = count()
        self._stalled: dict[NormalizedName, Sequence[Fact]] = {}
        """Projects that were put off since the last step, and what speaks against their choices."""
        self._facts = Facts()
        self._questions = Questions(self._answer)
        self._trail = Trail(self._preference)
        self._objections: dict[Choice, Nogood] = {}
        self._gave_way: set[tuple[Choice, frozenset[Asking]]] = set()

    def resolve(self, requirements: Iterable[Ask], **_options: object) -> Result[Ask, Choice, NormalizedName]:
        """Return a mapping of every project to its choice; raise what `rounds` raises."""
        for _asked in self.rounds(requirements):
            pass
        return Result(mapping=self.choices, graph=DirectedGraph(), criteria={})

    @property
    def choices(self) -> dict[NormalizedName, Choice]:
        """The choice for every project so far."""
        return dict(self._trail.choices)

    @property
    def looked_at(self) -> Collection[Choice]:
        """The choices whose own asks are known."""
        return self._facts.looked_at

    def rounds(self, requirements: Iterable[Ask]) -> Iterator[Asked]:
        """Choose project by project until all are chosen; yield before each round what it is to answer.

        Raise `ResolutionImpossible` with what excludes each other, `ResolutionTooDeep` after so many rounds, and
        `LateAddressError` for a project that an address came for, which *openings* did not tell.
        """
        self._begin(requirements)
        for _round in range(self._most_rounds):
            if (project := self._trail.next()) is None:
                return
            asked, pinned = self._trail.asked[project], self._trail.choices.get(project)
            yield asked
            if pinned is not None:
                self._widen(asked, pinned)
            else:
                self._choose(asked)
        raise ResolutionTooDeep(self._most_rounds)

    def _begin(self, requirements: Iterable[Ask]) -> None:
        askings: dict[Asking, Ask] = {}
        asked: dict[NormalizedName, Asked] = {}
        for ask in requirements:
            self.reporter.adding_requirement(ask, None)
            asking = self._facts.asking(ask)
            askings.setdefault(asking, ask)
            self._ask(asked, asking)
        self._trail.begin(askings, asked)
        for all_asked in asked.values():
            if self._has_no_answer(all_asked):
                raise ResolutionImpossible(self._clash(all_asked, None).causes)

    def _choose(self, asked: Asked) -> None:
        """Take the first choice for a project that nothing speaks against, or learn that there is none."""
        objections: dict[Choice, Nogood] = {}
        for choice in asked:
            found = self._look_at(choice)
            if isinstance(found, Step):
                self._take(found)
                return
            objections[choice] = found
        askers = tuple(asking.information for asking in _in_order(asked.askings))
        causes = next((found.causes for found in objections.values() if not _is_fallen(found)), askers)
        against = [fact for found in objections.values() for fact in found.facts]
        needed = self._needed(asked, objections.keys())
        against += _in_order(needed.askings)
        self._doubt(needed)
        if self._openings.may_add_to(asked):
            self._put_off_or_learn(asked, against, causes)
        else:
            self.provider.promote(asked.project)
            self._learn(against, causes)
        self._trail.review(asked.project)

    def _put_off_or_learn(self, asked: Asked, against: Sequence[Fact], causes: tuple[Information, ...]) -> None:
        """Let a project wait for what others let in; once nothing else is left to choose, learn that they do not."""
        self._stalled[asked.project] = against
        if self._trail.waiting <= self._stalled.keys():
            deciding = self._openings.deciding(self._stalled) & self._trail.choices.keys()
            chosen = [
                self._supply(choice).chosen for choice in self._trail.choices.values() if choice.project in deciding
            ]
            self._learn((*chain.from_iterable(self._stalled.values()), *chosen), causes)
        else:
            self._put_off[asked] = next(self._turns)

    def _widen(self, asked: Asked, pinned: Choice) -> None:
        """Choose the same candidate with the extras that are asked for since."""
        choice = Choice(pinned.candidate, asked.extras)
        found = self._look_at(choice)
        if isinstance(found, Step):
            self._take(found)
            return
        late = frozenset(asking for asking in asked.askings if not extras_of(asking.ask) <= pinned.extras)
        if (pinned, late) in self._gave_way:
            self._learn((self._supply(pinned).chosen, *_in_order(late), *found.facts), found.causes)
        else:
            asker = max(late, key=lambda asking: asking.level).information.parent
            self._give_way(pinned, late, choice if asker is None else asker)

    def _take(self, step: Step) -> None:
        """Take a step, unless choices that its asks come too late for have to be taken back first."""
        for pinned, late in step.late.items():
            self._give_way(pinned, late, step.choice)
        if not step.late:
            self._trail.take(step)
            self._stalled.clear()
            self.reporter.pinning(step.choice)

    def _give_way(self, pinned: Choice, late: frozenset[Asking], asker: Choice) -> None:
        """Go back before *pinned* was chosen, to choose it after *asker*, who asks *late*."""
        self._gave_way.add((pinned, late))
        self._stalled.clear()
        if pinned.project in self._trail.choices:
            self._trail.back_to(self._trail.level_of(pinned.project) - 1)
        for project in self.provider.postpone(pinned.project, asker.project):
            self._trail.review(project)

    def _look_at(self, choice: Choice) -> Step | Nogood:
        """Return the step that *choice* would be, or what speaks against it now."""
        known = self._objections.get(choice)
        if known is not None and known.holds:
            return known
        supply = self._supply(choice)
        new = {asking: ask for asking, ask in supply.askings.items() if not asking.holds}
        step = Step(choice, supply.chosen, new)
        objection = self._violated((supply.chosen, *new), supply) or self._unanswered(step)
        if objection is None:
            return step
        self._objections[choice] = objection
        return objection

    def _violated(self, facts: Iterable[Fact], supply: Supply) -> Nogood | None:
        """Return what is left of a nogood that comes true with *facts*, or None."""
        for fact in facts:
            for place, nogood in enumerate(fact.watched):
                watch = next((one for one in nogood.facts if not one.holds and one not in supply), None)
                if watch is None:
                    del fact.watched[:place]
                    return Nogood(tuple(one for one in nogood.facts if one not in supply), nogood.causes)
                watch.watched.append(nogood)
            fact.watched.clear()
        return None

    def _unanswered(self, step: Step) -> Nogood | None:
        """Work out what *step* asks of each project; return why one of them has no answer, or None."""
        for asking, ask in step.askings.items():
            asked = self._ask(step.asked, asking)
            if self._has_no_answer(asked):
                return self._clash(asked, step.choice)
            pinned = self._trail.choices.get(asked.project)
            if pinned is None or self._can_keep(pinned, asked):
                continue
            step.late[pinned] = late = asked.askings - self._trail.asked[asked.project].askings
            if (pinned, late) in self._gave_way:
                earlier = (one.information for one in _in_order(asked.askings) if one.holds)
                return Nogood((self._supply(pinned).chosen,), (*earlier, Information(ask, step.choice)))
        return None

    def _has_no_answer(self, asked: Asked) -> bool:
        """Tell whether nothing answers *asked*, nor will when more is let in."""
        if not asked.has_choice and not any(is_address(asking.ask) for asking in asked.askings):
            self._wanting.add(asked.project)
        return not self._may_have_answer(asked)

    def _may_have_answer(self, asked: Asked) -> bool:
        return asked.has_choice or self._openings.may_add_to(asked)

    def _can_keep(self, pinned: Choice, asked: Asked) -> bool:
        with_extras = Choice(pinned.candidate, pinned.extras | asked.extras)
        return all(
            self.provider.is_satisfied_by(asking.ask, with_extras) for asking in asked.askings if not asking.holds
        )

    def _ask(self, by_project: dict[NormalizedName, Asked], asking: Asking) -> Asked:
        """Add *asking* to what is asked of its project: that in *by_project*, or else on the trail."""
        project = self.provider.identify(asking.ask)
        before = by_project.get(project) or self._trail.asked.get(project) or self._questions.of(project, ())
        by_project[project] = asked = before.with_(asking)
        return asked

    def _clash(self, asked: Asked, choice: Choice | None) -> Nogood:
        """Return as few of the facts as leave *asked* without a choice, besides those that *choice* brings itself."""
        own = self._supply(choice).askings if choice is not None else {}
        others = [asking for asking in _in_order(asked.askings) if asking not in own]
        # Without an address there would be other choices, not more.
        needed = [asking for asking in others if is_address(asking.ask)]
        few = self._questions.of(asked.project, (asked.askings & own.keys()).union(needed))
        while not few.askings or self._may_have_answer(few):
            more = accumulate(others, Asked.with_, initial=few)
            next(more)
            last = next(asking for asking, probe in zip(others, more, strict=True) if not self._may_have_answer(probe))
            needed.append(last)
            few = few.with_(last)
        self._doubt(few)
        causes = [asking.information for asking in needed]
        causes += [Information(ask, choice) for asking, ask in own.items() if asking in asked.askings]
        return Nogood(tuple(needed), tuple(causes))

    def _needed(self, asked: Asked, tried: Collection[Choice]) -> Asked:
        """Return as few of the askings as leave no other choices than those *tried*, nor let any more in later."""
        is_open = self._openings.may_add_to(asked)
        for asking in reversed(_in_order(asked.askings)):
            fewer = asked if is_address(asking.ask) else asked.without(asking)
            if not fewer.askings or fewer.extras != asked.extras or any(choice not in tried for choice in fewer):
                continue
            if is_open or not self._openings.may_add_to(fewer):
                asked = fewer
        return asked

    def _learn(self, facts: Iterable[Fact], causes: tuple[Information, ...]) -> None:
        """Note that *facts*, which all hold, never may again, and go back before the latest of them.

        Raise `ResolutionImpossible` if they follow from what the user asks.
        """
        self.reporter.resolving_conflicts(causes)
        undecided = tuple(fact for fact in dict.fromkeys(facts) if fact.level > 0)
        if not undecided:
            raise ResolutionImpossible(causes)
        latest = max(undecided, key=lambda fact: fact.level)
        self._stalled.clear()
        self._trail.back_to(latest.level - 1)
        latest.watched.append(Nogood(undecided, causes))

    def _doubt(self, asked: Asked) -> None:
        if not any(is_address(asking.ask) for asking in asked.askings):
            self.doubted.add(asked)

    def _supply(self, choice: Choice) -> Supply:
        if (known := self._facts.supply(choice)) is not None:
            return known
        asks = tuple(self.provider.get_dependencies(choice))
        for ask in asks:
            self.reporter.adding_requirement(ask, choice)
            if is_address(ask) and ask.project in self._wanting - self._openings.addressed:
                raise LateAddressError(ask.project)
        return self._facts.take_in(choice, asks)

    def _answer(self, project: NormalizedName, asks: Iterable[Ask]) -> Iterable[Choice]:
        found = self.provider.find_matches(project, {project: iter(asks)}, {project: iter(())})
        return found() if callable(found) else found

    def _preference(self, asked: Asked) -> Preference:
        information = (asking.information for asking in asked.askings)
        preference = self.provider.get_preference(asked.project, {}, {}, {asked.project: information}, ())
        has_to_wait = asked in self._put_off or (self._openings.may_add_to(asked) and not asked.has_choice)
        return (_LAST + self._put_off.get(asked, 0), *preference[1:]) if has_to_wait else preference


def _in_order(askings: Iterable[Asking]) -> Sequence[Asking]:
    """Return those first that hold for longest."""
    return sorted(askings, key=lambda asking: (asking.level, asking.place))


def _is_fallen(objection: Nogood) -> bool:
    """Tell whether a choice fell over its own metadata."""
    return any(isinstance(cause.requirement, ImpossibleAsk) for cause in objection.causes)
