"""What stands around the pages: the clerk's top bar, a session's frame, the swap on one screen."""

from hallclient.services.preparation import Part


class Practice:
    PUT = "放上演练证件"
    TAKE = "拿走演练证件"
    LOGIN = "{role} 工号 {number} 密码 {password} 动态码 {code}"
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
