"""Who is asked for a card, and who waits for one: the readers by name, one request, and the lock over both."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeAlias

from drivers.idcard.channels import ReaderChannel
from drivers.idcard.profiles import ReaderProfile
from drivers.idcard.reader_context import ReaderContext
from drivers.idcard.reader_thread import Job, ReaderThread
from drivers.idcard.status_notifier import StatusNotifier
from hallclient.devices import Clock, ReaderState, ReaderStatus
from hallclient.domain.card import CardReading
from hallclient.domain.failures import FailureCode, KnownError


@dataclass(slots=True)
class Request:
    """Somebody waits for a card, on the reader called `reader` or on any, that comes after `since_s` (monotonic).

    `taken_by`: a reader is at it.
    """

    reader: str | None
    since_s: float
    taken_by: ReaderContext | None = None
    outcome: Future[CardReading] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class ManagedReader:
    """A reader and the thread that talks to it."""

    context: ReaderContext
    thread: ReaderThread


MakeJob: TypeAlias = Callable[["ReaderRegistry", Request | None, ReaderContext], Job]


class ReaderRegistry:
    """All readers that are there, and the request that waits for a card. No I/O.

    Whoever calls a method or changes an attribute holds `lock`, and calls `notifier.deliver` after letting go of it.

    Attributes:
        lock: guards everything here and every context; notified when a context has changed.
        by_name: the readers, the preferred first.
        retired: the threads of readers that are gone, as far as they still run.
        request: who waits for a card.
        notifier: what the listeners are told.
        without_reader: why there is none, where there is none.
        service_looked, ports_looked: the readers of the service, and those at ports, were looked for.
        ended: closed, or a monitor's thread has ended.
    """

    def __init__(
        self, clock: Clock, make_job: MakeJob, *, practice: bool, report_bug: Callable[[BaseException], str]
    ) -> None:
        """`make_job` makes what a reader's thread does for a request, or for none: is it a reader?"""
        self.lock = threading.Condition()
        self.by_name: dict[str, ManagedReader] = {}
        self.retired: list[ReaderThread] = []
        self.request: Request | None = None
        self.notifier = StatusNotifier(report_bug)
        self.without_reader = KnownError(FailureCode.READER_MISSING)
        self.service_looked = False
        self.ports_looked = False
        self.ended = False
        self._clock = clock
        self._make_job = make_job
        self._practice = practice
        self._report_bug = report_bug
        self._changes = 0

    def settled(self) -> bool:
        """Readers of all kinds were looked for, and no port is being asked whether it is one."""
        asking = any(managed.context.busy and not managed.context.available for managed in self.by_name.values())
        return self.service_looked and self.ports_looked and not asking

    def add(
        self, claims: Mapping[str, Sequence[ReaderProfile]], channel: Callable[[str], ReaderChannel]
    ) -> list[ManagedReader]:
        """Manage new readers, each with the profiles that claim it.

        The first of them says whether it is a practice reader: a general profile may claim it as well.
        """
        new = {
            name: ManagedReader(ReaderContext(name, usable), ReaderThread(name, channel(name), self._report_bug))
            for name, profiles in claims.items()
            if profiles
            and profiles[0].practice is self._practice
            and (usable := [profile for profile in profiles if profile.practice is self._practice])
        }
        if new:
            self.by_name = dict(sorted({**self.by_name, **new}.items(), key=lambda item: item[1].context.rank))
        return list(new.values())

    def drop(self, goes: Callable[[ReaderContext], bool]) -> None:
        """Let go of the readers that `goes` tells; their threads end after what they do just now."""
        going = [name for name, managed in self.by_name.items() if goes(managed.context)]
        for name in going:
            thread = self.by_name.pop(name).thread
            thread.end()
            self.retired = [*(retired for retired in self.retired if retired.running), thread]

    def assign(self) -> None:
        """Give the request to the best reader that has a card, and ask those that tell no presence for one."""
        request = self.request
        if request is None or request.taken_by is not None or request.outcome.done():
            return
        now_s = self._clock.monotonic()
        free = [
            managed
            for name, managed in self.by_name.items()
            if not managed.context.busy and managed.context.rests_until_s <= now_s and request.reader in (None, name)
        ]
        with_card = [managed for managed in free if managed.context.has_card_since(request.since_s)]
        if with_card:
            managed = min(with_card, key=lambda managed: not managed.context.card_is_new)  # the first of the best
            request.taken_by = managed.context
            self.give(managed, request)
            return
        for managed in free:
            if not managed.context.tells_presence:
                self.give(managed, request)

    def give(self, managed: ManagedReader, request: Request | None) -> None:
        """Let the reader's thread, which is free, serve `request`; None asks whether it is a reader."""
        managed.context.busy = True
        managed.thread.give(self._make_job(self, request, managed.context))

    def refuse(self, why: BaseException) -> None:
        """Whoever waits, if anybody still does, gets this."""
        if self.request is not None and not self.request.outcome.done():
            self.request.outcome.set_exception(why)

    def reading_from_service(self) -> bool:
        """A reader of the service is at work."""
        return any(managed.context.busy and managed.context.tells_presence for managed in self.by_name.values())

    def summary(self) -> ReaderStatus:
        """The most interesting reader's state."""
        contexts = [managed.context for managed in self.by_name.values() if managed.context.available]
        if not contexts:
            return self.nothing()
        return max(contexts, key=lambda context: (context.reading, context.has_card, context.changed)).status()

    def nothing(self) -> ReaderStatus:
        """The state when there is no reader."""
        without = self.without_reader
        return ReaderStatus(ReaderState.TROUBLE, None, without.code, without.detail, without.number)

    def changed(self) -> None:
        """Note what is new for the listeners, and see whether somebody can be served."""
        self.tell()
        self.lock.notify_all()
        self.assign()

    def tell(self) -> None:
        """Note what is new for the listeners."""
        if self.request is not None and not self.request.outcome.done():
            for name, managed in self.by_name.items():
                if self.request.reader in (None, name):
                    managed.context.refuse_card_before(self.request.since_s)
        each = {name: managed.context.status() for name, managed in self.by_name.items() if managed.context.available}
        for name in self.notifier.changed(each):
            if name in self.by_name:
                self._changes += 1
                self.by_name[name].context.changed = self._changes
        if self.service_looked and self.ports_looked:  # before that, a missing reader is no news
            self.notifier.sum_up(self.summary())
