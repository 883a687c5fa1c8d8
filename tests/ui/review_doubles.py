"""Cases for a supervisor, in memory; see `tests.ui.doubles`."""

import datetime as dt
import io
import threading
from collections import defaultdict
from collections.abc import Callable

from hallclient.devices import Image
from hallclient.domain.card import Finding
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.notice import RecordingFacts
from hallclient.domain.evidence.facts.portrait import FailedTry, PortraitFacts
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import KnownError
from hallclient.domain.liveness import Challenge
from hallclient.domain.person import MaskedPerson
from hallclient.domain.review import ReviewState
from hallclient.domain.supervised_way import SupervisedWay
from hallclient.domain.why_reviewed import tries_beside_attempts, why_not_live
from hallclient.rule_texts import built_in_pack
from hallclient.services import review as review_service
from hallclient.services.review import KeyPictureSeen, ReviewCase, ReviewItem
from tests.attempts import LIVE
from tests.ui.doubles import NOW, STROKES, WEBCAM, comparison, picture, reading_of_a_card


class ReviewDesk(review_service.ReviewDesk):
    """Cases in memory."""

    practice = True

    def __init__(self, cases: list[ReviewCase]) -> None:
        self.cases = {case.item.session_id: case for case in cases}
        self.decisions: list[tuple[str, ReviewDecision, str, str]] = []
        self.opened: list[str] = []
        self.released: list[str] = []
        self.opening = threading.Event()
        self.may_open = threading.Event()  # clear it to keep a case in the middle of being opened
        self.may_open.set()
        self.failures: dict[str, list[KnownError]] = defaultdict(list)

    def waiting(self) -> list[ReviewItem]:
        return [case.item for case in self.cases.values()]

    def open(self, session_id: str) -> ReviewCase:
        self.opening.set()
        self.may_open.wait(10)
        if self.failures["open"]:
            raise self.failures["open"].pop(0)
        self.opened.append(session_id)
        return self.cases[session_id]

    def recording(self, case: ReviewCase) -> bytes | None:
        if self.failures["recording"]:
            raise self.failures["recording"].pop(0)
        if case.video is None:
            return None
        with case.video as video:
            return video.read()

    def decide(self, session_id: str, decision: ReviewDecision, reason: str, auxiliary_document: str) -> None:
        if self.failures["decide"]:
            raise self.failures["decide"].pop(0)
        self.decisions.append((session_id, decision, reason, auxiliary_document))
        del self.cases[session_id]

    def release(self, session_id: str) -> None:
        if self.failures["release"]:
            raise self.failures["release"].pop(0)
        self.released.append(session_id)


def review_case(
    name: str = "s-1",
    result: Comparison | None = None,
    video: io.RawIOBase | None = None,
    findings: tuple[Finding, ...] = (),
    recorded: RecordingFacts | None = None,
    minutes: int = 12,
    liveness: LivenessFacts | None = None,
    scene: str = "second_verification",
    cameras: tuple[DeviceIdentity, ...] = (WEBCAM,),
    refused_cameras: tuple[DeviceIdentity, ...] = (),
    failed_tries: tuple[FailedTry, ...] = (),
    way: SupervisedWay | None = None,
    draw: Callable[[Challenge], Image] = lambda _: picture(3),
) -> ReviewCase:
    """`draw`: what the customer looked like in a movement."""
    result = result or comparison(Decision.DOUBTFUL, 0.38)
    liveness = liveness or LivenessFacts(attempts=(LIVE,))
    tried = PortraitFacts(liveness=liveness, failed_tries=failed_tries)
    done = built_in_pack().scene(scene)
    item = ReviewItem(
        session_id=name,
        business=done.words.name,
        kinds=frozenset(step.kind for step in done.steps),
        clerk="1001",
        counter="3",
        decision=result.decision,
        score=result.score,
        live=liveness.live,
        why_not_live=why_not_live(tried),
        sealed_at=NOW - dt.timedelta(minutes=minutes),
        state=ReviewState.PENDING,
    )
    return ReviewCase(
        item=item,
        comparison=result,
        portrait=picture(2, 102, 126),
        live_photo=picture(1),
        key_pictures=tuple(
            KeyPictureSeen(number, challenge, done=place < attempt.done, image=draw(challenge))
            for number, attempt in enumerate(liveness.attempts, start=1)
            if attempt.judged
            for place, challenge in enumerate(attempt.challenges[: attempt.done + 1])
        ),
        video=video,
        strokes=STROKES,
        person=MaskedPerson.of(reading_of_a_card().record),
        findings=findings,
        recorded=recorded,
        liveness=liveness,
        failed_tries=tries_beside_attempts(tried),
        supervised_way=way,
        cameras=cameras,
        refused_cameras=refused_cameras,
    )
