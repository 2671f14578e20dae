"""Causal softmax attention, block by block."""
