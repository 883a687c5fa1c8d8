"""Every refusal and every advice as it comes about, with its words on both screens.

The windows, the session with its files, and the check are the product's; devices and engines are scripted. The person
before the camera goes on only when a test says so, so that what is read is read while it is true.
"""

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from hallclient import devices
from hallclient.devices import FaceEngines, FaceSight, Frame, Glance, Image
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS, MOST_UNCOUNTED_ATTEMPTS
from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.face_remark import FaceRemark
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.liveness import (
    CONSEQUENCES,
    PAIRS,
    UNTOLD,
    Advice,
    Challenge,
    Consequence,
    Refusal,
    Relief,
)
from hallclient.domain.repetition import Repetition
from hallclient.domain.supervised_way import SupervisedWay
from hallclient.services.access import OpenHall, login
from hallclient.services.portrait_taking import PortraitListener
from hallclient.services.stop import Stop
from tests import doubles
from tests.clock import CountingEntropy, HandClock
from tests.drivers.waiting import eventually
from tests.hallclient.domain.program_face import BUMP, act, acted, face, mapped
from tests.hallclient.services.sessions import SERVICE_NUMBER, do_step
from tests.halls import CLERK, PASSWORD, make_hall
from tests.ui import doubles as screen_doubles
from ui import wording
from ui.clerk.session_view import SessionView
from ui.clerk.window import ClerkWindow
from ui.customer.window import CustomerWindow
from ui.steps.portrait import PortraitPage

PICTURE_S = 0.07  # 14 a second: each is looked at
_STUCK_S = 30.0
BLINK, OPEN_MOUTH, LEFT, RIGHT, NOD = Challenge
GOOD = FaceSight(1, (10.0, 10.0, 20.0, 20.0), 0.8, motion=face())
NOBODY, TWO = FaceSight(0, None, 0.0), FaceSight(2, None, 0.0)
NO_FACE_SEEN = replace(NOBODY, remark=FaceRemark.NO_FACE)
Look = FaceSight | KnownError


def seen(motion: FaceMotion) -> FaceSight:
    return replace(GOOD, motion=motion)


RESTING = [GOOD] * 8


class Person:
    """Sits still with a good face until something is asked, and then looks as `does` says, and waits for more of it.

    Fulfils `FaceAnalyser`, `FaceRelief` and `FaceRepetitions`: what it does is what is seen.
    """

    def __init__(self) -> None:
        self.models = {"model": "0" * 64}
        self.deep = True
        self.repetition: Repetition | None = None
        self.missed = 0  # pictures of the camera's that come and go during each look
        self.asked: Challenge | None = None
        self._looks: Iterator[Look] = itertools.repeat(GOOD)
        self._waits = threading.Event()  # for the test, before the next look
        self._goes_on = threading.Event()
        self._goes_on.set()
        self.wanted = self.given = 0  # pictures: the camera may give, and everybody has

    def hears(self, challenge: Challenge | None) -> None:
        """Before the screens do: nothing goes on until they were read."""
        if challenge is not None:
            self.asked = challenge
            self._looks = iter(())
            self._goes_on.clear()

    def does(self, *looks: Look, then: Iterable[Look] = ()) -> None:
        """The next looks; after the last it waits for the test."""
        self._looks = itertools.chain(looks, then)
        self._waits.clear()
        self._goes_on.set()

    @property
    def waits(self) -> bool:
        return self._waits.is_set()

    def look(self, image: Image) -> FaceSight:
        if not self._goes_on.is_set():
            self._waits.set()
            assert self._goes_on.wait(_STUCK_S)
        look = next(self._looks, None)
        while look is None:
            self._goes_on.clear()
            self._waits.set()
            assert self._goes_on.wait(_STUCK_S)
            look = next(self._looks, None)
        if self.missed:
            self.wanted += self.missed
            eventually(lambda: self.given >= self.wanted)
        self.wanted += 1
        if isinstance(look, KnownError):
            raise look
        return look

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        depth = 0.05 if self.deep else 0.002
        return (Relief(-depth if self.asked is RIGHT else depth, depth),) * len(moved)

    def begin(self) -> None: ...

    def see(self, glances: Sequence[Glance]) -> Repetition | None:
        return self.repetition


