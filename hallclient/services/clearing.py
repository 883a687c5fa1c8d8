"""What lies on the disk of sessions that ended without a package is deleted: nothing of the customer may be kept."""

import logging
from collections.abc import Callable

from hallclient.domain.failures import KnownError
from hallclient.services.bug_log import report_bug
from hallclient.storage import sessions
from hallclient.storage.database import Database
from hallclient.storage.vault import Vault

_log = logging.getLogger(__name__)


def clear_away(database: Database, vault: Vault, session: str) -> None:
    """Delete the files of a `session` that was ended without a package, and what the log still has of its key.

    Raises nothing: the end is committed, and whoever is told that it failed could not try it again. What stays for now
    goes when the hall is opened next, see `clear_ended`.
    """
    _try(database.forget_old_pages)
    discard(vault, session)


def discard(vault: Vault, session: str) -> None:
    """`Vault.discard`, but raises nothing."""
    _try(lambda: vault.discard(session))


def clear_ended(database: Database, vault: Vault) -> None:
    """Delete what is left of all sessions that ended without a package, after a crash or a disk that refused it.

    Whoever opens the hall calls it. Raises nothing: nobody is kept from their work by it.
    """

    def clear() -> None:
        left = vault.sessions()
        with database.reading() as tables:
            ended = left.intersection(sessions.ended_without_package(tables))
        for session in sorted(ended):
            discard(vault, session)

    _try(clear)


def _try(clear: Callable[[], None]) -> None:
    try:
        clear()
    except KnownError as error:
        _log.warning("what is left of an ended session stays for now: %s", error)
    except Exception as error:  # noqa: BLE001  # whatever it is, the session is ended
        _log.warning("what is left of an ended session stays for now: bug %s", report_bug(error))
