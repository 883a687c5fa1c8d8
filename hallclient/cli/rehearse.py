"""`hallclient rehearse`: one whole session with the practice devices, through the same services as a real one."""

import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from drivers.practice.pen import ScriptedPen
from hallclient import settings
from hallclient.cli.given_file import given_path, usable
from hallclient.cli.hall_in_use import HallInUse
from hallclient.cli.instance import hold_hall
from hallclient.cli.output import JsonOption, answer
from hallclient.cli.screen import must_have_screen
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS, LivenessFacts
from hallclient.domain.evidence.facts.portrait import PortraitFacts
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.liveness import Challenge
from hallclient.domain.notice import shortest_line_s
from hallclient.domain.session import AbandonReason
from hallclient.domain.signature import PenPoint
from hallclient.domain.staff import Role
from hallclient.domain.supervised_way import is_of_a_try
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import OpenHall, iso, login
from hallclient.services.counter import Counter
from hallclient.services.dispatch import Dispatch
from hallclient.services.portrait_taking import PortraitListener
from hallclient.services.preparation import Preparation
from hallclient.services.rehearsal_report import Rehearsed, StepTimes
from hallclient.services.review import ReviewDesk
from hallclient.services.session.card import CardStep
from hallclient.services.session.engine import Session
from hallclient.services.session.notice import NoticeStep
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.session.precheck import PrecheckStep
from hallclient.services.session.signature import SignatureStep
from hallclient.storage import hall_file
from hallclient.storage.hall_creation import require_no_strangers
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_centre import centre_address
from hallclient.wiring.practice_counter import PracticeCounter, practice_counter
from hallclient.wiring.practice_hall import practice_hall, practice_hall_folder, practice_words
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_code, practice_login, practice_password

SCENE = "new_number"
SERVICE_NUMBER = "13800000021"
COPY = "customer_copy.pdf"
_CARD_TIMEOUT_S = 15.0
_VIRTUAL_SCREEN = "-screen 0 3840x1200x24 -nolisten tcp"
_LINE_S = 1.2  # how long the practice customer looks at each line, unless its length or the windows ask for longer

_log = logging.getLogger(__name__)


def rehearse(
    out: Annotated[
        Path,
        typer.Option(
            parser=given_path, metavar="PATH", help="Folder for the practice hall, its centre and what comes out."
        ),
    ],
    ui: Annotated[bool, typer.Option("--ui", help="Click through the real windows and take pictures.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Without the centre.")] = False,
    stranger: Annotated[bool, typer.Option("--stranger", help="Somebody else before the camera.")] = False,
    as_json: JsonOption = False,
) -> None:
    """One customer, from the card to the receipt. Exits with 1 when the customer does not pass.

    With --offline, too: whom the practice supervisor rejects does not pass, although the outcome is provisional.

    Before the camera it tries three times at most, whatever ends a try, and then takes the supervised way.
    """
    if ui:
        _need_screen()
    clock, entropy = SystemClock(), SystemEntropy()
    hall_folder = practice_hall_folder(out)
    with usable(out):
        out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        require_no_strangers(hall_folder)
        stack.enter_context(hold_hall(hall_folder))  # before it is made: two first starts make one hall
        folder = practice_hall(out, clock, entropy)
        settings.remember_rehearsal(folder)
        counter = stack.enter_context(practice_counter(clock, entropy, out / COPY, stranger))
        centre = hall_file.read(folder).centre
        url = stack.enter_context(centre_address(centre)) if centre is not None and not offline else None
        with _leaving_nothing_open(folder, counter):
            if ui:
                rehearsed = _rehearse_windows(folder, counter, url, out / "screens")
            else:
                rehearsed = _rehearse(folder, counter, url)
        with closing(_login(folder, Role.CLERK)) as hall, closing(Dispatch(hall, url)) as dispatch:
            if url is not None:
                dispatch.send_all()
            document, in_use = _document(hall, dispatch, rehearsed, out), HallInUse.of(hall)
    lines = [in_use.line]
    lines += [f"{name}: {document[name]}" for name in ("outcome", "practice", "package", "customer_copy", "screens")]
    lines += [f"{row['step']}: {row['seconds']} s, waited {row['waited_seconds']} s" for row in rehearsed.times.rows]
    answer(document, lines, as_json, positive=_passes(document))


def _passes(document: dict[str, Any]) -> bool:
    """Whether the customer passes, as far as is known: without the centre a rejection is no outcome yet, and final."""
    rejected = document["review"] == ReviewDecision.REJECTED.value
    return document["outcome"] != Outcome.NOT_PASSED.value and not rejected