class Camera:
    """The next picture comes when the one before it was looked at, however long that takes."""

    identity = DeviceIdentity("camera of a test", practice=True)

    def __init__(self, clock: HandClock, person: Person) -> None:
        self._clock, self._person = clock, person
        self._noise = np.random.default_rng(1)
        self._closed = threading.Event()
        self._read = 0
        self.picture_s = PICTURE_S
        self.failure: KnownError | None = None

    def start(self, t0: float) -> None:
        self._closed.clear()
        self._read = 0
        self._person.wanted, self._person.given = 1, 0

    def read(self) -> Frame | None:
        self._person.given = self._read  # the one before was handed on by whoever asks for the next
        while self._read == self._person.wanted:
            if self._closed.wait(0.002):
                return None
        self._read += 1
        if self.failure is not None:
            raise self.failure
        self._clock.advance(self.picture_s)
        return Frame(self._clock.monotonic(), self._noise.integers(0, 255, (48, 64, 3), np.uint8))

    def close(self) -> None:
        self._closed.set()


class Matcher(doubles.Matcher):
    """Fails to compare while `failure` stands."""

    failure: KnownError | None = None

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        if self.failure is not None:
            raise self.failure
        return super().compare(portrait, live)


# mypy holds each double to what it stands for.
_STAND_FOR: tuple[
    type[devices.FaceAnalyser], type[devices.FaceRelief], type[devices.FaceRepetitions], type[devices.Camera]
] = (Person, Person, Person, Camera)


class WatchedSession(Verification):
    """Tells the person what is asked before the screens hear of it."""

    person: Person

    def compare(self, listener: PortraitListener, stop: Stop | None = None) -> Comparison:
        def ask(challenge: Challenge | None) -> None:
            self.person.hears(challenge)
            listener.on_challenge(challenge)

        return super().compare(replace(listener, on_challenge=ask), stop)


class OneSession(screen_doubles.Counter):
    """A counter that opens the session it was given."""

    def __init__(self, session: Verification) -> None:
        super().__init__()
        self._one = session

    def open_session(self, scene: SceneCode, service_number: str) -> Verification:  # type: ignore[override]
        return self._one


@dataclass
class Screens:
    """A session at the portrait's step, consent given, before both windows."""

    qtbot: QtBot
    session: Verification
    person: Person
    camera: Camera
    matcher: Matcher
    clerk: ClerkWindow
    customer: CustomerWindow
    keep_picture: Callable[[QWidget, str], None]

    @property
    def view(self) -> SessionView:
        assert self.clerk.view is not None
        return self.clerk.view

    @property
    def page(self) -> PortraitPage:
        assert isinstance(self.view.page, PortraitPage)
        return self.view.page

    @property
    def hint(self) -> str:
        """The one line below what the customer shall do."""
        return self.customer.look.hint.text()

    @property
    def status(self) -> str:
        """The clerk's line."""
        return self.page.status.text()

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition)

    def until_asked(self) -> Challenge:
        """Both screens say it, and the person has done nothing yet."""
        self.until(lambda: self.person.waits and self.customer.look.challenge is self.person.asked)
        asked = self.customer.look.challenge
        assert asked is not None
        assert wording.CHALLENGES[asked] in self.status
        return asked

    def does(self, *looks: Look, then: Iterable[Look] = ()) -> None:
        """The person does this, and then waits; the screens hear of it later, see `until`."""
        self.person.does(*looks, then=then)

    def until_refused(self) -> None:
        self.until(lambda: self.page.headline.text() == wording.Portrait.HEADLINE_PAUSED)
        assert self.page.banner.isVisible()
        assert self.page.banner.again.isEnabled() or self.page.other_way.isEnabled()

    def again(self) -> None:
        self.page.banner.again.trigger()

    def does_all(self) -> None:
        """Both challenges as they are asked."""
        for last in (False, True):
            self.does(*map(seen, acted(self.until_asked())), *RESTING, then=itertools.repeat(GOOD))
            if not last:
                first = self.person.asked
                self.until(lambda first=first: self.person.asked is not first)  # type: ignore[misc]

    def shoot(self, what: str) -> None:
        for window, name in ((self.customer, "customer"), (self.clerk, "clerk")):
            self.keep_picture(window, f"{name}_{what}")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


