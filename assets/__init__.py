"""Texts, fonts, icons, styles and the contract, reached through `importlib.resources.files("assets")`."""
