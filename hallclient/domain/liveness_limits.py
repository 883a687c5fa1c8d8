"""Every threshold of the liveness check but those of pictures that were there before (`hallclient.domain.repetition`).

Each with its unit and where its figure comes from. One without a figure was chosen beyond what people did in the
recordings, by eye, and nothing was measured at it alone.

`people`: short recordings of real people who turn, nod, blink, open their mouths, smile and talk, and of screens that
show some of them, looked at 15 times a second: about 33 people and 4 attacks, of whom the set in use now (22 movements
in 10 recordings, 2 attacks, looked at again on 2026-11-26) is a part. Nobody in them followed prompts.
`program`: people and sheets made by program (tests/attacks): rates, bent sheets and cut-outs that no recording shows.
`hallclient face liveness-evaluate` and `make bench` measure again.

Distances are in eye distances (outer corner to outer corner), so nothing here depends on how large a face is seen, and
speeds and durations are in seconds. What is counted in looks, and so lasts longer where fewer are made, is said here:
`REST_PICTURES` (a median of fewer would be a mean), `RELIEF_PICTURES` (at most; a median of those there are),
`MISSED_LOOKS` (a detector misses single pictures at any rate), `LEAST_STEP_S` and `MOST_STEP_S` (below and above which
the time between two looks counts as that), and `held_issue.LEAST_LOOKS` (a share of fewer would be chance).
"""

# What is a movement. Parallax: of the nose against the face, see `face_motion`.
TURN = 0.085  # parallax; people: deliberate turns 0.10 to 0.49. About 14 degrees
NOD = 0.18  # parallax against the eyes; people: nods 0.30 to 0.46, smiles to 0.06, a laugh 0.16
MOUTH = 0.18  # gap of the lips beyond rest; people: opened 0.22 to 0.41, talk mostly below 0.17
CLOSED = 0.6  # eyes' opening as a share of rest; people: 88 blinks, of which 10 bottom out at 0.55 to 0.60

# What is another movement than the one asked for.
TURN_WRONG = TURN
NOD_WRONG = 0.25  # parallax against the eyes; beyond a laugh's 0.16

# What is rest.
TURN_REST, NOD_REST = 0.035, 0.10  # where a movement began; noise 0.004 and 0.02
TURN_STEADY, NOD_STEADY = 2 * TURN_REST, 2 * NOD_REST  # chosen: heads move a little with lids and lips
MOUTH_REST = 0.08
OPEN = 0.75  # eyes' opening as a share of rest
RETURNED = 0.4  # of the largest parallax or gap: people come to rest 0.03 to 0.06 away from where they began
STILL_S = 0.2  # for so long, and
UNREST_TURN, UNREST_NOD = 0.03, 0.10  # moving by no more than this
UNREST_EYES, UNREST_MOUTH = (0.75, 1.33), 0.06
REST_S, REST_PICTURES = 0.12, 3  # before something is asked; a median of two would be a mean
FACING_TURN_DEG, FACING_NOD_DEG = 15.0, 25.0  # from the camera's axis, which may look from above or from below
# Of the wider eye, height by width; also for a picture to compare (`drivers.face.quality_check`).
# People: closed 0.02 to 0.04,
# open from 0.09 on. LFW's 365 photos (2026-11-26, by eye): 0.059 closed, 0.081 narrow with laughter, 0.091 one narrow
# and one squeezed shut, from 0.10 on open; 0.21 in the middle. Lids that are painted shut: 0.06 to 0.087.
LEAST_OPENING = 0.085

