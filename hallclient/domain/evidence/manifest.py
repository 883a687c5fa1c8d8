"""The manifest of a session: what was planned, what was done of it, by whom, where and when."""

from typing import Any, Literal

from pydantic import Field, SerializeAsAny, ValidationInfo, field_validator

from hallclient.domain.certificates import MOST_ISSUERS
from hallclient.domain.documents import Document
from hallclient.domain.equipment import DeviceIdentity, Place, Workstation
from hallclient.domain.evidence.clock import ClockStatus
from hallclient.domain.evidence.files import FileEntry, file_id
from hallclient.domain.failures import KnownError
from hallclient.domain.manifest_part import ManifestPart
from hallclient.domain.plan import Plan, PlannedStep
from hallclient.domain.step_kind import StepFacts
from hallclient.domain.step_kinds import kind_of


class SealedDataKey(ManifestPart):
    """The data key for the centre: which of its keys (SHA-256 of the public key) and the HPKE bytes, both in hex."""

    centre_key: str
    sealed: str


class AuditHead(ManifestPart):
    """Where the counter's audit chain stood when the session was sealed."""

    sequence: int
    head: str


class DoneStep(ManifestPart):
    """A step of the plan that was done.

    Attributes:
        planned: as the plan has it.
        facts: what it found out, in the model of its kind.
        files: those that it left behind.
        by: the staff number of whoever did it with the customer.
        at: when it was done, ISO 8601 in UTC.
        elapsed_s: monotonic seconds from the session's opening to then.
    """

    planned: PlannedStep
    facts: SerializeAsAny[StepFacts]
    files: tuple[FileEntry, ...] = ()
    by: str
    at: str
    elapsed_s: float

    @field_validator("facts", mode="plain")
    @classmethod
    def _in_the_model_of_its_kind(cls, given: Any, info: ValidationInfo) -> Any:
        planned = info.data.get("planned")
        if planned is None:
            raise ValueError("no step")
        try:
            model = kind_of(planned).facts
        except KnownError as error:
            raise ValueError(error.code) from None
        return model.model_validate(dict(given) if isinstance(given, StepFacts) else given)

    def file(self, name: str) -> FileEntry | None:
        """The file of this name in the step."""
        wanted = file_id(self.planned.id, name)
        return next((entry for entry in self.files if entry.id == wanted), None)


class Manifest(Document):
    """What a session did. Times are ISO 8601 in UTC.

    Attributes:
        session: UUIDv7.
        corrects: the sealed session of which this one does a step again; None for most.
        previous: SHA-256 of the manifest that this device sealed before; None for its first. Whoever has both can
            see that none is missing between them.
        device_sequence: 1, 2, 3 ... of the device's sealed sessions.
        sealed_by: the staff number of whoever sealed it, and signed it beside the device.
        certificate, staff_certificate: the device's, and that person's; DER in hex.
        issuers: of the certificates here, nearest first, without the root.
        clock_status: how far the computer's clock was to be believed when it was sealed.
        service_number_sha256: of a salt and the number that the session is about; both are in `business.enc`.
        flags: why a supervisor has to decide, each as `STEP: CODE`.
        data_key: the key of the files, for the centre.
    """

    format: Literal["hallclient-evidence/2"] = "hallclient-evidence/2"
    suite: Literal["aes"] = "aes"
    session: str
    corrects: str | None = None
    previous: str | None = None
    device_sequence: int
    plan: Plan
    practice: bool
    place: Place
    clerk: str
    device: str
    certificate: str
    sealed_by: str
    staff_certificate: str
    issuers: tuple[str, ...] = Field(max_length=MOST_ISSUERS)
    service_number_sha256: str
    opened_at: str
    sealed_at: str
    sealed_elapsed_s: float
    clock_status: ClockStatus
    steps: tuple[DoneStep, ...]
    business: FileEntry
    flags: tuple[str, ...]
    audit: AuditHead
    data_key: SealedDataKey

    @property
    def workstation(self) -> Workstation:
        return Workstation(self.place, self.device)

    @property
    def people(self) -> frozenset[str]:
        """The staff numbers of everybody who did something in it."""
        return frozenset({self.clerk, self.sealed_by, *(step.by for step in self.steps)})

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Of the whole session."""
        return (self.business, *(entry for step in self.steps for entry in step.files))

    @property
    def needs_review(self) -> bool:
        return bool(self.flags)

    @property
    def practised(self) -> bool:
        """Some device of the session was a practice device."""
        return any(step.facts.practised for step in self.steps)

    @property
    def cameras(self) -> tuple[DeviceIdentity, ...]:
        """Every camera that took pictures, each once: one and the same, where nobody changed it."""
        return tuple(dict.fromkeys(camera for step in self.steps for camera in step.facts.cameras))

    def done_step(self, step_id: str) -> DoneStep | None:
        return next((step for step in self.steps if step.planned.id == step_id), None)

    def done_of_kind(self, kind: str, person: str) -> DoneStep | None:
        return next((step for step in self.steps if (step.planned.kind, step.planned.person) == (kind, person)), None)


def flags_of(steps: tuple[DoneStep, ...]) -> tuple[str, ...]:
    """The flags of a session of these steps."""
    return tuple(f"{step.planned.id}: {flag}" for step in steps for flag in step.facts.flags)
