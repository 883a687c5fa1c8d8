"""Every word that a person reads, in one list: codes to Chinese, and the sentences of each page.

The same thing always has the same name. Failure texts are not here: `hallclient.domain.failures.FAILURES` has them.
"""

from hallclient.devices import ReaderState
from hallclient.domain.card import CardKind, Finding
from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS, MOST_UNCOUNTED_ATTEMPTS, LivenessFacts
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.face_remark import FaceRemark
from hallclient.domain.failures import FailureCode
from hallclient.domain.liveness import CONSEQUENCES, Advice, Challenge, Refusal
from hallclient.domain.plan import PlannedStep
from hallclient.domain.session import AbandonReason
from hallclient.domain.staff import Role
from hallclient.domain.supervised_way import SupervisedWay
from hallclient.domain.why_reviewed import gravest, speaks_against
from hallclient.services.preparation import Part

PRODUCT = "营业厅实人核验"
PRACTICE = "演练"
HOTLINE = "96110"

SEAL = "seal"  # what follows the last step of a plan, in the places of one
STEPS: dict[str, str] = {
    "card": "证件",
    "precheck": "预检",
    "portrait": "人像",
    "notice": "告知书",
    "signature": "签名",
    SEAL: "完成",
}
# Of a session that can be continued, by the kind of the step that is to be done.
CONTINUED_AT: dict[str, str] = {
    "card": "等待证件",
    "precheck": "证件已读",
    "portrait": "预检完成",
    "notice": "人像步骤已完成",
    "signature": "告知书已读",
    SEAL: "等待封存",
}


def continued_at(step: PlannedStep | None) -> str:
    """Where a session stands whose next step this is; None for the seal."""
    kind = SEAL if step is None else step.kind
    return CONTINUED_AT.get(kind, STEPS.get(kind, kind))


