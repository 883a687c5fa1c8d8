"""Sources of sound behind the `Microphone` protocol."""
