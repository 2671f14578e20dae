"""Infinite self-attention, one hop: blocked in torch, and a Triton kernel."""
