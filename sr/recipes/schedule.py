"""How the learning rate develops: a pure function of the schedule and the number of finished steps."""

import math

from sr.recipes.recipe import CosineSchedule, StepSchedule


def factor(schedule: StepSchedule | CosineSchedule, step: int) -> float:
    """What the recipe's learning rate is multiplied by after `step` finished steps.

    Steps: `schedule.factor` for every milestone passed. Periods of equal length (Beby-GAN, sec. 4.1):
    each warms up linearly from `warm_up_factor` to 1 within `warm_up` steps, and falls as a half cosine
    to 0 in the rest (the released code: 0.1, 2000 steps, and 1e-7 instead of 0).
    """
    if isinstance(schedule, StepSchedule):
        return float(schedule.factor ** sum(milestone <= step for milestone in schedule.milestones))
    period = schedule.iterations / schedule.periods
    elapsed = step % period
    if elapsed < schedule.warm_up:
        return schedule.warm_up_factor + (1.0 - schedule.warm_up_factor) * elapsed / schedule.warm_up
    return (1.0 + math.cos(math.pi * (elapsed - schedule.warm_up) / (period - schedule.warm_up))) / 2.0