# Depth. Program: heads turned 15 degrees show 0.026 or more, bent sheets at most 0.016 and (nod) 0.012.
TURN_RELIEF, NOD_RELIEF = 0.020, 0.0155
# Of the parallax, where that is more. At 0.2 and more of it people show from 0.124 on (medians of a turn from 0.146 on;
# one so quick that it is blurred 0.06), a replay on a laptop to 0.128. In smaller turns the replay shows up to 0.37.
TURN_RELIEF_SHARE = 0.13
ORDINARY_RELIEF = 1.6  # times what is needed: the hint is 1 from there on
BEST_TURN, BEST_NOD = 0.20, 0.36  # parallax at which relief is measured; people: 0.025 to 0.073 at 0.17 to 0.25
SMALL_MOVEMENT = 0.75  # of that: a head that moved less far may show too little, and is asked again
RELIEF_PICTURES = 5
WHOLE_STRETCH = (0.82, 1.22)  # a blink or a mouth on a face that is squeezed more is a tilted picture's
ON_THE_WAY = (0.2, 0.8)  # share of the largest parallax: a head is seen there, pictures shown in turn never

# How fast. Between two looks, at least as in LEAST_STEP_S.
HEAD_SPEED = 2.5  # parallax of a turn per second; people: to 2.0. A cut is 0.2 from one picture to the next
NOD_SPEED = 7.0  # parallax against the eyes per second
SHIFT_SPEED = 10.0  # eye distances per second
GROWTH_SPEED = 4.0  # of the logarithm per second
ROLL_SPEED_DEG = 450.0
LEAST_STEP_S, MOST_STEP_S = 0.066, 0.2  # what is shorter is noise; what is longer is no excuse

# How long.
REACTION_S = 0.1  # nobody begins earlier after being asked
TIME_OUT_S = 8.0  # for a face at rest, and for each challenge
UNSTEADY_S = 1.0  # without rest before it is said; chosen
PATIENCE_S, HOLD_PATIENCE_S = 0.7, 1.0  # with a movement that has begun, and one that is held; chosen
LONGEST_HOLD_S = 4.5  # people: up to 4.1 s
GAP_S = 0.5  # between two looks
# A gap longer than this (that of LEAST_LOOKS, and a little for a camera whose pictures do not come evenly), and not
# longer ago, may be why a face is lost or seems to be cut: it is not said of the person then.
SPARSE_S, SPARSE_FOR_S = 0.25, 2.0
# Without a face, from the look that saw it last to the one that sees it again; a replay is dark for 0.3 s where it was
# cut (people: no difference to 0.5 s). One look may miss a face (two looks at 5 a second are 0.4 s apart then), so a
# dark 0.3 s is found if two looks fall into it: always from 6.7 a second on, in 80 % of the cases at 6, 50 % at 5.
LOST_S, MISSED_LOOKS = 0.25, 1
LOST_TURNED_S = 1.5  # where the head was last seen going the way that was asked for
SECOND_FACE_S = 0.1  # one look may be the detector's fancy

# What is said and decides nothing.
FAR_TURN = 0.35  # parallax, about 50 degrees: from about 60 on the face is no longer found
SMILE_STRETCH, SMILE_NOD, SMILE_MOUTH = 0.95, 0.05, 0.06  # lower and wider; people's smiles nod to 0.06

# What a hand does with a photograph while the movement that was asked for does not come.
HELD_SHIFT, HELD_GROWTH, HELD_STRETCH, HELD_ROLL_DEG = 0.35, 1.10, 1.10, 8.0

# How much is forgiven in one check. Another movement of the head is not: with one forgiven, a recording of every
# challenge, paused and resumed, passes in 33 % of the draws in place of 11 %, and no more people pass.
MOUTH_SLIPS = 1  # people answer when they are told to turn

# Looks per second. Fewer than the least do not tell what somebody does; a blink lasts 0.1 to 0.3 s (people: at 5 looks
# a second it is met in 41 % of the starts), so below BLINK_LOOKS none is asked for.
LEAST_LOOKS, BLINK_LOOKS = 5.0, 12.0


def judged_step_s(before_s: float, now_s: float) -> float:
    """The time between two looks, for speeds: not less than `LEAST_STEP_S` and not more than `MOST_STEP_S`."""
    return min(max(now_s - before_s, LEAST_STEP_S), MOST_STEP_S)
