"""How long, and how long ago."""


def elapsed(seconds: float) -> str:
    """Minutes and seconds as on a clock: 00:41."""
    whole = max(0, int(seconds))
    return f"{whole // 60:02d}:{whole % 60:02d}"


def age(seconds: float) -> str:
    """How long ago, in the largest unit that a person decides by."""
    minutes = max(0, int(seconds)) // 60
    if minutes < 1:
        return "不到 1 分钟"
    if minutes < 60:
        return f"{minutes} 分钟"
    hours, days = minutes // 60, minutes // (60 * 24)
    return f"{hours} 小时" if days < 1 else f"{days} 天"


def ago(seconds: float) -> str:
    """How long ago, with the word for it."""
    return f"{age(seconds)}前"


def took(seconds: float) -> str:
    """How long something took: seconds, then minutes and seconds."""
    if seconds < 10:
        return f"{seconds:.1f} 秒"
    return f"{seconds:.0f} 秒" if seconds < 60 else f"{int(seconds) // 60} 分 {int(seconds) % 60:02d} 秒"
