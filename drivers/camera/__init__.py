"""Sources of pictures behind the `Camera` protocol."""
