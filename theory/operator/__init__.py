"""Attention operators and the matrix functions they are made of, one per file.

A definition is literal: it follows the formula, on NumPy arrays over any number system of
`attnproof.theory.algebra`, per head, without regard to speed.
"""
