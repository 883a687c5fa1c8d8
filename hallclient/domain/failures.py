"""Every failure that a clerk can meet: its code, its cause and its remedy.

A code never changes its meaning: it is printed by the commands, stored in the audit log and spoken on the phone
with the operator's IT. `KnownError` is what the environment did to us; `BugError` is what we did wrong.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class FailureCode(StrEnum):
    """What went wrong, in a word that stays the same for ever."""

    READER_SERVICE_DOWN = "reader_service_down"
    READER_SERVICE_HUNG = "reader_service_hung"
    READER_MISSING = "reader_missing"
    READER_BUSY = "reader_busy"
    READER_WITHOUT_SAM = "reader_without_sam"
    READER_TOO_OLD = "reader_too_old"
    READER_FAILED = "reader_failed"
    CARD_MISSING = "card_missing"
    CARD_REMOVED = "card_removed"
    CARD_UNREADABLE = "card_unreadable"
    CARD_NEEDS_LIFTING = "card_needs_lifting"
    CARD_KIND_UNSUPPORTED = "card_kind_unsupported"
    PORTRAIT_UNREADABLE = "portrait_unreadable"
    CAMERA_MISSING = "camera_missing"
    CAMERA_STOPPED = "camera_stopped"
    CAMERA_VIRTUAL = "camera_virtual"
    NO_USABLE_FACE = "no_usable_face"
    NOT_LIVE = "not_live"
    COMPUTER_TOO_SLOW = "computer_too_slow"
    CAMERA_TOO_SLOW = "camera_too_slow"
    CHECK_STOPPED = "check_stopped"
    SUPERVISED_WAY_CLOSED = "supervised_way_closed"
    MICROPHONE_MISSING = "microphone_missing"
    MICROPHONE_STOPPED = "microphone_stopped"
    MICROPHONE_SILENT = "microphone_silent"
    RECORDER_FAILED = "recorder_failed"
    RECORDING_TOO_SHORT = "recording_too_short"
    MODEL_CHANGED = "model_changed"
    FACE_ENGINE_MISSING = "face_engine_missing"
    THRESHOLDS_INVALID = "thresholds_invalid"
    PICTURE_UNREADABLE = "picture_unreadable"
    FACE_WORKER_FAILED = "face_worker_failed"
    NOTICE_TEXT_MISSING = "notice_text_missing"
    SIGNATURE_EMPTY = "signature_empty"
    PRINTER_FAILED = "printer_failed"
    PASSPHRASE_WRONG = "passphrase_wrong"  # noqa: S105  # a code, not a passphrase
    LOGIN_WRONG = "login_wrong"
    LOGIN_LOCKED = "login_locked"
    CODE_USED = "code_used"
    STAFF_PENDING = "staff_pending"
    STAFF_REFUSED = "staff_refused"
    STAFF_LOCKED = "staff_locked"
    STAFF_REVOKED = "staff_revoked"
    STAFF_UNTRUSTED = "staff_untrusted"
    INVITATION_INVALID = "invitation_invalid"
    HALL_TAMPERED = "hall_tampered"
    REVOCATIONS_MISSING = "revocations_missing"
    ROOTS_CHANGED = "roots_changed"
    ROOT_UNCONFIRMED = "root_unconfirmed"
    CLOCK_WRONG = "clock_wrong"
    CLOCK_WENT_BACK = "clock_went_back"
    NOT_PERMITTED = "not_permitted"
    OWN_SESSION = "own_session"
    REVIEW_TAKEN = "review_taken"
    REASON_MISSING = "reason_missing"
    STEP_OUT_OF_ORDER = "step_out_of_order"
    SESSION_UNDER_WAY = "session_under_way"
    SCENE_UNKNOWN = "scene_unknown"
    RULE_PACK_INVALID = "rule_pack_invalid"
    PLAN_STEP_UNKNOWN = "plan_step_unknown"
    PLAN_STEP_TWICE = "plan_step_twice"
    PLAN_STEP_MISSING = "plan_step_missing"
    PLAN_KIND_UNKNOWN = "plan_kind_unknown"
    PLAN_PERSON_UNKNOWN = "plan_person_unknown"
    PLAN_OPTION_UNKNOWN = "plan_option_unknown"
    PLAN_FILE_TWICE = "plan_file_twice"
    FILE_ID_INVALID = "file_id_invalid"
    SESSION_UNKNOWN = "session_unknown"
    HALL_MISSING = "hall_missing"
    HALL_EXISTS = "hall_exists"
    ALREADY_RUNNING = "already_running"
    APPLICATION_CLOSING = "application_closing"
    STORE_UNREADABLE = "store_unreadable"
    STORE_READ_ONLY = "store_read_only"
    STORE_TOO_OLD = "store_too_old"
    STORE_BUSY = "store_busy"
    DISK_FULL = "disk_full"
    EVIDENCE_DAMAGED = "evidence_damaged"
    DATA_KEY_DESTROYED = "data_key_destroyed"
    PACKAGE_MISSING = "package_missing"
    TRUST_ROOTS_MISSING = "trust_roots_missing"
    CENTRE_UNREACHABLE = "centre_unreachable"
    CENTRE_REFUSED_DEVICE = "centre_refused_device"
    CENTRE_REFUSED_RECORD = "centre_refused_record"
    NOT_QUARANTINED = "not_quarantined"
    CENTRE_UNTRUSTED = "centre_untrusted"
    ENROLMENT_DIFFERS = "enrolment_differs"
    CENTRE_FAILED = "centre_failed"
    CENTRE_VERSION = "centre_version"
    TIMESTAMP_UNREACHABLE = "timestamp_unreachable"
    TIMESTAMP_INVALID = "timestamp_invalid"
    COMPUTER_EXHAUSTED = "computer_exhausted"
    SCREEN_MISSING = "screen_missing"
    PRACTICE_TOOL_MISSING = "practice_tool_missing"
    FILE_MISSING = "file_missing"
    INPUT_INVALID = "input_invalid"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True)
class Failure:
    """What a person is told: the remedy is shown first, the cause after it."""

    cause: str
    remedy: str


FAILURES: dict[FailureCode, Failure] = {
    FailureCode.READER_SERVICE_DOWN: Failure(
        "智能卡服务没有运行", "请联系管理员启动智能卡服务（pcscd），启动后自动恢复，无需重启本程序"
    ),
    FailureCode.READER_SERVICE_HUNG: Failure(
        "智能卡服务没有应答",
        "请稍候；一直没有应答时，请联系管理员重启智能卡服务（pcscd），恢复后自动继续，无需重启本程序",
    ),
    FailureCode.READER_MISSING: Failure("没有找到读卡器", "请插好读卡器的 USB 线，插好后自动识别"),
    FailureCode.READER_BUSY: Failure("另一个程序正在使用读卡器", "请关闭其他读卡程序，关闭后自动继续"),
    FailureCode.READER_WITHOUT_SAM: Failure("认出了卡，但这台读卡器没有安全模块", "请换用带安全模块的身份证阅读器"),
    FailureCode.READER_TOO_OLD: Failure("这台读卡器太旧，读不了这种证件", "请换用新式身份证阅读器，或走人工核验"),
    FailureCode.READER_FAILED: Failure("读卡器没有正确应答", "请重新插拔读卡器，仍不行请换一台并报修"),
    FailureCode.CARD_MISSING: Failure("读卡器上没有证件", "请把身份证平放在读卡器上"),
    FailureCode.CARD_REMOVED: Failure("读取中途证件被拿开", "请把身份证放回读卡器，读完前不要移动"),
    FailureCode.CARD_UNREADABLE: Failure("证件芯片读取失败", "请拿起证件，擦净后重新平放；仍不行请走人工核验"),
    FailureCode.CARD_NEEDS_LIFTING: Failure("证件早已在读卡器上，需要离开读卡器再放回", "请拿起证件，再放下"),
    FailureCode.CARD_KIND_UNSUPPORTED: Failure("本版本还不能读取这种证件", "请走人工核验，或请客户出示居民身份证"),
    FailureCode.PORTRAIT_UNREADABLE: Failure("芯片里的照片无法显示", "请走人工核验，由第二人现场比对"),
    FailureCode.CAMERA_MISSING: Failure("没有找到摄像头", "请插好摄像头后重试；没有摄像头请走人工核验"),
    FailureCode.CAMERA_STOPPED: Failure("摄像头中途停止", "请重新插好摄像头后重试，已完成的步骤都保留着"),
    FailureCode.CAMERA_VIRTUAL: Failure(
        "这是虚拟摄像头，画面来自软件，不是镜头", "请关闭虚拟摄像头软件，插好真实的摄像头后重试；没有请走人工核验"
    ),
    FailureCode.NO_USABLE_FACE: Failure("没有拍到可以比对的人脸", "请客户正对镜头，光线照在脸上，画面里只留一个人"),
    FailureCode.NOT_LIVE: Failure("活体检测没有通过", "请客户看着镜头，按屏幕提示重做一遍"),
    FailureCode.COMPUTER_TOO_SLOW: Failure("这台电脑太忙，来不及看清画面", "请关闭其他程序后重试；仍不行请走人工核验"),
    FailureCode.CAMERA_TOO_SLOW: Failure(
        "摄像头的画面太慢或时断时续", "请把摄像头直接插在电脑上，光线调亮后重试；仍不行请走人工核验"
    ),
    FailureCode.CHECK_STOPPED: Failure("营业员中止了这一次检测", "客户准备好后请重试"),
    FailureCode.SUPERVISED_WAY_CLOSED: Failure(
        "现在还不能改走人工核验", "请先请客户看镜头检测；两次没有通过或设备有故障时，才可以改走人工核验"
    ),
    FailureCode.MICROPHONE_MISSING: Failure("没有找到麦克风", "请插好麦克风后重试；仍没有请换一台柜台"),
    FailureCode.MICROPHONE_STOPPED: Failure("麦克风中途停止", "请重新插好麦克风后重试，只需重读告知书"),
    FailureCode.MICROPHONE_SILENT: Failure(
        "麦克风没有声音，可能被静音", "请打开麦克风的静音开关，再请客户把这一句读一遍"
    ),
    FailureCode.RECORDER_FAILED: Failure(
        "录像中断，没录完的部分已删除", "请重试，请客户从第一句重读；已完成的步骤都保留着"
    ),
    FailureCode.RECORDING_TOO_SHORT: Failure("录像太短，这一句来不及读完", "请客户把这一句读完后再继续"),
    FailureCode.MODEL_CHANGED: Failure("人脸模型文件与登记的不一致", "请停止使用并联系管理员重新安装"),
    FailureCode.FACE_ENGINE_MISSING: Failure(
        "这台电脑没有安装这个人脸引擎", "请联系管理员安装，或去掉 --engine 使用默认引擎"
    ),
    FailureCode.THRESHOLDS_INVALID: Failure(
        "人脸阈值文件不能用", "请联系管理员更正或移走这个文件，移走后使用自带的阈值"
    ),
    FailureCode.PICTURE_UNREADABLE: Failure(
        "图片打不开", "请给出完整的 JPEG、PNG、WebP、AVIF 或 BMP 图片，像素不超过五千万"
    ),
    FailureCode.FACE_WORKER_FAILED: Failure(
        "人脸组件没有应答，自动重启后仍不行", "请重试；仍不行请重新启动本程序，或走人工核验"
    ),
    FailureCode.NOTICE_TEXT_MISSING: Failure(
        "客户看过的那一版文本在这台电脑上找不到了",
        "请放弃这笔业务，按现在的文本重新办理，并请管理员重新安装本程序",
    ),
    FailureCode.SIGNATURE_EMPTY: Failure("还没有签名", "请客户在签名框里签上姓名"),
    FailureCode.PRINTER_FAILED: Failure("打印失败", "请检查打印机后重试；业务已保存，不受影响"),
    FailureCode.PASSPHRASE_WRONG: Failure(
        "根密钥的口令不对，或密钥文件已损坏", "请重新输入口令；仍不行请用备份的根密钥"
    ),
    FailureCode.LOGIN_WRONG: Failure(
        "工号、密码或动态码不对", "请重新输入，动态码以验证器此刻显示的为准；忘记密码请联系管理员"
    ),
    FailureCode.CLOCK_WRONG: Failure(
        "这台电脑的日期或时间不对", "请校准日期和时间后重试，已完成的步骤都保留着；仍不行请联系管理员重新登记设备"
    ),
    FailureCode.CLOCK_WENT_BACK: Failure(
        "电脑时间比这笔业务开始时还早", "时间刚被改错的，请改回来再重试；开始办理时就不准的，请放弃这笔，重新办理"
    ),
    FailureCode.LOGIN_LOCKED: Failure("这个工号连续输错密码，暂时不能登录", "时间到后再重新输入；忘记密码请联系管理员"),
    FailureCode.CODE_USED: Failure("这个动态码已经用过一次", "请等验证器显示下一个动态码后再登录"),
    FailureCode.STAFF_PENDING: Failure(
        "这个工号还没有得到省中心认证", "请连上网络，由任一同事登录一次或管理员运行 hallclient hall certify，之后再登录"
    ),
    FailureCode.STAFF_REFUSED: Failure(
        "省中心没有认证这个工号：邀请已过期、已用过，或工号已有人用", "请管理员重新邀请，再用新的邀请码设置登录"
    ),
    FailureCode.STAFF_LOCKED: Failure("这个工号已被管理员锁定", "请联系管理员解锁"),
    FailureCode.STAFF_REVOKED: Failure("这个工号的证书已被省中心吊销", "不能再登录；如有疑问请联系管理员"),
    FailureCode.STAFF_UNTRUSTED: Failure(
        "这个工号的证书在本厅无效：不是本厅的、已过期或还没生效",
        "请先核对电脑的日期和时间；仍不行请管理员联系省中心换发证书",
    ),
    FailureCode.INVITATION_INVALID: Failure(
        "这个邀请码不对、已用过或已过期", "请核对工号和邀请码；仍不行请管理员重新邀请"
    ),
    FailureCode.HALL_TAMPERED: Failure(
        "营业厅的登记文件被改动过", "请停止办理，不要删除任何文件，立即联系管理员和稽核员"
    ),
    FailureCode.REVOCATIONS_MISSING: Failure(
        "省中心的吊销名单不见了或被换成了旧的", "请连上省中心，名单会自动取回，取回后即可继续；一直不行请联系管理员"
    ),
    FailureCode.ROOTS_CHANGED: Failure(
        "省中心的根证书与您上次登录时不同", "请停止办理，立即联系管理员：可能有人把本厅改接到别处"
    ),
    FailureCode.ROOT_UNCONFIRMED: Failure(
        "省中心根证书的指纹没有得到确认", "请与省中心核对指纹，再用 --root-sha256 给出"
    ),
    FailureCode.NOT_PERMITTED: Failure("这个工号没有此项权限", "请换有权限的人员登录"),
    FailureCode.OWN_SESSION: Failure("不能复核自己办理的业务", "请另一位稽核员复核"),
    FailureCode.REVIEW_TAKEN: Failure("这笔业务已由别人处理", "请刷新列表，选择下一笔"),
    FailureCode.REASON_MISSING: Failure("没有填写理由", "请写明理由再提交"),
    FailureCode.STEP_OUT_OF_ORDER: Failure("现在还不能做这一步", "请按左侧的步骤依次办理"),
    FailureCode.SESSION_UNDER_WAY: Failure("本柜台正在办理另一笔业务", "请先办完或暂存那一笔，再办理新的业务"),
    FailureCode.SCENE_UNKNOWN: Failure(
        "当前规则里没有这项业务", "请选择开始页上列出的业务；需要新业务时请联系运营商技术支持"
    ),
    FailureCode.RULE_PACK_INVALID: Failure("业务规则文件有误，不能使用", "请联系运营商技术支持重新下发规则"),
    FailureCode.PLAN_STEP_UNKNOWN: Failure("业务规则里没有这个步骤", "请联系运营商技术支持重新下发规则"),
    FailureCode.PLAN_STEP_MISSING: Failure("业务规则里有步骤缺少它前面必须的步骤", "请联系运营商技术支持重新下发规则"),
    FailureCode.PLAN_STEP_TWICE: Failure("业务规则里同一步骤出现了两次", "请联系运营商技术支持重新下发规则"),
    FailureCode.PLAN_KIND_UNKNOWN: Failure(
        "业务规则要求的步骤，这个版本的程序不会做", "请更新程序，或联系运营商技术支持"
    ),
    FailureCode.PLAN_PERSON_UNKNOWN: Failure("业务规则里的步骤没有对应的人员", "请联系运营商技术支持重新下发规则"),
    FailureCode.PLAN_OPTION_UNKNOWN: Failure(
        "业务规则对步骤的要求，这个版本的程序做不到", "请更新程序，或联系运营商技术支持"
    ),
    FailureCode.PLAN_FILE_TWICE: Failure("业务规则里有两个步骤会产生同名文件", "请联系运营商技术支持重新下发规则"),
    FailureCode.FILE_ID_INVALID: Failure("证据文件的编号不合规定", "请保留原文件，并联系运营商技术支持"),
    FailureCode.SESSION_UNKNOWN: Failure("找不到这笔业务", "请刷新列表后再选"),
    FailureCode.HALL_MISSING: Failure(
        "这里没有登记过的营业厅",
        "请检查 --data 或 HALLCLIENT_DATA 给出的文件夹；新电脑请管理员运行 hallclient hall create 登记，"
        "或先用 hallclient rehearse 演练",
    ),
    FailureCode.HALL_EXISTS: Failure("这个文件夹里已有营业厅数据", "请换一个空文件夹，已有数据没有改动"),
    FailureCode.ALREADY_RUNNING: Failure(
        "本程序已在这台电脑上运行", "请回到已打开的窗口继续办理；待传数据由它上传，不必另行上传"
    ),
    FailureCode.APPLICATION_CLOSING: Failure(
        "上一次打开的程序还没有退出", "请等一分钟再打开；仍打不开时重启电脑，已采集的数据不会丢失"
    ),
    FailureCode.STORE_READ_ONLY: Failure(
        "数据文件夹不能读写", "请联系管理员检查磁盘是否变成只读、当前用户有没有权限；已有数据没有改动"
    ),
    FailureCode.STORE_BUSY: Failure(
        "另一个程序正占用本地数据库", "请稍候再试；仍不行请关闭其他占用数据文件夹的程序（备份、杀毒）"
    ),
    FailureCode.STORE_TOO_OLD: Failure(
        "这个文件夹是旧版本程序的数据，这个版本不再读取",
        "请保留旧文件夹，换一个空文件夹重新登记营业厅，或联系运营商技术支持；演练厅的文件夹可以直接删除",
    ),
    FailureCode.STORE_UNREADABLE: Failure("本地数据库无法打开", "请不要删除任何文件，联系管理员从备份恢复"),
    FailureCode.DISK_FULL: Failure("磁盘空间不足", "请联系管理员清理磁盘后重试，已完成的步骤都保留着"),
    FailureCode.EVIDENCE_DAMAGED: Failure("证据文件损坏或被改动", "请不要删除，联系稽核员；这笔业务需要重新办理"),
    FailureCode.DATA_KEY_DESTROYED: Failure(
        "收到省中心回执后，本厅的密钥已按规定销毁，这里不能再解密", "证据没有损坏；需要查看内容请联系省中心"
    ),
    FailureCode.PACKAGE_MISSING: Failure("这里没有证据包", "请给出含有 manifest.json 的文件夹"),
    FailureCode.TRUST_ROOTS_MISSING: Failure("没有可信的根证书", "请用 --roots 给出省中心下发的根证书文件"),
    FailureCode.CENTRE_UNREACHABLE: Failure("连不上省中心", "可以继续办理，数据已加密保存，网络恢复后自动补传"),
    FailureCode.CENTRE_REFUSED_DEVICE: Failure(
        "省中心不接受这台设备的证书", "请联系管理员重新登记设备，待传数据都保留着"
    ),
    FailureCode.NOT_QUARANTINED: Failure(
        "这一笔没有被隔离", "请核对业务编号：hallclient queue status 会列出被隔离的业务"
    ),
    FailureCode.CENTRE_REFUSED_RECORD: Failure("省中心退回了这一笔", "这一笔已隔离，其余照常上传；请稽核员查看原因"),
    FailureCode.CENTRE_UNTRUSTED: Failure(
        "对方不是可信的省中心，或回执签名不对", "请不要删除任何数据，联系管理员检查网络是否被劫持"
    ),
    FailureCode.ENROLMENT_DIFFERS: Failure(
        "这份登记回执不是发给本柜台这台设备的", "请换用本柜台的登记回执；没有时请运营商按本机的申请文件重新签发"
    ),
    FailureCode.CENTRE_FAILED: Failure("省中心暂时出错", "稍后自动重试，数据已加密保存"),
    FailureCode.CENTRE_VERSION: Failure(
        "本程序与省中心的版本不相容", "请联系管理员升级本程序；数据已加密保存，升级后自动补传"
    ),
    FailureCode.TIMESTAMP_UNREACHABLE: Failure(
        "时间戳服务没有应答", "业务照常办理，不受影响；长期没有应答时，请运营商检查时间戳服务的地址和网络"
    ),
    FailureCode.TIMESTAMP_INVALID: Failure(
        "时间戳服务的应答不可信", "业务照常办理，不受影响；请运营商核对时间戳服务的地址和根证书"
    ),
    FailureCode.COMPUTER_EXHAUSTED: Failure(
        "这台电脑的资源用完了（内存、进程或打开的文件太多）",
        "请关闭其他程序后重试；仍不行请重启电脑，并联系管理员放宽系统限制；已保存的数据不受影响",
    ),
    FailureCode.SCREEN_MISSING: Failure(
        "没有可以显示窗口的屏幕", "请在电脑的桌面上打开本程序，不要从远程命令行启动；仍不行请联系管理员检查显示设置"
    ),
    FailureCode.PRACTICE_TOOL_MISSING: Failure(
        "演练读卡器缺少系统组件", "请先在项目文件夹运行 make setup（pcscd、gcc、libpcsclite-dev）"
    ),
    FailureCode.FILE_MISSING: Failure("找不到这个文件", "请检查文件名和路径，更正后再试"),
    FailureCode.INPUT_INVALID: Failure("输入的内容不对", "请按提示更正后再试"),
    FailureCode.INTERNAL_ERROR: Failure("程序内部出错", "请记下编号并联系管理员；已保存的数据不受影响"),
}

# What may be gone again in a moment: while nothing was said to the card, whoever waits for one goes on waiting.
PASSING = frozenset(
    {
        FailureCode.CARD_REMOVED,
        FailureCode.READER_BUSY,
        FailureCode.READER_MISSING,
        FailureCode.READER_SERVICE_DOWN,
        FailureCode.READER_SERVICE_HUNG,
    }
)
# What is over once somebody has done what the remedy says, at the reader or with the card: it is read without a word.
READ_AGAIN_UNASKED = PASSING | {
    FailureCode.CARD_MISSING,
    FailureCode.CARD_NEEDS_LIFTING,
    FailureCode.CARD_UNREADABLE,
}
# What forbids to end a line of the notice now: the recording goes on, and so does the line.
LINE_GOES_ON = frozenset({FailureCode.RECORDING_TOO_SHORT, FailureCode.MICROPHONE_SILENT})


class KnownError(Exception):
    """The environment, a device, a person's input or the network failed in a way that we foresaw.

    Attributes:
        code: what happened.
        detail: facts for the operator's IT (a device's name, a file's name, a status word). Never personal data.
        wait_s: seconds after which another try makes sense, where that is known.
        number: what stands behind it was foreseen by nobody, and stands in the log under this number; else None.
    """

    def __init__(
        self, code: FailureCode, detail: str = "", *, wait_s: int | None = None, number: str | None = None
    ) -> None:
        said = " ".join(part for part in (detail, number) if part)
        super().__init__(f"{code}: {said}" if said else str(code))
        self.code = code
        self.detail = detail
        self.wait_s = wait_s
        self.number = number

    def again(self) -> Self:
        """The same failure for whoever is told next: one that is kept and raised twice, or by two threads, would carry
        the traceback of everybody before.
        """
        return type(self)(self.code, self.detail, wait_s=self.wait_s, number=self.number)

    @property
    def failure(self) -> Failure:
        """Cause and remedy in the clerk's words, with the seconds to wait."""
        failure = FAILURES[self.code]
        return failure if self.wait_s is None else Failure(failure.cause, f"请等 {self.wait_s} 秒。{failure.remedy}")


class BugError(Exception):
    """We did something wrong: an invariant of our own code does not hold. Nobody at the counter can mend it."""
