"""Long repetitions of what the tests do a few times: `make soak`."""