ABANDON_REASONS: dict[AbandonReason, str] = {
    AbandonReason.CUSTOMER_WITHDREW: "客户不办了",
    AbandonReason.CUSTOMER_UNABLE: "客户无法配合核验",
    AbandonReason.WRONG_BUSINESS: "办错了业务或号码",
    AbandonReason.EQUIPMENT_FAILED: "设备故障，换柜台办理",
    AbandonReason.REHEARSAL_BROKEN_OFF: "演练没有做完",
}
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
FACE_REMARKS: dict[FaceRemark, str] = {
    FaceRemark.NO_FACE: "请面向镜头",
    FaceRemark.SEVERAL_FACES: "请其他人离开画面",
    FaceRemark.TOO_DARK: "光线太暗，请面向亮处",
    FaceRemark.TOO_BRIGHT: "光线太强，请避开直射光",
    FaceRemark.BACKLIT: "背后太亮，请换个方向",
    FaceRemark.TOO_FAR: "请靠近一点",
    FaceRemark.TOO_NEAR: "请退后一点",
    FaceRemark.OFF_CENTRE: "请把脸移到圆框中间",
    FaceRemark.TURNED: "请正对镜头",
    FaceRemark.TILTED: "请把头摆正",
    FaceRemark.EYES_COVERED: "请露出眼睛，摘下墨镜",
    FaceRemark.MOUTH_COVERED: "请摘下口罩，露出口鼻",
    FaceRemark.EYES_CLOSED: "请睁开眼睛",
    FaceRemark.BLURRED: "画面模糊，请稍停一下",
}
# What kept a picture from being good enough, for who was not there.
FACE_LACKS: dict[FaceRemark, str] = {
    FaceRemark.NO_FACE: "画面里没有脸",
    FaceRemark.SEVERAL_FACES: "画面里不止一张脸",
    FaceRemark.TOO_DARK: "光线太暗",
    FaceRemark.TOO_BRIGHT: "光线太强",
    FaceRemark.BACKLIT: "背后太亮",
    FaceRemark.TOO_FAR: "离镜头太远",
    FaceRemark.TOO_NEAR: "离镜头太近",
    FaceRemark.OFF_CENTRE: "脸不在画面中间",
    FaceRemark.TURNED: "没有正对镜头",
    FaceRemark.TILTED: "头歪着",
    FaceRemark.EYES_COVERED: "眼睛被遮住",
    FaceRemark.MOUTH_COVERED: "口鼻被遮住",
    FaceRemark.EYES_CLOSED: "闭着眼睛",
    FaceRemark.BLURRED: "画面模糊",
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
FINDINGS: dict[Finding, str] = {
    Finding.NUMBER_MALFORMED: "证件号码格式不对",
    Finding.NUMBER_OF_OTHER_KIND: "证件号码不属于这种证件",
    Finding.CHECK_DIGIT_WRONG: "证件号码校验位不符",
    Finding.BIRTH_DIFFERS_FROM_NUMBER: "出生日期与证件号码不符",
    Finding.BIRTH_IN_FUTURE: "出生日期在今天之后",
    Finding.SEX_DIFFERS_FROM_NUMBER: "性别与证件号码不符",
    Finding.COUNTRY_DIFFERS_FROM_NUMBER: "国籍与证件号码不符",
    Finding.SEX_CODE_UNKNOWN: "性别代码无法识别",
    Finding.NATION_CODE_UNKNOWN: "民族代码无法识别",
    Finding.VALIDITY_MALFORMED: "有效期无法识别或前后矛盾",
    Finding.NOT_YET_VALID: "证件尚未生效",
    Finding.EXPIRED: "证件已过有效期",
    Finding.NEW_ADDRESS_UNREADABLE: "芯片里的新住址没有读出",
}
OUTCOMES: dict[Outcome, str] = {
    Outcome.PASSED: "核验通过",
    Outcome.NOT_PASSED: "核验未通过",
    Outcome.PROVISIONAL: "已采集，待联网核验",
    Outcome.PENDING_REVIEW: "已采集，待复核",
}
OUTCOME_MEANINGS: dict[Outcome, str] = {
    Outcome.PASSED: "省中心已确认，业务可以办理。",
    Outcome.NOT_PASSED: f"业务不能办理。客户如有异议，可申诉或拨打 {HOTLINE} 咨询。",
    Outcome.PROVISIONAL: "资料已加密保存，联网后自动上传；省中心确认前，业务不算通过。",
    Outcome.PENDING_REVIEW: "稽核员复核后上传省中心；确认前，业务不算通过。",
}
CUSTOMER_OUTCOMES: dict[Outcome, tuple[str, str]] = {
    Outcome.PASSED: ("核验通过", "请收好您的证件，谢谢配合。"),
    Outcome.NOT_PASSED: ("本次核验未通过", f"可以向营业员申诉，或拨打 {HOTLINE} 咨询。请收好您的证件。"),
    Outcome.PROVISIONAL: ("资料已采集，等待联网核验", "结果出来后会通知您。请收好您的证件。"),
    Outcome.PENDING_REVIEW: ("资料已采集，等待人工复核", "结果出来后会通知您。请收好您的证件。"),
}
READER_STATES: dict[ReaderState, str] = {
    ReaderState.TROUBLE: "读卡器异常",
    ReaderState.READY: "读卡器就绪",
    ReaderState.READING: "正在读卡",
    ReaderState.CARD_READ: "证件已读",
}
ROLES: dict[Role, str] = {
    Role.CLERK: "营业员",
    Role.SUPERVISOR: "稽核员",
    Role.ADMINISTRATOR: "管理员",
}
CARD_KINDS: dict[CardKind, str] = {
    CardKind.RESIDENT: "居民身份证",
    CardKind.HMT_PERMIT: "港澳台居民居住证",
    CardKind.FOREIGN_2017: "外国人永久居留证（2017 版）",
    CardKind.FOREIGN_2023: "外国人永久居留证（2023 版）",
}
SIGNATURE_DEVICES: dict[str, str] = {"pen": "压感笔", "touch": "手指", "mouse": "鼠标"}
LONG_TERM = "长期"
# Why a supervisor decides instead of the machine.
SUPERVISED_WAYS: dict[SupervisedWay, str] = {
    SupervisedWay.CONSENT_REFUSED: "客户不同意人脸比对，走人工核验",
    SupervisedWay.NO_TRY_LEFT: "不能再试，改走人工核验",
    SupervisedWay.EQUIPMENT_FAILED: "设备有故障，改走人工核验",
    SupervisedWay.TRIED_ENOUGH: "多次没有完成，改走人工核验",
}
NOT_KNOWN = "未知"
NOT_READ_YET = "—"


# Keys as they stand on a button, where Qt's own name is not what the keyboard says.
KEYS: dict[str, str] = {"Return": "Enter", "Escape": "Esc", "Space": "空格"}
REVIEW_REASONS: dict[ReviewDecision, tuple[str, ...]] = {
    ReviewDecision.APPROVED: ("与芯片照片为同一人", "面容变化，辅助证件相符", "现场人工核对本人"),
    ReviewDecision.REJECTED: ("不是同一人", "录像或签名非本人", "证据不清，须重新办理"),
}


class Login:
    HINT = "请输入工号和密码"
    NUMBER = "工号"
    PASSWORD = "密码"  # noqa: S105  # a caption
    ENTER = "登录"
    WORKING = "正在核对…"
    NO_WINDOW = "管理员请用命令 hallclient 管理营业厅；办理业务请换营业员工号"


class Practice:
    PUT = "放上演练证件"
    TAKE = "拿走演练证件"
    LOGIN = "{role} 工号 {number} 密码 {password}"
    LOGINS = "演练：可用以下工号登录"


class OneScreen:
    """Where clerk and customer share a screen; the button has its key beside these words."""

    NONE = "没有客户屏。轮到客户时本窗口自动换成客户画面，客户办完自动换回；按 F12 随时切换。"
    CLERKS_TURN = "现在由营业员操作"
    CUSTOMERS_TURN = "现在请客户操作"
    TO_CUSTOMER = "客户画面"
    TO_CLERK = "营业员画面"
    STOP = "中止检测"


class Top:
    ELAPSED = "会话 {name} · 已用 {elapsed}"
    NO_SESSION = "等待下一位客户"
    READER_UNKNOWN = "正在找读卡器"
    ONLINE = "在线 · 待传 {waiting}"
    OFFLINE = "离线 · 待传 {waiting}"
    CONNECTING = "正在连接 · 待传 {waiting}"
    TROUBLE = "{cause} · 待传 {waiting}"
    QUARANTINED = " · 隔离 {quarantined}"
    NUMBERED = "{words}（编号 {number}）"
    STAFF = "{place}  {role} {number}"


class Start:
    HEADLINE = "办理什么业务？"
    NUMBER = "号码"
    NUMBER_HINT = "客户要办理的手机号码"
    NUMBER_NONE = "请输入号码：11 位手机号码，或 13 位物联网号码"
    NUMBER_SHORT = "已输入 {count} 位；应为 11 位手机号码，或 13 位物联网号码"
    NUMBER_WRONG = "号码应以 1 开头"
    NUMBER_RIGHT = "号码无误后按 Enter 开始"
    START = "开始"
    UNFINISHED = "未完成的业务"
    UNFINISHED_HINT = "断电或退出前做好的步骤都在，可以接着办。"
    NONE_UNFINISHED = "没有未完成的业务"
    CONTINUE = "继续办理"
    CONTINUE_NAMED = "继续办理 {name}，{detail}"
    GIVE_UP = "打不开时可以放弃这笔业务，请选原因。放弃后不能恢复。"
    GIVE_UP_NAMED = "放弃 {name}，原因：{reason}"
    ROW = "{scene}  {number}"
    ROW_DETAIL = "{state} · {ago}"


PARTS: dict[Part, str] = {
    Part.DEVICES: "读卡器和摄像头",
    Part.RECORDER: "录像",
    Part.DOCUMENTS: "告知书字体",
    Part.FACES: "人脸比对",
}


class Preparing:
    MISSING = "正在准备设备：{parts}"
    BETWEEN = "、"
    FAILED = "{part}未就绪：{remedy}（{cause}，代码 {code}）"


class Leave:
    BUTTON = "放弃"
    HEADLINE = "这笔业务怎么处理？"
    STATUS = "选一个原因；放弃后已拍的照片和录像立即删除。"
    STATUS_CHECK_STOPPED = "检测已中止，按 Esc 返回办理。要放弃请选原因：已拍的照片立即删除。"
    STATUS_RECORDING = "录像还在进行；现在离开，不论选哪一项，录像都立即删除。"
    ENDING = "正在结束这笔业务…"
    ENDING_STATUS = "正在停止设备、删除已拍的照片和录像，请稍候。"
    KEEP = "先留着，稍后继续"
    BACK = "返回办理"


class Session:
    NEXT = "继续"
    RETRY = "重试"
    WORKING = "正在处理…"
    CUSTOMER = "客户"
    NAME = "姓名"
    DOCUMENT = "证件"
    NUMBER = "号码"
    VALIDITY = "有效期"
    WHY = "为什么要核验"
    MIRROR = "客户界面现在显示"
    STEP_TIME = "{found} · {took}"
    STEP_NAMED = "{step}：{found}"
    DONE_EARLIER = "已完成"
    NOW = "正在进行"
    BUG = "程序出了意外，已办好的步骤都保存着。请按“先留着”，再从“未完成的业务”继续，并把编号告诉管理员：{number}"
    BUG_ELSEWHERE = "程序出了意外，已保存的都在。请再试一次；仍不行请重新启动本程序，并把编号告诉管理员：{number}"


class Card:
    HEADLINE = "请客户把身份证平放在读卡器上"
    STATUS = "放好后自动读取，不用按键。"
    READING = "正在读取芯片，请不要移动证件。"
    FIELDS = "证件信息只从芯片读取，不能手工输入。"


class Precheck:
    HEADLINE = "预检：证件与联网核验"
    WORKING = "正在检查…"
    FINE = "可以继续，下一步请客户看镜头。"
    UNUSABLE = "这张证件不能办理业务，请按 Enter 登记为不予办理。"
    CHIP = "芯片信息完整"
    CHIP_DETAIL = "由 {reader} 读取"
    FINDING_LOOK = "需要留意，随证据一并留存"
    FINDING_STOP = "不能办理，请客户换有效证件"
    NETWORK = "联网核验待省中心完成"
    NETWORK_ONLINE = "封存后立即上传核验"
    NETWORK_OFFLINE = "现在送不到省中心：恢复后自动核验，此前结果不算通过"
    REFUSE = "不予办理"
    SURE = "登记为不予办理？"
    SURE_STATUS = "登记后这笔业务就结束了，已读取的证件信息立即删除，不能恢复。"
    SURE_YES = "登记为不予办理"
    REFUSED = "已登记为不予办理"
    REFUSED_STATUS = f"请把证件还给客户，说明原因；客户可拨打 {HOTLINE} 咨询或申诉。"
    FOUND = "无异常"
    FOUND_FINDINGS = "{count} 项需留意"
    NEXT = "下一位"


class Portrait:
    HEADLINE_CONSENT = "请客户自己选择是否同意人脸比对"
    STATUS_CONSENT = "由客户本人点；不同意也能办，改走人工核验。"
    HEADLINE_LOOK = "请客户正对镜头"
    STATUS_LOOK = "自动挑选最清楚的一张，与芯片照片比对。"
    HEADLINE_DECIDED = "人像比对：{decision}"
    REMARK = "! 客户界面提示：{remark}"
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


class Reading:
    HEADLINE_READY = "请客户朗读告知书"
    STATUS_READY = "客户准备好后按 Enter 开始录像。"
    HEADLINE = "第 {line} 句，共 {lines} 句"
    STATUS = "客户读完这一句后按 Enter，或由客户点“读完了”。"
    STARTING = "正在打开摄像头和麦克风…"
    SAVING = "正在保存录像…"
    SURE_WHOLE = "录像已经录完，还没有保存。重读后，录像立即删除，不能恢复，客户要从第一句读起。"
    STAKE_WHOLE = "录像已经录完，还没有保存。离开后，录像立即删除，不能恢复；业务留着时，继续办理由客户从第一句读起。"
    NOT_KEPT = "已经读完，还没有保存好。按 F5 再保存一次，客户不用重读。"
    START = "开始录像"
    NEXT_LINE = "下一句"
    LAST_LINE = "读完了"
    AGAIN = "从头重读"
    SURE = "从头重读吗？"
    SURE_STATUS = "录像还在进行。重读后，已经录下的立即删除，不能恢复，客户要从第一句读起。"
    SURE_YES = "删除录像，从头重读"
    STAKE = "结束录像并离开吗？"
    STAKE_STATUS = "录像还在进行。离开后，已经录下的立即删除，不能恢复；业务留着时，继续办理由客户从第一句读起。"
    STAKE_YES = "删除录像并离开"
    FOUND = "录像 {seconds:.0f} 秒"


class Signature:
    HEADLINE = "请客户签名"
    STATUS = "签的是刚才读过的告知书；由客户本人签。"
    WRITING = "正在写：{points} 点 · {device}"
    TOO_SHORT = "! 太短，还不是签名：请客户写完整的姓名，“签好了”才能点。"
    SAVING = "正在写入告知书…"
    CLEAR = "重签"
    LIVE = "客户的笔迹"
    FOUND = "{points} 点 · {device}"


class Finish:
    HEADLINE_SEALING = "正在封存证据"
    STATUS_SEALING = "加密、签名、记入审计，请稍候。"
    PRINT = "打印告知书"
    PRINTING = "正在打印…"
    PRINTED = "已打印，请交给客户。"
    PRINTED_TO_FILE = "演练：没有真的打印，告知书在文件 {file}"
    NEXT = "下一位"
    SUMMARY = "这笔业务"
    STEPS_TAKEN = "完成 {count} 步，用时 {elapsed}"
    FILES = "证据 {count} 件，已加密并签名"
    FOUND = "已封存"
    HEADLINE = "已封存，请把证件还给客户"


class Customer:
    WELCOME = "欢迎光临"
    WELCOME_HINT = "请告诉营业员您要办理的业务"
    BUSINESS = "本次为您办理：{business}。{limit}"
    NUMBER_QUESTION = "号码对吗？"
    NUMBER_WRONG = "不对请马上告诉营业员"
    PUT_CARD = "号码对的话，请把证件放在读卡器上"
    PUT_CARD_HINT = "放平，读好前不要移动"
    LIFT_CARD = "号码对的话，请拿起读卡器上的证件，再放下"
    LIFT_CARD_HINT = "如果不是您的证件，请交给营业员，再放上您自己的"
    CARD_PAUSED = "请稍等，先不要放身份证"
    CARD_PAUSED_HINT = "读卡器正在恢复，好了会请您放上"
    CHECKING = "正在核对证件"
    CHECKING_HINT = "通常只要几秒"
    CHECKED = "证件已核对，请稍候"
    CHECKED_HINT = "营业员正在继续办理"
    CONSENT_HINT = "您可以不同意。不同意也能办理，由工作人员人工核验。"
    AGREE = "同意"
    DISAGREE = "不同意"
    DISAGREE_QUESTION = "确定不同意吗？"
    DISAGREE_MEANS = (
        "不做人脸比对，改由两名工作人员人工核验，也能办理。",
        "结果要等人工核验后才有，出来后会通知您。",
        "确定后，这一次办理不能再改为人脸比对。",
    )
    DISAGREE_HINT = "还没有决定，可以返回再看。"
    DISAGREE_SURELY = "确定不同意"
    BACK = "返回"
    LOOK = "请看镜头"
    LOOK_HINT = "脸对准圆框，保持一会儿"
    LOOK_REMARK = "! {remark}"
    LOOK_GOOD = "✓ 很好，请保持不动"
    BETWEEN = "✓ 请看镜头，等下一个提示"
    ALL_DONE = "✓ 好了，正在核对"
    ALL_DONE_HINT = "请稍等，马上就好"
    CHALLENGE_HINT = "照做就好，不用说话"
    LOOK_PAUSED = "请稍等，马上继续"
    LOOK_PAUSED_HINT = "营业员会告诉您下一步"
    COMPARING = "比对完成，请稍候"
    COMPARING_HINT = "营业员正在继续办理"
    UNCOMPARED = "不做人脸比对，请稍候"
    UNCOMPARED_HINT = "由工作人员人工核验，营业员正在继续办理"
    SUPERVISED = "转由人工核验，请稍候"
    READ_SOON = "接下来请您朗读告知书"
    READ_SOON_HINT = "请逐句朗读，全程录像。准备好后营业员会开始。"
    RECORDING = "● 正在录像"
    LINE = "第 {line} 句，共 {lines} 句"
    READ_ALOUD = "请读出大字的这一句"
    NOT_HEARD = "请稍等，还没有听到您的声音"
    READ_PAUSED = "录像停了，请稍等"
    READ_PAUSED_HINT = "现在没有录像。营业员准备好后，请您从第一句重读。"
    LINE_READ = "读完了，下一句"
    LAST_LINE_READ = "全部读完了"
    DONE_LINE = "✓ {line}"
    SIGN = "请在框内签名"
    SIGN_HINT = "签名表示您已读过并知晓《{title}》"
    SIGN_TOO_SHORT = "! 太短了，请写完整的姓名"
    SIGNED = "签好了"
    CLEAR = "重签"
    SIGN_HERE = "在这里签名"
    SAVING = "正在保存"
    SAVING_SIMPLE = "马上就好"
    REFUSED = "今天不能为您办理"
    REFUSED_HINT = f"原因请看营业员说明，可拨打 {HOTLINE} 咨询。请收好您的证件。"
    ABANDONED = "本次业务已停止"
    ABANDONED_HINT = "没有为您办理任何业务。请收好您的证件。"
    STEP = "第 {step} 步，共 {steps} 步"


class Review:
    TITLE = "复核"
    COUNT = "待办 {count} · 最久 {age}"
    NONE_WAITING = "没有待复核的业务"
    NONE_WAITING_HINT = "有新的会自动出现在左侧"
    ROW_DETAIL = "{scene} · {counter} · {age}"
    CHIP_PHOTO = "芯片照片"
    LIVE_PHOTO = "现场照片"
    VIDEO = "朗读录像"
    NO_VIDEO = "这项业务没有录像"
    SIGNATURE = "签名"
    TO_LOOK_AT = "需要看的"
    DECIDE = "决定"
    APPROVE = "通过"
    REJECT = "不通过"
    REASON_HINT = "理由（必填）"
    DOCUMENT_HINT = "辅助证件（通过时必填）"
    DOCUMENTS = ("护照", "驾驶证", "社保卡")
    SUBMIT = "提交"
    REFRESH = "刷新"
    PLAY = "播放"
    PAUSE = "暂停"
    CUSTOMER = "{name}  {number}"
    NOT_LIVE = "未确认真人"
    WAITS = "{why} · {found}"
    LIVE_AFTER = "活体检测此前 {failed} 次未通过"
    NEVER_LIVE = "活体检测未通过，共 {failed} 次"
    UNFINISHED = "活体检测没有做完"
    UNFINISHED_BEFORE = "活体检测此前没有做完"
    BESIDES = "{words}，{others}"
    BETWEEN = "、"
    STOPPED = "营业员中止 {count} 次"
    BY_EQUIPMENT = "设备原因 {count} 次"
    ATTEMPT = "第 {first} 次：{why}"
    ATTEMPTS = "第 {first} 至 {last} 次：{why} ×{count}"
    PROCESS_LOST = "第 {number} 次检测中人脸组件曾停止 {count} 次，已自动重启"
    TRY = "拍照未完成：{why}"
    TRY_REMARK = "{why}（{remark}）"
    TIMES = "{words} ×{count}"
    DEPTH = "面部立体感 {hint:.0%}，仅供参考"
    LINES_READ = "读完 {lines} 句，录像 {seconds:.0f} 秒"
    DROPPED = "录像缺 {dropped} 帧"
    RECORDED = "拍摄与录音"
    CAMERA = "摄像头：{name}"
    CAMERA_PRACTICE = "演练摄像头：{name}"
    CAMERA_VIRTUAL = "疑似虚拟摄像头：{name}"
    CAMERA_UNKNOWN = "来源不明的摄像头：{name}"
    CAMERA_REFUSED = "没有采用的疑似虚拟摄像头：{name}"
    DRIVER = "驱动：{driver}"
    NO_CAMERA = "没有用到摄像头"
    VIRTUAL = "摄像头疑似虚拟"
    UNKNOWN = "摄像头来源不明，可能是虚拟的"
    REFUSED = "办理时接过疑似虚拟摄像头，没有采用"
    TWO_CAMERAS = "中途换过摄像头"
    RESTARTS = "朗读重来 {count} 次"
    NO_RESTARTS = "朗读一次完成"
    SILENCE = "录音最长静音 {seconds:.1f} 秒"
    NO_FINDINGS = "证件无异常，由芯片读取"
    SIGNED = "已签名，{points} 点"
    UNSIGNED = "没有签名"
    UNRECORDED = "没有朗读录像"
    ENGINE = "{name} {version} · 误受率点 {rate:.2%}"
    VIDEO_BROKEN = "录像放不出来，请不要通过，联系管理员"
    OPENING = "正在解密证据…"


class Banner:
    WAIT_OVER = "现在可以再试了"
    DETAIL = "{cause}（{code}）"
    NUMBERED = "{code}，编号 {number}"
    NAME = "提示"


class Band:
    MISMATCHED = "不一致"
    MATCHED = "一致"


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


def coded(code: FailureCode, number: str | None) -> str:
    """A failure's code, and the number that a mistake of ours has in the log."""
    return str(code) if number is None else Banner.NUMBERED.format(code=code, number=number)


def ago(seconds: float) -> str:
    """How long ago, with the word for it."""
    return f"{age(seconds)}前"


def took(seconds: float) -> str:
    """How long something took: seconds, then minutes and seconds."""
    if seconds < 10:
        return f"{seconds:.1f} 秒"
    return f"{seconds:.0f} 秒" if seconds < 60 else f"{int(seconds) // 60} 分 {int(seconds) % 60:02d} 秒"


def counter_name(counter: str) -> str:
    """A counter's number as people say it."""
    return f"{counter} 号台"


def missing(what: FaceRemark | Advice) -> str:
    """What keeps a picture from being good enough, or a movement from being the one that is asked for."""
    return FACE_REMARKS[what] if isinstance(what, FaceRemark) else ADVICE[what]


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
