"""Symmetries, scale, masks and parameters of the attention map."""
