"""The administrator's window: who works in this hall."""
