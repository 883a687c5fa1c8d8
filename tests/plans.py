"""Plans as the built-in pack makes them on the day of the tests."""

from hallclient.domain.hall_time import hall_date
from hallclient.domain.notice import Notice
from hallclient.domain.plan import Plan
from hallclient.rule_texts import built_in_pack, text_in_force
from tests.packages import NEW_NUMBER, NOW


def text_today(code: str) -> Notice:
    return text_in_force(code, hall_date(NOW))


def todays_plan(scene: str = NEW_NUMBER) -> Plan:
    return built_in_pack().plan(scene, text_today)
