"""LUCID attention: values preconditioned by a triangular kernel matrix, then causal softmax."""
