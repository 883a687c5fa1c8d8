"""Puts drivers, services and windows together."""
