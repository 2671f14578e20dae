"""Pairs of heads as a step of gradient descent, and the risk of that step."""

from __future__ import annotations

from ._paper import PAPER

SETTING = (
    "x_l, x_q standard normal in d dimensions, β normal with covariance I/d, labels βᵀx + ε with "
    "noise of variance σ², all independent; the risk is about the noisy label of the query"
)

GRADIENT_DESCENT_RISKS = PAPER.claim(
    "exact-gd-risks",
    title="The risk of one gradient step, plain and debiased, for every length and dimension",
    parts={
        "gradient descent": r"\hat y=\tfrac{\eta}{L}\sum_ly_ls_l:\quad \mathbb E(\hat y-y_q)^2"
        r"=1+\sigma^2-2\eta+\eta^2\Bigl(1+\frac{d+1+\sigma^2d}{L}\Bigr)",
        "debiased": r"\hat y=\tfrac{\eta}{L}\sum_ly_l(s_l-\bar s):\quad \mathbb E(\hat y-y_q)^2"
        r"=1+\sigma^2-2\eta\frac{L-1}{L}+\eta^2\frac{(L-1)(L+d+\sigma^2d)}{L^2}",
        "best steps": r"R^{*}_{\mathrm{GD}}=1+\sigma^2-\frac{L}{L+d+1+\sigma^2d},\quad "
        r"R^{*}_{\mathrm{DGD}}=1+\sigma^2-\frac{L-1}{L+d+\sigma^2d}",
        "debiasing costs": r"R^{*}_{\mathrm{DGD}}-R^{*}_{\mathrm{GD}}"
        r"=\frac{1+a}{(L+a)(L+a+1)}>0,\quad a=d(1+\sigma^2)",
    },
    locus="risk of gradient descent and of debiased gradient descent; reconstructed",
    scope=SETTING,
    not_covered="softmax heads at finite scale, of which debiased gradient descent is the limit",
    deviation="The paper approximates for long contexts; these are the values at every L and d.",
    reconstructed=True,
)

DEBIASED_LIMIT = PAPER.claim(
    "debiased-limit",
    title="Two opposite heads are debiased gradient descent to second order in their scale",
    parts={
        "expansion": r"\mu\sum_l\bigl(\operatorname{softmax}(\omega s)_l"
        r"-\operatorname{softmax}(-\omega s)_l\bigr)y_l"
        r"=\frac{2\omega\mu}{L}\sum_l\tilde s_ly_l+2\mu\omega^3C_3+O(\mu\omega^5),\quad "
        r"C_3=\frac1L\sum_l\Bigl(\frac{\tilde s_l^3-m_3}{6}-\frac{m_2\tilde s_l}{2}\Bigr)y_l",
        "limit": r"2\omega\mu=\eta,\ \omega\to0:\quad \hat y\to\frac{\eta}{L}\sum_l(s_l-\bar s)y_l,"
        r"\quad \text{error }\eta\omega^2C_3+O(\omega^4)",
        "zero sum": r"\mu_1\operatorname{softmax}(\omega s)^{\top}y"
        r"+\mu_2\operatorname{softmax}(-\omega s)^{\top}y=(\mu_1+\mu_2)\bar y"
        r"+\frac{(\mu_1-\mu_2)\omega}{L}\sum_l\tilde s_ly_l+O((|\mu_1|+|\mu_2|)\omega^2)",
    },
    locus="two heads as debiased gradient descent; reconstructed",
    scope="every length, every data; s̃ = s − s̄ and m_k is the mean of s̃^k. By the last part "
    "weights of order 1/ω need sum zero for a limit to exist",
    not_covered="a bound on the remainder that is uniform in the data",
    reconstructed=True,
)

