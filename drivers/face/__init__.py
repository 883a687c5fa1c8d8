"""Finding faces in pictures and comparing two of them."""
