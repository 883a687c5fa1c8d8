"""How frames travel to a reader. A connection has one real method: `exchange(frame) -> bytes`."""
