"""What a centre's reply means, and what it means that none came."""

import ssl
from typing import TypeVar

import httpx
from pydantic import ValidationError

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.sync.messages import Answer, Refused

AnswerType = TypeVar("AnswerType", bound=Answer)

_NOT_YET_VALID, _EXPIRED = 9, 10  # OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED
_TRY_AGAIN = frozenset({408, 425, 429})
_REGISTER_AGAIN = frozenset({"parts_missing", "session_unknown"})  # the centre lost something: not the record's fault


def understood(kind: type[AnswerType], response: httpx.Response) -> AnswerType:
    """What the centre answered. Raises what `refusal` says, and centre_failed for another answer than this."""
    if not response.is_success:
        raise refusal(response)
    try:
        return kind.model_validate_json(response.content)
    except ValidationError:
        raise KnownError(FailureCode.CENTRE_FAILED, f"{kind.__name__} not understood") from None


def refusal(response: httpx.Response) -> KnownError:
    """Why it did not do what was asked: for the device, for this package, or for now."""
    status = response.status_code
    try:
        refused = Refused.model_validate_json(response.content)
    except ValidationError:  # not the centre's own words: something between us, or a crash
        refused = None
    if status in (401, 403):
        return KnownError(FailureCode.CENTRE_REFUSED_DEVICE, refused.code[:100] if refused else f"HTTP {status}")
    if refused is None:
        return KnownError(FailureCode.CENTRE_FAILED, f"HTTP {status}")
    if 400 <= status < 500 and status not in _TRY_AGAIN and refused.code not in _REGISTER_AGAIN:
        return KnownError(FailureCode.CENTRE_REFUSED_RECORD, f"{refused.code}: {refused.detail}"[:500])
    return KnownError(FailureCode.CENTRE_FAILED, f"HTTP {status}: {refused.code}")


def unreached(error: httpx.RequestError) -> KnownError:
    """Why no reply came."""
    refused = _untrusted(error)
    if refused is not None:
        # Of OpenSSL's own words only: ours have no code.
        code = getattr(refused, "verify_code", None)
        if code == _NOT_YET_VALID:
            return KnownError(FailureCode.CLOCK_WRONG, "the server's certificate is not valid yet")
        said = "has expired" if code == _EXPIRED else "is not the centre's"
        return KnownError(FailureCode.CENTRE_UNTRUSTED, f"the server's certificate {said}")
    return KnownError(FailureCode.CENTRE_UNREACHABLE, type(error).__name__)


def _untrusted(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """What was wrong with the server's certificate, which httpx keeps among the causes; None when nothing was."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None
