"""Linear attention with a gate per token, chunk by chunk."""
