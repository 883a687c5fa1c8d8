"""Seals a session: the signed manifest, the outbox, and the supervisor's list when the session is flagged."""

from hallclient.domain.certificates import to_text
from hallclient.domain.documents import sign
from hallclient.domain.evidence import MANIFEST, AuditHead, Manifest, SealedDataKey
from hallclient.domain.scene import RULE_PACK
from hallclient.domain.sealed_key import key_name, seal_key
from hallclient.domain.session import SessionEvent
from hallclient.services.access import OpenHall
from hallclient.storage import deliveries, reviews, sessions
from hallclient.storage.audit import append, head
from hallclient.storage.sessions import StoredSession


def seal_session(
    hall: OpenHall, stored: StoredSession, event: SessionEvent, data_key: bytes
) -> tuple[StoredSession, Manifest]:
    """Write and sign the manifest of `stored`, then commit the seal, its audit event and the delivery together.

    The manifest is written inside the transaction: after a crash in between the session is still unsealed, and the
    next seal replaces the file.
    """
    with hall.database.transaction() as tables:
        numbered = sessions.record_sequence(tables, stored, sessions.next_device_sequence(tables))
        manifest = _manifest(hall, numbered, event, data_key, head(tables))
        data = manifest.canonical()
        hall.vault.put_document(stored.id, MANIFEST, data, sign(hall.device_key, MANIFEST, data))
        sealed = sessions.record_move(tables, numbered, event, numbered.facts)
        append(tables, hall.audit_event(event.move.value, stored.id, manifest=manifest.sha256))
        deliveries.enqueue(tables, stored.id, hall.clock.now().timestamp())
        if manifest.needs_review:
            reviews.request(tables, stored.id)
    return sealed, manifest


def _manifest(
    hall: OpenHall, stored: StoredSession, event: SessionEvent, data_key: bytes, audit: AuditHead
) -> Manifest:
    place = hall.file.place
    return Manifest(
        session=stored.id,
        device_sequence=stored.device_sequence or 0,
        scene=stored.scene,
        rule_pack=RULE_PACK,
        practice=hall.file.practice or stored.facts.practised,
        place=place,
        clerk=stored.clerk,
        device=hall.file.device,
        certificate=to_text(hall.device_certificate),
        opened_at=stored.opened_at,
        sealed_at=event.at,
        facts=stored.facts,
        events=stored.events,
        audit=audit,
        data_key=SealedDataKey(
            centre_key=key_name(hall.centre_key),
            sealed=seal_key(data_key, hall.centre_key, stored.id, place.hall).hex(),
        ),
    )
