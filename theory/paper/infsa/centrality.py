"""Degree, Katz, eigenvector and PageRank centrality as cases of one resolvent."""
