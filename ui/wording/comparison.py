"""A picture that is compared: what it lacks, and what the comparison found."""

from hallclient.domain.comparison import Decision
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.supervised_way import SupervisedWay

DECISIONS: dict[Decision, str] = {
    Decision.MATCHED: "一致",
    Decision.DOUBTFUL: "存疑",
    Decision.MISMATCHED: "不一致",
    Decision.NO_FACE: "没有人脸",
    Decision.SEVERAL_FACES: "不止一张脸",
    Decision.NO_PORTRAIT: "没有芯片照片",
    Decision.CONSENT_REFUSED: "客户不同意人脸比对",
}
# What the customer is asked to do, one thing at a time.
QUALITY_ISSUES: dict[QualityIssue, str] = {
    QualityIssue.NO_FACE: "请面向镜头",
    QualityIssue.SEVERAL_FACES: "请其他人离开画面",
    QualityIssue.TOO_DARK: "光线太暗，请面向亮处",
    QualityIssue.TOO_BRIGHT: "光线太强，请避开直射光",
    QualityIssue.BACKLIT: "背后太亮，请换个方向",
    QualityIssue.TOO_FAR: "请靠近一点",
    QualityIssue.TOO_NEAR: "请退后一点",
    QualityIssue.OFF_CENTRE: "请把脸移到圆框中间",
    QualityIssue.TURNED: "请正对镜头",
    QualityIssue.TILTED: "请把头摆正",
    QualityIssue.EYES_COVERED: "请露出眼睛，摘下墨镜",
    QualityIssue.MOUTH_COVERED: "请摘下口罩，露出口鼻",
    QualityIssue.EYES_CLOSED: "请睁开眼睛",
    QualityIssue.BLURRED: "画面模糊，请稍停一下",
}
# What kept a picture from being good enough, for who was not there.
FACE_LACKS: dict[QualityIssue, str] = {
    QualityIssue.NO_FACE: "画面里没有脸",
    QualityIssue.SEVERAL_FACES: "画面里不止一张脸",
    QualityIssue.TOO_DARK: "光线太暗",
    QualityIssue.TOO_BRIGHT: "光线太强",
    QualityIssue.BACKLIT: "背后太亮",
    QualityIssue.TOO_FAR: "离镜头太远",
    QualityIssue.TOO_NEAR: "离镜头太近",
    QualityIssue.OFF_CENTRE: "脸不在画面中间",
    QualityIssue.TURNED: "没有正对镜头",
    QualityIssue.TILTED: "头歪着",
    QualityIssue.EYES_COVERED: "眼睛被遮住",
    QualityIssue.MOUTH_COVERED: "口鼻被遮住",
    QualityIssue.EYES_CLOSED: "闭着眼睛",
    QualityIssue.BLURRED: "画面模糊",
}
DECISION_CONSEQUENCES: dict[Decision, str] = {
    Decision.MATCHED: "人像比对一致，可以继续。",
    Decision.DOUBTFUL: "可以继续办理，封存后由稽核员复核。",
    Decision.MISMATCHED: "可以继续采集，结果由稽核员复核后决定。",
    Decision.NO_FACE: "没有可比对的人脸，走人工核验：由稽核员复核。",
    Decision.SEVERAL_FACES: "画面里不止一人，走人工核验：由稽核员复核。",
    Decision.NO_PORTRAIT: "芯片照片无法比对，走人工核验：由稽核员复核。",
    Decision.CONSENT_REFUSED: "不做人脸比对，走人工核验：由稽核员复核。",
}
DECISION_REASONS: dict[Decision, str] = {
    Decision.MATCHED: "比对一致",
    Decision.DOUBTFUL: "比对分数在存疑区",
    Decision.MISMATCHED: "比对分数低于存疑线",
    Decision.NO_FACE: "没有可比对的现场人脸",
    Decision.SEVERAL_FACES: "现场画面不止一张脸",
    Decision.NO_PORTRAIT: "没有可比对的芯片照片",
    Decision.CONSENT_REFUSED: "客户不同意人脸比对",
}
# Why a supervisor decides instead of the machine.
SUPERVISED_WAYS: dict[SupervisedWay, str] = {
    SupervisedWay.CONSENT_REFUSED: "客户不同意人脸比对，走人工核验",
    SupervisedWay.NO_TRY_LEFT: "不能再试，改走人工核验",
    SupervisedWay.EQUIPMENT_FAILED: "设备有故障，改走人工核验",
    SupervisedWay.TRIED_ENOUGH: "多次没有完成，改走人工核验",
}


class Band:
    MISMATCHED = "不一致"
    MATCHED = "一致"
