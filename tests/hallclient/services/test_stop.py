"""A stop is heard once, whenever it was said."""

from hallclient.services.stop import Stop


def test_it_is_heard_inside_at_once_when_it_was_said_before_and_never_after() -> None:
    heard: list[str] = []
    early, late = Stop(), Stop()
    early.say()
    assert early.said
    with early.heard_by(lambda: heard.append("early")):
        assert heard == ["early"]
        early.say()
    with late.heard_by(lambda: heard.append("in time")):
        late.say()
        late.say()
    late.say()
    assert heard == ["early", "in time"]
    unheard = Stop()
    with unheard.heard_by(lambda: heard.append("never")):
        pass
    unheard.say()
    assert heard == ["early", "in time"]
