"""What a kind of step is: its options, what it finds out, its files, and what must be true of them.

Whoever deals with steps of every kind asks `StepFacts` and `StepKind`, never for a kind by its name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, TypeVar

from cryptography import x509
from pydantic import ValidationError

from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.files import FileEntry
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.inspection_question import Question
from hallclient.domain.manifest_part import ManifestPart
from hallclient.domain.matroska_scan import MatroskaScan
from hallclient.domain.plan import Plan, PlannedStep


class StepOptions(ManifestPart):
    """What a plan may ask for in a step; a kind without options has this."""


class StepFacts(ManifestPart):
    """What a step has found out. What others ask of the steps of every kind is here."""

    @property
    def practised(self) -> bool:
        """A practice device took part."""
        return False

    @property
    def cameras(self) -> tuple[DeviceIdentity, ...]:
        """The cameras that took pictures of the customer."""
        return ()

    @property
    def forbids(self) -> bool:
        """Nobody may go on after it: the session can only be refused, or abandoned."""
        return False

    @property
    def flags(self) -> tuple[str, ...]:
        """Why a supervisor has to decide, as codes; empty where nobody has to."""
        return ()


class SealedStep(Protocol):
    """A step of a sealed session, as its inspection sees it."""

    @property
    def planned(self) -> PlannedStep: ...

    @property
    def facts(self) -> StepFacts: ...

    @property
    def at(self) -> str:
        """When it was done, ISO 8601 with a zone."""
        ...

    def file(self, name: str) -> FileEntry | None:
        """The step's file of this name."""
        ...


class SealedSession(Protocol):
    """A sealed session, as the inspection of one of its steps sees it."""

    @property
    def session(self) -> str: ...

    @property
    def practice(self) -> bool: ...

    @property
    def opened_at(self) -> str: ...

    @property
    def sealed_at(self) -> str: ...

    @property
    def plan(self) -> Plan: ...

    def done_step(self, step_id: str) -> SealedStep | None:
        """The step of this id."""
        ...

    def done_of_kind(self, kind: str, person: str) -> SealedStep | None:
        """The first step of `kind` about `person`."""
        ...


@dataclass(frozen=True, slots=True)
class FileRule:
    """A file that a step of this kind may leave behind.

    Attributes:
        name: within the step; see `hallclient.domain.evidence.files.file_id`.
        always: the step is not done without it.
        large: it is sent as an object of its own, and its content is digested but not looked into as a whole.
        may_repeat: another session may have left the very same, byte for byte.
        photo: it is a JPEG of a camera, which never gives the same pixels twice.
    """

    name: str
    always: bool
    large: bool = False
    may_repeat: bool = False
    photo: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The decrypted content of a step's files, for the questions about it.

    Attributes:
        plain: by the files' names in the step; of a large file its beginning alone.
        device: the certificate of the device that sealed the session.
        scans: by the files' names, what was told of those that are `large` while they streamed by.
        timestamp_roots: of the timestamp services that are trusted; where there are none, that is not asked.
    """

    plain: Mapping[str, bytes]
    device: x509.Certificate
    scans: Mapping[str, MatroskaScan] = field(default_factory=lambda: MappingProxyType({}))
    timestamp_roots: tuple[x509.Certificate, ...] = ()


Ask = Callable[[SealedSession, SealedStep], bool]
Look = Callable[[SealedSession, SealedStep, Opened], Iterable[tuple[str, Question, bool]]]
"""Of opened files: the name of the file in the step, the question, and whether it holds."""


def _nothing(_session: SealedSession, _step: SealedStep, _opened: Opened) -> Iterable[tuple[str, Question, bool]]:
    return ()


def _to_nothing(_options: StepOptions) -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """A kind of step.

    Attributes:
        name: as plans have it.
        facts, options: their models.
        files: those that a step of it may leave behind.
        needs: the kinds of which a step about the same person comes before it.
        refers: the steps that its options name, by their ids, each with its kind: they come before it, about the same
            person.
        consistent: what its facts may not contradict, for each question; no file is opened for it.
        look: the questions about what is in its files, asked where the data key is at hand.
    """

    name: str
    facts: type[StepFacts]
    options: type[StepOptions] = StepOptions
    files: tuple[FileRule, ...] = ()
    needs: tuple[str, ...] = ()
    refers: Callable[[StepOptions], Mapping[str, str]] = _to_nothing
    consistent: Mapping[Question, Ask] = field(default_factory=lambda: MappingProxyType({}))
    look: Look = _nothing

    def options_of(self, step: PlannedStep) -> StepOptions:
        """The options of a planned step of this kind. Raises plan_option_unknown."""
        try:
            return self.options.model_validate(step.options)
        except ValidationError as error:
            wrong = ", ".join(sorted({".".join(map(str, item["loc"])) for item in error.errors()}))
            raise KnownError(FailureCode.PLAN_OPTION_UNKNOWN, f"{step.id}: {wrong}") from None


Facts = TypeVar("Facts", bound=StepFacts)


def facts_of(step: SealedStep, model: type[Facts]) -> Facts:
    """The facts of a step whose kind has this model."""
    if not isinstance(step.facts, model):
        raise BugError(f"{step.planned.kind} has other facts")
    return step.facts
