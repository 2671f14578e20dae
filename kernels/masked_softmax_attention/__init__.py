"""Softmax attention with a mask of pairs, tile by tile."""
