"""Changes what the operator sets in `centre.json`. A centre that runs reads it when it is started again."""

import json
from pathlib import Path

from hallclient.central.durable import write_new
from hallclient.devices import Entropy
from hallclient.domain.documents import canonical
from hallclient.domain.enrolment import EnrolmentSettings
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import read_regular

NAME = "centre.json"
_LARGEST_BYTES = 1024 * 1024  # with thresholds and roots it has some thousand


def change_settings(folder: Path, entropy: Entropy, **changes: object) -> EnrolmentSettings:
    """Set the fields of `EnrolmentSettings` in `changes`; the others stay. What is set now.

    Raises input_invalid when there is no centre, store_unreadable.
    """
    try:
        stored = json.loads(read_regular(folder / NAME, _LARGEST_BYTES))
        settings = EnrolmentSettings.model_validate(stored.get("settings", {})).changed(**changes)
    except FileNotFoundError:
        raise KnownError(FailureCode.INPUT_INVALID, "there is no centre in this folder") from None
    except (OSError, ValueError, AttributeError) as error:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"{NAME}: {type(error).__name__}") from None
    document = canonical({**stored, "settings": settings.model_dump(mode="json")})
    write_new(folder / NAME, [document], f"{entropy.token(8).hex()}.tmp")
    return settings
