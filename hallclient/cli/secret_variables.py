"""Secrets that were given in the environment: taken out of it before anything is started that would inherit them."""

import os

SECRET_VARIABLES = (
    "HALLCLIENT_PASSWORD",
    "HALLCLIENT_CODE",
    "HALLCLIENT_PASSPHRASE",
    "HALLCLIENT_SECOND_PASSWORD",
    "HALLCLIENT_SECOND_CODE",
    "HALLCLIENT_NEW_PASSWORD",
    "HALLCLIENT_INVITATION",
)

_taken: dict[str, str] = {}


def take_secret_variables() -> None:
    """For the command line, before all else. What the parent wrote for this process can still be read in /proc."""
    _taken.clear()
    for name in SECRET_VARIABLES:
        value = os.environ.pop(name, None)
        if value is not None:
            _taken[name] = value


def secret_variable(name: str) -> str | None:
    """What stood in the environment under one of `SECRET_VARIABLES`; whoever asks has it alone from then on."""
    return _taken.pop(name, None)
