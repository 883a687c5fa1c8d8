"""Takes sessions: registers them, takes their parts, inspects and judges the whole, and signs for it."""

import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock

from hallclient.central.admission import admit
from hallclient.central.identity import CentreIdentity
from hallclient.central.judging import Delivery, Judge
from hallclient.central.keys import CentreKeys
from hallclient.central.ledger import Entry, Ledger, Received, SignedText, UploadLimits
from hallclient.central.messages import (
    BUNDLE,
    MOST_KNOWN_SESSIONS,
    Committed,
    DeviceAudit,
    MissingPart,
    MissingSessions,
    ObjectName,
    Registered,
    Registration,
)
from hallclient.central.package import ReceivedPackage
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.central.sender import Sender
from hallclient.central.store import ObjectStore, session_and_sender, upload_name
from hallclient.devices import Clock
from hallclient.domain.certificates import Revoked
from hallclient.domain.documents import canonical, sign
from hallclient.domain.evidence import RECEIPT
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Receipt, SentObject, judge
from hallclient.domain.failures import KnownError
from hallclient.domain.hall_time import moment
from hallclient.domain.inspection.answers import Inspection
from hallclient.domain.inspection.package import Rules, inspect
from hallclient.domain.inspection_question import Question
from hallclient.domain.sealed_key import open_key

_LOCKS = 64

_log = logging.getLogger(__name__)


