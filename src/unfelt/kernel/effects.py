"""By how much a rate fell or rose between two groups, at least."""


def least_effect(old: tuple[int, int], new: tuple[int, int], *, rises: bool = False, level: float = 0.05) -> float:
    """The part of old's rate by which new's is lower (`rises`: higher), at least, with confidence 1 - level.

    old, new: (n, bad) customers each. Of all bad ones, those on new are a binomial share when rates are small: the
    exact one-sided bound of that share (Clopper and Pearson 1934) is one of the ratio of rates (Przyborowski and
    Wilenski 1940), too wide rather than too narrow when rates are large. A bad customer more on new never makes it
    better. Negative where chance explains it, and finite: no bad customer on old counts as half of one. ValueError
    for a group without customers.

    >>> round(least_effect((1000, 100), (1000, 50)), 3), round(least_effect((1000, 100), (1000, 99)), 3)
    (0.328, -0.263)
    """
    from scipy.special import betaincinv

    (n0, bad0), (n1, bad1) = old, new
    if n0 <= 0 or n1 <= 0:
        raise ValueError(f"customers == {n0}, {n1}, must be > 0.")
    if rises:
        share = betaincinv(bad1, bad0 + 1, level) if bad1 else 0.0
        return float(share / (1 - share) * n0 / n1 - 1)
    # Beta of the other share, so that nothing is taken from 1.
    others = betaincinv(max(bad0, 0.5), bad1 + 1, level)
    return float(1 - (1 - others) / others * n0 / n1)
