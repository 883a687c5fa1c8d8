"""Parts that several pages share, each in a file of its own."""
