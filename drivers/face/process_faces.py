"""The application's half of the face process."""

import io
import logging
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import BinaryIO, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from drivers.face.detector import require_bgr
from drivers.face.engines import DEFAULT_ENGINE, engine_identity
from drivers.face.models import LIVENESS_SHA256
from drivers.face.thresholds import shipped_thresholds
from drivers.face.wire import (
    COMPARISON,
    LIKENESS,
    RELIEFS,
    REPETITION,
    SIGHT,
    THRESHOLDS,
    Question,
    Reply,
    glances_payload,
    pictures_payload,
)
from drivers.framing import Payload, receive, send
from hallclient.devices import FaceSight, Glance, Image
from hallclient.domain.comparison import Comparison, Decision, Thresholds
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.liveness import Relief
from hallclient.domain.repetition import MEMORY_S, Repetition

# -P: a file in the current folder must not be taken for a module of ours.
_COMMAND = (sys.executable, "-P", "-m", "drivers.face.process")  # and engine, thresholds
_START_PATIENCE_S = 20.0  # a cold start on a busy old PC
_PATIENCE_S = 3.0  # a look takes 0.05 s, a comparison of three pictures 0.4 s on one slow core
_TRIES = 2  # a question changes nothing, so it may be asked again

_MOST_ANSWER_BYTES = 64 * 1024

Result = TypeVar("Result")

_log = logging.getLogger(__name__)


