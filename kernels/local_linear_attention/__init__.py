"""Local linear attention: by Cholesky factors, by conjugate gradients, and these in Triton."""
