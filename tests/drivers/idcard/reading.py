"""One card, found and read, as the hub does it."""

from drivers.idcard.session import ChipContents, Session


def read_card(session: Session, *, perhaps_read: bool = False) -> ChipContents:
    session.find(perhaps_read=perhaps_read)
    return session.read()