def _need_screen() -> None:
    """Begin again on a virtual screen where there is none. Raises practice_tool_missing without xvfb-run."""
    try:
        must_have_screen()
    except KnownError as error:
        _log.info("a virtual screen is opened: %s", error)
    else:
        return
    xvfb = shutil.which("xvfb-run")
    if xvfb is None:
        raise KnownError(FailureCode.PRACTICE_TOOL_MISSING, "no screen, and no xvfb-run")
    os.execv(xvfb, [xvfb, "-a", "-s", _VIRTUAL_SCREEN, sys.executable, "-m", "hallclient", *sys.argv[1:]])  # noqa: S606


@contextmanager
def _leaving_nothing_open(folder: Path, counter: PracticeCounter) -> Iterator[None]:
    """What a rehearsal began and cannot finish is abandoned; the failure goes on to whoever started it."""
    begun_at = iso(SystemClock().now())
    try:
        yield
    except BaseException:
        try:
            with closing(_login(folder, Role.CLERK)) as hall:
                clerk = Counter(hall, Preparation.of(counter.equipment))
                for session in clerk.unfinished():
                    if session.opened_at >= begun_at:
                        clerk.abandon(session.session_id, AbandonReason.REHEARSAL_BROKEN_OFF)
        except KnownError as error:
            _log.warning("the rehearsal's session stays open: %s", error.code)
        raise


def _rehearse_windows(folder: Path, counter: PracticeCounter, url: str | None, screens: Path) -> Rehearsed:
    # Here and not above: Qt only where there are windows.
    from ui.app import LocalHall  # noqa: PLC0415
    from ui.rehearsal import Cast, Login, rehearse_windows  # noqa: PLC0415

    clerk, supervisor = (
        Login(number, practice_password(number), partial(_code, number))
        for number in (PRACTICE_STAFF[Role.CLERK], PRACTICE_STAFF[Role.SUPERVISOR])
    )
    cast = Cast(RehearsedCustomer(counter), clerk, supervisor)
    hall = LocalHall(folder, SystemClock(), SystemEntropy(), url)
    preparation = Preparation.of(counter.equipment)
    preparation.start()
    with closing(preparation):
        return rehearse_windows(hall, preparation, cast, SCENE, SERVICE_NUMBER, screens)


def _code(number: str) -> str:
    return practice_code(number, SystemClock().now())


class RehearsedCustomer:
    """The customer of `ui.rehearsal`: puts the card down, reads at an even pace, signs."""

    def __init__(self, counter: PracticeCounter) -> None:
        self._counter = counter
        self._clock = SystemClock()
        self._line_begun = 0.0

    def put_card_down(self) -> None:
        self._counter.put_card()

    def take_card_up(self) -> None:
        self._counter.take_card()

    def see(self, challenge: Challenge | None) -> None:
        self._counter.see(challenge)

    def begin_line(self, index: int) -> None:  # noqa: ARG002  # every line takes this customer the same time
        self._line_begun = self._clock.monotonic()

    def line_is_read(self, index: int) -> bool:  # noqa: ARG002
        return self._clock.monotonic() - self._line_begun >= _LINE_S

    def strokes(self) -> tuple[tuple[PenPoint, ...], ...]:
        return ScriptedPen().sign()


def _rehearse(folder: Path, counter: PracticeCounter, url: str | None) -> Rehearsed:
    preparation = Preparation.of(counter.equipment)
    with (
        closing(preparation),
        closing(_login(folder, Role.CLERK)) as hall,
        closing(Dispatch(hall, url)) as dispatch,
    ):
        preparation.start()
        preparation.wait()
        clerk = Counter(hall, preparation)
        times = StepTimes(hall.clock)
        failures: list[FailureCode] = []
        session = clerk.open_session(SCENE, SERVICE_NUMBER)
        with ExitStack() as stack:
            stack.callback(clerk.close_session)
            flagged = _walk(session, counter, dispatch, times, failures)
            clerk.print_copy(session.the(SignatureStep).customer_copy())
    if flagged:
        _reject(folder, counter, session.session_id)
    return Rehearsed(session.session_id, times, tuple(failures))


def _read_card(step: CardStep, counter: PracticeCounter) -> None:
    """As a customer does who is told to: a card whose coming nobody saw is lifted and put down again."""
    try:
        step.read(_CARD_TIMEOUT_S)
    except KnownError as error:
        if error.code is not FailureCode.CARD_NEEDS_LIFTING:
            raise
        counter.take_card()
        counter.put_card()
        step.read(_CARD_TIMEOUT_S)


