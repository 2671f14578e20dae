"""The approximate loss: its minimum for one head, for every number of heads, and its accuracy."""

from __future__ import annotations

from ._paper import PAPER

LOSS = (
    r"\tilde L(\omega,\mu)=1+\sigma^2-2\mu^{\top}\omega+\mu^{\top}\bigl(\omega\omega^{\top}"
    r"+c\,E\bigr)\mu,\quad c=\tfrac{1+\sigma^2}{L},\ E_{hk}=e^{d\,\omega_h\omega_k}"
)

LOSS_FLOOR = PAPER.claim(
    "loss-floor-all-heads",
    title="No number of heads gets below the risk of debiased gradient descent",
    parts={
        "bound": LOSS + r":\quad \tilde L(\omega,\mu)>1+\sigma^2-\frac{1}{1+cd}"
        r"\quad\text{for every }H,\ \omega,\ \mu\in\mathbb R^H",
        "two heads": r"\omega=(w,-w),\ \mu=(m,-m):\quad \min_m\tilde L=1+\sigma^2"
        r"-\frac{w^2}{w^2+c\sinh(dw^2)},\quad m^*=\frac{w}{2(w^2+c\sinh(dw^2))}",
        "approached": r"w\to0:\quad \min_m\tilde L\to1+\sigma^2-\frac1{1+cd},\quad "
        r"\text{gap }\frac{c\,d^3}{6(1+cd)^2}\,w^4+O(w^8),\quad 2wm^*\to\frac{1}{1+cd}",
        "four heads": r"d=5,\ L=40,\ \sigma^2=\tfrac1{10}:\quad \min_\mu\tilde L"
        r"\text{ at }\omega=\pm\tfrac3{10},\pm\tfrac3{20}\text{ is nearer to the bound than }"
        r"\min_m\tilde L\text{ at }w=\tfrac3{20}",
    },
    locus="multi-head attention and the approximate loss; reconstructed",
    scope="every number of heads, positive length and dimension. The infimum is that of two heads, "
    "but at scales that stay away from zero more heads do help",
    not_covered="the true loss, of which this is an approximation",
    reconstructed=True,
)

SINGLE_HEAD = PAPER.claim(
    "single-head-optimum",
    title="One head does best at scale 1/√d on the approximate loss",
    parts={
        "value": r"H=1:\quad \tilde L\ge1+\sigma^2-\frac{1}{1+e\,cd},\quad c=\tfrac{1+\sigma^2}{L}",
        "minimiser": r"\text{equality iff }\omega^2=\tfrac1d,\ \mu=\omega d\,\frac{1}{1+e\,cd}",
        "averaged over the query": r"\min_{0<\omega^2<1/2}\omega^{-2}\,\mathbb E\,"
        r"e^{\omega^2\|x_q\|^2}=\min\omega^{-2}(1-2\omega^2)^{-d/2}\text{ at }"
        r"\omega^2=\tfrac{1}{d+2}",
    },
    locus="single-head attention; reconstructed",
    scope="every L, d, σ². The last part replaces the squared norm d of the query by its "
    "distribution, which moves the best scale from 1/√d to 1/√(d + 2)",
    not_covered="the true loss at finite length, where the best scale is larger "
    "(approx-loss-accuracy)",
    reconstructed=True,
)

APPROXIMATION_ACCURACY = PAPER.claim(
    "approx-loss-accuracy",
    title="How accurate the approximate loss is at the lengths of the experiments",
    parts={
        "pair": r"\omega=\pm0.13,\ \mu=\pm3.45,\ L\in\{10,20,40,100\}:\quad "
        r"0.04\le\frac{R-\tilde L}{R}\le0.15",
        "single head": r"\omega=\tfrac1{\sqrt d},\ \mu\text{ best for }\tilde L,\ "
        r"L\in\{10,20,40,100\}:\quad 0.04\le\frac{R-\tilde L}{R}\le0.15",
        "best scale": r"d=3,\ L=24:\quad \min_\mu R(0.8,\mu)<\min_\mu R(1/\sqrt d,\mu)",
    },
    locus="the approximate loss is said to approximate the loss; reconstructed",
    scope="R is the true risk at d = 5, σ² = 1/10 by simulation over tokens and query, the "
    "expectation over task and noise being exact. The approximate loss is too small throughout, "
    "and one trained head takes a larger scale than 1/√d",
    not_covered="a bound: the source states no accuracy",
    deviation="The source says approximately; the intervals are ours.",
    reconstructed=True,
)

FLOW = PAPER.claim(
    "flow-on-approx-loss",
    title="Gradient flow on the approximate loss: what is conserved, and how heads with two signs "
    "come about",
    parts={
        "balance": r"\frac{d}{dt}\sum_h(\mu_h^2-\omega_h^2)=4\sum_{h,k}\mu_h\mu_k\,c\,E_{hk}"
        r"\,(d\,\omega_h\omega_k-1)\quad\text{along }(\dot\omega,\dot\mu)=-\nabla\tilde L",
        "identical heads": r"\omega_1=\dots=\omega_H,\ \mu_1=\dots=\mu_H\text{ is preserved, and "
        r"the loss stays above }1+\sigma^2-\frac{1}{1+e\,cd}",
        "two signs": r"H=4,\ d=5,\ L=40,\ \sigma^2=\tfrac1{10},\text{ small random start, }t=400:"
        r"\quad\text{both signs of }\omega,\ \omega_h\mu_h>0,\ "
        r"\max|\omega|\le\tfrac{21}{20}\min|\omega|,\ \Bigl|\sum_h\mu_h\Bigr|\le\tfrac1{100},\ "
        r"\Bigl|\mu^{\top}\omega-\tfrac{1}{1+cd}\Bigr|\le\tfrac{1}{100}",
    },
    locus="training dynamics; reconstructed",
    scope="the scales become equal in size; the weights within one sign need not. Without the "
    "terms of c the balance is conserved, so that small starts align ω and μ first",
    not_covered="a proof of convergence",
    uses=(SINGLE_HEAD,),
    reconstructed=True,
)
