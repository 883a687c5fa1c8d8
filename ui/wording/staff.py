"""Who works here, how they log in, and how an administrator looks after them."""

from hallclient.domain.password import LONGEST, SHORTEST, Unfit
from hallclient.domain.staff import Role

ROLES: dict[Role, str] = {
    Role.CLERK: "营业员",
    Role.SUPERVISOR: "稽核员",
    Role.ADMINISTRATOR: "管理员",
}

PASSWORD_LACKS: dict[Unfit, str] = {
    Unfit.TOO_SHORT: f"至少 {SHORTEST} 个字符，还差 {{missing}} 个",
    Unfit.TOO_LONG: f"最多 {LONGEST} 个字符",
    Unfit.NO_TEXT: "有不能用的字符，请重新输入",
    Unfit.HAS_NUMBER: "不能包含工号",
    Unfit.COMMON: "太常见，别人一猜就中，请换一个",
}


class Login:
    HINT = "请输入工号、密码和动态码"
    NUMBER = "工号"
    PASSWORD = "密码"  # noqa: S105  # a caption
    CODE = "动态码"
    CODE_HINT = "验证器此刻显示的 6 位数字"
    ENTER = "登录"
    WORKING = "正在核对…"
    BACK = "返回"
    NEXT = "下一步"


class FirstDay:
    WAY = "第一次登录"
    HEADLINE = "第一次登录"
    INVITATION_HINT = "请输入工号和管理员给您的一次性码"
    INVITATION = "一次性码"
    INVITATION_FORM = "20 位字母和数字，不分大小写"
    INVITATION_COUNT = "已输入 {count} 位，应为 {all} 位"
    INVITATION_WHOLE = "20 位已齐"
    AUTHENTICATOR = "绑定验证器"
    AUTHENTICATOR_HINT = "用验证器扫码，再输入它显示的动态码"
    QR = "绑定验证器的二维码"
    TYPED = "扫不了？手动输入："
    TYPED_FORM = "基于时间，6 位，30 秒"
    CODE_WRONG = "动态码不对：请核对电脑与手机的时间，输入验证器此刻显示的 6 位"
    FINISH = "完成"
    MAKING = "正在建立您的登录…"
    READY = "可以登录了"
    READY_HINT = "工号 {number} 已得到省中心认证，请用密码和动态码登录。"
    PENDING = "等待省中心认证"
    PENDING_HINT = (
        "工号 {number} 的登录已建好，省中心还没有认证，现在还不能登录。"
        "请连上网络，由任一同事登录一次；认证到达后即可登录。"
    )
    PENDING_STILL = "还没有得到认证，请稍后再看"
    TO_LOGIN = "去登录"
    LOOK_AGAIN = "再看一次"


class NewPassword:
    HEADLINE = "设定密码"
    HINT = "可以是一句自己记得住的话，不必夹杂符号"
    FIRST = "新密码"
    AGAIN = "再输入一次"
    RIGHT = "密码合格，两次一致"
    FIT = "密码合格，请再输入一次"
    DIFFERENT = "两次输入不一致"
    FORM = f"{SHORTEST} 到 {LONGEST} 个字符"


class OwnPassword:
    WAY = "修改密码"
    HEADLINE = "修改密码"
    HINT = "请先用现在的密码和动态码证明是您本人"
    OLD = "现在的密码"
    CHANGE = "修改"
    DONE = "密码已修改，请用新密码登录"


class Forgotten:
    WAY = "忘记密码"
    HEADLINE = "忘记密码或丢失验证器"
    HINT = "没有人能看到您的密码，只能重新建立登录"
    LINES = (
        (
            "1  请管理员登录，在人员名单里选您的工号，按“重置登录”，另一位管理员在旁一同确认；"
            "本厅只有一位管理员时，由省中心出具许可文件。"
        ),
        "2  管理员给您一个新的一次性码，三天内有效，只能用一次。",
        "3  您在这里按“第一次登录”，用一次性码设定新密码、绑定验证器。原来的密码和验证器从此作废。",
    )


class Lock:
    BUTTON = "锁屏"
    HEADLINE = "已锁屏"
    WHO = "{role} {number}"
    HINT = "请本人解锁，业务和设备都保持原样"
    UNLOCK = "解锁"
    CHANGE = "换人"
    CHANGE_HINT = "换人：没办完的业务会留着，本人或同事登录后可接着办"
    NOT_NOW = "客户正在本屏办理，办完才能锁屏"
    STAKE = "{headline} {status}"


class StaffWindow:
    TITLE = "人员管理"
    COUNT = "共 {count} 人"
    LIST = "人员名单"
    ROW = "{number}  {role}"
    STATES = ("可以登录", "已锁定", "等待省中心认证")
    INVITE = "邀请新同事"
    INVITE_HINT = "新同事凭一次性码自己设定密码和验证器"
    ROLE = "岗位"
    NUMBER_TAKEN = "这个工号已有登录；忘记密码请在名单里选中，按“重置登录”"
    MAKE = "生成一次性码"
    LOCK = "锁定"
    UNLOCK = "解锁"
    RESET = "重置登录"
    LOCK_HINT = "锁定后不能登录，直到解锁"
    RESET_HINT = "忘记密码或丢失验证器时用：原来的登录在本人用新的一次性码重建后作废"
    REMOVE = "移除"
    REMOVE_HINT = "离职时用：从此不能登录，本厅换新密钥"
    REMOVE_SURE = "移除 {number}？"
    REMOVE_STAKE = "不能恢复"
    REMOVE_WORDS = (
        "{number} 从此不能登录，没办完的业务由同事接手。本厅换新密钥，所以移除后您要重新登录；"
        "其他柜台须先退出本程序。还请省中心吊销此人的证书。"
    )
    REMOVE_YES = "确认移除"
    REMOVING = "正在移除并更换密钥…"
    REMOVED = "{number} 已移除，请重新登录"
    NOT_SELF = "不能锁定、重置或移除自己，请另一位管理员操作"
    NONE_CHOSEN = "请在名单里选一个人"
    SECOND = "请另一位管理员确认"
    SECOND_HINT = "邀请稽核员、管理员和重置登录要两位管理员同意；本厅只有一位时，由省中心出具许可文件后用命令办理"
    SECOND_NUMBER = "另一位管理员工号"
    CONFIRM = "确认"
    CODE_TITLE = "{number} 的一次性码"
    CODE_HINT = "请抄给本人，当面交付。只显示这一次，{until}前有效，只能用一次。"
    CODE_COPIED = "已抄好"
    LOCKED = "{number} 已锁定"
    UNLOCKED = "{number} 已解锁"
    WORKING = "正在办理…"
    CLOSE = "返回"


def password_lack(lack: Unfit, length: int) -> str:
    """What a password of `length` characters lacks."""
    return PASSWORD_LACKS[lack].format(missing=max(SHORTEST - length, 0))
