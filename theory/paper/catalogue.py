"""The papers the lab sets out to check. Those without claims yet are shown as NOT RUN."""

from __future__ import annotations

from attnproof.theory.core import Paper

_ROWS = """
infsa | Self-Attention and Beyond the Infinite: Towards Linear Transformers with Infinite Self-Attention | Roffo, Palmer | 2026 | 2603.00175v2 | Spectral
heads-ssm | How Many Heads Make an SSM? | Ghodsi | 2025 | 2512.15115 | Expressivity
att-svm | Transformers as Support Vector Machines | Tarzanagh, Li, Thrampoulidis, Oymak | 2023 | 2308.16898 | Optimization
inline | Bridging the Divide: Reconsidering Softmax and Linear Attention | | 2024 | 2412.06590 | Injectivity
ttr | Test-time regression: a unifying framework for designing sequence models with associative memory | Wang, Shi, Fox | 2025 | 2501.12352 | Regression
kron-attn | How to Capture Higher-order Correlations? | Alman, Song | 2023 | 2310.04064 | Complexity
lla | Local Linear Attention: An Optimal Interpolation of Linear and Softmax Attention for Test-Time Regression | Zuo, Yin, Zeng, Li, Zhu, Wang | 2025 | 2510.01450 | Regression
softmax-rnn | On the Expressiveness of Softmax Attention: A Recurrent Neural Network Perspective | Mongaras, Larson | 2025 | 2507.23632 | Regression
lucid | LUCID: Attention with Preconditioned Representations | Duvvuri, Patel, Gupta, Dhillon | 2026 | 2602.10410 | Regression
nats-l | Neural Attention Search Linear | Deng, Winje, Fehring, Lindauer | 2026 | 2602.03681 | Regression
lightning-attention | Various Lengths, Constant Speed: Lightning Attention | | 2024 | 2405.17381 | Kernels
lightning-attention-2 | Lightning Attention-2 | | 2024 | 2401.04658 | Kernels
lean-attn | Lean Attention: Hardware-Aware Scalable Attention Mechanism for the Decode-Phase of Transformers | Sanovar, Bharadwaj, St. Amant, Rühle, Rajmohan | 2024 | 2405.10480 | Complexity
mala | Rectifying Magnitude Neglect in Linear Attention | | 2025 | 2507.00698 | Injectivity
agent-attention | Agent Attention | | 2023 | 2312.08874 | Injectivity
lssa | Softplus Attention with Re-weighting | | 2025 | 2501.13428 | Injectivity
landmark | Landmark Attention | | 2023 | 2305.16300 | Injectivity
biformer | BiFormer | | 2023 | 2303.08810 | Injectivity
hip-attn | HiP Attention | | 2024 | 2406.09827 | Complexity
superlinear | Superlinear Multi-Step Attention | | 2026 | 2601.18401 | Complexity
longca-bench | Long-Context Attention Benchmark | | 2025 | 2510.17896 | Complexity
geometric-attention | Geometric Attention: A Regime-Explicit Operator Semantics for Transformer Attention | Rosario Freytes | 2026 | 2601.11618 | Spectral
sparsity-cod | When Does Sparsity Mitigate the Curse of Depth in LLMs | Muhtar, Song, Pokutta, Zimmer, Pelleriti, Hofmann, Liu | 2026 | 2603.15389 | Spectral
act | Unveiling and Harnessing Hidden Attention Sinks | Yu, Wang, Fu, Shi, Shaikh, Lin | 2024 | 2406.15765 | Spectral
deconstructing-attention | Deconstructing Attention | Xue, Moosavi, Aletras | 2025 | 2510.11602 | Expressivity
positional-attention | Positional Attention: Expressivity and Learnability of Algorithmic Computation | Back de Luca, Giapitzakis, Yang, Veličković, Fountoulakis | 2024 | 2410.01686 | Expressivity
hyperzzw | HyperZ·Z·W Operator / Terminator | | 2024 | 2401.17948 | Expressivity
circuit-reuse | Circuit Component Reuse Across Tasks | Merullo, Eickhoff, Pavlick | 2023 | 2310.08744 | Expressivity
sae-circuits | Sparse Autoencoders Enable Scalable and Reliable Circuit Identification | O'Neill, Bui | 2024 | 2405.12522 | Expressivity
icl-linreg | In-Context Linear Regression Demystified | He, Pan, Chen, Yang | 2025 | 2503.12734 | Optimization
pointer-net | Pointer Networks | Vinyals, Fortunato, Jaitly | 2015 | 1506.03134 | Optimization
oat-scanpath | OAT: Object-Level Attention Transformer | Fang, Yu, Zhang, van der Lans, Shi | 2024 | 2407.13335 | Optimization
mask-match | Mask & Match: handwritten mathematics | Mitra, Chakraborty, Sahu | 2025 | 2508.06107 | Optimization
ir-diffusion | Isolation and Reposition Attention | | 2024 | 2411.19261 | Optimization
"""  # noqa: E501 (a table reads better with a row a line)


def _read(row: str) -> Paper:
    key, title, authors, year, arxiv, family = (cell.strip() for cell in row.split("|"))
    return Paper(key=key, title=title, authors=authors, year=int(year), arxiv=arxiv, family=family)


CATALOGUE: dict[str, Paper] = {paper.key: paper for paper in map(_read, _ROWS.strip().splitlines())}
