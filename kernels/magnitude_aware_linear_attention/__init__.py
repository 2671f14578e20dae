"""Magnitude-aware linear attention (MALA), on features."""
