"""What only shows after a long time or on a busy computer. `make soak` runs all of it; nothing here is part of `make test`."""
