"""Number systems. An operator is written once on NumPy arrays and runs in all of them.

==================  =============================  ===================================
system              element                        what an equality there means
==================  =============================  ===================================
`rational`          ``flint.fmpq``                 exact
`prime_field`       ``flint.nmod`` mod 2^61 − 1    identity with a computed error bound
`ball`              ``flint.arb``                  rigorous enclosure
`rational_function` ``sympy`` field element        identity in all entries of that size
`free_algebra`      `FreeElement`                  identity in every ring, every size
`counting`          `CountingNumber`               counts the operations done
`degree`            `DegreeBound`                  bounds the degree of what is computed
float               ``numpy.float64``              up to rounding
==================  =============================  ===================================
"""
