"""Local linear attention, solved by Cholesky factors."""
