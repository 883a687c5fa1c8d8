"""Writes picture and sound into one encrypted file, in a process of its own.

`process_recorder` is the half that lives in the application, `process` the other one; `wire` is all that they share.
"""