class Lot(CountingEntropy):
    """Draws `pair`."""

    pair = (LEFT, OPEN_MOUTH)

    def token(self, length: int) -> bytes:
        """A single byte is asked for by the draw alone; at `PICTURE_S` each pair may be drawn."""
        return bytes([PAIRS.index(self.pair)]) if length == 1 else super().token(length)


@pytest.fixture
def lot() -> Lot:
    return Lot()


@pytest.fixture
def hall(tmp_path: Path, clock: HandClock, lot: Lot) -> Iterator[OpenHall]:
    make_hall(tmp_path / "hall", clock)
    opened = login(tmp_path / "hall", CLERK, PASSWORD, clock, lot)
    yield opened
    opened.close()


@pytest.fixture
def screens(
    hall: OpenHall, clock: HandClock, qtbot: QtBot, keep_picture: Callable[[QWidget, str], None]
) -> Iterator[Screens]:
    person, matcher = Person(), Matcher()
    camera = Camera(clock, person)
    equipment = replace(doubles.equipment(clock), camera=camera, faces=FaceEngines(person, person, matcher, person))
    session = WatchedSession.open(hall, equipment, SceneCode.NEW_NUMBER, SERVICE_NUMBER)
    assert isinstance(session, WatchedSession)
    session.person = person
    for step in (Step.CARD, Step.PRECHECK):
        do_step(session, step, clock)
    customer = CustomerWindow(practice=True)
    clerk = ClerkWindow(OneSession(session), screen_doubles.Dispatch(), customer, clock)
    closed: list[bool] = []
    clerk.closed.connect(lambda: closed.append(True))
    clerk.resize(1366, 768)
    customer.resize(1366, 768)
    customer.show()
    clerk.show()
    made = Screens(qtbot, session, person, camera, matcher, clerk, customer, keep_picture)
    clerk.start.started.emit(SceneCode.NEW_NUMBER, SERVICE_NUMBER)
    made.until(lambda: customer.page is customer.consent)
    yield made
    person.does(then=itertools.repeat(GOOD))
    clerk.close()
    made.until(lambda: bool(closed))
    customer.finish()
    for window in (clerk, customer):
        window.deleteLater()


# How each refusal comes about, from the first challenge (a turn to the left) on.


def _leaves(screens: Screens) -> None:
    screens.does(then=itertools.repeat(NOBODY))


def _second_face(screens: Screens) -> None:
    screens.does(GOOD, then=itertools.repeat(TWO))


def _jumps(screens: Screens) -> None:
    screens.does(GOOD, seen(face(centre=(100, 100))), GOOD)


def _other_way(screens: Screens) -> None:
    screens.does(GOOD, *map(seen, acted(RIGHT)))


def _is_flat(screens: Screens) -> None:
    screens.person.deep = False
    screens.does(GOOD, *map(seen, acted(LEFT)), *RESTING)


def _repeats(repetition: Repetition) -> Callable[[Screens], None]:
    def begin(screens: Screens) -> None:
        screens.person.repetition = repetition
        screens.does(GOOD, GOOD)

    return begin


def _turns_too_little(screens: Screens) -> None:
    """The advice is read; then nothing comes of it."""
    screens.does(*held(LEFT, 0.3))
    screens.until(lambda: screens.hint == wording.ADVICE[Advice.TURN_MORE])
    screens.does(then=itertools.repeat(GOOD))