def _walk(
    session: Session, counter: PracticeCounter, dispatch: Dispatch, times: StepTimes, failures: list[FailureCode]
) -> bool:
    """From the card to the centre's word; returns whether the session waits for a supervisor instead."""
    online = dispatch.reachable()
    card, face, notice = session.the(CardStep), session.the(PortraitStep), session.the(NoticeStep)
    with times.step(card.planned.id):
        counter.put_card()
        with times.waiting():
            _read_card(card, counter)
    precheck = session.the(PrecheckStep)
    with times.step(precheck.planned.id), times.waiting():
        precheck.check()
    counter.take_card()
    with times.step(face.planned.id):
        face.give_consent(True)
        with times.waiting():
            _look(face, counter, failures)
    with times.step(notice.planned.id):
        with times.waiting():
            notice.start_recording(_unseen, _unseen)
        for index, line in enumerate(notice.notice().lines):
            notice.show_line(index)
            Event().wait(max(_LINE_S, shortest_line_s(line)))
        with times.waiting():
            notice.finish_recording()
    signature = session.the(SignatureStep)
    with times.step(signature.planned.id):
        strokes = ScriptedPen().sign()
        with times.waiting():
            signature.sign(strokes, "pen")
    with times.step("seal"), times.waiting():
        flagged = session.seal().needs_review
        if online and not flagged:
            dispatch.send_all()
    return flagged


def _look(step: PortraitStep, counter: PracticeCounter, failures: list[FailureCode]) -> None:
    """As a clerk at the page of the portrait; `failures` gets what went wrong at each try."""
    while step.may_try_again and len(failures) < MOST_ATTEMPTS:
        try:
            step.compare(PortraitListener(_unseen, _unseen, counter.see, _unseen))
        except KnownError as error:
            if not is_of_a_try(error.code):
                raise
            failures.append(error.code)
        else:
            return
    step.leave_to_supervisor()


def _unseen(*_shown: object) -> None:
    """Without windows nobody looks at pictures and sound levels."""


def _reject(folder: Path, counter: PracticeCounter, session: str) -> None:
    """The practice supervisor looks at the flagged session with a login of their own, and rejects it."""
    with closing(_login(folder, Role.SUPERVISOR)) as supervisor:
        desk = ReviewDesk(supervisor, counter.equipment.portrait_decoder)
        case = desk.open(session)
        if case.video is not None:
            case.video.close()
        desk.decide(session, ReviewDecision.REJECTED, practice_words()["rejection"], "")


def _login(folder: Path, role: Role) -> OpenHall:
    number = PRACTICE_STAFF[role]
    clock = SystemClock()
    return login(folder, *practice_login(number, clock.now()), clock, SystemEntropy())


def _document(hall: OpenHall, dispatch: Dispatch, rehearsed: Rehearsed, out: Path) -> dict[str, Any]:
    package = hall.vault.package(rehearsed.session)
    inspection = inspect(package, hall.roots, ShippedRules(), revocations=hall.revocations)
    manifest, receipt = inspection.manifest, inspection.receipt
    faces = [step.facts for step in manifest.steps if isinstance(step.facts, PortraitFacts)] if manifest else []
    face = faces[0] if faces else None
    comparison = face.face.comparison if face and face.face else None
    return {
        "outcome": dispatch.outcome(rehearsed.session).value,
        "practice": bool(manifest and manifest.practice),
        "session": rehearsed.session,
        "steps": rehearsed.times.rows,
        "comparison": comparison and {"decision": comparison.decision.value, "score": comparison.score},
        "liveness": face and _liveness(face.liveness, rehearsed.failures),
        "review": inspection.review and inspection.review.decision.value,
        "package": str(package.folder.resolve()),
        "receipt": receipt and {"verified": inspection.holds, "centre": receipt.centre, "at": receipt.received_at},
        "customer_copy": str((out / COPY).resolve()),
        "screens": str((out / "screens").resolve()) if rehearsed.pictures else None,
        "pictures": [path.name for path in rehearsed.pictures],
        "hall": HallInUse.of(hall).row,
    }


def _liveness(liveness: LivenessFacts, failures: tuple[FailureCode, ...]) -> dict[str, Any]:
    """`attempts` stand in the evidence; `failures` are what the clerk read, also of a try that was no attempt."""
    return {
        "live": liveness.live,
        "attempts": [
            {"challenges": list(attempt.challenges), "reason": attempt.refusal, "counts": attempt.counts}
            for attempt in liveness.attempts
        ],
        "failures": list(failures),
    }
