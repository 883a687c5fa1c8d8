"""Codes that stand on several pages: a failure's, a key's, a counter's; and what is not known."""

from hallclient.domain.failures import FailureCode

NOT_KNOWN = "未知"
NOT_READ_YET = "—"
# Keys as they stand on a button, where Qt's own name is not what the keyboard says.
KEYS: dict[str, str] = {"Return": "Enter", "Escape": "Esc", "Space": "空格", "Left": "←", "Right": "→"}


class Banner:
    WAIT_OVER = "现在可以再试了"
    DETAIL = "{cause}（{code}）"
    NUMBERED = "{code}，编号 {number}"
    NAME = "提示"


def coded(code: FailureCode, number: str | None) -> str:
    """A failure's code, and the number that a mistake of ours has in the log."""
    return str(code) if number is None else Banner.NUMBERED.format(code=code, number=number)


def counter_name(counter: str) -> str:
    """A counter's number as people say it."""
    return f"{counter} 号台"