def _changes_places(screens: Screens) -> None:
    screens.matcher.lowest_likeness = 0.1
    screens.does_all()


def _camera_stops(screens: Screens) -> None:
    screens.camera.failure = KnownError(FailureCode.CAMERA_STOPPED)
    screens.does(GOOD, GOOD)


def _engine_fails(screens: Screens) -> None:
    screens.does(KnownError(FailureCode.FACE_WORKER_FAILED))


def _computer_slow(screens: Screens) -> None:
    screens.person.missed = 4
    screens.does(then=itertools.repeat(GOOD))
    screens.until(lambda: screens.person.waits)  # nobody's fault: once it begins anew and asks the same again
    screens.until_asked()
    screens.does(then=itertools.repeat(GOOD))


def _camera_slow(screens: Screens) -> None:
    screens.camera.picture_s = 0.3
    screens.does(then=itertools.repeat(GOOD))


def _clerk_stops(screens: Screens) -> None:
    screens.view.leave.trigger()
    screens.does(GOOD, GOOD)
    screens.until(lambda: screens.page.headline.text() == wording.Portrait.HEADLINE_PAUSED)
    screens.view._back.trigger()


def _not_compared(screens: Screens) -> None:
    screens.matcher.failure = KnownError(FailureCode.FACE_WORKER_FAILED)
    screens.does_all()


REFUSED: dict[Refusal, tuple[Callable[[Screens], None], FailureCode]] = {
    Refusal.FACE_LOST: (_leaves, FailureCode.NOT_LIVE),
    Refusal.SECOND_FACE: (_second_face, FailureCode.NOT_LIVE),
    Refusal.JUMP: (_jumps, FailureCode.NOT_LIVE),
    Refusal.WRONG_MOVEMENT: (_other_way, FailureCode.NOT_LIVE),
    Refusal.FLAT: (_is_flat, FailureCode.NOT_LIVE),
    Refusal.FROZEN: (_repeats(Repetition.FROZEN), FailureCode.NOT_LIVE),
    Refusal.REPEATED: (_repeats(Repetition.REPEATED), FailureCode.NOT_LIVE),
    Refusal.TOO_SLOW: (_turns_too_little, FailureCode.NOT_LIVE),
    Refusal.OTHER_PERSON: (_changes_places, FailureCode.NOT_LIVE),
    Refusal.INTERRUPTED: (_camera_stops, FailureCode.CAMERA_STOPPED),
    Refusal.COMPUTER_FAILED: (_engine_fails, FailureCode.FACE_WORKER_FAILED),
    Refusal.COMPUTER_TOO_SLOW: (_computer_slow, FailureCode.COMPUTER_TOO_SLOW),
    Refusal.CAMERA_TOO_SLOW: (_camera_slow, FailureCode.CAMERA_TOO_SLOW),
    Refusal.STOPPED_BY_CLERK: (_clerk_stops, FailureCode.CHECK_STOPPED),
    Refusal.NOT_COMPARED: (_not_compared, FailureCode.FACE_WORKER_FAILED),
}


def refuse(screens: Screens, refusal: Refusal) -> None:
    REFUSED[refusal][0](screens)
    screens.until_refused()


def mend(screens: Screens) -> None:
    """All is well again, also with the person."""
    screens.person.deep, screens.person.repetition, screens.person.missed = True, None, 0
    screens.person.asked = None
    screens.camera.failure, screens.camera.picture_s = None, PICTURE_S
    screens.matcher.failure, screens.matcher.lowest_likeness = None, 0.9
    screens.person.does(then=itertools.repeat(GOOD))


# What a first refusal costs, as the clerk reads it.
COST = {
    Consequence(counts=True, asks_the_same=False, bounded=True): "这一次计入客户的次数，还剩 2 次。",
    Consequence(counts=True, asks_the_same=True, bounded=True): "这一次计入客户的次数，还剩 2 次。",
    Consequence(counts=False, asks_the_same=True, bounded=True): (
        "这一次不计客户的次数，客户还剩 3 次。中止和中断合计最多 3 次，还剩 2 次。"
    ),
    Consequence(counts=False, asks_the_same=False, bounded=False): "这一次不计客户的次数，客户还剩 3 次。",
}