class ProcessFaces:
    """Fulfils all of `FaceEngines`, and `FaceWorker`, by asking a process that holds the models.

    A process that has died, does not answer in time or answers nonsense is killed, another one is started, and the
    question is asked once more. Threads may share it: they take turns. The newest glances are kept here, `MEMORY_S`
    seconds of them, so that no repetition is missed because of that.

    Attributes:
        identity, thresholds, models: of what is in the process; known also while there is none.
    """

    def __init__(
        self,
        engine: str = DEFAULT_ENGINE,
        thresholds: Thresholds | None = None,
        *,
        patience_s: float = _PATIENCE_S,
        start_patience_s: float = _START_PATIENCE_S,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        """Start nothing yet. `thresholds` replace those that ship for `engine`.

        `patience_s` is for one answer, `start_patience_s` for the models to be loaded. Raises face_engine_missing.
        """
        self.identity = engine_identity(engine)
        self.models = LIVENESS_SHA256
        self.thresholds = thresholds or shipped_thresholds(engine)
        self._patience_s, self._start_patience_s = patience_s, start_patience_s
        self._command = (*command, engine, THRESHOLDS.dump_json(self.thresholds).decode())
        self._lock = Lock()
        self._process: _Process | None = None
        self._closed = False
        self._listener: Callable[[], None] = _nobody
        self._glances: deque[Glance] = deque()
        self._watching: _Process | None = None  # the process that knows all glances since `begin`
        self._looking: _Process | None = None  # the one that looked last since then

    def prewarm(self) -> None:
        """Start the process, so that the first question need not wait for it. Waits for no start, but for a
        question that is under way.

        Raises face_worker_failed when the operating system has no room for a process.
        """
        with self._lock:
            self._running()

    def await_ready(self) -> None:
        """As `FaceWorker.await_ready`."""
        with self._lock:
            process = self._running()
        try:
            process.await_ready(self._start_patience_s)
        except (_LostError, KnownError) as error:
            with self._lock:
                if self._process is process:
                    self._discard()  # another one is started when somebody asks
            if isinstance(error, KnownError):
                raise
            raise KnownError(FailureCode.FACE_WORKER_FAILED, str(error)) from None

    def watch(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever the process was lost and another one started, on the thread that asked.

        It is called while the next question has to wait: it must be quick, and ask nothing itself.
        """
        self._listener = listener

    @property
    def pid(self) -> int | None:
        """The process id, for diagnosis."""
        process = self._process
        return None if process is None else process.pid

    def look(self, image: Image) -> FaceSight:
        """As `FaceAnalyser.look`. Raises face_worker_failed, model_changed."""
        require_bgr(image)
        payload, asked = pictures_payload([image]), self._looking

        def ask(process: _Process) -> tuple[Question, Sequence[Payload]]:
            self._looking = process
            return Question.LOOK, payload

        sight = self._asked(ask, SIGHT)
        return replace(sight, after_loss=asked is not None and asked is not self._looking)

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        """As `FaceMatcher.compare`. Raises face_worker_failed, model_changed."""
        if not live:
            raise BugError("nothing to compare with")
        for image in live:
            require_bgr(image)
        if portrait is None:
            return Comparison(Decision.NO_PORTRAIT, None, self.thresholds, self.identity)
        require_bgr(portrait)
        return self._ask(Question.COMPARE, [portrait, *live], COMPARISON)

    def likeness(self, images: Sequence[Image]) -> float | None:
        """As `FaceMatcher.likeness`. Raises face_worker_failed, model_changed."""
        for image in images:
            require_bgr(image)
        return self._ask(Question.LIKENESS, images, LIKENESS)

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        """As `FaceRelief.reliefs`. Raises face_worker_failed, model_changed."""
        for image in (rest, *moved):
            require_bgr(image)
        return self._ask(Question.RELIEF, [rest, *moved], RELIEFS)

    def begin(self) -> None:
        """As `FaceRepetitions.begin`; asks nothing yet."""
        self._glances.clear()
        self._watching = self._looking = None

    def see(self, glances: Sequence[Glance]) -> Repetition | None:
        """As `FaceRepetitions.see`. Raises face_worker_failed, model_changed."""
        self._glances.extend(glances)
        while self._glances and self._glances[-1].time_s - self._glances[0].time_s > MEMORY_S:
            self._glances.popleft()

        def ask(process: _Process) -> tuple[Question, Sequence[Payload]]:
            if process is self._watching:
                return Question.WATCH, glances_payload(glances)
            self._watching = process
            return Question.WATCH_ANEW, glances_payload(self._glances)

        return self._asked(ask, REPETITION)

    def close(self) -> None:
        """End the process and everything that belongs to it. Whoever still asks gets face_worker_failed."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()  # a question under way ends at once, and lets go of the lock
        with self._lock:
            self._discard()

    def _ask(self, question: Question, images: Sequence[Image], answer: TypeAdapter[Result]) -> Result:
        payload = pictures_payload(images)
        return self._asked(lambda _: (question, payload), answer)

    def _asked(
        self, ask: Callable[["_Process"], tuple[Question, Sequence[Payload]]], answer: TypeAdapter[Result]
    ) -> Result:
        why = ""
        with self._lock:
            for _ in range(_TRIES):
                process = self._running()
                try:
                    process.await_ready(self._start_patience_s)
                    return answer.validate_json(process.ask(*ask(process), self._patience_s))
                except _LostError as error:
                    why = str(error)
                except ValidationError:
                    why = "an answer that makes no sense"
                except KnownError:
                    if not process.ready:
                        self._discard()  # what it cannot do now another one cannot do either, until somebody asks again
                    raise
                self._replace(why)
        raise KnownError(FailureCode.FACE_WORKER_FAILED, why)

    def _running(self) -> "_Process":
        if self._closed:
            raise KnownError(FailureCode.FACE_WORKER_FAILED, "closed")
        if self._process is not None and self._process.lost:
            self._replace("died while idle")
        if self._process is None:
            self._process = _Process(self._command)
        return self._process

    def _replace(self, why: str) -> None:
        """Another process in place of one that is lost; said, and written down."""
        self._discard()
        if not self._closed:
            _log.warning("the face process was lost (%s) and is started again", why)
            self._process = _Process(self._command)
            self._listener()

    def _discard(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()


class _LostError(Exception):
    """The process died, hung, or no longer makes sense. Says what, without anybody's data."""


class _Process:
    """One face process, and the thread that talks to it, so that whoever asks can stop waiting."""

    def __init__(self, command: Sequence[str]) -> None:
        # A session of its own: Ctrl-C in a terminal must not reach it before the application has stopped it.
        try:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise KnownError(FailureCode.FACE_WORKER_FAILED, "no process can be started") from error
        self._questions = cast("BinaryIO", self._popen.stdin)
        self._answers = io.BufferedReader(cast("io.FileIO", self._popen.stdout))
        self._talk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="face process")
        self._loaded = self._talk.submit(self._receive, Reply.READY)

    @property
    def dead(self) -> bool:
        return self._popen.poll() is not None

    @property
    def lost(self) -> bool:
        """It has died, idle or while it loaded its models, and has not said why."""
        return self.dead and self._loaded.done() and not isinstance(self._loaded.exception(), KnownError)

    @property
    def ready(self) -> bool:
        """It has loaded its models, once."""
        return self._loaded.done() and self._loaded.exception() is None

    @property
    def pid(self) -> int:
        return self._popen.pid

    def await_ready(self, patience_s: float) -> None:
        """Raises _LostError, and model_changed as the process said."""
        _result(self._loaded, patience_s)

    def ask(self, question: Question, payload: Sequence[Payload], patience_s: float) -> bytes:
        """One question and its answer, JSON. Raises _LostError, and what the process raised as KnownError."""
        try:
            answer = self._talk.submit(self._exchange, question, payload)
        except RuntimeError:  # killed by `close` on another thread
            raise _LostError("closed") from None
        return _result(answer, patience_s)

    def kill(self) -> None:
        """End the process, if it runs, and everything that belongs to it. A second call does nothing."""
        self._popen.kill()
        self._popen.wait()
        self._talk.shutdown()  # its pipes are broken now: it cannot be waiting any more
        self._questions.close()
        self._answers.close()

    def _exchange(self, question: Question, payload: Sequence[Payload]) -> bytes:
        try:
            send(self._questions, question, *payload)
        except OSError:
            raise _LostError("died") from None
        return self._receive(Reply.ANSWER)

    def _receive(self, expected: Reply) -> bytes:
        try:
            reply, payload = receive(self._answers, _MOST_ANSWER_BYTES)
        except (OSError, EOFError, ValueError):
            raise _LostError("died, or does not talk as agreed") from None
        if reply == Reply.FAILED:
            raise _named_failure(payload)
        if reply == Reply.CRASHED:
            name = payload.decode(errors="replace")
            raise _LostError(name if name.isidentifier() else "crashed")
        if reply != expected:
            raise _LostError("answered something else")
        return payload


def _result(future: Future[bytes], patience_s: float) -> bytes:
    try:
        return future.result(patience_s)
    except TimeoutError:
        raise _LostError(f"no answer in {patience_s:g} s") from None


def _named_failure(payload: bytes) -> Exception:
    code, _, detail = payload.decode(errors="replace").partition(" ")
    try:
        return KnownError(FailureCode(code), detail)
    except ValueError:
        return _LostError("a failure that nobody knows")


def _nobody() -> None:
    """Whom nobody listens to."""
