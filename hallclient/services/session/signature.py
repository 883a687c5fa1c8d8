"""The customer signs the notice that was read."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor

from hallclient.domain.evidence.facts.signature import NOTICE, STROKES, SignatureFacts, SignatureOptions
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.notice import Notice
from hallclient.domain.plan import PlannedStep
from hallclient.domain.signature import PenPoint, Signature, is_possible
from hallclient.services.notice_document import Signatory, UnsignedDocument, render, sign_document
from hallclient.services.session.card import CardStep
from hallclient.services.session.notice import NoticeStep
from hallclient.services.session.step import Keeper, StepWork

_log = logging.getLogger(__name__)


class SignatureStep(StepWork):
    """Makes the document ready while the customer reads, so that nobody waits for it."""

    def __init__(self, keeper: Keeper, planned: PlannedStep) -> None:
        super().__init__(keeper, planned)
        self._signed: bytes | None = None
        self._document: Future[UnsignedDocument] | None = None
        self._background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="document")

    @property
    def facts(self) -> SignatureFacts | None:
        return self._facts(SignatureFacts)

    def notice(self) -> Notice:
        """The text that is signed. Raises notice_text_missing."""
        return self._read.notice()

    def prepare(self) -> None:
        try:
            self._prepare_document()
        except KnownError as error:  # a hint: who signs tries again, and is told
            _log.warning("a document cannot be made ready: %s", error.code)

    def sign(self, strokes: tuple[tuple[PenPoint, ...], ...], device: str) -> None:
        """Put the customer's strokes on the notice and sign it. Raises signature_empty, input_invalid, clock_wrong.

        Args:
            strokes: from the pad, each point 0 to 1 across the field.
            device: "pen", "touch" or "mouse".
        """
        self._expect()
        if not is_possible(strokes, device):
            raise KnownError(FailureCode.INPUT_INVALID, "no pad gives such strokes")
        document = self._prepare_document().result()
        signature = Signature(
            strokes, document.sha256, device, practice=self._equipment.practice_pen, session=self._keeper.session_id
        )
        if signature.is_empty:
            raise KnownError(FailureCode.SIGNATURE_EMPTY)
        now = self._keeper.now()
        hall = self._hall
        signed = sign_document(document, signature, hall.device_chain, hall.device_key, now, hall.stamp)
        files = (self._put(STROKES, signature.to_json()), self._put(NOTICE, signed.pdf))
        facts = SignatureFacts(
            strokes_sha256=signature.sha256,
            points=signature.point_count,
            device=device,
            practice=signature.practice,
            pressure=all(point.pressure is not None for stroke in strokes for point in stroke),
            unsigned_bytes=len(document.pdf),
            unsigned_sha256=document.sha256,
            timestamp=signed.timestamp,
        )
        self._finish(facts, *files)
        self._signed = signed.pdf

    def customer_copy(self) -> bytes:
        """The signed notice as a PDF, for the printer, with all that it says; the audit log keeps that it was given.

        Raises step_out_of_order before it was signed, disk_full, store_busy.
        """
        if self._signed is None:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "the notice is not signed")
        self._keeper.witness("customer_copy_given")
        return self._signed

    def see_again(self) -> None:
        if self._has(NOTICE):
            self._signed = self._get(NOTICE)

    def forget(self) -> None:
        self._background.shutdown(wait=True, cancel_futures=True)
        self._signed = self._document = None

    @property
    def _read(self) -> NoticeStep:
        read = self._keeper.work(self._options(SignatureOptions).signs)
        if not isinstance(read, NoticeStep):
            raise BugError("what is signed was not read")
        return read

    def _prepare_document(self) -> Future[UnsignedDocument]:
        """The notice as it will lie before the customer."""
        failed = self._document is not None and self._document.done() and self._document.exception() is not None
        if self._document is None or failed:
            card = self._same_persons("card", CardStep).reading
            if card is None:
                raise BugError("a notice before a card")
            signatory = Signatory(
                name=card.record.holder_name,
                number=card.record.number,
                service_number=self._keeper.service_number,
                business=self._keeper.business,
                place=self._hall.file.place,
                session=self._keeper.session_id,
                with_video=self._read.with_video,
                practice=self._hall.file.practice,
            )
            self._document = self._background.submit(render, self.notice(), signatory, self._keeper.now())
        return self._document