@pytest.mark.parametrize("refusal", Refusal)
def test_a_refusal_is_explained_and_the_next_attempt_begins_with_what_to_do_otherwise(
    refusal: Refusal, screens: Screens
) -> None:
    screens.customer.consent.agree.click()
    asked = screens.until_asked()
    refuse(screens, refusal)
    page, code = screens.page, REFUSED[refusal][1]

    # Why, before the clerk; and no blame where there is none. The customer waits, and reads nothing of it.
    assert [each.refusal for each in screens.session.facts.liveness.attempts] == [refusal]
    assert page.banner.error is not None
    assert page.banner.error.code is code
    assert FAILURES[code].cause in page.banner.cause.text()
    assert page.headline.text() == wording.Portrait.HEADLINE_PAUSED
    blamed = code is FailureCode.NOT_LIVE
    lack = Advice.TURN_MORE if refusal is Refusal.TOO_SLOW else None  # somebody who turned, and too little
    otherwise = wording.next_time(refusal, lack)
    why = f"! 刚才：{wording.failed_because(refusal, lack)}。" if blamed else ""
    also = "也可以改走人工核验。" if page.other_way.isEnabled() else ""
    assert screens.status == why + COST[CONSEQUENCES[refusal]] + also
    remedy = f"重试前请告诉客户：{otherwise}" if blamed else FAILURES[code].remedy
    assert page.banner.remedy.text() == remedy  # the same that the customer reads with the next try
    assert screens.customer.look.sentence == wording.Customer.LOOK_PAUSED
    assert screens.hint == wording.Customer.LOOK_PAUSED_HINT
    screens.shoot(f"refused_{refusal}")

    # The count: at most what `CONSEQUENCES` says.
    liveness, after = screens.session.facts.liveness, CONSEQUENCES[refusal]
    assert (liveness.counted, liveness.uncounted) == (int(after.counts), int(after.bounded and not after.counts))
    assert not (blamed and not after.counts)
    assert liveness.may_try_again

    # The next attempt begins by saying what to do otherwise, on both screens, until something is asked.
    mend(screens)
    screens.person.does(*[GOOD] * 6)
    screens.again()
    screens.until(lambda: screens.person.waits and page.status.text() != wording.Portrait.STATUS_LOOK)
    screens.until(lambda: screens.customer.look.sentence == wording.Customer.LOOK_GOOD)
    assert screens.hint == otherwise
    assert screens.status == wording.Portrait.NEXT_TIME.format(advice=otherwise)
    label = screens.customer.look.hint
    assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()  # one line, whole
    screens.shoot(f"next_{refusal}")
    screens.does(then=itertools.repeat(GOOD))
    assert (screens.until_asked() is asked) or refusal not in UNTOLD
    assert screens.hint == wording.Customer.CHALLENGE_HINT
    screens.does_all()
    screens.until(page.way_on.isEnabled)
    assert screens.session.facts.liveness.live
    assert page.liveness.text().startswith("活体检测通过")


