"""Simulated devices: an ordinary driver set, off unless asked for, and every session done with one is marked."""
