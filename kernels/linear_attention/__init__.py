"""Normalised linear attention, on features."""
