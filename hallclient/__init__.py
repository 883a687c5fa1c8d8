"""The product without a screen and without a device. See ../README.md for the map."""
