from itertools import pairwise

from drivers.practice.pen import ScriptedPen
from hallclient.domain.signature import Signature


def test_it_writes_a_plausible_signature() -> None:
    signature = Signature(ScriptedPen().sign(), "0" * 64, "pen", practice=True, session="s")
    assert len(signature.strokes) == 3
    assert signature.point_count >= 60
    assert not signature.is_empty
    points = [point for stroke in signature.strokes for point in stroke]
    assert points[0].time_s == 0
    assert all(before.time_s < after.time_s for before, after in pairwise(points))
    assert all(0 <= value <= 1 for point in points for value in (point.x, point.y, point.pressure))
    assert len({point.pressure for point in points}) > 10
    assert max(point.x for point in points) - min(point.x for point in points) > 0.5
