"""What a liveness check leaves in the evidence."""

from hallclient.domain.evidence.facts.liveness_attempts import LivenessAttempt
from hallclient.domain.liveness import Challenge, Refusal

LIVE = LivenessAttempt(
    challenges=(Challenge.NOD, Challenge.BLINK), done=2, refusal=None, looks_per_s=15.0, depth_hint=0.9, likeness=0.8
)
REFUSED_ATTEMPT = LIVE.changed(done=1, refusal=Refusal.TOO_SLOW, likeness=None)
