"""The portrait's page, and which tries are left."""

from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS, MOST_UNCOUNTED_ATTEMPTS, LivenessFacts
from hallclient.domain.liveness import CONSEQUENCES, Refusal


class Portrait:
    HEADLINE_CONSENT = "请客户自己选择是否同意人脸比对"
    STATUS_CONSENT = "由客户本人点；不同意也能办，改走人工核验。"
    HEADLINE_LOOK = "请客户正对镜头"
    STATUS_LOOK = "自动挑选最清楚的一张，与芯片照片比对。"
    HEADLINE_DECIDED = "人像比对：{decision}"
    ISSUE = "! 客户界面提示：{issue}"
    GOOD = "✓ 画面合格，正在挑选最清楚的几张"
    HEADLINE_CHALLENGE = "请客户按屏幕提示做动作"
    CHALLENGE = "客户界面提示：{challenge}"
    ADVICE = "客户界面提示：{challenge}；{advice}"
    NEXT_TIME = "客户界面提示：{advice}"
    BETWEEN = "✓ 请客户看镜头，等下一个提示"
    ALL_DONE = "✓ 动作已做完，正在核对"
    ATTEMPT = "{headline} · 第 {attempt} 次，共 {attempts} 次"
    HEADLINE_PAUSED = "这一次没有完成，由您选择下一步"
    STATUS_PAUSED = "请看下面的提示。"
    FAILED = "! 刚才：{reason}。"
    COUNTED = "这一次计入客户的次数，还剩 {left} 次。"
    UNCOUNTED = "这一次不计客户的次数，客户还剩 {left} 次。"
    BOUNDED = "中止和中断合计最多 {most} 次，还剩 {left} 次。"
    OTHER_WAY_TOO = "也可以改走人工核验。"
    REMIND = "重试前请告诉客户：{advice}"
    ALL_COUNTED = "客户的 {most} 次都用完了，请改走人工核验"
    ALL_STOPPED = "检测已中止 {most} 次，不能再试，请改走人工核验"
    ALL_BROKEN_OFF = "检测已中断 {most} 次，不能再试，请改走人工核验"
    LEFT_TO_SUPERVISOR = "活体检测没有完成，由稽核员复核后决定。"
    WORKER_RESTARTED = "人脸组件已重启，正在继续，做到一半的动作会重新提示"
    CHIP_PHOTO = "芯片照片"
    LIVE_PHOTO = "现场照片"
    NOT_TAKEN = "还没有拍"
    COMPARISON = "比对"
    WAITING = "等待比对"
    OTHER_WAY = "改走人工核验"
    SURE = "改走人工核验吗？"
    SURE_STATUS = "改走后客户不能再对着镜头重试，这笔业务由稽核员核验后才有结果。"
    SURE_YES = "改走人工核验，不再重试"
    HEADLINE_OTHER_WAY = "正在转人工核验"
    STATUS_OTHER_WAY = "正在保存，请稍候…"
    NO_PICTURE = "等待画面"
    CAMERA_UNKNOWN = "摄像头来源不明，请核对"
    NO_PICTURE_TAKEN = "没有现场画面"
    NO_PORTRAIT = "没有照片"
    FALSE_ACCEPT = "误受率点 {rate:.2%}"
    FOUND = "{decision} {score:.2f}"


def attempts_left(facts: LivenessFacts, refusal: Refusal | None) -> str:
    """What a failed try cost, and what is left: `refusal` is that of its attempt, None where it came to none."""
    after, left = refusal and CONSEQUENCES[refusal], MOST_ATTEMPTS - facts.counted
    if after and after.counts:
        return Portrait.COUNTED.format(left=left)
    words = Portrait.UNCOUNTED.format(left=left)
    if after and after.bounded:
        left = MOST_UNCOUNTED_ATTEMPTS - facts.uncounted
        words += Portrait.BOUNDED.format(most=MOST_UNCOUNTED_ATTEMPTS, left=left)
    return words


def none_left(facts: LivenessFacts) -> str:
    """Why there may be no other try, and what to do: no customer is said to have used up what a clerk stopped."""
    if facts.counted >= MOST_ATTEMPTS:
        return Portrait.ALL_COUNTED.format(most=MOST_ATTEMPTS)
    stops = sum(attempt.refusal is Refusal.STOPPED_BY_CLERK for attempt in facts.attempts)
    words = Portrait.ALL_STOPPED if stops == facts.uncounted else Portrait.ALL_BROKEN_OFF
    return words.format(most=MOST_UNCOUNTED_ATTEMPTS)