@pytest.mark.parametrize("refusal", [refusal for refusal in Refusal if CONSEQUENCES[refusal].bounded])
def test_when_no_attempt_is_left_the_other_way_is_offered_and_nothing_else(refusal: Refusal, screens: Screens) -> None:
    screens.customer.consent.agree.click()
    most = MOST_ATTEMPTS if CONSEQUENCES[refusal].counts else MOST_UNCOUNTED_ATTEMPTS
    for number in range(1, most + 1):
        screens.until_asked()
        refuse(screens, refusal)
        assert len(screens.session.facts.liveness.attempts) == number
        assert screens.session.may_try_again == (number < most)
        if number < most:
            left = most - number
            assert f"还剩 {left} 次。" in screens.status  # before it is too late
            assert (MOST_ATTEMPTS - left == number) is (most == MOST_ATTEMPTS)
            mend(screens)
            screens.again()
    page = screens.page
    if CONSEQUENCES[refusal].counts:
        why = "客户的 3 次都用完了，请改走人工核验"
    elif refusal is Refusal.STOPPED_BY_CLERK:
        why = "检测已中止 3 次，不能再试，请改走人工核验"  # the customer has failed nothing
    else:
        why = "检测已中断 3 次，不能再试，请改走人工核验"
    assert page.banner.remedy.text() == why
    reason = wording.failed_because(refusal, Advice.TURN_MORE)
    cause = reason if REFUSED[refusal][1] is FailureCode.NOT_LIVE else FAILURES[REFUSED[refusal][1]].cause
    assert screens.status == f"! 刚才：{cause}。"
    screens.shoot(f"last_{refusal}")
    assert not page.banner.again.isEnabled()
    assert page.other_way.isEnabled()
    assert screens.session.supervised_way is SupervisedWay.NO_TRY_LEFT
    mend(screens)
    page.other_way.trigger()  # there is no try that it would take away: nothing is asked
    screens.until(page.way_on.isEnabled)
    assert not screens.session.facts.liveness.live
    assert screens.customer.page.sentence == wording.Customer.SUPERVISED  # and not that something was compared


@pytest.mark.parametrize("slow", [FailureCode.COMPUTER_TOO_SLOW, FailureCode.CAMERA_TOO_SLOW])
def test_too_slow_for_any_challenge_is_said_as_such_counts_no_attempt_and_leaves_the_other_way(
    slow: FailureCode, screens: Screens
) -> None:
    if slow is FailureCode.COMPUTER_TOO_SLOW:
        screens.person.missed = 4
    else:
        screens.camera.picture_s = 0.3
    screens.customer.consent.agree.click()
    page = screens.page
    for number in range(1, MOST_ATTEMPTS + 2):  # more often than there are attempts
        screens.until_refused()
        assert page.banner.error is not None
        assert page.banner.error.code is slow
        assert screens.person.asked is None  # nothing was ever asked
        assert screens.session.facts.liveness.attempts == ()
        assert len(screens.session.facts.failed_tries) == number
        assert FAILURES[slow].cause in page.banner.cause.text()
        assert page.banner.remedy.text() == FAILURES[slow].remedy  # also the last time
        also = "也可以改走人工核验。" if page.other_way.isEnabled() else ""
        assert screens.status == f"这一次不计客户的次数，客户还剩 3 次。{also}"
        assert screens.customer.look.sentence == wording.Customer.LOOK_PAUSED
        assert page.other_way.isEnabled() is (number > 1)
        screens.again()
    mend(screens)
    screens.person.does(then=itertools.repeat(GOOD))
    screens.does_all()
    screens.until(page.way_on.isEnabled)
    assert screens.session.facts.face is not None
    assert screens.session.facts.face.comparison.decision is Decision.MATCHED


def test_the_next_try_begins_with_what_the_last_one_lacked_and_no_earlier_one(screens: Screens) -> None:
    """Stopped by the clerk, and then nobody before the camera: nobody has waited for long, and nobody sits there."""
    screens.customer.consent.agree.click()
    screens.until_asked()
    refuse(screens, Refusal.STOPPED_BY_CLERK)
    look = screens.customer.look
    screens.person.does(then=itertools.repeat(NO_FACE_SEEN))
    screens.again()
    screens.until(lambda: look.hint.text() == wording.NEXT_TIME[Refusal.STOPPED_BY_CLERK])
    screens.until_refused()
    assert screens.page.banner.error is not None
    assert screens.page.banner.error.code is FailureCode.NO_USABLE_FACE
    assert screens.status.startswith("这一次不计客户的次数，客户还剩 3 次。")
    mend(screens)
    screens.person.does(*[GOOD] * 2)
    screens.again()
    assert screens.hint == wording.FACE_REMARKS[FaceRemark.NO_FACE]


