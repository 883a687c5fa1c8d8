"""The courier in the background: what waits, what arrived, and what the centre said."""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from hallclient.domain.delivery import DeliveryState
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.review import ReviewState
from hallclient.services.access import DEVICE_KEY, OpenHall
from hallclient.services.bug_log import report_bug
from hallclient.services.contact import Contact
from hallclient.services.events import SessionDelivered
from hallclient.services.line_watch import LineWatch
from hallclient.storage import deliveries, reviews
from hallclient.storage.audit import append
from hallclient.storage.deliveries import DeliveryCounts
from hallclient.storage.folder_lock import FolderLock
from hallclient.sync.client import CentreClient
from hallclient.sync.courier import Courier, Delivered
from hallclient.sync.tls import client_ssl_context

_LOOK_AGAIN_S = 60.0  # the longest sleep: another process may have put something into the outbox
_SHORTEST_SLEEP_S = 1.0
_LINE_LOOK_S = 0.5
_HANG_UP_LOOK_S = 0.5  # a centre that dies closes its connections: the screens shall know within a second
# What stands before a centre may close each connection soon after its answer; then that says nothing.
_HASTY_S = 20.0
_REACHABLE_TIMEOUT_S = 3.0
_LOCK = "courier"

# Failures of this computer, which say nothing about the centre.
_STILL_ONLINE = frozenset(
    {
        FailureCode.ALREADY_RUNNING,
        FailureCode.COMPUTER_EXHAUSTED,
        FailureCode.DISK_FULL,
        FailureCode.STORE_BUSY,
        FailureCode.STORE_READ_ONLY,
        FailureCode.STORE_UNREADABLE,
    }
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DispatchStatus:
    """What the screens show.

    Attributes:
        online: whether the centre answers this device; None before the first try.
        waiting, quarantined: sessions in the outbox, and those set aside; as last counted while the store is busy.
        failure: why nothing goes out, or why the last package did not; None when all is well. centre_unreachable,
            centre_refused_device, centre_untrusted, centre_version, centre_failed, store_busy and its like,
            already_running, internal_error. Also clock_wrong, while all does go out: then somebody at the centre has to
            look at everything.
        number: of an internal_error, in the log.
    """

    online: bool | None
    waiting: int
    quarantined: int
    failure: FailureCode | None
    number: str | None = None


def must_have_no_courier(folder: Path) -> None:
    """Raises already_running while another process delivers what the hall in `folder` has to send."""
    FolderLock(folder, _LOCK).release()


def centre_client(hall: OpenHall, centre_url: str | None = None) -> CentreClient:
    """Speaks with the hall's centre, which is at `centre_url` today, when it is not where the enrolment says."""
    return CentreClient(
        centre_url or hall.centre.url,
        client_ssl_context(
            hall.centre.roots.encode(),
            hall.device_chain.to_pem(),
            hall.folder / DEVICE_KEY,
            hall.device_key_password,
            lambda: hall.revocations,
        ),
        hall.roots,
        monotonic=hall.clock.monotonic,
        revocations=lambda: hall.revocations,
        now=hall.clock.now,
    )


def release(hall: OpenHall, session: str) -> None:
    """Send once more what was set aside, when the courier has its next turn: somebody has mended the reason.

    Raises not_quarantined.
    """
    with hall.database.transaction() as tables:
        if not deliveries.release(tables, session, hall.clock.now().timestamp()):
            raise KnownError(FailureCode.NOT_QUARANTINED, session)
        append(tables, hall.audit_event("released", session))


class Dispatch:
    """The outbox of one open hall. `start` runs it on a thread of its own; `send_all` runs it once, here and now."""

    def __init__(self, hall: OpenHall, centre_url: str | None = None) -> None:
        """`centre_url` is where the centre is today, when it is not where the enrolment says."""
        self._hall = hall
        self._client = centre_client(hall, centre_url)
        self._contact = Contact(hall, self._client)
        self._courier = Courier(
            hall.database, hall.vault, self._client, hall.clock, self._jitter, report_bug, hall.stamp
        )
        self._lock: FolderLock | None = None
        self._counts = DeliveryCounts(0, 0, 0)
        self._changed = threading.Condition()
        self._woken = False
        self._stopping = threading.Event()
        self._line = hall.line
        self._failure: FailureCode | None = None
        self._number: str | None = None
        self._hung_up_after_s: float | None = None  # seconds of sleep until the centre hung up; None when it did not
        self._patience_s = 0.0  # a centre that hangs up sooner is not asked for that
        self._listeners: list[Callable[[DispatchStatus], None]] = []
        self._delivering = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name="courier", daemon=True),
            threading.Thread(target=self._watch_line, name="courier line", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop now. A delivery that is under way is cut off: it waits, and goes on from there another time."""
        with self._changed:
            self._stopping.set()
            self._changed.notify_all()
        with ExitStack() as stack:  # in the reverse order, and the lock is let go of whatever becomes of the rest
            stack.callback(self._release_lock)
            stack.callback(self._client.close)
            for thread in self._threads:
                if thread.ident is not None:
                    stack.callback(thread.join)
            self._client.cut_off()

    def _release_lock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()

    def watch(self, listener: Callable[[DispatchStatus], None]) -> None:
        """Call `listener` now, on this thread, and then after each turn of the courier, on one of the courier's.

        Also while a delivery hangs and the centre does not answer.
        """
        self._listeners.append(listener)
        listener(self.status)

    @property
    def status(self) -> DispatchStatus:
        try:
            with self._hall.database.reading() as tables:
                self._counts = deliveries.counts(tables)
        except KnownError as error:  # what was last known is shown on, with the reason
            return DispatchStatus(self._line.online, self._counts.waiting, self._counts.quarantined, error.code)
        failure, clock = self._failure, self._line.clock
        if failure is None and clock is not None and clock.is_wrong:
            failure = FailureCode.CLOCK_WRONG
        return DispatchStatus(self._line.online, self._counts.waiting, self._counts.quarantined, failure, self._number)

    def wake(self) -> None:
        """Look into the outbox now: something was sealed or reviewed."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def outcome(self, session: str) -> Outcome:
        """What the customer may be told: the centre's word, or that it is not there yet."""
        with self._hall.database.reading() as tables:
            said = deliveries.outcome(tables, session)
            review = reviews.state(tables, session)
        if said is not None:
            return said
        return Outcome.PENDING_REVIEW if review in (ReviewState.PENDING, ReviewState.CLAIMED) else Outcome.PROVISIONAL

    def reachable(self) -> bool:
        """Whether the centre answers this device now."""
        self._line.online = self._client.reachable(_REACHABLE_TIMEOUT_S)
        return self._line.online

    def send_all(self) -> list[Delivered]:
        """Everything in the outbox once, whatever its next time, and what became of each.

        Raises what stops the courier: centre_unreachable, centre_refused_device, centre_untrusted; already_running
        while another process has this folder's courier.
        """
        self._take_over()
        self._courier.stamp_untried()
        with self._hall.database.transaction() as tables:
            deliveries.free_leases(tables, self._now_s(), died=False)
            deliveries.make_due(tables, self._now_s())
            due = deliveries.due(tables, self._now_s())
        # Not more often than there are deliveries: what fails may be due again before the last has had its turn.
        results = (self._deliver_next() for _ in range(due))
        sent = [delivered for delivered in results if delivered is not None]
        if sent and self.reachable():
            self._contact.use()
        return sent

    def _deliver_next(self) -> Delivered | None:
        """As `Courier.deliver_next`, and then told."""
        delivered = self._courier.deliver_next()
        if delivered is not None:
            event = SessionDelivered(delivered.session, delivered.state, delivered.outcome, delivered.failure)
            self._hall.events.tell(event)
        return delivered

    def _take_over(self) -> None:
        """Become this folder's courier, and take back what one that died had in its hands.

        Raises already_running.
        """
        if self._lock is None:
            lock = FolderLock(self._hall.folder, _LOCK)
            try:
                with self._hall.database.transaction() as tables:
                    deliveries.free_leases(tables, self._now_s(), died=True)
            except BaseException:
                lock.release()
                raise
            self._lock = lock

    def _run(self) -> None:
        """The thread. It ends only with `close`: whatever goes wrong is said, and tried again after a while."""
        failed_in_a_row = 0
        while not self._stopping.is_set():
            number, broke_off = None, True
            try:
                self._take_over()
                self._client.probe(_REACHABLE_TIMEOUT_S)
                self._line.online = True
                self._judge_hang_up()
                self._contact.use()
                self._courier.stamp_untried()
                self._delivering.set()
                try:
                    delivered = self._deliver_next()
                finally:
                    with self._changed:
                        self._delivering.clear()
                self._line.online = True
                failure = delivered.failure if delivered and delivered.state is DeliveryState.WAITING else None
                number = delivered.number if delivered and failure else None
                go_on, broke_off = delivered is not None and failure is None, False
            except KnownError as error:
                if self._stopping.is_set():  # cut off by `close`, which says nothing about the centre
                    return
                failure, go_on = error.code, False
                self._line.online = error.code in _STILL_ONLINE and self._line.online
            except Exception as error:  # noqa: BLE001  # the courier must outlive its own mistakes
                failure, go_on = FailureCode.INTERNAL_ERROR, False
                number = report_bug(error)
            if failure not in (self._failure, None):
                # A hall without a network is everyday life; everything else is for somebody to mend.
                level = logging.INFO if failure is FailureCode.CENTRE_UNREACHABLE else logging.WARNING
                _log.log(level, "nothing goes out: %s", failure)
            self._failure, self._number = failure, number
            failed_in_a_row = failed_in_a_row + 1 if failure else 0
            self._tell()
            if not go_on:
                self._sleep(failed_in_a_row, broke_off=broke_off)

    def _watch_line(self) -> None:
        """The second thread, see `LineWatch`."""
        watch = LineWatch(lambda: self._client.silent_s, self._line_failure, self._say_line)
        while not self._stopping.wait(_LINE_LOOK_S):
            try:
                watch.look()
            except Exception as error:  # noqa: BLE001  # it must outlive its own mistakes
                report_bug(error)

    def _line_failure(self) -> FailureCode | None:
        try:
            self._client.probe(_REACHABLE_TIMEOUT_S)
        except KnownError as error:
            return error.code
        return None

    def _say_line(self, failure: FailureCode | None) -> None:
        with self._changed:
            if not self._delivering.is_set() or self._stopping.is_set():
                return
            self._line.online, self._number, self._failure = failure is None, None, failure
        self._tell()
        if not self._delivering.is_set():  # it ended meanwhile: what its end said must not stand behind this
            self._tell()

    def _tell(self) -> None:
        try:
            status = self.status
        except Exception as error:  # noqa: BLE001  # the next turn says what it is
            report_bug(error)
            return
        for listener in tuple(self._listeners):
            try:
                listener(status)
            except Exception as error:  # noqa: BLE001  # a window that is going must not take the courier with it
                report_bug(error)

    def _sleep(self, failed_in_a_row: int, *, broke_off: bool) -> None:
        """Until the next delivery is due or somebody wakes us, and longer after each failure in a row.

        A turn that broke off is made again whatever is due: the screens shall not say for longer than they must that
        nothing goes out.
        """
        now_s = self._now_s()
        try:
            with self._hall.database.reading() as tables:
                due_at_s = deliveries.next_due_at(tables, now_s)
        except KnownError:  # the database cannot be read: the next turn meets the same and says it
            due_at_s = None
        except Exception as error:  # noqa: BLE001
            report_bug(error)
            due_at_s = None
        until_due_s = due_at_s - now_s if due_at_s is not None else _LOOK_AGAIN_S
        least_s = 2.0 ** min(failed_in_a_row - 1, 6) if failed_in_a_row else _SHORTEST_SLEEP_S
        until_s = least_s if broke_off else max(until_due_s, least_s)
        self._wait(min(until_s, _LOOK_AGAIN_S), heeds_hang_up=failed_in_a_row == 0)

    def _wait(self, for_s: float, *, heeds_hang_up: bool) -> None:
        """So long, or until somebody wakes us, or the centre hangs up: then it is asked at once whether it is there."""
        waited_s = 0.0
        self._hung_up_after_s = None
        with self._changed:
            while waited_s < for_s and self._hung_up_after_s is None:
                look_s = min(for_s - waited_s, _HANG_UP_LOOK_S)
                if self._changed.wait_for(lambda: self._woken or self._stopping.is_set(), look_s):
                    break
                waited_s += look_s
                if heeds_hang_up and waited_s > self._patience_s and self._client.hung_up:
                    self._hung_up_after_s = waited_s
            self._woken = False

    def _judge_hang_up(self) -> None:
        """The centre answers. Had it hung up soon after the answer before, that is its habit: ask it less and less."""
        if self._hung_up_after_s is not None and self._hung_up_after_s < _HASTY_S:
            self._patience_s = min(max(_SHORTEST_SLEEP_S, 2 * self._patience_s), _LOOK_AGAIN_S)

    def _now_s(self) -> float:
        return self._hall.clock.now().timestamp()

    def _jitter(self) -> float:
        return int.from_bytes(self._hall.entropy.token(4), "big") / 2**32
