"""Where finished documents go on paper."""
