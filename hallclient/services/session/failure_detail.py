"""What the audit log says of a try that failed."""

from dataclasses import asdict

from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.failures import FailureCode, KnownError


def cost(ended: object) -> str:
    """What a try that failed costs, for the audit log; `ended`: the liveness facts with its attempt, if it was one."""
    last = LivenessFacts(attempts=ended.attempts[-1:]) if isinstance(ended, LivenessFacts) else LivenessFacts()
    if last.counted:
        return "attempt"
    return "uncounted_attempt" if last.uncounted else "nothing"


def camera_cause(error: KnownError, camera: DeviceIdentity) -> dict[str, object]:
    """What the audit log says of a failure: of an abandoned session nothing else tells which camera was tried."""
    refused = {"camera": asdict(camera)} if error.code is FailureCode.CAMERA_VIRTUAL else {}
    return {"cause": error.code.value, **refused}
