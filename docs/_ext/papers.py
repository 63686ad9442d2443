"""Authors and titles of the papers cited; of others the bibliography gives the number alone."""

PAPERS = {
    "0907.3740": ("Maurer, Pontil", "Empirical Bernstein Bounds and Sample Variance Penalization"),
    "2101.07464": (
        "Lu",
        "Householder Dice: A Matrix-Free Algorithm for Simulating Dynamics on Gaussian and Random Orthogonal Ensembles",
    ),
    "2302.11055": (
        "Abbe, Boix-Adserà, Misiakiewicz",
        "SGD learning on neural networks: leap complexity and saddle-to-saddle dynamics",
    ),
    "2305.18270": (
        "Dandi, Krzakala, Loureiro, Pesce, Stephan",
        "How Two-Layer Neural Networks Learn, One (Giant) Step at a Time",
    ),
    "2310.07891": (
        "Moniri, Lee, Hassani, Dobriban",
        "A Theory of Non-Linear Feature Learning with One Gradient Step in Two-Layer Neural Networks",
    ),
    "2402.03220": (
        "Dandi, Troiani, Arnaboldi, Pesce, Zdeborová, Krzakala",
        "The Benefits of Reusing Batches for Gradient Descent in Two-Layer Networks: Breaking the Curse of Information "
        "and Leap Exponents",
    ),
    "2402.04980": (
        "Cui, Pesce, Dandi, Krzakala, Lu, Zdeborová, Loureiro",
        "Asymptotics of feature learning in two-layer networks after one gradient-step",
    ),
    "2403.05529": (
        "Damian, Pillaud-Vivien, Lee, Bruna",
        "Computational-Statistical Gaps in Gaussian Single-Index Models",
    ),
    "2405.15459": (
        "Arnaboldi, Dandi, Krzakala, Pesce, Stephan",
        "Repetita Iuvant: Data Repetition Allows SGD to Learn High-Dimensional Multi-Index Functions",
    ),
    "2405.15480": (
        "Troiani, Dandi, Defilippis, Zdeborová, Loureiro, Krzakala",
        "Fundamental limits of weak learnability in high-dimensional multi-index models",
    ),
    "2410.18938": (
        "Dandi, Pesce, Cui, Krzakala, Lu, Loureiro",
        "A Random Matrix Theory Perspective on the Spectrum of Learned Features and Asymptotic Generalization "
        "Capabilities",
    ),
    "2605.17767": ("Moniri, Hassani", "on two steps with growing rates"),
}