class Reception:
    """Its methods may be called from any thread."""

    def __init__(
        self,
        identity: CentreIdentity,
        keys: CentreKeys,
        ledger: Ledger,
        store: ObjectStore,
        rules: Rules,
        judge: Judge,
        clock: Clock,
        limits: UploadLimits,
        revocations: Callable[[], Revoked],
    ) -> None:
        self._identity = identity
        self._keys = keys
        self._ledger, self._store = ledger, store
        self._rules, self._judge = rules, judge
        self._clock, self._limits = clock, limits
        self._revocations = revocations
        # Work on one session waits for its turn; different sessions almost never share a lock.
        self._locks = tuple(Lock() for _ in range(_LOCKS))

    def register(self, sender: Sender, session: str, registration: Registration) -> Registered:
        """Take a session's manifest and say which parts of its objects are missing.

        Refuses: manifest_refused, device_differs, practice_package, objects_refused, other_content, uploads_unfinished,
        storage_full; corrected_missing until the session that it corrects was received from the same device.
        """
        manifest = admit(sender, session, registration, self._keys.roots, self._rules, self._identity.practice)
        if manifest.corrects is not None:
            self._corrected(sender, manifest.corrects)
        self._judge.expect(manifest)
        text = canonical(registration.model_dump(mode="json")).decode()
        announced_bytes = sum(item.bytes for item in registration.objects)
        entry = Entry(sender, manifest, _digest(registration), text, announced_bytes)
        upload = upload_name(session, sender)
        with self._lock(upload):
            received = self._ledger.receipt(session, sender) is not None
            if not received:
                self._store.require_room(self._store.missing_bytes(upload, registration.objects))
            self._ledger.register(entry, self._now().isoformat(), self._limits)
            return Registered(missing=[] if received else self._missing(session, upload, registration))

    def put_part(self, sender: Sender, session: str, name: ObjectName, number: int, body: bytes, sha256: str) -> None:
        """Take one part; again is harmless. Refuses: session_unknown, part_unknown, part_differs, storage_full."""
        registration = self._registration(session, sender)
        parts = [part for item in registration.objects if item.name == name for part in item.parts]
        if number > len(parts):
            raise RefusalError(RefusalCode.PART_UNKNOWN, f"{name} part {number}")
        part = parts[number - 1]
        if part.sha256 != sha256:
            raise RefusalError(RefusalCode.PART_DIFFERS, f"{name} part {number}")
        upload = upload_name(session, sender)
        with self._lock(upload):
            self._registration(session, sender)  # again: it may have been cleared meanwhile
            if self._ledger.receipt(session, sender) is None:
                self._store.put(upload, name, part, body)

    def commit(self, sender: Sender, session: str, sent_at: str | None = None) -> Committed:
        """Inspect the whole package and sign for it. Repeating it gives the same receipt, byte for byte.

        A broken package is refused and forgotten, so that a mended one can come under the same id. One that contradicts
        itself, or what is known here, is evidence: it is kept, and the receipt has the reasons.

        Args:
            sent_at: the device's time, ISO 8601 with a zone.

        Refuses: session_unknown, parts_missing, object_differs, bundle_malformed, data_key_unreadable, package_refused.
        """
        difference_s = self._difference_s(sent_at)  # before anything that may take a while
        upload = upload_name(session, sender)
        with self._lock(upload):
            registration = self._registration(session, sender)
            receipt = self._ledger.receipt(session, sender)
            if receipt is None:
                receipt = self._receive(sender, session, registration, difference_s)
            self._store.drop_parts(upload)
        return Committed(receipt=receipt.text, signature=receipt.signature)

    def clear_unfinished(self) -> None:
        """Forget what was announced long ago and never finished, and what crashes left. For the one that serves."""
        before = (self._now() - dt.timedelta(seconds=self._limits.age_s)).isoformat()
        for session, sender in self._ledger.unfinished_since(before):
            with self._lock(upload_name(session, sender)):
                if (session, sender) in self._ledger.unfinished_since(before):  # it was not announced again meanwhile
                    self._forget(session, sender)
                    _log.info("session %s was never finished and is forgotten", session)
        for upload in self._store.begun():
            session, sender = session_and_sender(upload)
            with self._lock(upload):
                if self._ledger.receipt(session, sender) is not None:
                    self._store.drop_parts(upload)

    def _forget(self, session: str, sender: Sender) -> None:
        """The files first: a mended package must not meet the parts of a bad one, and no file is without its row."""
        self._store.drop(upload_name(session, sender))
        self._ledger.forget(session, sender)

    def audit(self, sender: Sender, after: int) -> DeviceAudit:
        """What is known of the device that asks; see `DeviceAudit`."""
        known = self._ledger.audit(sender, after, MOST_KNOWN_SESSIONS)
        return DeviceAudit(
            device=sender,
            time=self._now().isoformat(),
            clock_difference_s=known.clock_difference_s,
            sessions=known.sessions,
            missing=[
                MissingSessions(first=gap.first, last=gap.last, told=gap.told)
                for gap in known.gaps[:MOST_KNOWN_SESSIONS]
            ],
            next=known.sessions[-1].device_sequence if known.more else None,
        )

    def _receive(
        self, sender: Sender, session: str, registration: Registration, difference_s: float | None
    ) -> SignedText:
        upload = upload_name(session, sender)
        missing = self._missing(session, upload, registration)
        if missing:
            raise RefusalError(RefusalCode.PARTS_MISSING, f"{len(missing)} parts")
        try:
            paths = {item.name: self._store.assemble(upload, item) for item in registration.objects}
            package = _package(registration, paths)
            manifest, data_key = self._opened(registration)
            digests = {item.name: item.sha256 for item in registration.objects}  # as `assemble` has found them
            inspection = self._inspected(package, data_key, digests)
        except RefusalError:
            self._forget(session, sender)
            raise
        now = self._now()
        delivery = Delivery(package, manifest, data_key, now.isoformat(), difference_s, inspection.review)
        found = (
            *inspection.contradictions,
            *self._judge.contradictions(delivery),
            *self._about_corrected(sender, manifest),
        )
        received = Received(
            device=sender,
            manifest=manifest,
            manifest_sha256=_digest(registration),
            marks=self._judge.marks(delivery),
            clock_difference_s=difference_s,
            gap_tolerated_since=self._judge.gap_tolerated_since(now),
        )
        # Stored in one durable step. A crash before it leaves the objects, and the next commit does all of this again.
        return self._ledger.commit(
            received, lambda known: self._sign(inspection, delivery, registration, (*found, *known))
        )

    def _opened(self, registration: Registration) -> tuple[Manifest, bytes]:
        """The manifest, which was admitted, and its data key. Refuses data_key_unreadable."""
        manifest, own = Manifest.model_validate_json(registration.manifest), self._keys.data_key
        if manifest.data_key.centre_key != hashlib.sha256(own.public_key().public_bytes_raw()).hexdigest():
            raise RefusalError(RefusalCode.DATA_KEY_UNREADABLE, "sealed for another centre")
        try:
            sealed = bytes.fromhex(manifest.data_key.sealed)
            return manifest, open_key(sealed, own, manifest.session, manifest.place.hall)
        except (KnownError, ValueError):
            raise RefusalError(RefusalCode.DATA_KEY_UNREADABLE, "does not open") from None

    def _inspected(self, package: ReceivedPackage, data_key: bytes, digests: Mapping[str, str]) -> Inspection:
        services = self._identity.settings.timestamps
        stamping = services.certificates if services else ()
        revocations = self._revocations()
        inspection = inspect(package, self._keys.roots, self._rules, data_key, stamping, revocations, digests)
        broken = inspection.broken if inspection.manifest is not None else inspection.failed
        if broken or inspection.manifest is None:
            raise RefusalError(RefusalCode.PACKAGE_REFUSED, "; ".join(f"{it.file}: {it.question}" for it in broken))
        return inspection

    def _sign(
        self,
        inspection: Inspection,
        delivery: Delivery,
        registration: Registration,
        found: tuple[Question, ...],
    ) -> tuple[SignedText, Receipt]:
        manifest, reasons = delivery.manifest, tuple(dict.fromkeys(question.value for question in found))
        objects = registration.objects
        certificate, issuers = self._keys.receipt.to_texts()
        receipt = Receipt(
            session=manifest.session,
            manifest_sha256=_digest(registration),
            device_sequence=manifest.device_sequence,
            audit=manifest.audit,
            objects=tuple(SentObject(name=item.name, bytes=item.bytes, sha256=item.sha256) for item in objects),
            outcome=judge(manifest, inspection.review, reasons),
            reasons=reasons,
            clock_difference_s=delivery.clock_difference_s,
            practice=self._identity.practice,
            centre=self._identity.name,
            received_at=delivery.received_at,
            certificate=certificate,
            issuers=issuers,
        )
        data = receipt.canonical()
        return SignedText(data.decode(), sign(self._keys.receipt_key, RECEIPT, data).hex()), receipt

    def _corrected(self, sender: Sender, corrected: str) -> Manifest:
        """The session that another one corrects. Refuses corrected_missing."""
        try:
            first = Manifest.model_validate_json(self._registration(corrected, sender).manifest)
        except RefusalError:
            raise RefusalError(RefusalCode.CORRECTED_MISSING, "not received from this device") from None
        if self._ledger.receipt(corrected, sender) is None:
            raise RefusalError(RefusalCode.CORRECTED_MISSING, "not received yet")
        return first

    def _about_corrected(self, sender: Sender, manifest: Manifest) -> tuple[Question, ...]:
        if manifest.corrects is None:
            return ()
        first = self._corrected(sender, manifest.corrects)
        same = first.plan.scene == manifest.plan.scene and first.plan.persons == manifest.plan.persons
        return () if same else (Question.CORRECTED_ALIKE,)

    def _missing(self, session: str, upload: str, registration: Registration) -> list[MissingPart]:
        return [
            MissingPart(
                object=item.name,
                number=part.number,
                url=f"/v1/sessions/{session}/objects/{item.name}/parts/{part.number}",
            )
            for item in registration.objects
            for part in self._store.missing(upload, item)
        ]

    def _registration(self, session: str, sender: Sender) -> Registration:
        return Registration.model_validate_json(self._ledger.registration(session, sender))

    def _difference_s(self, sent_at: str | None) -> float | None:
        """The device's clock minus ours, to a tenth of a second: the request took some of it."""
        sent = None if sent_at is None else moment(sent_at)
        return None if sent is None else round((sent - self._now()).total_seconds(), 1)

    def _lock(self, upload: str) -> Lock:
        return self._locks[hash(upload) % _LOCKS]

    def _now(self) -> dt.datetime:
        return self._clock.now()


def _digest(registration: Registration) -> str:
    """Of the manifest: its text is canonical, or it would not have been admitted."""
    return hashlib.sha256(registration.manifest.encode()).hexdigest()


def _package(registration: Registration, paths: dict[str, Path]) -> ReceivedPackage:
    return ReceivedPackage(
        registration.manifest.encode(),
        bytes.fromhex(registration.signature),
        {name: path for name, path in paths.items() if name != BUNDLE},
        paths[BUNDLE],
    )
