"""What a centre says of a whole and genuine package: it asks for itself, and believes no verdict that it can repeat."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from hallclient.central.comparison import Comparisons
from hallclient.central.policy import Policy
from hallclient.central.repeats import Marks
from hallclient.domain.certificates import CertificateChain, Revoked
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.evidence.facts.card import PORTRAIT
from hallclient.domain.evidence.facts.portrait import LIVE_PHOTO, PortraitFacts
from hallclient.domain.evidence.facts.signature import NOTICE
from hallclient.domain.evidence.files import FileEntry
from hallclient.domain.evidence.manifest import DoneStep, Manifest
from hallclient.domain.evidence.review import ReviewDocument
from hallclient.domain.hall_time import moment
from hallclient.domain.inspection.content import PackageFiles, content_of
from hallclient.domain.inspection.package import is_sealed_before
from hallclient.domain.inspection_question import Question
from hallclient.domain.notice_signature import notice_keys
from hallclient.domain.step_kinds import kind_of


class KnownStaff(Protocol):
    """Whom the centre has certified."""

    def knew(self, number: str, hall: str) -> bool:
        """Somebody of this staff number may work, or once might, in this hall."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """A package whose inspection found nothing broken, as it came.

    Attributes:
        review: the decision, where there is one.
        data_key: of its files.
        received_at: ISO 8601 in UTC, by the centre's clock.
        clock_difference_s: the device's clock minus the centre's, seconds; None where it did not say.
    """

    package: PackageFiles
    manifest: Manifest
    review: ReviewDocument | None
    data_key: bytes
    received_at: str
    clock_difference_s: float | None


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
            Question.SEALED_BEFORE_RECEIPT: is_sealed_before(delivery.manifest, delivery.received_at),
            Question.CLOCKS_AGREE: self._clocks_agree(delivery.clock_difference_s),
            Question.STAFF_KNOWN: self._staff_known(delivery.manifest),
            Question.SIGNERS_NOT_REVOKED: self._not_revoked(delivery.manifest, delivery.review),
        }
        for step in delivery.manifest.steps:
            if isinstance(step.facts, PortraitFacts) and step.facts.face is not None:
                for question, holds in self._faces(delivery, step, step.facts.face.comparison).items():
                    asked[question] = asked.get(question, True) and holds
        return tuple(question for question, holds in asked.items() if not holds)

    def marks(self, delivery: Delivery) -> Marks:
        """By what another session with the same evidence is found."""
        files, keys = [delivery.manifest.business.plain_sha256], list[str]()
        for step in delivery.manifest.steps:
            for rule in kind_of(step.planned).files:
                entry = step.file(rule.name)
                if entry is not None and not rule.may_repeat:
                    files.append(entry.plain_sha256)
            notice = _content(delivery, step.file(NOTICE))
            keys += [] if notice is None else notice_keys(notice)
        return Marks(tuple(files), tuple(keys))

    def _clocks_agree(self, difference_s: float | None) -> bool:
        return difference_s is None or abs(difference_s) <= self._policy.largest_clock_difference_s

    def _staff_known(self, manifest: Manifest) -> bool:
        if self._staff is None:
            return True
        numbers = {manifest.clerk, *(step.by for step in manifest.steps)}
        return all(self._staff.knew(number, manifest.place.hall) for number in numbers)

    def _not_revoked(self, manifest: Manifest, review: ReviewDocument | None) -> bool:
        """Nobody who sealed or decided it was revoked before; whatever a thief signed earlier, the clock says."""
        revocations, sealed_at = self._revocations(), moment(manifest.sealed_at)
        if revocations is None or sealed_at is None:
            return sealed_at is not None
        signed = [(it, manifest.issuers, sealed_at) for it in (manifest.certificate, manifest.staff_certificate)]
        reviewed_at = None if review is None else moment(review.at)
        if review is not None and reviewed_at is not None:  # or else it was not trusted
            signed.append((review.certificate, review.issuers, reviewed_at))
        for certificate, issuers, signed_at in signed:
            revoked_at = CertificateChain.from_texts(certificate, issuers).revoked_at(revocations)
            if revoked_at is not None and revoked_at <= signed_at:
                return False
        return True

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
