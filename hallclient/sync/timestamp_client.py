"""Asks a timestamp service (RFC 3161 over HTTP), and never for long."""

import logging
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

import httpx

from hallclient.devices import Entropy
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.timestamp import LARGEST_REPLY_BYTES, reply_timestamp, request
from hallclient.domain.timestamp_form import plain_reply
from hallclient.domain.timestamp_settings import TimestampSettings

PATIENCE_S = 3.0  # with a customer waiting; a service answers within some hundred milliseconds
_LEFT_ALONE_S = 60.0  # that was silent: not everybody who signs shall wait for it
_NONCE_BYTES = 8
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}

_log = logging.getLogger(__name__)


class TimestampClient:
    """One timestamp service. May be asked from any thread but the screen's; a second question waits for the first."""

    def __init__(
        self,
        settings: TimestampSettings,
        entropy: Entropy,
        monotonic: Callable[[], float] = time.monotonic,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`patience_s` is for all of a question: the name, the connection and the answer."""
        self._settings, self._entropy, self._monotonic, self._patience_s = settings, entropy, monotonic, patience_s
        self._asked = threading.Lock()
        self._thread: threading.Thread | None = None
        self._left_alone_until_s: float | None = None

    def stamp(self, sha256: bytes) -> bytes:
        """The service's reply over this digest (DER of TimeStampResp, in its plain form), checked against the settings'
        roots.

        Raises timestamp_unreachable when it does not answer in time or did not a moment ago; timestamp_invalid for an
        answer that is none, over other bytes, or not of a service that the roots vouch for.
        """
        with self._asked:
            if self._left_alone_until_s is not None and self._monotonic() < self._left_alone_until_s:
                raise KnownError(FailureCode.TIMESTAMP_UNREACHABLE, "was silent a moment ago")
            try:
                reply = self._checked(sha256)
            except KnownError as error:
                self._left_alone_until_s = self._monotonic() + _LEFT_ALONE_S
                _log.warning("no timestamp: %s", error)
                raise
            self._left_alone_until_s = None
            return reply

    def _checked(self, sha256: bytes) -> bytes:
        nonce = int.from_bytes(self._entropy.token(_NONCE_BYTES), "big")
        given = self._within_patience(request(sha256, nonce))
        try:
            reply = plain_reply(given, self._settings.certificates)
            holds = reply_timestamp(reply, sha256, self._settings.certificates, nonce)
        except KnownError as error:
            raise KnownError(FailureCode.TIMESTAMP_INVALID, error.detail) from None
        if not (holds.holds and holds.trusted):
            wrong = "over other bytes" if not holds.about_these_bytes else "not signed by a trusted service"
            raise KnownError(FailureCode.TIMESTAMP_INVALID, wrong)
        return reply

    def _within_patience(self, asked: bytes) -> bytes:
        """Neither a name service nor a server that sends a byte a minute keeps anybody: the thread is left to it."""
        if self._thread is not None and self._thread.is_alive():
            raise KnownError(FailureCode.TIMESTAMP_UNREACHABLE, "still busy with the last question")
        answers: SimpleQueue[bytes | KnownError] = SimpleQueue()
        self._thread = threading.Thread(target=self._ask, args=(asked, answers), name="timestamp", daemon=True)
        self._thread.start()
        try:
            answer = answers.get(timeout=self._patience_s)
        except Empty:
            raise KnownError(FailureCode.TIMESTAMP_UNREACHABLE, f"no answer in {self._patience_s:g} s") from None
        if isinstance(answer, KnownError):
            raise answer
        return answer

    def _ask(self, asked: bytes, answers: "SimpleQueue[bytes | KnownError]") -> None:
        try:
            answers.put(self._answer(asked))
        except KnownError as error:
            answers.put(error)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            answers.put(KnownError(FailureCode.TIMESTAMP_UNREACHABLE, type(error).__name__))
        except Exception as error:  # noqa: BLE001  # whoever waits is told, whatever it was
            answers.put(KnownError(FailureCode.TIMESTAMP_INVALID, type(error).__name__))

    def _answer(self, asked: bytes) -> bytes:
        """No environment: a user's proxy variable must not choose who says what time it is."""
        end_s = time.monotonic() + self._patience_s
        with (
            httpx.Client(trust_env=False, timeout=self._patience_s, follow_redirects=False) as http,
            http.stream("POST", self._settings.url, content=asked, headers=_HEADERS) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise KnownError(FailureCode.TIMESTAMP_UNREACHABLE, f"HTTP {response.status_code}")
            if response.headers.get("Content-Type", "").partition(";")[0].strip() != _HEADERS["Accept"]:
                raise KnownError(FailureCode.TIMESTAMP_INVALID, "not a timestamp reply")
            content = bytearray()
            for block in response.iter_bytes():
                content += block
                if len(content) > LARGEST_REPLY_BYTES:
                    raise KnownError(FailureCode.TIMESTAMP_INVALID, "too long")
                if time.monotonic() > end_s:
                    raise KnownError(FailureCode.TIMESTAMP_UNREACHABLE, "too slow")
        return bytes(content)
