"""Tests of the windows, offscreen, with hand-made services."""
