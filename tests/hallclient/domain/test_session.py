"""The transition table: what it allows, what it forbids, and that the README shows it."""

from pathlib import Path

import pytest
from hallclient.domain.scene import SCENES, SceneCode, Step
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.failures import KnownError
from hallclient.domain.session import CLOSED, ROAD, Move, State, mermaid, moved, next_step, transitions

README = Path(__file__).parents[3] / "README.md"


@pytest.mark.parametrize("code", SceneCode)
def test_the_road_of_a_scene_visits_exactly_its_steps(code: SceneCode) -> None:
    scene, state, visited = SCENES[code], State.OPENED, []
    while (step := next_step(scene, state)) is not None:
        visited.append(step)
        state = moved(scene, state, next(move for road_step, move, _ in ROAD if road_step is step))
    assert tuple(visited) == scene.steps
    assert state is State.SEALED


def test_a_scene_without_a_notice_goes_from_the_comparison_to_the_seal() -> None:
    scene = SCENES[SceneCode.NUMBERS_UNDER_MY_NAME]
    assert next_step(scene, State.COMPARED) is Step.FINISH
    with pytest.raises(KnownError, match="step_out_of_order"):
        moved(scene, State.COMPARED, Move.NOTICE_READ)


@given(st.sampled_from(SceneCode), st.lists(st.sampled_from(Move), max_size=12))
def test_no_order_of_moves_leads_past_a_step_or_out_of_a_closed_session(code: SceneCode, moves: list[Move]) -> None:
    scene, state, done = SCENES[code], State.OPENED, []
    for move in moves:
        try:
            state = moved(scene, state, move)
        except KnownError:
            continue
        done.append(move)
    required = [move for step, move, _ in ROAD if step in scene.steps]
    walked = [move for move in done if move not in (Move.ABANDONED, Move.REFUSED)]
    assert walked == required[: len(walked)]
    if state in CLOSED:
        assert not [move for start, move in transitions(scene) if start is state]


def test_every_open_state_can_be_abandoned_and_only_the_checked_one_refused() -> None:
    for scene in SCENES.values():
        table = transitions(scene)
        starts = {state for state, _ in table}
        assert all(table[state, Move.ABANDONED] is State.ABANDONED for state in starts)
        assert {state for state, move in table if move is Move.REFUSED} == {State.CHECKED}


def test_an_unusable_card_leads_out_and_a_usable_one_on() -> None:
    for scene in SCENES.values():
        moves = {
            usable: {move for state, move in transitions(scene, usable) if state is State.CHECKED}
            for usable in (False, True, None)
        }
        assert moves[False] == {Move.REFUSED, Move.ABANDONED}
        assert moves[True] == {Move.FACE_DECIDED, Move.ABANDONED}
        assert moves[None] == moves[False] | moves[True]
        assert next_step(scene, State.CHECKED, card_usable=False) is Step.PRECHECK
        assert next_step(scene, State.CHECKED, card_usable=True) is Step.PORTRAIT
        with pytest.raises(KnownError, match="step_out_of_order"):
            moved(scene, State.CHECKED, Move.FACE_DECIDED, card_usable=False)
        with pytest.raises(KnownError, match="step_out_of_order"):
            moved(scene, State.CHECKED, Move.REFUSED, card_usable=True)


def test_the_readme_shows_the_table_as_it_is() -> None:
    assert mermaid() in README.read_text("utf-8"), "run `make diagram` and put its output into the README"
