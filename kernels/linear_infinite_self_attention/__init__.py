"""Linear infinite self-attention in two streaming passes."""
