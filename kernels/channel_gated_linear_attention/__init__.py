"""Gated linear attention with a gate per key channel (GLA)."""
