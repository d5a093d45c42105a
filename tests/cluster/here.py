"""Calls made in this process, some of them twice and in any order, as on a cluster that loses nodes."""

import random


class Here:
    """What a cluster does to calls, without one."""

    def __init__(self, seed=0, repeats=0.3):
        self.dice = random.Random(seed)  # noqa: S311 - no secret
        self.repeats = repeats

    def each(self, function, calls):
        waiting = list(enumerate(calls))
        self.dice.shuffle(waiting)
        for number, call in waiting:
            result = function(*call)
            if self.dice.random() < self.repeats:
                result = function(*call)
            yield number, result
