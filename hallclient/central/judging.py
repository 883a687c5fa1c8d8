"""What a centre says of a whole and genuine package: it asks for itself, and believes no verdict that it can repeat."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from hallclient.central.comparison import Comparisons
from hallclient.central.policy import Policy
from hallclient.central.repeats import Marks
from hallclient.domain.certificates import CertificateChain, CertificateRole, Revoked
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.evidence.facts.card import PORTRAIT
from hallclient.domain.evidence.facts.portrait import LIVE_PHOTO, PortraitFacts
from hallclient.domain.evidence.facts.signature import NOTICE
from hallclient.domain.evidence.files import FileEntry
from hallclient.domain.evidence.manifest import DoneStep, Manifest
from hallclient.domain.evidence.review import ReviewDocument
from hallclient.domain.hall_time import is_before
from hallclient.domain.inspection.content import PackageFiles, content_of, scan_of
from hallclient.domain.inspection_question import Question
from hallclient.domain.notice_signature import notice_keys
from hallclient.domain.picture_bytes import pixels_sha256
from hallclient.domain.step_kinds import kind_of


class KnownStaff(Protocol):
    """Whom the centre has certified."""

    def knows(self, number: str, hall: str, role: CertificateRole) -> bool:
        """Somebody of this staff number has a certificate that is not revoked for `role` in this hall."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """A package whose inspection found nothing broken, as it came.

    Attributes:
        data_key: of its files.
        received_at: ISO 8601 in UTC, by the centre's clock.
        clock_difference_s: the device's clock minus the centre's, seconds; None where it did not say.
        review: the supervisor's decision that came with it.
    """

    package: PackageFiles
    manifest: Manifest
    data_key: bytes
    received_at: str
    clock_difference_s: float | None
    review: ReviewDocument | None = None


class Judge:
    """Asks what no package can be asked alone. What it was before, the ledger asks when it is kept."""

    def __init__(
        self,
        policy: Policy,
        comparisons: Comparisons | None = None,
        staff: KnownStaff | None = None,
        revocations: Callable[[], Revoked | None] = lambda: None,
    ) -> None:
        """Without `comparisons` no pictures are compared here; without `staff` it is not asked who the clerks are."""
        self._revocations = revocations
        self._policy = policy
        self._comparisons = comparisons
        self._staff = staff

    def expect(self, manifest: Manifest) -> None:
        """The rest of its package will come soon: make ready what will be asked of it."""
        faces = [step.facts.face for step in manifest.steps if isinstance(step.facts, PortraitFacts)]
        if self._comparisons is not None and any(
            face is not None and face.comparison.decision is Decision.MATCHED for face in faces
        ):
            self._comparisons.prewarm()

    def gap_tolerated_since(self, now: dt.datetime) -> str:
        """A session that was missing before then is no longer on its way."""
        return (now - dt.timedelta(days=self._policy.gap_days)).isoformat()

    def contradictions(self, delivery: Delivery) -> tuple[Question, ...]:
        """What the centre's own rules, clock and eyes say against it, each once."""
        asked: dict[Question, bool] = {
            Question.SEALED_BEFORE_RECEIPT: is_before(delivery.manifest.sealed_at, delivery.received_at),
            Question.CLOCKS_AGREE: self._clocks_agree(delivery),
            Question.STAFF_KNOWN: self._staff_known(delivery),
            Question.REVIEWED_IN_TIME: delivery.review is None or is_before(delivery.review.at, delivery.received_at),
            Question.SIGNERS_GOOD_TODAY: self._signers_good_today(delivery),
        }
        for step in delivery.manifest.steps:
            if isinstance(step.facts, PortraitFacts) and step.facts.face is not None:
                for question, holds in self._faces(delivery, step, step.facts.face.comparison).items():
                    asked[question] = asked.get(question, True) and holds
        return tuple(question for question, holds in asked.items() if not holds)

    def marks(self, delivery: Delivery) -> Marks:
        """By what another session with the same evidence is found."""
        files, keys = [delivery.manifest.business.plain_sha256], list[str]()
        pixels, recordings = list[str](), list[str]()
        for step in delivery.manifest.steps:
            for rule in kind_of(step.planned).files:
                entry = step.file(rule.name)
                if entry is None or rule.may_repeat:
                    continue
                files.append(entry.plain_sha256)
                if rule.photo:
                    photo = _content(delivery, entry)
                    shown = None if photo is None else pixels_sha256(photo)
                    pixels += [] if shown is None else [shown]
                elif rule.large:
                    scan = scan_of(delivery.package, entry, delivery.data_key)
                    recordings += () if scan is None else scan.pictures_sha256
            notice = _content(delivery, step.file(NOTICE))
            keys += [] if notice is None else notice_keys(notice)
        return Marks(tuple(files), tuple(pixels), tuple(recordings), tuple(keys))

    def _clocks_agree(self, delivery: Delivery) -> bool:
        """The device's clock when it sealed, as far as it had asked, and when it sent; and the one is as the other."""
        known = (delivery.manifest.clock_status.difference_s, delivery.clock_difference_s)
        differences_s = [0.0, *(each for each in known if each is not None)]  # 0: the centre's own clock
        return max(differences_s) - min(differences_s) <= self._policy.largest_clock_difference_s

    def _staff_known(self, delivery: Delivery) -> bool:
        if self._staff is None:
            return True
        hall = delivery.manifest.place.hall
        asked = [(number, CertificateRole.CLERK) for number in delivery.manifest.people]
        asked += [] if delivery.review is None else [(delivery.review.reviewer, CertificateRole.SUPERVISOR)]
        return all(self._staff.knows(number, hall, role) for number, role in asked)

    def _signers_good_today(self, delivery: Delivery) -> bool:
        """Nobody who signed it was revoked until now: who was could have dated it back, which nobody here can tell."""
        revocations = self._revocations()
        if revocations is None:
            return True
        manifest, review = delivery.manifest, delivery.review
        signed = [(manifest.certificate, manifest.issuers), (manifest.staff_certificate, manifest.issuers)]
        signed += [] if review is None else [(review.certificate, review.issuers)]
        return all(CertificateChain.from_texts(*one).revoked_at(revocations) is None for one in signed)

    def _faces(self, delivery: Delivery, step: DoneStep, said: Comparison) -> Mapping[Question, bool]:
        """Only what somebody gains by: who is said to be the same person has to be by the centre's measure, too."""
        if said.score is None:
            return {}
        thresholds = self._policy.thresholds.get(said.engine.name)
        if thresholds is None:
            return {Question.ENGINE_KNOWN: False}
        if said.decision is not Decision.MATCHED:
            return {}
        matched = {Question.MATCHED_BY_CENTRES_THRESHOLDS: thresholds.decide(said.score) is Decision.MATCHED}
        if self._comparisons is None:
            return matched
        own = self._compared(delivery, step, self._comparisons)
        alike = own is None or own.decision is Decision.MATCHED
        return matched | {Question.PICTURES_COMPARED: own is not None, Question.PICTURES_ALIKE: alike}

    def _compared(self, delivery: Delivery, step: DoneStep, comparisons: Comparisons) -> Comparison | None:
        card = delivery.manifest.done_of_kind("card", step.planned.person)
        portrait = _content(delivery, None if card is None else card.file(PORTRAIT))
        photo = _content(delivery, step.file(LIVE_PHOTO))
        return None if portrait is None or photo is None else comparisons.compare(portrait, photo)


def _content(delivery: Delivery, entry: FileEntry | None) -> bytes | None:
    return None if entry is None else content_of(delivery.package, entry, delivery.data_key)
