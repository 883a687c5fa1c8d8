"""One page per step in the middle of the clerk's window; each shows, and calls the session."""
