"""Sources, kept as files: ``sources:``, by name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain
from typing import Any

import attrs

from newsbot.applying.kind import (
    Change,
    Declared,
    Hidden,
    Kind,
    Record,
    Scene,
    Step,
    StepError,
    refused,
)
from newsbot.applying.source_fields import STAYS, UNSET, changes, stated, values_of
from newsbot.applying.stated import Problems, Stated, WrongError
from newsbot.archive import schedules, sources
from newsbot.archive.sources import Source, SourceExistsError, SourceNameError, Way, checked_name
from newsbot.discovery import EntryPoint
from newsbot.fetching.addresses import AddressPolicy, named_by
from newsbot.fetching.credentials import Access
from newsbot.fetching.refusals import RefusedError
from newsbot.fetching.survey import Survey, SurveyError, survey
from newsbot.spiders.adding import NothingFoundError, moved, record
from newsbot.spiders.importing import AT_ONCE, SPREAD
from newsbot.spiders.recognition import KnownSiteError, KnownSites
from newsbot.text.site_key import host_of, site_key
from newsbot.text.urls import canonical_url


class Sources(Kind):
    """The sites that are crawled.

    A source without entry points is looked at, as ``newsbot source add`` does, while the plan is made:
    nothing is written before every such site has answered.
    """

    key = "sources"
    one = "source"
    stays = STAYS
    unset = UNSET

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._taken: set[str] = set()

    @classmethod
    def declare(cls, stated_here: Stated, problems: Problems) -> list[Declared]:
        """Return the sources that a file states."""
        found = []
        for given, key, value in stated_here.pairs(problems):
            with problems.caught():
                try:
                    name = checked_name(given)
                except SourceNameError as error:
                    raise key.wrong(str(error)) from None
                values: dict[str, Any] = {}
                with problems.caught():
                    before = len(problems.found)
                    values = stated(value, problems)
                    if "homepage" not in values and len(problems.found) == before:
                        raise key.wrong(
                            f"the source {name!r} has no homepage; "
                            "write it as homepage: https://news.example/"
                        )
                    if len(problems.found) == before:
                        _see_that_public(value, values)
                found.append(Declared(name=name, place=key.place, values={"name": name, **values}))
        return found

    def records(self) -> list[Record]:
        """Return the sources that there are; those that were merged into others are none."""
        return [
            Record(name=each.name, values=values_of(each), mark=each.kept_by_file, kept=each)
            for each in sources.everything(self.scene.database)
        ]

    def match(self, declared: Declared, records: Sequence[Record]) -> Record | None:
        """Return the source of that name, of now or before, or else the one with that homepage."""
        name = declared.name.casefold()
        for each in records:
            if name in _names(each.kept):
                return each
        living = {each.kept.id: each.kept for each in records}
        for merged in sources.records(self.scene.database):
            if merged.merged_into and name in _names(merged):
                into = living.get(merged.merged_into)
                raise WrongError(
                    declared.place,
                    f"the source {declared.name!r} was merged into "
                    f"{into.name if into else 'another'!r}; state that one",
                )
        key = site_key(declared.values.get("homepage", ""))
        return next((each for each in records if key and site_key(each.kept.homepage) == key), None)

    def differs(self, field: str, old: Any, new: Any) -> bool:
        """Say whether a field is another; the address of a site may be typed in several ways."""
        if field == "homepage":
            return site_key(old) != site_key(new)
        return bool(old != new)

    def check(self, steps: Sequence[Step], problems: Problems) -> list[Step]:
        """Look at the sites that have to be looked at, and see that none is another source."""
        every = sources.records(self.scene.database)
        known = KnownSites(every)
        self._taken = {each.id for each in every}
        asked = [
            step
            for step in steps
            if step.declared
            and "homepage" in step.declared.values
            and any(each.field == "homepage" for each in step.changes)
            # Nobody is asked for the sake of files that are wrong.
            and ("entry_points" in step.declared.values or not problems.found)
        ]
        found = self._looked_at(asked)
        homes: dict[str, str] = {}
        checked: list[Step] = []
        for step in steps:
            with problems.caught():
                if seen := found.get(step.name):
                    self._see_that_it_is_new(step, seen, known, homes)
                    checked.append(_with_found(step, seen))
                else:
                    checked.append(step)
        return self._with_notes(checked)

    def _with_notes(self, steps: list[Step]) -> list[Step]:
        """Return steps that say what goes with a source, and what does not."""
        if not any(step.what == "remove" for step in steps):
            return steps
        every = schedules.everything(self.scene.database)
        also = Counter(each.source for each in every if not each.kept_by_file)

        def noted(step: Step, record: Record) -> Step:
            count = also[record.kept.id]
            more = f", and {count} of its schedules that no file states go with it" if count else ""
            return attrs.evolve(step, note=f"its articles stay{more}")

        return [
            noted(step, step.record) if step.what == "remove" and step.record else step
            for step in steps
        ]

    def _see_that_it_is_new(
        self, step: Step, seen: Survey | WrongError, known: KnownSites, homes: dict[str, str]
    ) -> None:
        """Refuse a site that is another source, or that is none."""
        if isinstance(seen, WrongError):
            raise seen
        stated_as = _values(step)["homepage"]
        if site_key(seen.homepage) != site_key(stated_as):
            raise refused(step, f"{stated_as} leads to {seen.homepage}; write that as the homepage")
        looked = "entry_points" not in _values(step)
        there = known.recognise(stated_as, seen) if looked else known.at(stated_as)
        if there and (step.record is None or there.source.id != step.record.kept.id):
            raise refused(step, str(KnownSiteError(stated_as, there)))
        other = homes.setdefault(site_key(stated_as), step.name)
        if other != step.name:
            raise refused(step, f"{stated_as} is the homepage of {other!r} as well; state it once")
        try:
            record(seen, name=step.name, now=self.scene.now)
        except NothingFoundError as error:
            raise refused(step, str(error)) from None

    def _looked_at(self, steps: Sequence[Step]) -> dict[str, Survey | WrongError]:
        """Return what is found at each site, by name; they are asked in turn on each host."""
        by_host: dict[str, list[Step]] = {}
        for step in steps:
            by_host.setdefault(host_of(site_key(_values(step)["homepage"])), []).append(step)

        def look(of_host: list[Step]) -> list[tuple[str, Survey | WrongError]]:
            return [(each.name, self._seen(each)) for each in of_host]

        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="survey") as pool:
            return dict(chain.from_iterable(pool.map(look, by_host.values())))

    def _seen(self, step: Step) -> Survey | WrongError:
        values = _values(step)
        if "entry_points" in values:
            return Survey(
                homepage=canonical_url(values["homepage"]),
                title=values.get("title", ""),
                entry_points=tuple(
                    EntryPoint(url=w.url, kind=w.kind) for w in values["entry_points"]
                ),
                links=1,
            )
        try:
            return survey(values["homepage"], self.scene.config, self._access(step), named=False)
        except SurveyError as error:
            return refused(step, str(error))

    def _access(self, step: Step) -> Access:
        nobody = Source(id="", name="", homepage="", added_at=self.scene.now)
        source: Source = step.record.kept if step.record else nobody
        made = attrs.evolve(source, **changes(source, _values(step), self.scene.now))
        return Access(
            allowed_hosts=made.allowed_hosts,
            headers=made.headers,
            cookies=made.cookies,
            proxy=made.proxy,
        )

    def apply(self, step: Step) -> None:
        """Add, change, remove or release a source."""
        database = self.scene.database
        try:
            if step.record is None:
                sources.add(database, self._made(step))
            elif step.what == "remove":
                sources.remove(database, step.record.kept.id)
            else:
                self._change(step, step.record.kept)
        except (SourceExistsError, SourceNameError, NothingFoundError) as error:
            raise StepError(str(error)) from None

    def _made(self, step: Step) -> Source:
        new = {each.field: each.new for each in step.changes}
        made = record(step.found, name=step.name, now=self.scene.now)
        if made.id in self._taken:  # by a source that has moved away
            made = attrs.evolve(made, id=sources.free_id(self.scene.database, made.homepage))
        adding = [each.name for each in self.scene.steps[self.key] if each.what == "add"]
        later = timedelta(seconds=SPREAD * adding.index(step.name) / len(adding))
        made = attrs.evolve(made, kept_by_file=step.mark, next_due=self.scene.now + later)
        return attrs.evolve(made, **changes(made, new, self.scene.now + later))

    def _change(self, step: Step, source: Source) -> None:
        new = {each.field: each.new for each in step.changes}
        if "name" in new:
            source = sources.rename(self.scene.database, source, new["name"])
        if "homepage" in new:
            source = moved(source, step.found)
            sources.move(self.scene.database, source)
            new = {**_values(step), **new}  # what files state besides goes before what was found
        made = changes(source, new, self.scene.now)
        made["kept_by_file"] = step.mark
        sources.change(self.scene.database, source.id, **made)

    @classmethod
    def written(cls, records: Sequence[Record]) -> tuple[Any, list[str]]:
        """Return sources as a file states them; what may be secret is left out, and named."""
        found: dict[str, dict[str, Any]] = {}
        left_out = []
        for each in records:
            fields: dict[str, Any] = {}
            for name, value in each.values.items():
                if isinstance(value, Hidden):
                    left_out.append(f"{each.name}: {name.replace('.', ' ')}")
                elif name != "name" and value != _USUAL.get(name):
                    _put(fields, name, value)
            found[each.name] = fields
        return found, left_out


# What a source has where nothing is said: not written.
_USUAL: Mapping[str, Any] = {**UNSET, "title": "", "entry_points": (), "javascript": False}


def _put(fields: dict[str, Any], name: str, value: Any) -> None:
    of, dot, part = name.partition(".")
    if dot:
        fields = fields.setdefault(of, {})
        name = part
    if name == "entry_points":
        value = [{way.kind: way.url} for way in value]
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value
    fields[name] = list(value) if isinstance(value, tuple) else value


def _values(step: Step) -> Mapping[str, Any]:
    return step.declared.values if step.declared else {}


def _names(source: Source) -> set[str]:
    return {each.casefold() for each in (source.name, *source.former_names)}


def _with_found(step: Step, seen: Survey | WrongError) -> Step:
    """Return a step with what was found of its site, told as changes where files do not state it."""
    if isinstance(seen, WrongError):
        return step
    old = step.record.values if step.record else {}
    ways = tuple(Way(url=way.url, kind=way.kind) for way in seen.entry_points)
    found = {"title": seen.title, "entry_points": ways}
    more = tuple(
        Change(field, old.get(field), value)
        for field, value in found.items()
        if field not in _values(step) and value and value != old.get(field)
    )
    return attrs.evolve(step, found=seen, changes=(*step.changes, *more))


def _see_that_public(value: Stated, values: Mapping[str, Any]) -> None:
    """Refuse addresses that are not public and that the source may not be fetched from."""
    policy = AddressPolicy.of(values.get("allowed_hosts", ()))
    for url in (values["homepage"], *(way.url for way in values.get("entry_points", ()))):
        try:
            policy.check_url(url)
        except RefusedError:
            hosts = ", ".join(named_by(url))
            raise value.wrong(
                f"{url} is not on the public Internet; to have it fetched all the same, "
                f"write allowed_hosts: [{hosts}]"
            ) from None
