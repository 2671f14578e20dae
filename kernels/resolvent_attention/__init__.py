"""Infinite self-attention, all hops, by a Neumann sum of blocked products."""
