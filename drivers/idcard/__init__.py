"""ID-card readers: SAM frames, chip records, transports, and the reader that ties them together."""
