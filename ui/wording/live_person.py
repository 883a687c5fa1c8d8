"""The check for a live person: what is asked, what is missing for it, and why it was refused."""

from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.failures import FailureCode
from hallclient.domain.liveness import Advice, Challenge, Refusal
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.why_reviewed import gravest, speaks_against
from ui.wording.comparison import QUALITY_ISSUES

# What the customer is asked to do before the camera, and how the supervisor reads it.
CHALLENGES: dict[Challenge, str] = {
    Challenge.BLINK: "请眨一下眼睛",
    Challenge.OPEN_MOUTH: "请张一下嘴，再合上",
    Challenge.TURN_LEFT: "请慢慢向左转头，再转回来",
    Challenge.TURN_RIGHT: "请慢慢向右转头，再转回来",
    Challenge.NOD: "请慢慢点一下头",
}
CHALLENGE_NAMES: dict[Challenge, str] = {
    Challenge.BLINK: "眨眼",
    Challenge.OPEN_MOUTH: "张嘴",
    Challenge.TURN_LEFT: "向左转头",
    Challenge.TURN_RIGHT: "向右转头",
    Challenge.NOD: "点头",
}
# What is missing while a movement is asked for; both screens say it.
ADVICE: dict[Advice, str] = {
    Advice.SHOW_FACE: "请让脸出现在画面里",
    Advice.ONE_FACE: "画面里请只留客户一人",
    Advice.FACE_CAMERA: "请正对镜头",
    Advice.OPEN_EYES: "请睁开眼睛",
    Advice.HOLD_STILL: "请坐稳，看着镜头",
    Advice.TURN_MORE: "再转多一点",
    Advice.TURN_LESS: "转得太多了，请转回一点",
    Advice.TURN_BACK: "请转回来",
    Advice.NOD_MORE: "头再低一点",
    Advice.RAISE_HEAD: "请抬起头来",
    Advice.SMILE_LESS: "请不要笑太大",
    Advice.OPEN_WIDER: "嘴再张大一点",
    Advice.CLOSE_MOUTH: "请合上嘴",
    Advice.MORE_SLOWLY: "请慢一点，再做一次",
    Advice.AGAIN_UNSEEN: "刚才没看清，请再做一次",
    Advice.AGAIN_BUSY: "刚才电脑太忙，请再做一次",
}
# Who ran out of time and was advised so last: what was lacking, and what to do otherwise.
LACKED: dict[Advice, str] = {
    Advice.TURN_MORE: "转头不够多",
    Advice.TURN_LESS: "转头太多",
    Advice.TURN_BACK: "转头后没有转回来",
    Advice.NOD_MORE: "点头不够低",
    Advice.RAISE_HEAD: "低头后没有抬起来",
    Advice.OPEN_WIDER: "嘴张得不够大",
    Advice.CLOSE_MOUTH: "张嘴后没有合上",
    Advice.MORE_SLOWLY: "动作太快",
}
LACKED_NEXT_TIME: dict[Advice, str] = {
    Advice.TURN_MORE: "转头请多一点，再转回来",
    Advice.TURN_LESS: "转头请少一点，再转回来",
    Advice.TURN_BACK: "转头后请马上转回来",
    Advice.NOD_MORE: "点头请低一点，再抬起来",
    Advice.RAISE_HEAD: "低头后请马上抬起来",
    Advice.OPEN_WIDER: "嘴请张大一点，再合上",
    Advice.CLOSE_MOUTH: "张嘴后请马上合上",
    Advice.MORE_SLOWLY: "动作请慢一点",
}
# How the next try begins after one in which nothing was asked; after an unusable face by what kept it so.
TRY_NEXT_TIME: dict[FailureCode, str] = {
    FailureCode.CAMERA_MISSING: "刚才是摄像头没有接好，请看镜头",
    FailureCode.CAMERA_STOPPED: "刚才是画面中断了，请看镜头",
    FailureCode.CAMERA_TOO_SLOW: "刚才是摄像头太慢，请看镜头",
    FailureCode.CAMERA_VIRTUAL: "刚才是摄像头没有接好，请看镜头",
    FailureCode.COMPUTER_TOO_SLOW: "刚才是电脑太忙，请看镜头",
    FailureCode.FACE_WORKER_FAILED: "刚才是电脑出了故障，请看镜头",
    FailureCode.INTERNAL_ERROR: "刚才是电脑出了故障，请看镜头",
    FailureCode.MODEL_CHANGED: "刚才是电脑出了故障，请看镜头",
    FailureCode.NO_USABLE_FACE: "请坐在镜头前，脸对准圆框",
    FailureCode.CHECK_STOPPED: "让您久等了，请看镜头",
}
# How the next attempt begins: what to do otherwise. Nobody is told that they look like a photograph, and whoever did
# nothing wrong is told so, and whether the same is asked again.
NEXT_TIME: dict[Refusal, str] = {
    Refusal.FACE_LOST: "请让脸一直留在画面里，转头不要太多",
    Refusal.SECOND_FACE: "画面里请只留客户一人",
    Refusal.JUMP: "请坐稳，动作慢一点",
    Refusal.WRONG_MOVEMENT: "请只做屏幕上提示的动作",
    Refusal.FLAT: "动作请做得明显一点，再慢慢回来",
    Refusal.FROZEN: "请看着镜头，慢慢做动作",
    Refusal.REPEATED: "请看着镜头，慢慢做动作",
    Refusal.TOO_SLOW: "看到提示就做，做完请看镜头",
    Refusal.OTHER_PERSON: "请由客户本人一个人完成",
    Refusal.INTERRUPTED: "刚才是画面中断了，请按提示再做一次",
    Refusal.COMPUTER_FAILED: "刚才是电脑出了故障，请按提示再做一次",
    Refusal.COMPUTER_TOO_SLOW: "刚才是电脑太忙，请按提示再做一次",
    Refusal.CAMERA_TOO_SLOW: "刚才是摄像头太慢，请按提示再做一次",
    Refusal.STOPPED_BY_CLERK: "让您久等了，请按提示再做一次",
    Refusal.NOT_COMPARED: "刚才您做得很好，请按新的提示再做一次",
}
# What the clerk reads of it, and on one screen the customer as well: what was seen, and no suspicion.
LIVENESS_REFUSALS: dict[Refusal, str] = {
    Refusal.FACE_LOST: "人脸离开了画面",
    Refusal.SECOND_FACE: "画面里出现第二张脸",
    Refusal.JUMP: "画面中途跳变",
    Refusal.WRONG_MOVEMENT: "动作与提示不符",
    Refusal.FLAT: "没有看清面部的立体感",
    Refusal.FROZEN: "画面静止不动",
    Refusal.REPEATED: "画面有重复",
    Refusal.TOO_SLOW: "没有在时限内完成动作",
    Refusal.OTHER_PERSON: "中途换了人",
    Refusal.INTERRUPTED: "检测中途中断",
    Refusal.COMPUTER_FAILED: "检测中途电脑出了故障",
    Refusal.COMPUTER_TOO_SLOW: "电脑太忙，没有看清",
    Refusal.CAMERA_TOO_SLOW: "摄像头画面太慢，没有看清",
    Refusal.STOPPED_BY_CLERK: "营业员中止了检测",
    Refusal.NOT_COMPARED: "动作已完成，但照片没能比对",
}
# The same for the supervisor, who is to judge what it looks like.
SUSPECTED_REFUSALS: dict[Refusal, str] = LIVENESS_REFUSALS | {
    Refusal.FLAT: "面部没有立体感，可能是照片",
    Refusal.REPEATED: "画面在重复播放，可能是录像",
}
# The same in a heading, before what the comparison found.
NOT_LIVE_SHORT: dict[Refusal, str] = {
    Refusal.FACE_LOST: "人脸离开",
    Refusal.SECOND_FACE: "第二张脸",
    Refusal.JUMP: "画面跳变",
    Refusal.WRONG_MOVEMENT: "动作不符",
    Refusal.FLAT: "疑似照片",
    Refusal.FROZEN: "画面静止",
    Refusal.REPEATED: "疑似重播",
    Refusal.TOO_SLOW: "动作未完成",
    Refusal.OTHER_PERSON: "中途换人",
    Refusal.INTERRUPTED: "检测中断",
    Refusal.COMPUTER_FAILED: "电脑故障",
    Refusal.COMPUTER_TOO_SLOW: "电脑太忙",
    Refusal.CAMERA_TOO_SLOW: "摄像头太慢",
    Refusal.STOPPED_BY_CLERK: "营业员中止",
    Refusal.NOT_COMPARED: "没能比对",
}
TRY_FAILED_SHORT: dict[FailureCode, str] = {
    FailureCode.CAMERA_MISSING: "没有摄像头",
    FailureCode.CAMERA_STOPPED: "摄像头停止",
    FailureCode.CAMERA_TOO_SLOW: "摄像头太慢",
    FailureCode.CAMERA_VIRTUAL: "虚拟摄像头",
    FailureCode.COMPUTER_TOO_SLOW: "电脑太忙",
    FailureCode.FACE_WORKER_FAILED: "组件故障",
    FailureCode.INTERNAL_ERROR: "程序出错",
    FailureCode.MODEL_CHANGED: "模型被改",
    FailureCode.NO_USABLE_FACE: "画面不合格",
    FailureCode.NOT_LIVE: "未确认真人",
    FailureCode.CHECK_STOPPED: "营业员中止",
}


