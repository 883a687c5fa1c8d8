<<<<<<< HEAD
"""Long repetitions of what the tests do a few times: `make soak`."""
=======
"""What only shows after a long time or on a busy computer: `make soak`. Nothing here is part of `make test`."""
>>>>>>> start
