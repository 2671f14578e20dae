"""Softmax attention without a mask: tile by tile, and split over the keys."""
