"""Agent attention: softmax attention twice."""
