"""The courier in the background: what waits, what arrived, and what the centre said."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from hallclient.domain.evidence import Outcome
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.review import ReviewState
from hallclient.services.access import DEVICE_CERTIFICATE, DEVICE_KEY, OpenHall
from hallclient.storage import deliveries, reviews
from hallclient.sync.client import CentreClient, client_ssl_context
from hallclient.sync.courier import Courier, Delivered

_LOOK_AGAIN_S = 60.0  # the longest sleep: another process may have put something into the outbox
_REACHABLE_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class DispatchStatus:
    """What the screens show. `online` is None before the first try; `failure` says why nothing goes out."""

    online: bool | None
    waiting: int
    quarantined: int
    failure: FailureCode | None


class Dispatch:
    """The outbox of one open hall. `start` runs it on a thread of its own; `send_all` runs it once, here and now."""

    def __init__(self, hall: OpenHall, centre_url: str | None = None) -> None:
        """`centre_url` is where the centre is today, when it is not where the enrolment says."""
        self._hall = hall
        self._client = CentreClient(
            centre_url or hall.centre.url,
            client_ssl_context(
                hall.centre.roots.encode(),
                hall.folder / DEVICE_CERTIFICATE,
                hall.folder / DEVICE_KEY,
                hall.device_key_password.decode(),
            ),
            hall.roots,
        )
        self._courier = Courier(hall.database, hall.vault, self._client, hall.clock, self._jitter)
        self._changed = threading.Condition()
        self._woken = self._stopping = False
        self._online: bool | None = None
        self._failure: FailureCode | None = None
        self._listeners: list[Callable[[DispatchStatus], None]] = []
        self._thread = threading.Thread(target=self._run, name="courier")

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop after the try that is running."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join()
        self._client.close()

    def watch(self, listener: Callable[[DispatchStatus], None]) -> None:
        """Call `listener` now and after each change, on the courier's thread."""
        self._listeners.append(listener)
        listener(self.status)

    @property
    def status(self) -> DispatchStatus:
        with self._hall.database.transaction() as tables:
            counts = deliveries.counts(tables)
        return DispatchStatus(self._online, counts.waiting, counts.quarantined, self._failure)

    def wake(self) -> None:
        """Look into the outbox now: something was sealed or reviewed."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def outcome(self, session: str) -> Outcome:
        """What the customer may be told: the centre's word, or that it is not there yet."""
        with self._hall.database.transaction() as tables:
            said = deliveries.outcome(tables, session)
            review = reviews.state(tables, session)
        if said is not None:
            return said
        return Outcome.PENDING_REVIEW if review in (ReviewState.PENDING, ReviewState.CLAIMED) else Outcome.PROVISIONAL

    def reachable(self) -> bool:
        """Whether the centre answers now."""
        return self._client.reachable(_REACHABLE_TIMEOUT_S)

    def send_all(self) -> list[Delivered]:
        """Everything in the outbox, whatever its next time; raises what stops the courier."""
        with self._hall.database.transaction() as tables:
            deliveries.make_due(tables, self._hall.clock.now().timestamp())
        delivered: list[Delivered] = []
        while (result := self._courier.deliver_next()) is not None:
            delivered.append(result)
        return delivered

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._online = self.reachable()
                sent = self._online and self._courier.deliver_next()
                self._failure = None if self._online else FailureCode.CENTRE_UNREACHABLE
            except KnownError as error:
                sent, self._failure = None, error.code
                self._online = error.code is not FailureCode.CENTRE_UNREACHABLE
            status = self.status
            for listener in self._listeners:
                listener(status)
            if not sent:
                self._sleep()

    def _sleep(self) -> None:
        with self._hall.database.transaction() as tables:
            due_at = deliveries.next_due_at(tables)
        until_due_s = due_at - self._hall.clock.now().timestamp() if due_at is not None else _LOOK_AGAIN_S
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._stopping, min(max(until_due_s, 1.0), _LOOK_AGAIN_S))
            self._woken = False

    def _jitter(self) -> float:
        return int.from_bytes(self._hall.entropy.token(4), "big") / 2**32
