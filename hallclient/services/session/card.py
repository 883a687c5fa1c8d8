"""The card of a person is read."""

from hallclient.devices import Image
from hallclient.domain.card import CardReading
from hallclient.domain.card_document import SALT_BYTES, card_from_json, card_to_json
from hallclient.domain.evidence.facts.card import PORTRAIT, RECORD, CardFacts
from hallclient.domain.failures import KnownError
from hallclient.domain.person import MaskedPerson
from hallclient.domain.plan import PlannedStep
from hallclient.services.hints import give_hints
from hallclient.services.session.step import Keeper, StepWork


class CardStep(StepWork):
    """Attributes:
    reading: of the card, for the session's other steps; None before it was read.
    portrait: the chip's, BGR; None where it cannot be decoded.
    """

    def __init__(self, keeper: Keeper, planned: PlannedStep) -> None:
        super().__init__(keeper, planned)
        self.reading: CardReading | None = None
        self.portrait: Image | None = None
        self._awaited_since_s = keeper.hall.clock.monotonic()

    @property
    def facts(self) -> CardFacts | None:
        return self._facts(CardFacts)

    @property
    def holder(self) -> MaskedPerson | None:
        """Whose card it is, as screens may show them; None before it was read."""
        return None if self.reading is None else MaskedPerson.of(self.reading.record)

    def read(self, timeout_s: float) -> MaskedPerson:
        """Wait for a card that is put down now, read it, keep it; whose it is.

        Raises what `CardReader.read` raises, and disk_full.

        A card that lay there when the session was opened, or continued, was put down for something else, perhaps by
        somebody else: it has to be lifted first, by a customer who has read what is done in their name.
        """
        self._expect()
        reading = self._equipment.card_reader.read(timeout_s, put_down_since_s=self._awaited_since_s)
        portrait = self._decoded(reading.portrait)
        salt = self._hall.entropy.token(SALT_BYTES)
        record = self._put(RECORD, card_to_json(reading, salt, self._keeper.session_id))
        facts = CardFacts(
            kind=reading.record.kind,
            reader=reading.reader,
            sam_number=reading.sam_number,
            findings=reading.findings(self._today),
        )
        self._finish(facts, record, self._put(PORTRAIT, reading.portrait))
        self.reading, self.portrait = reading, portrait
        give_hints(self._equipment)
        return MaskedPerson.of(reading.record)

    def see_again(self) -> None:
        if self._has(RECORD):
            portrait = self._get(PORTRAIT)
            self.reading = card_from_json(self._get(RECORD), portrait)
            self.portrait = self._decoded(portrait)

    def forget(self) -> None:
        self.reading = self.portrait = None

    def _decoded(self, data: bytes) -> Image | None:
        try:
            return self._equipment.portrait_decoder.decode(data)
        except KnownError:  # a damaged portrait is the same as none: the supervised way, and the bytes are kept
            return None
