"""Interaction rank and head count."""