LENGTH_GENERALISATION = PAPER.claim(
    "length-generalisation",
    title="On longer contexts the softmax pair predicts better than linear attention",
    statement=r"R_{\mathrm{DGD}}(\eta;L')<R_{\text{linear}}(\eta;L')\quad\text{for }L'\ge2L,\ "
    r"\eta=\frac{L}{L+d+1+\sigma^2d}",
    locus="comparison with linear transformers on longer contexts; reconstructed",
    scope="weights fixed at the training length L; linear attention read as the mean over the "
    "context, as softmax attention is",
    not_covered="finite scales of the softmax heads",
    deviation="The comparison is with the limit of the pair, debiased gradient descent.",
    reconstructed=True,
)

LENGTH_GENERALISATION_BY_NORMALISATION = PAPER.claim(
    "length-generalisation-by-normalisation",
    title="What carries over to longer contexts is the division by the length, not the softmax",
    parts={
        "debiased": r"0<\eta<2:\quad R_{\mathrm{DGD}}(\eta;L')\text{ decreases for }L'\ge2"
        r"\text{ to }\sigma^2+(1-\eta)^2",
        "sum over tokens": r"\hat y=\tfrac{\eta}{L}\sum_{l\le L'}y_ls_l:\quad R=1+\sigma^2"
        r"-2\eta\rho+\eta^2\rho^2\Bigl(1+\frac{d+1+\sigma^2d}{L'}\Bigr),\quad \rho=\frac{L'}{L}",
        "mean over tokens": r"R_{\mathrm{DGD}}(\eta;L')-R_{\mathrm{GD}}(\eta;L')"
        r"=\frac{\eta}{L'^2}\bigl(2L'(1-\eta)-\eta a\bigr),\quad a=d(1+\sigma^2)",
        "after training": r"\eta=\frac{L}{L+a+1},\ L'\ge\tfrac L2:\quad "
        r"R_{\mathrm{DGD}}(\eta;L')>R_{\mathrm{GD}}(\eta;L')",
    },
    locus="comparison with linear transformers on longer contexts; reconstructed",
    amends=LENGTH_GENERALISATION,
    scope="every L, L', d, σ². Linear attention that sums over tokens has a risk that grows as "
    "(L'/L)²; linear attention that takes the mean is better than the debiased step from half the "
    "training length on, and neither reaches the noise σ²",
    not_covered="finite scales of the softmax heads",
    uses=(GRADIENT_DESCENT_RISKS,),
    reconstructed=True,
)

BAYES_GAP = PAPER.claim(
    "bayes-gap",
    title="Debiased gradient descent is Bayes optimal up to a constant factor",
    statement=r"\exists C\ \forall L,d,\sigma^2:\quad R^{*}_{\mathrm{GD}}-\sigma^2"
    r"\le C\,\bigl(R_{\mathrm{Bayes}}-\sigma^2\bigr)",
    locus="abstract: nearly Bayes optimal up to a proportional factor; reconstructed",
    scope="the reading in which the factor depends on nothing; the excess of gradient descent is "
    "below that of debiased gradient descent",
    not_covered="a fixed noise level",
    reconstructed=True,
)

BAYES_GAP_WITH_NOISE = PAPER.claim(
    "bayes-gap-with-noise",
    title="The factor to the Bayes risk is of the order of one over the noise",
    parts={
        "factor": r"\frac{R^{*}_{\mathrm{GD}}-\sigma^2}{R_{\mathrm{Bayes}}-\sigma^2}"
        r"\le1+\frac{d+1}{d\sigma^2}\quad\text{for every }L,\ d,\ \sigma^2>0",
        "attained order": r"d=1,\ L=10:\quad "
        r"\frac{R^{*}_{\mathrm{GD}}-\sigma^2}{R_{\mathrm{Bayes}}-\sigma^2}>\frac{1}{\sigma^2}",
        "one dimension": r"d=1,\ L=2m:\quad R_{\mathrm{Bayes}}-\sigma^2"
        r"=z\,e^{z}E_m(z),\quad z=\tfrac{\sigma^2}{2}",
    },
    locus="abstract; reconstructed",
    amends=BAYES_GAP,
    scope="every length, dimension and noise; E_m is the exponential integral",
    not_covered="the proportional limit, with the Bayes risk of the Marchenko-Pastur law",
    uses=(GRADIENT_DESCENT_RISKS,),
    reconstructed=True,
)