def missing(what: QualityIssue | Advice) -> str:
    """What keeps a picture from being good enough, or a movement from being the one that is asked for."""
    return QUALITY_ISSUES[what] if isinstance(what, QualityIssue) else ADVICE[what]


def failed_because(refusal: Refusal, lack: Advice | None) -> str:
    """Why an attempt was refused, for the clerk; `lack` is what was advised last."""
    words = LIVENESS_REFUSALS[refusal]
    return f"{words}，{LACKED[lack]}" if refusal is Refusal.TOO_SLOW and lack in LACKED else words


def next_time(refusal: Refusal, lack: Advice | None) -> str:
    """What to do otherwise in the next attempt, the same for clerk and customer; `lack` is what was advised last."""
    if refusal is Refusal.TOO_SLOW and lack in LACKED_NEXT_TIME:
        return LACKED_NEXT_TIME[lack]
    return NEXT_TIME[refusal]


def liveness(facts: LivenessFacts) -> tuple[str, str]:
    """How the check for a live person ended, in a line: the tone, and the words; the gravest of several refusals."""
    if not facts.attempts:
        return "look", "未做活体检测"
    refusal = None if facts.live else gravest(facts)
    if refusal is not None:
        if not speaks_against(refusal):
            return "look", f"活体检测没有做完：{LIVENESS_REFUSALS[refusal]}"
        return "stop", f"活体检测未通过：{LIVENESS_REFUSALS[refusal]}"
    challenges = facts.attempts[-1].challenges
    return "good", f"活体检测通过：{'、'.join(CHALLENGE_NAMES[challenge] for challenge in challenges)}"