_SMILING = mapped(face(nod_deg=4), (1, 0, 0, 0.92), (0, 0))


def acts(challenge: Challenge, *amounts: float) -> list[Look]:
    return [seen(act(challenge, amount)) for amount in amounts]


def turned(*degrees: float) -> list[Look]:
    """To the right."""
    return [seen(face(turn_deg=-each)) for each in degrees]


def held(challenge: Challenge, amount: float) -> list[Look]:
    """Begun, and then for 1.5 s as far as this."""
    return acts(challenge, 0.1, 0.2, 0.3, *[amount] * 21)


@dataclass(frozen=True)
class Lack:
    """Who is asked for `pair`, does `looks` until the advice is said, follows it by `mended`, and does the `rest`."""

    pair: tuple[Challenge, Challenge]
    looks: Sequence[Look]
    mended: Sequence[Look]
    rest: Sequence[Look] = ()
    between: bool = False  # the first challenge was done
    missed: int = 0  # pictures, before the looks


def _first(challenge: Challenge) -> Sequence[Look]:
    return acts(challenge, *BUMP)


ADVISED: dict[Advice, Lack] = {
    Advice.SHOW_FACE: Lack((LEFT, BLINK), [NOBODY] * 2, [GOOD], _first(LEFT)),
    Advice.ONE_FACE: Lack((LEFT, BLINK), [TWO] * 2, [GOOD], _first(LEFT)),
    Advice.FACE_CAMERA: Lack(
        (LEFT, BLINK), [*_first(LEFT), *turned(8, 16, 20, 20)], [*turned(10), *RESTING], between=True
    ),
    Advice.OPEN_EYES: Lack((BLINK, LEFT), held(BLINK, 1), acts(BLINK, 0.7, 0.3, 0)),
    Advice.HOLD_STILL: Lack((LEFT, BLINK), [*_first(LEFT), *[GOOD, seen(face(mouth=0.3))] * 9], RESTING, between=True),
    Advice.TURN_MORE: Lack((LEFT, BLINK), held(LEFT, 0.3), acts(LEFT, 0.7, 1), acts(LEFT, 0.7, 0.3, 0)),
    Advice.TURN_LESS: Lack((RIGHT, BLINK), turned(8, 16, 24, 32, 40, 50, 50), turned(40, 32), turned(24, 16, 8, 0)),
    Advice.TURN_BACK: Lack((LEFT, BLINK), held(LEFT, 1), acts(LEFT, 0.7, 0.3, 0)),
    Advice.NOD_MORE: Lack((NOD, BLINK), held(NOD, 0.3), acts(NOD, 0.7, 1), acts(NOD, 0.7, 0.3, 0)),
    Advice.RAISE_HEAD: Lack((NOD, BLINK), held(NOD, 1), acts(NOD, 0.7, 0.3, 0)),
    Advice.SMILE_LESS: Lack((NOD, BLINK), [seen(_SMILING)] * 14, [GOOD], _first(NOD)),
    Advice.OPEN_WIDER: Lack((OPEN_MOUTH, LEFT), held(OPEN_MOUTH, 0.4), acts(OPEN_MOUTH, 1), acts(OPEN_MOUTH, 0.5, 0)),
    Advice.CLOSE_MOUTH: Lack((OPEN_MOUTH, LEFT), held(OPEN_MOUTH, 1), acts(OPEN_MOUTH, 0.7, 0.3, 0)),
    Advice.MORE_SLOWLY: Lack(
        (LEFT, BLINK), [GOOD, *acts(LEFT, 0.7), *RESTING[:3]], acts(LEFT, 0.5, 0.8), acts(LEFT, 1, 0.5, 0)
    ),
    Advice.AGAIN_UNSEEN: Lack((LEFT, BLINK), [replace(GOOD, after_loss=True), *RESTING], _first(LEFT)),
    Advice.AGAIN_BUSY: Lack((LEFT, BLINK), RESTING, _first(LEFT), missed=16),
}


