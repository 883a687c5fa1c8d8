"""The live session: an engine, and one module for each kind of step."""
