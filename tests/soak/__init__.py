"""What only shows after a long time or on a busy computer: `make soak`. Nothing here is part of `make test`."""
