"""What an inspection asks of a package; `assets/commands.toml` has the words for each."""

from enum import StrEnum


class Question(StrEnum):
    """What was checked."""

    PRESENT = "present"
    UNDERSTOOD = "understood"
    DEVICE_TRUSTED = "device_trusted"
    SIGNED = "signed"
    STAFF_TRUSTED = "staff_trusted"
    PLACE_CERTIFIED = "place_certified"
    UNCHANGED = "unchanged"
    EXPECTED = "expected"
    PLAN_DOABLE = "plan_doable"
    PLAN_OF_PACK = "plan_of_pack"
    STEPS_AS_PLANNED = "steps_as_planned"
    FLAGS_AS_FOUND = "flags_as_found"
    OF_THIS_SESSION = "of_this_session"
    BUSINESS_AS_STATED = "business_as_stated"
    CARD_USABLE = "card_usable"
    SIGNS_WHAT_WAS_READ = "signs_what_was_read"
    ABOUT_THIS_SESSION = "about_this_session"
    REVIEWER_TRUSTED = "reviewer_trusted"
    REVIEWED_BY_ANOTHER = "reviewed_by_another"
    CENTRE_TRUSTED = "centre_trusted"
    LISTED_IN_RECEIPT = "listed_in_receipt"
    CONTENT_UNCHANGED = "content_unchanged"
    NOTICE_SIGNATURE = "notice_signature"
    NOTICE_KEY_NAMED = "notice_key_named"
    TIMESTAMP_AS_STATED = "timestamp_as_stated"
    TIMESTAMP_OF_THIS = "timestamp_of_this"
    TIMESTAMP_TRUSTED = "timestamp_trusted"
    TIMESTAMP_IN_TIME = "timestamp_in_time"
    STROKES_BOUND = "strokes_bound"
    TEXT_AS_STATED = "text_as_stated"
    FACE_BY_CONSENT = "face_by_consent"
    EVERY_LINE_ENDED = "every_line_ended"
    CAMERAS_NOT_VIRTUAL = "cameras_not_virtual"
    SUPERVISED_WAY_OPEN = "supervised_way_open"
    SESSION_NUMBERED = "session_numbered"
    TIMES_PLAUSIBLE = "times_plausible"
    FILES_LISTED_ONCE = "files_listed_once"
    FILES_AS_PLANNED = "files_as_planned"
    ATTEMPTS_FEW = "attempts_few"
    CHALLENGES_DRAWN = "challenges_drawn"
    PASSED_BY_CHALLENGES = "passed_by_challenges"
    ATTEMPTS_FIT = "attempts_fit"
    TRIES_FIT = "tries_fit"
    KEY_PICTURES_ASKED = "key_pictures_asked"
    KEY_PICTURES_COMPLETE = "key_pictures_complete"
    KEY_PICTURES_ONCE = "key_pictures_once"
    KEY_PICTURES_FIT = "key_pictures_fit"
    THRESHOLDS_SANE = "thresholds_sane"
    DECIDED_BY_SCORE = "decided_by_score"
    COMPARED_WAS_SEEN = "compared_was_seen"
    LINES_IN_ORDER = "lines_in_order"
    RECORDING_FITS = "recording_fits"
    PEOPLE_NAMED = "people_named"
    AUDIT_HEAD_FORMED = "audit_head_formed"
    CARD_AS_READ = "card_as_read"
    PICTURE_READABLE = "picture_readable"
    RECORDING_AS_STATED = "recording_as_stated"
    SEALED_BEFORE_RECEIPT = "sealed_before_receipt"
    OUTCOME_FOLLOWS = "outcome_follows"
    FOLDER_OF_SESSION = "folder_of_session"  # asked where the folder is called as a session is
    SIGNERS_GOOD_TODAY = "signers_good_today"
    SIGNERS_NOT_REVOKED = "signers_not_revoked"  # asked where it is known what was revoked
    # What only a centre can ask: by its own rules, and by what it knew before.
    ENGINE_KNOWN = "engine_known"
    MATCHED_BY_CENTRES_THRESHOLDS = "matched_by_centres_thresholds"
    PICTURES_COMPARED = "pictures_compared"
    PICTURES_ALIKE = "pictures_alike"
    FILE_NEW = "file_new"
    NOTICE_KEY_NEW = "notice_key_new"
    SEQUENCE_FREE = "sequence_free"
    SEQUENCE_WHOLE = "sequence_whole"
    PREVIOUS_AS_KNOWN = "previous_as_known"
    AUDIT_AS_KNOWN = "audit_as_known"
    CLOCKS_AGREE = "clocks_agree"
    CORRECTED_ALIKE = "corrected_alike"
    STAFF_KNOWN = "staff_known"


STRUCTURAL = frozenset(
    {
        Question.PRESENT,
        Question.UNDERSTOOD,
        Question.DEVICE_TRUSTED,
        Question.STAFF_TRUSTED,
        Question.REVIEWER_TRUSTED,
        Question.SIGNED,
        Question.TIMESTAMP_OF_THIS,
        Question.TIMESTAMP_TRUSTED,
        Question.UNCHANGED,
        Question.EXPECTED,
        Question.PLAN_DOABLE,
        Question.FILES_LISTED_ONCE,
        Question.FILES_AS_PLANNED,
        Question.CENTRE_TRUSTED,
        Question.LISTED_IN_RECEIPT,
        Question.CONTENT_UNCHANGED,
    }
)
"""Where one of these does not hold there is no package that could be looked into: a centre refuses it. Of a package for
which only others fail, it is known who sealed it and what: a centre keeps it as evidence, and never lets it pass.
"""
