"""`hallclient rehearse`: one whole session with the practice devices, through the same services as a real one."""

from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from drivers.practice.pen import ScriptedPen
from hallclient import settings
from hallclient.cli.login import PRACTICE_STAFF, practice_password
from hallclient.cli.output import JsonOption, answer
from hallclient.cli.practice_centre import centre_address
from hallclient.cli.practice_hall import PracticeCounter, practice_counter, practice_hall, practice_words
from hallclient.domain.evidence import Outcome, ReviewDecision
from hallclient.domain.inspection import inspect
from hallclient.domain.scene import SceneCode, Step
from hallclient.domain.staff import Role
from hallclient.services.access import OpenHall, login
from hallclient.services.counter import Counter
from hallclient.services.dispatch import Dispatch
from hallclient.services.rehearsal_report import StepTimes
from hallclient.services.review import ReviewDesk
from hallclient.services.verification import Verification
from hallclient.system import SystemClock, SystemEntropy

SERVICE_NUMBER = "13800000021"
COPY = "customer_copy.pdf"
_CARD_TIMEOUT_S = 15.0
_LINE_S = 1.2  # how long the practice customer looks at each line: quicker than a person, long enough to be read


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a rehearsal did: the session, its times, and the pictures that were taken of the windows."""

    session: str
    times: StepTimes
    pictures: tuple[Path, ...] = ()


def rehearse(
    out: Annotated[Path, typer.Option(help="Folder for the practice hall, its centre and what comes out.")],
    ui: Annotated[bool, typer.Option("--ui", help="Click through the real windows and take pictures.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Without the centre.")] = False,
    stranger: Annotated[bool, typer.Option("--stranger", help="Somebody else before the camera.")] = False,
    as_json: JsonOption = False,
) -> None:
    """One customer, from the card to the receipt. Exits with 1 when the customer does not pass."""
    clock, entropy = SystemClock(), SystemEntropy()
    out.mkdir(parents=True, exist_ok=True)
    folder = practice_hall(out, clock, entropy)
    settings.remember_rehearsal(folder)
    clerk = PRACTICE_STAFF[Role.CLERK]
    with ExitStack() as stack:
        hall = stack.enter_context(closing(login(folder, clerk, practice_password(clerk), clock, entropy)))
        counter = stack.enter_context(practice_counter(clock, entropy, out / COPY, stranger))
        url = None if offline else stack.enter_context(centre_address(hall.centre))
        dispatch = stack.enter_context(closing(Dispatch(hall, url)))
        if ui:
            from ui.rehearsal import rehearse_windows  # noqa: PLC0415  # Qt only where there are windows

            rehearsed = rehearse_windows(hall, counter, dispatch, out / "screens")
        else:
            rehearsed = _rehearse(hall, counter, dispatch, offline)
        document = _document(hall, dispatch, rehearsed, out)
    passed = document["outcome"] != Outcome.NOT_PASSED.value
    lines = [f"{name}: {document[name]}" for name in ("outcome", "practice", "package", "customer_copy", "screens")]
    lines += [f"{row['step']}: {row['seconds']} s, waited {row['waited_seconds']} s" for row in rehearsed.times.rows]
    answer(document, lines, as_json, positive=passed)


def _rehearse(hall: OpenHall, counter: PracticeCounter, dispatch: Dispatch, offline: bool) -> Rehearsed:
    clerk = Counter(hall, counter.equipment)
    clerk.warm_up()
    times = StepTimes(hall.clock)
    session = clerk.open_session(SceneCode.NEW_NUMBER, SERVICE_NUMBER)
    try:
        with times.step(Step.CARD):
            counter.put_card()
            with times.waiting():
                session.read_card(_CARD_TIMEOUT_S)
        with times.step(Step.PRECHECK), times.waiting():
            session.precheck(not offline and dispatch.reachable())
        counter.take_card()
        with times.step(Step.PORTRAIT):
            session.give_consent(True)
            with times.waiting():
                session.compare(_unseen)
        with times.step(Step.NOTICE):
            _read_notice(session, times)
        with times.step(Step.SIGNATURE):
            strokes = ScriptedPen().sign()
            with times.waiting():
                session.sign(strokes, "pen")
        with times.step(Step.FINISH), times.waiting():
            flagged = session.seal().needs_review
            if not flagged and not offline:
                dispatch.send_all()
        clerk.print_copy(session.customer_copy())
    finally:
        session.close()
    if flagged:
        _reject(hall, counter, session.session_id)
        if not offline:
            dispatch.send_all()
    return Rehearsed(session.session_id, times)


def _unseen(*_shown: object) -> None:
    """Without windows nobody looks at pictures and sound levels."""


def _read_notice(session: Verification, times: StepTimes) -> None:
    with times.waiting():
        session.start_reading(_unseen, _unseen)
    for index in range(len(session.notice().lines)):
        session.show_line(index)
        Event().wait(_LINE_S)
    with times.waiting():
        session.finish_reading()


def _reject(hall: OpenHall, counter: PracticeCounter, session: str) -> None:
    """The practice supervisor looks at the flagged session with a login of their own, and rejects it."""
    number = PRACTICE_STAFF[Role.SUPERVISOR]
    with closing(login(hall.folder, number, practice_password(number), hall.clock, hall.entropy)) as supervisor:
        desk = ReviewDesk(supervisor, counter.equipment.portrait_decoder)
        case = desk.open(session)
        if case.video is not None:
            case.video.close()
        desk.decide(session, ReviewDecision.REJECTED, practice_words()["rejection"], "")


def _document(hall: OpenHall, dispatch: Dispatch, rehearsed: Rehearsed, out: Path) -> dict[str, Any]:
    package = hall.vault.package(rehearsed.session)
    inspection = inspect(package, hall.roots)
    manifest, receipt = inspection.manifest, inspection.receipt
    comparison = manifest.facts.face.comparison if manifest and manifest.facts.face else None
    return {
        "outcome": dispatch.outcome(rehearsed.session).value,
        "practice": bool(manifest and manifest.practice),
        "session": rehearsed.session,
        "steps": rehearsed.times.rows,
        "comparison": comparison and {"decision": comparison.decision.value, "score": comparison.score},
        "review": inspection.review and inspection.review.decision.value,
        "package": str(package.folder.resolve()),
        "receipt": receipt and {"verified": inspection.holds, "centre": receipt.centre, "at": receipt.received_at},
        "customer_copy": str((out / COPY).resolve()),
        "screens": str((out / "screens").resolve()) if rehearsed.pictures else None,
        "pictures": [path.name for path in rehearsed.pictures],
        "hall": str(hall.folder.resolve()),
    }
