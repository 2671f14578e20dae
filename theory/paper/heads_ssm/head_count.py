"""How many heads with positional coefficients a linear state-space model needs."""

from __future__ import annotations

from ._paper import PAPER

OPERATOR_LOWER_BOUND = PAPER.claim(
    "operator-lower-bound",
    title="Heads with positional coefficients are at least as many as the lag operators span, and "
    "with fewer the error has a floor",
    parts={
        "count": r"M_\tau=\sum_{h=1}^{H}f_h(\tau)V_h\ (0\le\tau<n)\ \Longrightarrow\ "
        r"H\ge k_n,\qquad k_n=\operatorname{rank}U,\ "
        r"U=[\operatorname{vec}M_0,\dots,\operatorname{vec}M_{n-1}]",
        "certificate": r"|R|=|P|=k,\ U_{RP}G=I,\ U=U_{\cdot P}E\ \Longrightarrow\ "
        r"\operatorname{rank}U=k",
        "risk": r"\mathbb E\,x_jx_{j'}^{\top}=[\,j=j'\,]\,I,\ "
        r"\hat y_i=\sum_{j\le i}\sum_hf^h_{ij}V_hx_j:\quad "
        r"\mathbb E\,\frac1n\sum_i|y_i-\hat y_i|^2"
        r"=\frac1n\sum_{j\le i}\Bigl\|M_{i-j}-\sum_hf^h_{ij}V_h\Bigr\|_F^2",
        "floor": r"\frac1n\sum_{j\le i}\Bigl\|M_{i-j}-\sum_{h=1}^{H}f^h_{ij}V_h\Bigr\|_F^2"
        r"\ge\frac1n\sum_{r>H}\lambda_r\ \text{ for all }f,V,\qquad "
        r"\lambda_1\ge\lambda_2\ge\dots\text{ the eigenvalues of }"
        r"S=\sum_{\tau<n}(n-\tau)\operatorname{vec}(M_\tau)\operatorname{vec}(M_\tau)^{\top}",
        "floor is reached": r"V_h\text{ the eigenvectors of }\lambda_1,\dots,\lambda_H,\ "
        r"f^h_{ij}=\langle V_h,M_{i-j}\rangle:\quad "
        r"\frac1n\sum_{j\le i}\Bigl\|M_{i-j}-\sum_hf^h_{ij}V_h\Bigr\|_F^2"
        r"=\frac1n\sum_{r>H}\lambda_r",
    },
    locus="abstract (head-count theorem, necessity); reconstructed",
    scope="every A, B, C, D, every length n and widths p, d; value maps of any rank, coefficients "
    "that depend on the positions and not on the input",
    not_covered="coefficients that see the input: there fewer heads may do",
    reconstructed=True,
)

K_HEAD_REALISATION = PAPER.claim(
    "k-head-realisation",
    title="As many heads with positional coefficients as the lag operators span give the model "
    "exactly",
    parts={
        "outputs": r"M_\tau=\sum_{h=1}^{k}\alpha_h(\tau)V_h\ (0\le\tau<n)\ \Longrightarrow\ "
        r"y_i=\sum_{j\le i}\sum_{h=1}^{k}\alpha_h(i-j)\,V_hx_j\ \text{ for every }X",
        "head count": r"\operatorname{rank}U=k,\ U_{RP}\in\mathbb R^{k\times k}"
        r"\text{ invertible},\ "
        r"P=\{\tau_1,\dots,\tau_k\}:\quad M_\tau=\sum_{h=1}^{k}\alpha_h(\tau)M_{\tau_h},\quad "
        r"\alpha(\tau)=U_{RP}^{-1}U_{R\tau},\quad\text{so }"
        r"\min\{H:M_\tau\in\operatorname{span}\{V_1,\dots,V_H\}\ (\tau<n)\}=k",
    },
    locus="abstract (head-count theorem, sufficiency); reconstructed",
    scope="every A, B, C, D, every length; value maps of size p × d without a bound on their rank, "
    "coefficients that are any function of the distance",
    not_covered="coefficients that have to be scores of a softmax, and value maps of the rank of a "
    "head: both may need more heads",
    uses=(OPERATOR_LOWER_BOUND,),
    reconstructed=True,
)

K_VS_HANKEL = PAPER.claim(
    "k-vs-hankel",
    title="The number of heads that a state-space model needs is the dimension of its state",
    statement=r"k_n=\operatorname{rank}\,(M_{i+j})_{i,j\ge0}\ \text{ for large }n,\qquad "
    r"M_\tau=CA^{\tau}B",
    locus="a reading of the title and of the head-count theorem",
    scope="minimal realisations, whose number of states is the rank of the Hankel matrix",
    deviation="The abstract counts heads by the dimension of the span of the operators. The "
    "reading tested here takes the number of states for it.",
    reconstructed=True,
)

K_FORMULAS = PAPER.claim(
    "k-formulas",
    title="How many operators the lags of a state-space model span",
    parts={
        "growth": r"k_n\le k_{n+1}\le k_n+1",
        "minimal polynomial": r"m=\deg m_A:\quad k_n\le\min(n,pd,m),\qquad k_n=k_m\ (n\ge m)",
        "state dimension": r"k_n\le\nu,\qquad\nu=\operatorname{rank}\,(M_{i+j})_{i,j\ge0}",
        "distinct eigenvalues": r"A=\sum_{l=1}^{N}\lambda_lr_l\ell_l^{\top},\ "
        r"\ell_l^{\top}r_m=[\,l=m\,],\ \lambda_l\text{ distinct},\ n\ge N:\quad "
        r"k_n=\operatorname{rank}\,[\operatorname{vec}(c_lb_l^{\top})]_{l},\quad "
        r"c_l=Cr_l,\ b_l^{\top}=\ell_l^{\top}B",
        "full access": r"B=C=I:\quad k_n=\min(n,\deg m_A)",
        "generic": r"k_n=\min(n,N,pd)\text{ for all }(A,B,C)\text{ outside the zeros of a "
        r"polynomial that is not zero}",
        "feed-through": r"M_0=CB+D:\quad |k_n(D)-k_n(0)|\le1",
        "stall": r"M_0=E_{11},\ M_1=0,\ M_2=E_{22},\ M_\tau=0\ (\tau\ge3):\quad "
        r"(k_n)_{n\ge1}=(1,1,2,2,\dots)",
    },
    locus="interaction rank of a linear state-space model; reconstructed, the formulas are ours",
    scope="every A, B, C over a field, with D = 0 except in the part that names it",
    not_covered="the number of heads that reach a given error, which is smaller where the lag "
    "operators decay",
    deviation="The number of heads is at most the number of states, the size of the operators and "
    "the degree of the minimal polynomial, and may be below all three: with one input and one "
    "output one head does, however many states there are. It may pause and grow again, so that "
    "only the degree of the minimal polynomial says where to stop.",
    amends=K_VS_HANKEL,
    reconstructed=True,
)
