"""Seals a session: the signed manifest, the outbox, and the supervisor's list when the session is flagged."""

from hallclient.domain.business import BUSINESS, SALT_BYTES, Business
from hallclient.domain.documents import sign
from hallclient.domain.evidence import CLERK_PURPOSE, CLERK_SIGNATURE, MANIFEST
from hallclient.domain.evidence.files import FileEntry
from hallclient.domain.evidence.manifest import AuditHead, DoneStep, Manifest, SealedDataKey, flags_of
from hallclient.domain.failures import BugError
from hallclient.domain.permissions import Action
from hallclient.domain.sealed_key import key_name, seal_key
from hallclient.domain.session import StepDone
from hallclient.services.access import OpenHall
from hallclient.storage import deliveries, reviews, sessions
from hallclient.storage.audit import append, head
from hallclient.storage.sessions import StoredSession


def seal_session(
    hall: OpenHall, stored: StoredSession, done: StepDone, data_key: bytes
) -> tuple[StoredSession, Manifest]:
    """Write the manifest of `stored`, signed by the device and by whoever is logged in, then commit the seal, its audit
    event and the delivery together.

    The manifest is written inside the transaction: after a crash in between the session is still unsealed, and the
    next seal replaces the files.

    Raises not_permitted for who may not serve customers.
    """
    hall.must_be_permitted(Action.SERVE_CUSTOMERS)  # else no centre would take it
    business = Business(
        session=stored.id, service_number=stored.service_number, salt=hall.entropy.token(SALT_BYTES).hex()
    )
    with hall.database.transaction() as tables:
        number, previous = sessions.last_sealed(tables)
        numbered = sessions.record_sequence(tables, stored, number + 1)
        entry = hall.vault.put(stored.id, BUSINESS, data_key, business.canonical())
        manifest = _manifest(hall, numbered, done, data_key, head(tables), previous, business, entry)
        data = manifest.canonical()
        hall.vault.put_beside_manifest(stored.id, CLERK_SIGNATURE, sign(hall.staff_key, CLERK_PURPOSE, data))
        hall.vault.put_document(stored.id, MANIFEST, data, sign(hall.device_key, MANIFEST, data))
        sealed = sessions.record_seal(tables, numbered, done.elapsed_s, manifest.sha256)
        append(tables, hall.audit_event("session_sealed", stored.id, manifest=manifest.sha256))
        deliveries.enqueue(tables, stored.id, hall.clock.now().timestamp())
        if manifest.needs_review:
            reviews.request(tables, stored.id)
    return sealed, manifest


def _manifest(
    hall: OpenHall,
    stored: StoredSession,
    done: StepDone,
    data_key: bytes,
    audit: AuditHead,
    previous: str | None,
    business: Business,
    entry: FileEntry,
) -> Manifest:
    place, steps = hall.file.place, _done_steps(stored)
    certificate, device_issuers = hall.device_chain.to_texts()
    staff_certificate, staff_issuers = hall.staff_chain.to_texts()
    return Manifest(
        session=stored.id,
        corrects=stored.corrects,
        previous=previous,
        device_sequence=stored.device_sequence or 0,
        plan=stored.plan,
        practice=hall.file.practice or any(step.facts.practised for step in steps),
        place=place,
        clerk=stored.clerk,
        device=hall.file.device,
        certificate=certificate,
        sealed_by=done.by,
        staff_certificate=staff_certificate,
        issuers=tuple(dict.fromkeys((*device_issuers, *staff_issuers))),
        service_number_sha256=business.service_number_sha256,
        opened_at=stored.opened_at,
        sealed_at=done.at,
        sealed_elapsed_s=done.elapsed_s,
        clock_status=hall.line.clock_status(hall.clock),
        steps=steps,
        business=entry,
        flags=flags_of(steps),
        audit=audit,
        data_key=SealedDataKey(
            centre_key=key_name(hall.centre_key),
            sealed=seal_key(data_key, hall.centre_key, stored.id, place.hall).hex(),
        ),
    )


def _done_steps(stored: StoredSession) -> tuple[DoneStep, ...]:
    """All steps of the plan, in its order."""
    made = []
    for planned in stored.plan.steps:
        step = stored.step(planned.id)
        if step.done is None or step.facts is None:
            raise BugError(f"{planned.id} is not done")
        made.append(
            DoneStep(
                planned=planned,
                facts=step.facts,
                files=step.files,
                by=step.done.by,
                at=step.done.at,
                elapsed_s=step.done.elapsed_s,
            )
        )
    return tuple(made)