@pytest.mark.parametrize("advice", Advice)
def test_what_is_missing_is_read_on_both_screens_while_it_is_true_and_no_longer(
    advice: Advice, screens: Screens, lot: Lot
) -> None:
    lack = ADVISED[advice]
    lot.pair = lack.pair
    screens.customer.consent.agree.click()
    asked = screens.until_asked()
    assert asked is lack.pair[0]
    page, look = screens.page, screens.customer.look
    if lack.missed:
        screens.person.missed = lack.missed
        screens.does(GOOD)
        screens.until(lambda: screens.person.waits)
        screens.person.missed = 0
    screens.does(*lack.looks)
    screens.until(lambda: screens.hint == wording.ADVICE[advice])
    screens.until(lambda: screens.person.waits)  # it is still true

    # The customer: what is asked, and one line of what is missing; the clerk: the same.
    screens.until(lambda: look.challenge is (None if lack.between else asked))
    assert look.title.text() == (wording.Customer.LOOK if lack.between else wording.CHALLENGES[asked])
    assert look.hint.text() == wording.ADVICE[advice]
    assert "\n" not in look.hint.text()
    assert look.hint.fontMetrics().horizontalAdvance(look.hint.text()) <= look.hint.width()
    assert wording.ADVICE[advice] in screens.status
    assert [other for other in Advice if wording.ADVICE[other] in screens.status] == [advice]
    assert not page.banner.isVisible()
    places = look.title.geometry(), look.view.geometry(), page.status.geometry(), page.view.geometry()
    screens.shoot(f"advice_{advice}")

    # In time: whoever follows it now passes. It goes by itself, and nothing jumps when it does.
    screens.does(*lack.mended)
    screens.until(lambda: screens.person.waits and screens.hint == wording.Customer.CHALLENGE_HINT)
    screens.until(lambda: wording.ADVICE[advice] not in screens.status)
    assert places == (look.title.geometry(), look.view.geometry(), page.status.geometry(), page.view.geometry())
    if screens.person.asked is asked:
        screens.does(*lack.rest, then=itertools.repeat(GOOD))
    screens.until(lambda: look.challenge is lack.pair[1])
    assert screens.until_asked() is lack.pair[1]
    screens.does(*_first(lack.pair[1]), then=itertools.repeat(GOOD))
    screens.until(page.way_on.isEnabled)
    assert [each.refusal for each in screens.session.facts.liveness.attempts] == [None]


def test_who_does_not_sit_still_is_told_so_before_anything_is_asked(screens: Screens, lot: Lot) -> None:
    """The picture is good and there is no remark about it, but a blink is asked of a face at rest only."""
    lot.pair = (BLINK, LEFT)
    talking = itertools.cycle([GOOD, seen(face(mouth=0.3))])
    words = wording.ADVICE[Advice.HOLD_STILL]
    sentence = wording.Customer.LOOK_REMARK.format(remark=words)

    def is_said() -> bool:
        """Somebody who talks until they read it."""
        if screens.person.waits and screens.customer.look.sentence != sentence:
            screens.person.does(*itertools.islice(talking, 4))
        return screens.customer.look.sentence == sentence

    screens.person.does(*itertools.islice(talking, 40))
    screens.customer.consent.agree.click()
    screens.until(is_said)
    assert screens.hint == wording.Customer.LOOK_HINT
    assert screens.status == wording.Portrait.REMARK.format(remark=words)
    screens.shoot("still")
    screens.person.does(then=itertools.repeat(GOOD))
    assert screens.until_asked() is BLINK
    assert words not in (screens.customer.look.sentence, screens.hint, screens.status)


def test_the_tables_are_whole() -> None:
    """Another refusal or advice is walked here before it can be without words on either screen."""
    assert REFUSED.keys() == set(Refusal) == wording.NEXT_TIME.keys() == wording.LIVENESS_REFUSALS.keys()
    assert ADVISED.keys() == set(Advice) == wording.ADVICE.keys()
