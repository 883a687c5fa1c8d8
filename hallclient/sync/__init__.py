"""Brings sealed packages to the centre."""
