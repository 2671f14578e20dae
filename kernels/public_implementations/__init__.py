"""Implementations that others published on PyPI, and how each is called to ask it our questions."""
