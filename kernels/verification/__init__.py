"""The battery: every implementation of an operator, ours or foreign, is asked the same
questions."""
