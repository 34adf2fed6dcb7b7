"""What queueing theory says of one skill, exponential times and Poisson arrivals: Erlang C (and A with patience)."""

import math


def erlang_c(rate: float, mean: float, agents: int, within: float) -> tuple[float, float]:
    """(mean wait in seconds, share answered within `within` seconds). `rate` is customers a second."""
    load = rate * mean
    blocked = 1.0
    for n in range(1, agents + 1):  # Erlang B, by its recursion
        blocked = load * blocked / (n + load * blocked)
    waits = blocked / (1 - load / agents * (1 - blocked))
    drain = (agents - load) / mean
    return waits / drain, 1 - waits * math.exp(-drain * within)


def erlang_a(rate: float, mean: float, agents: int, patience: float) -> float:
    """The share of customers who leave, of M/M/n+M: each waits an exponential time of mean `patience`."""
    weights, weight = [1.0], 1.0
    for n in range(1, agents + 2000):
        leaving = max(0, n - agents) / patience
        weight *= rate / (min(n, agents) / mean + leaving)
        weights.append(weight)
    queue = sum(max(0, n - agents) * w for n, w in enumerate(weights)) / sum(weights)
    return queue / patience / rate
