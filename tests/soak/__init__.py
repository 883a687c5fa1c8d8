"""What only shows after a long time or on a busy computer: `make soak`. `make test` has what it counts as held."""
